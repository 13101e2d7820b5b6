"""Asking hubs, and what is learned of them by it."""

import logging
import random
from datetime import UTC, datetime

from stargazer import websub
from stargazer.alarms import end_alarm, raise_alarm
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.errors import PayloadError, PlatformError
from stargazer.models import Lease, LeaseState
from stargazer.pausing import is_paused, see_platform
from stargazer.websub import hubs
from workers.websub.wishing import follow_named

log = logging.getLogger(__name__)


@app.task(name="websub.ask", bind=True)
def ask(self: StargazerTask, token: str) -> None:
    """Ask a hub for one Lease, or to end it when it was removed."""
    ask_hub(self.context, token)


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
    if mode == "subscribe" and not _is_named_still(context, lease, now):
        return
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


def _is_named_still(context: Context, lease: Lease, now: datetime) -> bool:
    """Ask what named the hub for it again, ahead of a renewal; another one is followed instead.

    What does not answer, or names none, changes nothing: that is for the next look at it.
    """
    if lease.named_by is None or not (lease.verified_at or lease.failures):
        return True
    try:
        answer = context.http.get(lease.named_by)
        answer.raise_for_status()
    except (PlatformError, PayloadError):
        return True
    follow_named(context, lease.kind, lease.account, answer, now)
    found = context.store.leases.find(lease.token)
    return found is not None and found.state != LeaseState.REMOVED


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
