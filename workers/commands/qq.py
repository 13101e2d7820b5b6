"""What people on QQ say to us, and what happens to us there."""

import logging
import time
from datetime import UTC, datetime, timedelta

from stargazer import chats, ratelimit
from stargazer.addresses.qq import Chat
from stargazer.commands import Asker, Reply, answer
from stargazer.commands.parsing import parse
from stargazer.commands.wording import choose_language, say
from stargazer.context import Context
from stargazer.errors import (
    GoneError,
    PlatformError,
    RefusedError,
    ShutOutError,
    ThrottledError,
    UnknownOutcomeError,
)
from stargazer.models import Push
from stargazer.onebot import KIND, OneBot
from stargazer.onebot.events import Happened, Said, What, read_event
from stargazer.onebot.pace import get_key, get_limits
from stargazer.rendering.forms.onebot import Segment
from workers.im.qq.sending import get_refusals_key

log = logging.getLogger(__name__)

#: Seconds that an answer waits for its slot; what has to wait longer is brought again.
_HORIZON = 30.0
_SEND_TIMEOUT = 15.0
#: Milliseconds in which somebody whom we do not understand is told so once.
_HELP_SPAN = 1_800_000
#: Who is muted for longer is paused.
_LONGEST_BLOCK = timedelta(days=1)
_REMOVED = "the account was removed from this group"
_MUTED = "the account is muted in this group"
#: The language of most who are on QQ.
_LANGUAGE = "zh"


def answer_event(context: Context, push: Push) -> None:
    """Do what follows from what was posted, and answer it.

    Doing it again does no harm.

    :raises PayloadError: when it is no event.
    :raises ThrottledError: or TransientError: when it cannot be answered now.
    :raises PlatformError: when it never can.
    """
    event, now = read_event(push.body), datetime.now(UTC)
    if isinstance(event, Happened):
        _note(context, event, now)
    if not isinstance(event, Said):
        return
    try:
        _reply(context, event, now)
    except ShutOutError as exc:
        # Who goes on writing to a group that has muted him loses the account.
        raise RefusedError(exc.reason) from None


def _reply(context: Context, said: Said, now: datetime) -> None:
    private = Chat(is_group=False, number=said.user)
    command = parse(said.text)
    is_understood = command is not None and command.name is not None and not said.is_stranger
    if not is_understood and not _take_turn_to_help(context, said):
        return
    if said.is_stranger:
        # What it would subscribe to could never be sent.
        _speak(context, private, say(_LANGUAGE, "befriend"), by_group=said.by_group)
        return
    asker = Asker(
        im=KIND,
        address=str(said.chat),
        name=said.name,
        private_address=str(private),
        is_group=said.chat.is_group,
        is_admin=said.is_leader,
        is_addressed=said.is_to_us,
        language=_LANGUAGE,
    )
    reply = answer(context, asker, said.text, now)
    if reply is None:
        return
    if not reply.is_private:
        _speak(context, said.chat, reply.to_plain())
        return
    _speak_privately(context, said, private, reply)


def _take_turn_to_help(context: Context, said: Said) -> bool:
    """Tell whether it is time to explain ourselves again to somebody whom we do not understand.

    It may be another machine, which does not understand us either.
    """
    key = f"stargazer:qq:helped:{said.chat}:{said.user}"
    return bool(context.redis.set(key, 1, nx=True, px=_HELP_SPAN))


def _speak_privately(context: Context, said: Said, private: Chat, reply: Reply) -> None:
    try:
        _speak(context, private, reply.to_plain(), by_group=said.chat.number)
    except (ShutOutError, RefusedError, GoneError, UnknownOutcomeError):
        # Adapters also wait in vain for what never reached a stranger.
        user = context.store.users.find_by_address(KIND, str(said.chat))
        language = choose_language(user.settings.language if user else "", _LANGUAGE)
        _speak(context, said.chat, say(language, "befriend"))
        return
    if reply.beside:
        try:
            _speak(context, said.chat, reply.beside.to_plain())
        except PlatformError as exc:
            # Tried again, it would send another link.
            log.info("answer_incomplete", extra={"error": exc.reason})


def _speak(context: Context, chat: Chat, text: str, by_group: int | None = None) -> None:
    """Say something at the pace that all messages share.

    :param by_group: the group that both are in, for a person who may be no friend.
    """
    limits = get_limits(context.settings, str(chat))
    [wait] = ratelimit.reserve(context.redis, [limits], _HORIZON)
    if wait > _HORIZON:
        raise ThrottledError("the pace of the account", wait)
    time.sleep(wait)
    segments: list[Segment] = [{"type": "text", "data": {"text": text}}]
    OneBot(context).send(chat, segments, by_group=by_group, timeout=_SEND_TIMEOUT)


def _note(context: Context, event: Happened, now: datetime) -> None:
    """Pause or resume the chat in which something happened to us."""
    user = context.store.users.find_by_address(KIND, str(event.chat))
    log.info("qq_happened", extra={"what": event.what.value, "user": user and user.id})
    key = get_key(str(event.chat))
    if event.what is What.MUTED and event.seconds <= _LONGEST_BLOCK.total_seconds():
        # It ends by itself, and nobody says so; what is news by then is told.
        ratelimit.block(context.redis, key, event.seconds)
        return
    if event.what in (What.UNMUTED, What.ADDED):
        ratelimit.unblock(context.redis, key)
        context.redis.delete(get_refusals_key(str(event.chat)))
        if user is not None:
            chats.welcome_back(context.store, user, now)
    elif user is not None:
        reason = _MUTED if event.what is What.MUTED else _REMOVED
        context.store.users.pause(user.id, reason, now)
