"""From what was typed to what is said."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from stargazer import metrics
from stargazer.commands import following, membership, muting
from stargazer.commands.conversation import Conversation
from stargazer.commands.parsing import CHANGES, Command, Name, parse
from stargazer.commands.talk import Asker, Button, Reply
from stargazer.context import Context

log = logging.getLogger(__name__)

_HANDLERS: Mapping[Name, Callable[[Conversation, str], Reply]] = {
    Name.REGISTER: membership.register,
    Name.UNREGISTER: membership.unregister,
    Name.SETTINGS: membership.open_settings,
    Name.LIST: following.list_followed,
    Name.FOLLOW: following.follow,
    Name.UNFOLLOW: following.unfollow,
    Name.MUTE: muting.mute,
}


#: What a link may ask for: nothing that would take anything away.
_LINKED = frozenset({Name.FOLLOW, Name.LIST, Name.SETTINGS})


def answer(context: Context, asker: Asker, text: str, now: datetime) -> Reply | None:
    """Do what was asked for, and give what to say.

    Saying the same twice does no harm. A paused chat that says something is resumed.

    :param text: as it was typed, or the command of a button that was pressed.
    :returns: None: nothing is to be said, for it was not said to us.
    :raises pymongo.errors.PyMongoError: or another of :data:`stargazer.context.OUTAGES`: nothing
        was said yet; ask again later.
    """
    command = parse(text) or Command(None, is_bare=True)
    # In a group, what has no slash before it is ours only when it is said to us.
    if not asker.is_addressed and (command.name is None or command.is_bare):
        return None
    conversation = Conversation.open(context, asker, now)
    conversation.resume()
    if command.name is Name.START:
        command = _read_payload(command.argument) or command
    name, argument, *_ = command
    metrics.commands.labels(asker.im, name or "unknown").inc()
    log.info("command_heard", extra={"im": asker.im, "command": name or "unknown"})
    if name is None or name is Name.HELP or name is Name.START:
        return _help(conversation, name)
    if name in CHANGES and asker.is_group and not asker.is_admin:
        return Reply(conversation.say("admins_only"), is_refusal=True)
    return _HANDLERS[name](conversation, argument)


def _read_payload(payload: str) -> Command | None:
    """Read what a link into the chat app brings along, such as ``follow_<id of an Entity>``."""
    command = parse(f"/{payload.replace('_', ' ', 1)}")
    return command if command is not None and command.name in _LINKED else None


def _help(conversation: Conversation, name: Name | None) -> Reply:
    text = conversation.say("help")
    if conversation.asker.is_group:
        text += f"\n\n{conversation.say('help_group')}"
    if name is Name.START:
        text = conversation.say("welcome", help=text)
    elif name is None:
        text = f"{conversation.say('unknown')}\n\n{text}"
    buttons = (
        Button(conversation.say("list_button"), "/list"),
        Button(conversation.say("settings_button"), "/settings"),
    )
    return Reply(text, buttons)
