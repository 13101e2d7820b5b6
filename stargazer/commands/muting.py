"""The command by which a chat is silent for a while."""

import re
from datetime import timedelta

from stargazer.choosing import save_choices
from stargazer.commands.conversation import Conversation
from stargazer.commands.talk import Button, Reply
from stargazer.rendering.times import Clock

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=30)
#: What is offered on buttons.
_OFFERED = ("1h", "8h", "1d")
_SPAN = re.compile(r"(\d{1,6})\s*([^\W\d]{1,10})")
_UNITS = {
    timedelta(minutes=1): ("m", "min", "minute", "minutes", "分", "分钟", "分鐘", "分間"),
    timedelta(hours=1): ("h", "hour", "hours", "时", "小时", "小時", "時間"),
    timedelta(days=1): ("d", "day", "days", "天", "日", "日間"),
}
_LENGTHS = {word: length for length, words in _UNITS.items() for word in words}
_OFF = {"off", "0", "stop", "end", "关", "關", "关闭", "關閉", "解除", "取消", "オフ"}


def mute(conversation: Conversation, argument: str) -> Reply:
    """Keep what happens from the chat until then, or end that."""
    if argument.casefold() in _OFF:
        return _unmute(conversation)
    span = read_span(argument)
    if span is None:
        buttons = [
            Button(conversation.say("mute_button", span=each), f"/mute {each}") for each in _OFFERED
        ]
        return Reply(conversation.say("mute_how"), buttons)
    user = conversation.user
    if user is None:
        return Reply(conversation.say("not_registered"))
    until = conversation.now + span
    muted = user.settings.model_copy(update={"muted_until": until})
    save_choices(conversation.store, user, user.event_filter, muted, conversation.now)
    clock = Clock(conversation.language, user.settings.timezone, conversation.now)
    at = clock.read_time(until)
    said = clock.tell(at).text if at else until.isoformat()
    off = Button(conversation.say("mute_off_button"), "/mute off")
    return Reply(conversation.say("muted", until=said), (off,))


def read_span(written: str) -> timedelta | None:
    """Read how long; None for what is no span, or one that is too short or too long.

    :param written: such as ``8h``, ``30 min`` or ``2天``.
    """
    match = _SPAN.fullmatch(written.casefold())
    if match is None or match[2] not in _LENGTHS:
        return None
    span = int(match[1]) * _LENGTHS[match[2]]
    return span if SHORTEST <= span <= LONGEST else None


def _unmute(conversation: Conversation) -> Reply:
    user = conversation.user
    if user is None:
        return Reply(conversation.say("not_registered"))
    until = user.settings.muted_until
    if until is None or until <= conversation.now:
        return Reply(conversation.say("not_muted"))
    spoken = user.settings.model_copy(update={"muted_until": None})
    save_choices(conversation.store, user, user.event_filter, spoken, conversation.now)
    return Reply(conversation.say("unmuted"))
