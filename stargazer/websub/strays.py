"""Leases that are not as they should be, though nothing is wrong with each by itself. All pure."""

from collections.abc import Iterable

from stargazer.models import Lease, LeaseState


def find_surplus(leases: Iterable[Lease]) -> list[Lease]:
    """List those beside which there is another one for the same account.

    Two workers that look at an account in the same moment may both have made one.
    """
    kept: set[tuple[str, str]] = set()
    surplus = []
    for lease in sorted(_list_wanted(leases), key=_rank):
        account = (lease.kind, lease.account)
        if account in kept:
            surplus.append(lease)
        kept.add(account)
    return surplus


def find_misplaced(leases: Iterable[Lease], base_url: str) -> list[Lease]:
    """List those whose callback is at another address than is ours now."""
    return [each for each in _list_wanted(leases) if not each.callback.startswith(f"{base_url}/")]


def _list_wanted(leases: Iterable[Lease]) -> list[Lease]:
    return [lease for lease in leases if lease.state != LeaseState.REMOVED]


def _rank(lease: Lease) -> tuple[bool, str]:
    return lease.state != LeaseState.VERIFIED, lease.token
