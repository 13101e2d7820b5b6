"""The commands by which a chat comes, goes, and finds its settings."""

from stargazer import registration
from stargazer.accounts import new_session
from stargazer.commands.conversation import Conversation
from stargazer.commands.talk import Button, Reply

CONFIRMATION = "confirm"


def register(conversation: Conversation, _argument: str) -> Reply:
    """Let the chat be known, with settings that fit its language."""
    if conversation.user is not None:
        return Reply(conversation.say("registered_already"))
    user = conversation.register()
    return Reply(conversation.say("registered", timezone=user.settings.timezone))


def unregister(conversation: Conversation, argument: str) -> Reply:
    """Forget the chat, if it is meant."""
    user = conversation.user
    if user is None:
        return Reply(conversation.say("not_registered"))
    if argument.casefold() != CONFIRMATION:
        label = conversation.say("unregister_button")
        button = Button(label, f"/unregister {CONFIRMATION}")
        return Reply(conversation.say("unregister_how"), (button,))
    registration.forget_user(conversation.store, user.id, conversation.now)
    return Reply(conversation.say("unregistered"))


def open_settings(conversation: Conversation, _argument: str) -> Reply:
    """Give a link to the chat's settings, to nobody but who asked for it."""
    asker, settings = conversation.asker, conversation.context.settings
    if asker.private_address is None:
        return _refuse(conversation)
    user = conversation.register()
    lifetime = settings.session_lifetime
    token, _ = new_session(conversation.store, user.id, conversation.now, lifetime)
    url = settings.make_session_url(asker.im, token)
    text = conversation.say(
        "settings_link",
        chat=(asker.is_group and user.name) or conversation.say("this_chat"),
        minutes=max(int(lifetime.total_seconds() // 60), 1),
    )
    link = Button(conversation.say("settings_button"), url=url)
    # Where it was asked for, so that a link which is over is renewed by one tap.
    again = Button(conversation.say("settings_again_button"), "/settings")
    if not asker.is_group:
        return Reply(text, (link, again))
    return Reply(
        text,
        (link,),
        is_private=True,
        beside=Reply(conversation.say("settings_sent"), (again,)),
        otherwise=_refuse(conversation),
    )


def _refuse(conversation: Conversation) -> Reply:
    start_url = conversation.asker.start_url
    label = conversation.say("open_chat_button")
    buttons = (Button(label, url=start_url),) if start_url else ()
    return Reply(conversation.say("settings_impossible"), buttons)
