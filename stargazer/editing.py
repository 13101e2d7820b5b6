"""A message in the place of another: that a stream has ended, where it says that it is live.

Whoever wants that finds the Delivery of the start by its natural key. Where it was not sent, or
cannot be changed any more, the end is a message of its own.
"""

import logging
from uuid import UUID

from stargazer.chat_apps import ChatApp, EditingApp
from stargazer.errors import RefusedError
from stargazer.models import Delivery, DeliveryState, StoredEvent, User, make_event_id
from stargazer.rendering import Message
from stargazer.store import Store

log = logging.getLogger(__name__)

_START, _END = "live_start", "live_end"


def find_replaced(event: StoredEvent) -> UUID | None:
    """Give the id of the Event whose message that of this one may replace.

    :returns: None where there is none; one that is given need not have been told to anybody.
    """
    platform, _, what = event.kind.partition("/")
    if what != _END or event.task is None or event.source_id is None:
        return None
    return make_event_id(event.task, event.source_id, f"{platform}/{_START}")


class Editor:
    """Changes messages of one chat app, where it can do that, for all threads of a Sender."""

    def __init__(self, store: Store, chat_app: ChatApp) -> None:
        self._deliveries = store.deliveries
        self._app = chat_app if isinstance(chat_app, EditingApp) else None

    def edit(
        self, event: StoredEvent, delivery: Delivery, user: User, message: Message
    ) -> tuple[str, ...] | None:
        """Put a message in the place of the one that it replaces, if its reader wants that.

        :returns: the chat app's ids; None: it has to be sent.
        :raises PlatformError: when there is no telling, as of :meth:`ChatApp.send`.
        """
        # What somebody asks for once more is to be seen.
        if self._app is None or not user.settings.edit_live or delivery.resends:
            return None
        replaced = find_replaced(event)
        told = self._deliveries.find(replaced, user.id) if replaced else None
        if told is None or told.state is not DeliveryState.SENT or not told.message_ids:
            return None
        try:
            return self._app.edit(user, message, told.message_ids)
        except RefusedError as exc:
            log.info("edit_refused", extra={"user": user.id, "error": exc.reason})
            return None
