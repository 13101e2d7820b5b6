"""What sources wish for: that a hub tells us of an account."""

from datetime import datetime

import kombu.exceptions

from stargazer import websub
from stargazer.app import app
from stargazer.context import Context
from stargazer.http import Response
from stargazer.models import Lease, LeaseState
from stargazer.websub import hubs


def ensure_lease(
    context: Context,
    kind: str,
    account: str,
    hub: str,
    topic: str,
    now: datetime,
    *,
    named_by: str | None = None,
) -> None:
    """See to it that a hub tells us of this account, under our present address.

    :param kind: of the Tasks that watch the account; what is pushed goes to ``<kind>.receive``.
    :param hub: its address, as the platform or the feed names it; one that moves is found.
    :param named_by: what names the hub, and is asked for it again at each renewal.
    """
    settings, store = context.settings, context.store
    if not settings.public_url:
        return
    lease = store.leases.find_by_account(kind, account)
    if lease:
        is_ours = lease.callback.startswith(f"{settings.public_url}/")
        if is_ours and (lease.hub, lease.topic) == (hub, topic):
            if lease.named_by != named_by:
                store.leases.update(lease.token, named_by=named_by)
            return
        release(context, lease, now)
        start_asking(context, lease, now)
    new = websub.new_lease(
        kind=kind, account=account, hub=hub, topic=topic, base_url=settings.public_url, now=now
    ).model_copy(update={"named_by": named_by})
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
    if follow_named(context, kind, account, answer, now):
        return True
    lease = context.store.leases.find_by_account(kind, account)
    if lease:
        release(context, lease, now)
    return False


def follow_named(
    context: Context, kind: str, account: str, answer: Response, now: datetime
) -> bool:
    """Follow the hub that a page or feed names; one that names none changes nothing."""
    found = websub.discover(answer.url, answer.headers, answer.body)
    hubs_found = [hub for hub in found.hubs if websub.is_safe(hub, answer.url)] if found else []
    if not found or not hubs_found:
        return False
    home = answer.home or answer.url
    ensure_lease(context, kind, account, hubs_found[0], found.topic, now, named_by=home)
    return True


def release(context: Context, lease: Lease, now: datetime) -> None:
    """Let a Lease end: the hub is told when it is next looked what is due."""
    context.store.leases.update(lease.token, state=LeaseState.REMOVED, renew_at=now)


def start_asking(context: Context, lease: Lease, now: datetime) -> None:
    """Have a Lease asked for by whoever is free; asked again if nothing comes of it."""
    context.store.leases.update(lease.token, **websub.asked(now))
    try:
        app.send_task("websub.ask", (lease.token,), expires=websub.VERIFY_WITHIN.total_seconds())
    except kombu.exceptions.OperationalError:
        context.store.leases.update(lease.token, renew_at=now)
