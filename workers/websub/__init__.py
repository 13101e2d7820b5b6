"""Keeping our subscriptions at hubs alive, for every source whose platform has one."""

from workers.websub.asking import ask, ask_hub
from workers.websub.renewing import renew, renew_due
from workers.websub.wishing import ensure_lease, ensure_named, start_asking

__all__ = [
    "ask",
    "ask_hub",
    "ensure_lease",
    "ensure_named",
    "renew",
    "renew_due",
    "start_asking",
]
