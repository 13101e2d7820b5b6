"""Sending a Delivery once more, because a person asks for it."""

import logging
from datetime import datetime
from uuid import UUID

from stargazer.errors import ConflictError, NotFoundError
from stargazer.models import Delivery, DeliveryState
from stargazer.store import Store

log = logging.getLogger(__name__)


def resend(
    store: Store, event: UUID, user: UUID, by: str, now: datetime, *, force: bool = False
) -> Delivery:
    """Make a Delivery pending again, under the same id, and remember who asked for it.

    It goes out however old it is. Of two who ask at the same moment one is refused. The sweeper
    hands it out, if nobody does so before.

    :param by: who asks.
    :param force: send what was sent once more, and let what waits not wait any longer.
    :returns: as it was before.
    :raises NotFoundError: when the Delivery, its Event or its User does not exist.
    :raises ConflictError: when it was sent or is pending, and not forced; when it is in somebody's
        hand; when its chat is paused; or when somebody else was faster.
    """
    delivery = store.deliveries.find(event, user)
    if delivery is None:
        raise NotFoundError(
            "delivery_not_found", f"Event `{event}` was never meant for user `{user}`"
        )
    if store.events.find(event) is None:
        raise NotFoundError("event_not_found", f"Cannot find event with ID `{event}`")
    chat = store.users.find(user)
    if chat is None:
        raise NotFoundError("user_not_found", f"Cannot find user with ID `{user}`")
    if chat.paused is not None:
        raise ConflictError("user_paused", f"The chat is paused, resume it first: {chat.paused}")
    if delivery.state is DeliveryState.SENT and not force:
        raise ConflictError("delivery_sent", "It was sent already; say so to send it once more")
    if delivery.state is DeliveryState.PENDING:
        if not force:
            raise ConflictError("delivery_pending", "It is pending, and not given up")
        done = store.deliveries.hurry(delivery, by, now)
    else:
        done = store.deliveries.reopen(delivery, by, now)
    if not done:
        raise ConflictError("delivery_changed", "It is being sent, or was asked for, just now")
    log.info("delivery_resent", extra={"event_id": event, "user": user, "by": by})
    return delivery
