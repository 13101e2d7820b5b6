"""Keeping our subscriptions to Twitch's pushes: what Twitch lists is made what we need.

Twitch is the one who knows them, so nothing is written down here: every few minutes its list is
compared with the accounts that are watched.
"""

import logging
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from stargazer.alarms import end_alarm, raise_alarm
from stargazer.context import Context
from stargazer.errors import PayloadError, PlatformError, RefusedError
from stargazer.twitch import CALLBACK, Twitch, TwitchSubscription, find_missing
from workers.sources.twitch.watch import KIND, TwitchMemory

log = logging.getLogger(__name__)

TYPES = ("stream.online", "stream.offline")
ALARM = "twitch:pushes"
_ENABLED, _PENDING = "enabled", "webhook_callback_verification_pending"
#: What Twitch has not verified by then could not reach us.
_VERIFY_WITHIN = timedelta(minutes=10)
#: So that one run is done within a minute; the next one goes on.
_MOST_AT_ONCE = 200


class Wish(NamedTuple):
    """A subscription that is to be there."""

    type: str
    account: str


class Plan(NamedTuple):
    """What is to be done about the subscriptions.

    :ivar surplus: ids of those that are of no use.
    """

    missing: tuple[Wish, ...]
    surplus: tuple[str, ...]


def plan(
    wanted: Collection[Wish], present: Iterable[TwitchSubscription], callback: str, now: datetime
) -> Plan:
    """Compare what Twitch has with what is needed; those that lead elsewhere are not ours."""
    good: set[Wish] = set()
    surplus = []
    for each in present:
        if each.transport.callback != callback:
            continue
        wish = Wish(each.type, each.condition.broadcaster_user_id)
        if wish in wanted and wish not in good and _is_good(each, now):
            good.add(wish)
        else:
            surplus.append(each.id)
    missing = sorted(wish for wish in wanted if wish not in good)
    return Plan(tuple(missing), tuple(surplus))


def keep_subscriptions(context: Context, now: datetime) -> None:
    """Subscribe to what is missing and give up what is not needed any more."""
    settings = context.settings
    if not settings.public_url or find_missing(settings):
        return
    api = Twitch(context.http, settings)
    callback = f"{settings.public_url}{CALLBACK}"
    tasks = [task.id for task in context.store.tasks.list_all() if task.kind == KIND]
    memories = context.store.memories.list_known(TwitchMemory, tasks)
    accounts = {memory.account for memory, _ in memories.values()}
    wanted = {Wish(kind, account) for kind in TYPES for account in accounts}
    try:
        due = plan(wanted, api.list_subscriptions(), callback, now)
        for subscription in due.surplus[:_MOST_AT_ONCE]:
            api.unsubscribe(subscription)
        for wish in due.missing[:_MOST_AT_ONCE]:
            api.subscribe(wish.type, wish.account, callback)
    except RefusedError as exc:
        # Such as an address without https, or more than Twitch lets one app have. The polls go on.
        raise_alarm(context.store, ALARM, f"Twitch pushes nothing: {exc}", now, kind=KIND)
        return
    except (PlatformError, PayloadError) as exc:
        log.warning("subscriptions_not_kept", extra={"kind": KIND, "error": str(exc)})
        return
    end_alarm(context.store, ALARM, now, kind=KIND)
    if due.missing or due.surplus:
        log.info(
            "subscriptions_kept",
            extra={"kind": KIND, "asked": len(due.missing), "ended": len(due.surplus)},
        )


def _is_good(subscription: TwitchSubscription, now: datetime) -> bool:
    if subscription.status == _PENDING:
        return subscription.created_at is None or now - subscription.created_at < _VERIFY_WITHIN
    return subscription.status == _ENABLED
