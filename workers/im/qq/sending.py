"""Sending to QQ, so that the account is not taken for a machine gone mad."""

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from stargazer import ratelimit
from stargazer.addresses import qq
from stargazer.addresses.qq import Chat
from stargazer.app import StargazerTask, app
from stargazer.context import OUTAGES, Context
from stargazer.errors import (
    AwayError,
    GoneError,
    PlatformError,
    RefusedError,
    ShutOutError,
    ThrottledError,
    UnknownOutcomeError,
)
from stargazer.mentions import EVERYBODY
from stargazer.models import User
from stargazer.onebot import OneBot
from stargazer.onebot.adapter import SEND_TIMEOUT
from stargazer.onebot.pace import ALL, get_key, get_limits
from stargazer.quiet import is_quiet
from stargazer.ratelimit import Limit
from stargazer.rendering import Message
from stargazer.rendering.forms.onebot import Segment, to_segments, to_text_segments
from workers.im.delivering import deliver

log = logging.getLogger(__name__)

#: Pictures and then plain text, questions about the group, connections that are slow to come.
LONGEST_SEND = timedelta(seconds=120)
#: Everybody in a group is called at most once in this time.
CALL_SPAN = timedelta(hours=2)
#: Seconds that a chat is left alone each time that it takes nothing from us, before it counts as
#: gone: who goes on writing to a group that has muted him loses the account.
SHUT_OUT_PAUSES = (600.0, 3600.0, 6 * 3600.0)
#: For so long it is remembered how often that was.
_SHUT_OUT_SPAN = timedelta(days=2)


class QQ:
    """Sends by one account, at a pace that people have."""

    im: ClassVar[str] = "qq"

    def __init__(self, context: Context) -> None:
        self._redis = context.redis
        self._onebot = OneBot(context)
        self._settings = context.settings

    def get_limits(self, user: User) -> Sequence[Limit]:
        """Name the limits of the account and of the chat."""
        return get_limits(self._settings, user.im_payload)

    def send(
        self,
        user: User,
        message: Message,
        key: str,  # noqa: ARG002 - OneBot has no such key
    ) -> tuple[str, ...]:
        """Send one message; as plain text where it is refused as it is.

        :returns: QQ's id of the message.
        """
        try:
            chat = qq.parse(user.im_payload)
        except ValueError as exc:
            # Whoever writes to the database may write anything.
            raise GoneError(f"not an address on QQ: {exc}") from None
        deadline = time.monotonic() + 2 * SEND_TIMEOUT
        calls = self._may_call(chat, user, message)
        try:
            sent = self._send(chat, message, deadline, calls=calls)
        except PlatformError as exc:
            if calls and not isinstance(exc, UnknownOutcomeError):
                self._forget(_get_call_key(chat))
            self._note_error(user, exc)
            raise
        self._forget(get_refusals_key(user.im_payload))
        return sent

    def _send(
        self, chat: Chat, message: Message, deadline: float, *, calls: bool
    ) -> tuple[str, ...]:
        plain = to_text_segments(message)
        # Not hidden, such pictures are for others' eyes, QQ's among them.
        rich = plain if message.is_sensitive else to_segments(message, mentions_all=calls)
        try:
            return self._onebot.send(chat, rich, timeout=SEND_TIMEOUT)
        except RefusedError as exc:
            # Nobody says what exactly was refused: a picture mostly, or that everybody is called.
            if not _has_more_than_text(rich):
                raise
            log.info("message_refused_as_it_is", extra={"chat": str(chat), "error": exc.reason})
        if calls:
            # It is not called now, so the next message may.
            self._forget(_get_call_key(chat))
        left = max(deadline - time.monotonic(), 1.0)
        return self._onebot.send(chat, plain, timeout=min(left, SEND_TIMEOUT))

    def _may_call(self, chat: Chat, user: User, message: Message) -> bool:
        """Tell whether everybody in the group is to be called, and take the turn to do so."""
        wanted = user.settings.mention == EVERYBODY and message.may_mention
        if not wanted or not chat.is_group or message.is_silent or message.is_sensitive:
            return False
        if is_quiet(user.settings, datetime.now(UTC)):
            return False
        key, span = _get_call_key(chat), int(CALL_SPAN.total_seconds() * 1000)
        with suppress(*OUTAGES):
            if not self._redis.exists(key) and self._onebot.may_call_all(chat.number):
                return bool(self._redis.set(key, 1, nx=True, px=span))
        return False

    def _note_error(self, user: User, error: PlatformError) -> None:
        match error:
            case ThrottledError():
                # Whatever an adapter waits for, it is the same for all chats.
                self._block(ALL, error.retry_after)
            case ShutOutError():
                self._count_refusal(user, error)
            case UnknownOutcomeError():
                self._see_whether_online()

    def _see_whether_online(self) -> None:
        """Hold the others back when there was no answer because the account is not online."""
        try:
            self._onebot.look()
        except AwayError as exc:
            self._block(ALL, exc.retry_after)
        except PlatformError:
            pass

    def _count_refusal(self, user: User, error: ShutOutError) -> None:
        """Leave a chat alone for longer each time.

        :raises GoneError: when it was often enough.
        """
        key = get_refusals_key(user.im_payload)
        with suppress(*OUTAGES):
            count = self._redis.incr(key)
            self._redis.pexpire(key, int(_SHUT_OUT_SPAN.total_seconds() * 1000))
            if count > len(SHUT_OUT_PAUSES):
                self._redis.delete(key)
                raise GoneError(f"{error.reason}, {count} times") from None
            self._block(get_key(user.im_payload), SHUT_OUT_PAUSES[count - 1])

    def _block(self, key: str, seconds: float) -> None:
        with suppress(*OUTAGES):
            ratelimit.block(self._redis, key, seconds)

    def _forget(self, key: str) -> None:
        # What was sent was sent, whether or not Redis is there.
        with suppress(*OUTAGES):
            self._redis.delete(key)


def _has_more_than_text(segments: Sequence[Segment]) -> bool:
    return any(segment["type"] != "text" for segment in segments)


def _get_call_key(chat: Chat) -> str:
    return f"stargazer:qq:called:{chat.number}"


def get_refusals_key(address: str) -> str:
    """Name where it is counted how often a chat took nothing from us."""
    return f"stargazer:qq:refusals:{address}"


@app.task(name="qq.deliver", bind=True)
def deliver_to_qq(self: StargazerTask, event: str, users: list[str]) -> None:
    """Send an Event to these Users on QQ."""
    deliver(self.context, QQ, event, users, longest_send=LONGEST_SEND)
