"""What Telegram tells a bot: something was said, a button was pressed, it was thrown out.

Source: https://core.telegram.org/bots/api#update
"""

import logging
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import redis
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stargazer.errors import PayloadError, explain
from stargazer.models import Push

log = logging.getLogger(__name__)

#: The kinds of updates that we ask for.
WANTED = ("message", "callback_query", "my_chat_member")
#: Of what is kept until it is answered; also the queue's name.
KIND = "commands"
IM = "telegram"
#: Seconds; Telegram itself forgets after a day.
_REMEMBERED = 86_400


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Person(_Part):
    """Somebody, or a bot."""

    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = ""


class Chat(_Part):
    """Where something is said.

    :ivar type: ``private``, ``group``, ``supergroup`` or ``channel``.
    """

    id: int
    type: str
    title: str = ""
    first_name: str = ""
    last_name: str = ""
    username: str = ""

    @property
    def is_group(self) -> bool:
        """Whether more than one may speak there."""
        return self.type in ("group", "supergroup")

    @property
    def name(self) -> str:
        """What people call it."""
        person = f"{self.first_name} {self.last_name}".strip()
        return self.title or person or self.username


class Replied(_Part):
    """The message that another one answers."""

    sender: Person | None = Field(None, alias="from")


class Message(_Part):
    """A message.

    :ivar date: UNIX seconds; 0 for one that the bot may not touch any more.
    :ivar sender_chat: in whose name it is sent: the group's own, if by an anonymous admin.
    :ivar migrate_to_chat_id: instead of a text: what the group has become.
    :ivar migrate_from_chat_id: instead of a text: what it was.
    """

    message_id: int
    date: int = 0
    chat: Chat
    sender: Person | None = Field(None, alias="from")
    sender_chat: Chat | None = None
    text: str | None = None
    message_thread_id: int | None = None
    is_topic_message: bool = False
    reply_to_message: Replied | None = None
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None

    @property
    def thread(self) -> int | None:
        """The topic that it is in; None: it is in none."""
        return self.message_thread_id if self.is_topic_message else None


class CallbackQuery(_Part):
    """A button was pressed.

    :ivar sender: by whom, which may be another than to whom it was shown.
    :ivar message: the one that the button is under.
    """

    id: str
    sender: Person = Field(alias="from")
    message: Message | None = None
    data: str = ""


class Member(_Part):
    """What the bot is in a chat."""

    status: str
    can_send_messages: bool = True


class MemberChange(_Part):
    """The bot was blocked, thrown out, silenced, or let in again."""

    chat: Chat
    new_chat_member: Member

    @property
    def is_out(self) -> bool:
        """Whether the bot cannot write there any more."""
        member = self.new_chat_member
        is_silenced = member.status == "restricted" and not member.can_send_messages
        return member.status in ("left", "kicked") or is_silenced


class Update(_Part):
    """One thing that happened; at most one of these is there."""

    update_id: int
    message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: MemberChange | None = None

    @property
    def chat(self) -> Chat | None:
        """Where it happened; None for what we have not asked for."""
        pressed = self.callback_query.message if self.callback_query else None
        place = self.message or pressed or self.my_chat_member
        return place.chat if place else None


def read_update(body: bytes) -> Update:
    """Read an update.

    :raises PayloadError: when it is none; without what it says.
    """
    try:
        return Update.model_validate_json(body)
    except ValidationError as exc:
        raise PayloadError(f"no update of Telegram's: {'; '.join(explain(exc))}") from None


def keep_update(update: Update, body: bytes, bot: str, now: datetime) -> Push | None:
    """Make of an update what is kept until it is answered.

    :param bot: the bot's number: each bot counts its own updates.
    :returns: with the same id for the same update; None for one that nobody has to answer.
    """
    chat = update.chat
    if chat is None or (update.message is not None and not _may_be_for_us(update.message)):
        return None
    return Push(
        id=uuid5(NAMESPACE_URL, f"telegram {bot} {update.update_id}"),
        kind=KIND,
        account=f"{IM} {chat.id}",
        body=body,
        received_at=now,
        published_at=now,
    )


def is_known(client: "redis.Redis", push: Push) -> bool:
    """Tell whether this came before, and may have been answered already.

    Where nobody knows, it is answered twice, which does no harm.
    """
    try:
        return bool(client.exists(_get_key(push)))
    except redis.RedisError:
        return False


def remember(client: "redis.Redis", push: Push) -> None:
    """Note that this has come: once it is kept, and handed to whoever answers it."""
    try:
        client.set(_get_key(push), 1, ex=_REMEMBERED)
    except redis.RedisError:
        log.warning("update_not_remembered")


def _get_key(push: Push) -> str:
    return f"stargazer:telegram:seen:{push.id}"


def _may_be_for_us(message: Message) -> bool:
    """Tell whether a message has to be looked at: not all that a group says among itself."""
    if message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None:
        return True
    if message.text is None or not (message.chat.is_group or message.chat.type == "private"):
        return False
    return (
        not message.chat.is_group
        or message.reply_to_message is not None
        or message.text.startswith("/")
        or "@" in message.text
    )
