"""From what was typed to what is said."""

from datetime import datetime

from stargazer.commands.parsing import Name, parse
from stargazer.commands.talk import Asker, Reply
from stargazer.commands.wording import choose_language, say
from stargazer.context import Context


def answer(context: Context, asker: Asker, text: str, now: datetime) -> Reply | None:  # noqa: ARG001 - for the commands that act
    """Do what was asked for, and give what to say.

    Saying the same twice does no harm.

    :param text: as it was typed, or the command of a button that was pressed.
    :returns: None: nothing is to be said, for it was not said to us.
    :raises pymongo.errors.PyMongoError: or another of :data:`stargazer.context.OUTAGES`: nothing
        was said yet; ask again later.
    """
    user = context.store.users.find_by_address(asker.im, asker.address)
    language = choose_language(user.settings.language if user else "", asker.language)
    command = parse(text)
    if command is None and not asker.is_addressed:
        return None
    help_text = say(language, "help")
    if asker.is_group:
        help_text += f"\n\n{say(language, 'help_group')}"
    if command is not None and command.name is Name.HELP:
        return Reply(help_text)
    return Reply(f"{say(language, 'unknown')}\n\n{help_text}") if asker.is_addressed else None
