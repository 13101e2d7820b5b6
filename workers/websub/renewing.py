"""Seeing to the Leases whose time has come."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from stargazer import websub
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.models import Lease, LeaseState
from stargazer.platforms.registry import PLATFORMS
from stargazer.websub import hubs
from stargazer.websub.strays import find_misplaced, find_surplus
from workers.websub.wishing import release, start_asking

log = logging.getLogger(__name__)


@app.task(name="websub.renew", bind=True)
def renew(self: StargazerTask) -> None:
    """Ask again for the Leases whose time has come."""
    if take_tick(self.context.redis, "websub.renew", websub.RENEW_SPAN):
        renew_due(self.context, datetime.now(UTC))


def renew_due(context: Context, now: datetime) -> None:
    """See to the Leases that are due, hub by hub; those of a hub in trouble wait."""
    store = context.store
    _gather_strays(context, store.leases.list_all(), now)
    by_hub: defaultdict[str, list[Lease]] = defaultdict(list)
    for lease in store.leases.list_due(now):
        if websub.is_over(lease, now):
            store.leases.delete(lease.token)
            continue
        if changes := websub.lapse(lease, now):
            log.warning("lease_lapsed", extra={"kind": lease.kind, "account": lease.account})
            store.leases.update(lease.token, **changes)
        # Without a public address only what is to end is asked for.
        if context.settings.public_url or lease.state == LeaseState.REMOVED:
            by_hub[hubs.get_kind(lease.home or lease.hub)].append(lease)
    list_watched = cache(lambda kind: _list_watched(context, kind))
    for kind, leases in by_hub.items():
        state = store.platforms.get(kind)
        for lease in hubs.choose(leases, state, now):
            is_renewal = lease.verified_at is not None and lease.state != LeaseState.REMOVED
            if is_renewal and lease.account not in list_watched(lease.kind):
                # Whoever took the last Task away was not heard, or a look at it came later.
                log.warning("lease_orphaned", extra={"kind": lease.kind, "account": lease.account})
                release(context, lease, now)
            if changes := websub.give_up(lease):
                store.leases.update(lease.token, **changes)
            start_asking(context, lease, now)


def _gather_strays(context: Context, leases: Sequence[Lease], now: datetime) -> None:
    """End what is there twice, and have what leads to our former address begin anew."""
    surplus = find_surplus(leases)
    for lease in surplus:
        release(context, lease, now)
    base_url = context.settings.public_url
    if not base_url:
        return
    ended = {lease.token for lease in surplus}
    kept = [lease for lease in leases if lease.token not in ended]
    for lease in find_misplaced(kept, base_url):
        release(context, lease, now)
        new = websub.new_lease(
            lease.kind, lease.account, lease.hub, lease.topic, base_url, now
        ).model_copy(update={"home": lease.home, "named_by": lease.named_by})
        context.store.leases.save(new)


def _list_watched(context: Context, kind: str) -> set[str]:
    platform = PLATFORMS.get(kind)
    if platform is None:
        return set()
    return set(map(platform.name_account, context.store.tasks.list_params(kind)))
