"""Keeping our subscriptions at hubs alive, for every source whose platform has one."""

import logging
import random
from collections import defaultdict
from datetime import UTC, datetime

import kombu.exceptions

from stargazer import websub
from stargazer.alarms import end_alarm, raise_alarm
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.errors import PlatformError
from stargazer.http import Response
from stargazer.models import Lease, LeaseState
from stargazer.pausing import is_paused, see_platform
from stargazer.websub import hubs

log = logging.getLogger(__name__)


@app.task(name="websub.renew", bind=True)
def renew(self: StargazerTask) -> None:
    """Ask again for the Leases whose time has come."""
    if take_tick(self.context.redis, "websub.renew", websub.RENEW_SPAN):
        renew_due(self.context, datetime.now(UTC))


@app.task(name="websub.ask", bind=True)
def ask(self: StargazerTask, token: str) -> None:
    """Ask a hub for one Lease, or to end it when it was removed."""
    ask_hub(self.context, token)


def renew_due(context: Context, now: datetime) -> None:
    """See to the Leases that are due, hub by hub; those of a hub in trouble wait."""
    store = context.store
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
    for kind, leases in by_hub.items():
        state = store.platforms.get(kind)
        for lease in hubs.choose(leases, state, now):
            if changes := websub.give_up(lease):
                store.leases.update(lease.token, **changes)
            start_asking(context, lease, now)


def ask_hub(context: Context, token: str) -> None:
    """Ask a hub for one Lease; what goes wrong is written into it, or into the hub's state."""
    store = context.store
    lease = store.leases.find(token)
    if lease is None:
        return
    now = datetime.now(UTC)
    if is_paused(store.platforms.get(hubs.get_kind(lease.home or lease.hub)), now):
        # Another one has met its trouble meanwhile.
        store.leases.update(token, **websub.hold_back(lease, now))
        return
    mode = "unsubscribe" if lease.state == LeaseState.REMOVED else "subscribe"
    try:
        home = websub.ask(context.http, lease, mode, context.settings.websub_lease)
    except PlatformError as exc:
        now = datetime.now(UTC)
        log.warning("hub_refused", extra={"account": lease.account, "error": exc.reason})
        if hubs.is_trouble(exc):
            _note_trouble(context, lease, exc, now)
            store.leases.update(token, **websub.put_off(lease, exc, now))
        else:
            _note_answer(context, lease, now)
            store.leases.update(token, **websub.refused(lease, exc, now))
        return
    _note_answer(context, lease, datetime.now(UTC))
    if home != (lease.home or lease.hub):
        store.leases.update(token, home=home)
    log.info("hub_asked", extra={"account": lease.account, "mode": mode})


def start_asking(context: Context, lease: Lease, now: datetime) -> None:
    """Have a Lease asked for by whoever is free; asked again if nothing comes of it."""
    context.store.leases.update(lease.token, **websub.asked(now))
    try:
        ask.apply_async((lease.token,), expires=websub.VERIFY_WITHIN.total_seconds())
    except kombu.exceptions.OperationalError:
        context.store.leases.update(lease.token, renew_at=now)


def ensure_lease(
    context: Context, kind: str, account: str, hub: str, topic: str, now: datetime
) -> None:
    """See to it that a hub tells us of this account, under our present address.

    :param kind: of the Tasks that watch the account; what is pushed goes to ``<kind>.receive``.
    :param hub: its address, as the platform or the feed names it; one that moves is found.
    """
    settings, store = context.settings, context.store
    if not settings.public_url:
        return
    lease = store.leases.find_by_account(kind, account)
    if lease:
        is_ours = lease.callback.startswith(f"{settings.public_url}/")
        if is_ours and (lease.hub, lease.topic) == (hub, topic):
            return
        removed = {"state": LeaseState.REMOVED, "renew_at": now}
        store.leases.update(lease.token, **removed)
        start_asking(context, lease, now)
    new = websub.new_lease(
        kind=kind, account=account, hub=hub, topic=topic, base_url=settings.public_url, now=now
    )
    store.leases.save(new)
    # A hub that is in trouble is asked when it is back.
    if hubs.choose([new], store.platforms.get(hubs.get_kind(hub)), now):
        start_asking(context, new, now)


def ensure_named(
    context: Context, kind: str, account: str, answer: Response, now: datetime
) -> bool:
    """See to it that the hub which a page or feed names, if any, tells us of this account.

    One that names none any more, or only such as may not get a secret, is not followed.

    :param answer: what was read at the account's address.
    :returns: whether there is a hub.
    """
    found = websub.discover(answer.url, answer.headers, answer.body)
    hubs_found = [hub for hub in found.hubs if websub.is_safe(hub, answer.url)] if found else []
    if found and hubs_found:
        ensure_lease(context, kind, account, hubs_found[0], found.topic, now)
        return True
    lease = context.store.leases.find_by_account(kind, account)
    if lease:
        context.store.leases.update(lease.token, state=LeaseState.REMOVED, renew_at=now)
    return False


def _note_trouble(context: Context, lease: Lease, error: PlatformError, now: datetime) -> None:
    store, kind = context.store, hubs.get_kind(lease.home or lease.hub)
    jitter = random.random()  # noqa: S311 - not a secret
    state = hubs.fail_hub(store.platforms.get(kind), error, now, jitter)
    store.platforms.save(state)
    if hubs.needs_alarm(state, now):
        reason = f"the hub does not answer as it should: {error.reason}; nothing can be renewed"
        raise_alarm(store, kind, reason, now, kind=lease.kind)


def _note_answer(context: Context, lease: Lease, now: datetime) -> None:
    store, kind = context.store, hubs.get_kind(lease.home or lease.hub)
    state = store.platforms.get(kind)
    if state.failures:
        store.platforms.save(see_platform(state, now))
        end_alarm(store, kind, now, kind=lease.kind)
