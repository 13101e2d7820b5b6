"""What a chat is told that could not be reached for a while: how much it missed.

A notice travels as an Event of its own kind, to one User, past all middlewares and without
fan-out. So it has its Delivery, its place in the line, its retries and its explanation as all that
is sent. Its id follows from the pause that it speaks of, so that a chat is told of each pause once.
"""

from datetime import datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stargazer.models import (
    EVENT_NAMESPACE,
    OutboxState,
    StoredEvent,
    User,
    UserSettings,
)
from stargazer.rendering import Message

KIND = "stargazer/missed"
#: A notice is about nobody.
_NOBODY = UUID(int=0)
_TEXTS = {
    "en": (
        "1 message was not sent while this chat could not be reached, since {since}.",
        "{missed} messages were not sent while this chat could not be reached, since {since}.",
    ),
    "ja": ("{since} からこのチャットに送信できず、{missed} 件のメッセージが届きませんでした。",),
    "zh": ("自 {since} 起无法发送到此聊天,期间有 {missed} 条消息未送达。",),
}


def make_notice(user: User, missed: int, since: datetime, now: datetime) -> StoredEvent:
    """Make the Event that tells a User how much it missed.

    :param since: when it was paused.
    """
    return StoredEvent(
        id=uuid5(EVENT_NAMESPACE, f"{user.id} {since.isoformat()} {KIND}"),
        kind=KIND,
        entity=_NOBODY,
        fields={"missed": missed, "since": since.isoformat()},
        happened_at=now,
        created_at=now,
        state=OutboxState.DONE,
        deliveries=1,
    )


def render(event: StoredEvent, reader: UserSettings) -> Message:
    """Write a notice down for its reader."""
    texts = _TEXTS.get(reader.language.partition("-")[0], _TEXTS["en"])
    missed = int(event.fields["missed"])
    since = datetime.fromisoformat(str(event.fields["since"])).astimezone(_get_zone(reader))
    text = texts[0] if missed == 1 else texts[-1]
    said = text.format(missed=missed, since=since.strftime("%Y-%m-%d %H:%M %Z"))
    return Message(said, kind=KIND)


def _get_zone(reader: UserSettings) -> ZoneInfo:
    try:
        return ZoneInfo(reader.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
