"""The commands by which a chat says of whom it wants to hear."""

from collections.abc import Sequence

from stargazer.choosing import MOST_ENTITIES, save_choices
from stargazer.commands.conversation import Conversation
from stargazer.commands.talk import Button, Reply
from stargazer.commands.targets import Target, find_meant, list_targets
from stargazer.commands.wishes import add, is_followed, remove
from stargazer.kinds import KINDS
from stargazer.models import EventFilter

#: So many are offered at once.
_MOST_CHOICES = 8
_PAGE = 20
_LONGEST_QUERY = 100


def follow(conversation: Conversation, argument: str) -> Reply:
    """Let the chat hear of somebody; it is registered if it is not."""
    if not argument:
        return Reply(conversation.say("follow_how"))
    targets = list_targets(conversation.store)
    meant = find_meant(argument, targets)
    if not meant:
        return Reply(conversation.say("found_nobody", query=argument[:_LONGEST_QUERY]))
    if len(meant) > 1:
        return _offer(conversation, "follow", meant)
    [target] = meant
    user = conversation.register()
    name = target.call(conversation.language)
    undo = (_make_unfollow_button(conversation, target),)
    wish = user.event_filter
    if is_followed(wish, target) and (target.is_group or wish.get_kinds(target.id, target.group)):
        return Reply(conversation.say("followed_already", name=name), undo)
    if len(wish.entities) >= MOST_ENTITIES and not target.is_group:
        return Reply(conversation.say("followed_too_many", count=len(wish.entities)))
    wish = add(wish, target, targets)
    save_choices(conversation.store, user, wish, user.settings, conversation.now)
    kinds = _name_kinds(conversation, wish, target)
    return Reply(conversation.say("followed", name=name, kinds=kinds), undo)


def unfollow(conversation: Conversation, argument: str) -> Reply:
    """Let the chat hear no more of somebody."""
    user = conversation.user
    if user is None:
        return Reply(conversation.say("not_registered"))
    list_button = (Button(conversation.say("list_button"), "/list"),)
    if not argument:
        return Reply(conversation.say("unfollow_how"), list_button)
    targets = list_targets(conversation.store)
    wish = user.event_filter
    meant = find_meant(argument, [each for each in targets if is_followed(wish, each)])
    if not meant:
        return _tell_not_followed(conversation, argument, targets)
    if len(meant) > 1:
        return _offer(conversation, "unfollow", meant)
    [target] = meant
    wish = remove(wish, target, targets)
    save_choices(conversation.store, user, wish, user.settings, conversation.now)
    return Reply(
        conversation.say("unfollowed", name=target.call(conversation.language)), list_button
    )


def list_followed(conversation: Conversation, argument: str) -> Reply:
    """Tell whom the chat follows, a page at a time."""
    user = conversation.user
    language = conversation.language
    wish = user.event_filter if user else EventFilter()
    # Whoever is followed with their agency is not named again.
    chosen = wish.entities | wish.groups
    followed = [each for each in list_targets(conversation.store) if each.id in chosen]
    if not followed:
        return Reply(conversation.say("list_empty"))
    followed.sort(
        key=lambda target: (not target.is_group, target.label(language).casefold(), target.id)
    )
    pages = -(-len(followed) // _PAGE)
    page = min(max(int(argument), 1), pages) if argument.isdecimal() and argument.isascii() else 1
    shown = followed[(page - 1) * _PAGE : page * _PAGE]
    lines = [conversation.say("list_head", count=len(followed)), *_list_labels(shown, language)]
    buttons = [_make_unfollow_button(conversation, target) for target in shown]
    if page < pages:
        lines.append(conversation.say("list_more", page=page, pages=pages, next=page + 1))
        buttons.append(Button(conversation.say("list_more_button"), f"/list {page + 1}"))
    elif pages > 1:
        lines.append(conversation.say("list_last", page=page, pages=pages))
    return Reply("\n".join(lines), buttons)


def _offer(conversation: Conversation, command: str, meant: Sequence[Target]) -> Reply:
    language = conversation.language
    shown = meant[:_MOST_CHOICES]
    lines = [conversation.say(f"{command}_which"), *_list_labels(shown, language)]
    if len(meant) > len(shown):
        lines.append(conversation.say("more", count=len(meant) - len(shown)))
    buttons = [Button(target.label(language), f"/{command} {target.id}") for target in shown]
    return Reply("\n".join(lines), buttons)


def _tell_not_followed(conversation: Conversation, query: str, targets: Sequence[Target]) -> Reply:
    """Name them, where it is clear who was meant; as after a button that is pressed twice."""
    known = find_meant(query, targets)
    if len(known) == 1:
        name = known[0].call(conversation.language)
        return Reply(conversation.say("not_followed", name=name))
    return Reply(conversation.say("not_followed_query", query=query[:_LONGEST_QUERY]))


def _name_kinds(conversation: Conversation, wish: EventFilter, target: Target) -> str:
    """Name the kinds that are told, of those that the target's accounts can bring."""
    wanted = wish.kinds if target.is_group else wish.get_kinds(target.id, target.group)
    platforms = {task.kind for task in conversation.store.tasks.list_by_ids([*target.accounts])}
    told = [name for name in KINDS if name in wanted and name.partition("/")[0] in platforms]
    told = told or [name for name in KINDS if name in wanted]
    titles = [KINDS[name].titles[conversation.language] for name in told]
    return conversation.say("separator").join(dict.fromkeys(titles))


def _make_unfollow_button(conversation: Conversation, target: Target) -> Button:
    name = target.call(conversation.language)
    return Button(conversation.say("unfollow_button", name=name), f"/unfollow {target.id}")


def _list_labels(targets: Sequence[Target], language: str) -> list[str]:
    return [f"· {target.label(language)}" for target in targets]
