"""Keeping our subscriptions at hubs alive."""

import logging
from datetime import UTC, datetime

import kombu.exceptions

from stargazer import websub
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.errors import PlatformError
from stargazer.models import Lease, LeaseState, Task

log = logging.getLogger(__name__)


@app.task(name="websub.renew", bind=True)
def renew(self: StargazerTask) -> None:
    """Ask again for every Lease whose time has come."""
    now = datetime.now(UTC)
    if self.context.settings.public_url and take_tick(
        self.context.redis, "websub.renew", websub.RENEW_SPAN
    ):
        for lease in self.context.store.leases.list_due(now):
            start_asking(self.context, lease, now)


@app.task(name="websub.ask", bind=True)
def ask(self: StargazerTask, token: str) -> None:
    """Ask a hub for one Lease, or to end it when it was removed."""
    ask_hub(self.context, token)


def ask_hub(context: Context, token: str) -> None:
    """Ask a hub for one Lease; what goes wrong is written into the Lease."""
    store = context.store
    lease = store.leases.find(token)
    if lease is None:
        return
    mode = "unsubscribe" if lease.state == LeaseState.REMOVED else "subscribe"
    try:
        websub.ask(context.http, lease, mode, context.settings.websub_lease)
    except PlatformError as exc:
        log.warning("hub_refused", extra={"account": lease.account, "error": exc.reason})
        if mode == "subscribe":
            store.leases.update(token, **websub.failed(lease, exc, datetime.now(UTC)))
        return
    log.info("hub_asked", extra={"account": lease.account, "mode": mode})


def start_asking(context: Context, lease: Lease, now: datetime) -> None:
    """Have a Lease asked for by whoever is free; asked again if nothing comes of it."""
    context.store.leases.update(lease.token, **websub.asked(now))
    try:
        ask.apply_async((lease.token,), expires=websub.VERIFY_WITHIN.total_seconds())
    except kombu.exceptions.OperationalError:
        context.store.leases.update(lease.token, renew_at=now)


def ensure_lease(context: Context, task: Task, now: datetime) -> None:
    """See to it that the hub tells us of this Task's channel, under our present address."""
    settings = context.settings
    account = task.params.get("channel_id")
    if not settings.public_url or not account:
        return
    lease = context.store.leases.find_by_account(task.kind, account)
    if lease and lease.callback.startswith(f"{settings.public_url}/"):
        return
    if lease:
        context.store.leases.update(lease.token, state=LeaseState.REMOVED)
        ask.apply_async((lease.token,))
    new = websub.new_lease(
        kind=task.kind,
        account=account,
        hub=f"{settings.youtube_hub_url}/subscribe",
        topic=settings.youtube_topic.format(channel_id=account),
        base_url=settings.public_url,
        now=now,
    )
    context.store.leases.save(new)
    start_asking(context, new, now)
