"""What the Celery tasks of all chat apps share: one Sender per process, and trying again."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from stargazer.chat_apps import ChatApp
from stargazer.context import Context
from stargazer.delivery import Sender
from workers.fanout import hand_over

_senders: dict[tuple[str, Context], Sender] = {}
_lock = threading.Lock()


def deliver(
    context: Context,
    chat_app: type[ChatApp],
    event: str,
    users: Sequence[str],
    longest_send: timedelta = timedelta(),
) -> None:
    """Send a batch and what waits behind it, and put what must be tried again soon onto the queue.

    :param event: its id, as ``users`` are ids.
    :param longest_send: how long one message may take, where that is long.
    """
    sender = _get_sender(context, chat_app, longest_send)
    for put_off in sender.deliver(UUID(event), [UUID(user) for user in users]):
        hand_over(chat_app.im, put_off.event, put_off.users, put_off.seconds)


def _get_sender(context: Context, chat_app: type[ChatApp], longest_send: timedelta) -> Sender:
    with _lock:
        key = (chat_app.im, context)
        if key not in _senders:
            threads = context.settings.delivery_threads
            _senders[key] = Sender(context, chat_app(context), threads, longest_send)
        return _senders[key]
