"""How it goes with our subscriptions, for an operator."""

from collections import Counter
from datetime import timedelta
from typing import NamedTuple

from stargazer.settings import Settings
from stargazer.store import Store


class PushReport(NamedTuple):
    """Our subscriptions.

    :ivar leases: how many there are, by state.
    :ivar problem: a sentence; None when there is none.
    """

    leases: dict[str, int]
    problem: str | None


def report_pushes(store: Store, settings: Settings, kind: str) -> PushReport:
    """Count the Leases of a kind, and say what it costs if there are none."""
    leases = Counter(lease.state.value for lease in store.leases.list_all() if lease.kind == kind)
    if settings.public_url:
        return PushReport(dict(leases), None)
    span = settings.feed_poll_interval if kind == "feed" else settings.youtube_poll_interval
    minutes = span / timedelta(minutes=1)
    problem = (
        "STARGAZER_PUBLIC_URL is not set, so no hub can reach us: what is new is seen up to"
        f" {minutes:g} minutes later, when its feed is read"
    )
    return PushReport(dict(leases), problem)
