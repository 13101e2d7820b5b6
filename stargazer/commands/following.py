"""The commands by which a chat says of whom it wants to hear."""

from collections.abc import Sequence

from stargazer.choosing import MOST_ENTITIES, save_choices
from stargazer.commands.conversation import Conversation
from stargazer.commands.talk import Button, Reply
from stargazer.commands.targets import Target, find_meant, list_by_ids, list_targets
from stargazer.kinds import KINDS, USUAL_KINDS
from stargazer.models import EventFilter, User

#: So many are offered at once.
_MOST_CHOICES = 8
_PAGE = 20
_LONGEST_QUERY = 100


def follow(conversation: Conversation, argument: str) -> Reply:
    """Let the chat hear of somebody; it is registered if it is not."""
    if not argument:
        return Reply(conversation.say("follow_how"))
    meant = find_meant(argument, list_targets(conversation.store))
    if not meant:
        return Reply(conversation.say("found_nobody", query=argument[:_LONGEST_QUERY]))
    if len(meant) > 1:
        return _offer(conversation, "follow", meant)
    [target] = meant
    user = conversation.register()
    name = target.name.get_in(conversation.language)
    undo = (_make_unfollow_button(conversation, target),)
    wish = user.event_filter
    if target.id in wish.entities and wish.get_kinds(target.id):
        return Reply(conversation.say("followed_already", name=name), undo)
    if len(wish.entities | {target.id}) > MOST_ENTITIES:
        return Reply(conversation.say("followed_too_many", count=len(wish.entities)))
    wish = wish.model_copy(
        update={
            "entities": wish.entities | {target.id},
            "kinds": wish.kinds or USUAL_KINDS,
            "kinds_by_entity": {
                entity: kinds
                for entity, kinds in wish.kinds_by_entity.items()
                # Whoever follows somebody anew wants to hear something of them.
                if kinds or entity != target.id
            },
        }
    )
    user = save_choices(conversation.store, user, wish, user.settings)
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
    meant = find_meant(argument, _list_followed(conversation, user))
    if not meant:
        return _tell_not_followed(conversation, argument)
    if len(meant) > 1:
        return _offer(conversation, "unfollow", meant)
    [target] = meant
    wish = user.event_filter.without(target.id)
    save_choices(conversation.store, user, wish, user.settings)
    name = target.name.get_in(conversation.language)
    return Reply(conversation.say("unfollowed", name=name), list_button)


def list_followed(conversation: Conversation, argument: str) -> Reply:
    """Tell whom the chat follows, a page at a time."""
    user = conversation.user
    language = conversation.language
    followed = _list_followed(conversation, user) if user else []
    if not followed:
        return Reply(conversation.say("list_empty"))
    followed.sort(key=lambda target: (target.label(language).casefold(), target.id))
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


def _list_followed(conversation: Conversation, user: User) -> list[Target]:
    return list_by_ids(conversation.store, user.event_filter.entities)


def _offer(conversation: Conversation, command: str, meant: Sequence[Target]) -> Reply:
    language = conversation.language
    shown = meant[:_MOST_CHOICES]
    lines = [conversation.say(f"{command}_which"), *_list_labels(shown, language)]
    if len(meant) > len(shown):
        lines.append(conversation.say("more", count=len(meant) - len(shown)))
    buttons = [Button(target.label(language), f"/{command} {target.id}") for target in shown]
    return Reply("\n".join(lines), buttons)


def _tell_not_followed(conversation: Conversation, query: str) -> Reply:
    """Name them, where it is clear who was meant; as after a button that is pressed twice."""
    known = find_meant(query, list_targets(conversation.store))
    if len(known) == 1:
        name = known[0].name.get_in(conversation.language)
        return Reply(conversation.say("not_followed", name=name))
    return Reply(conversation.say("not_followed_query", query=query[:_LONGEST_QUERY]))


def _name_kinds(conversation: Conversation, wish: EventFilter, target: Target) -> str:
    """Name the kinds that are told, of those that the target's accounts can bring."""
    platforms = {task.kind for task in conversation.store.tasks.list_by_ids([*target.accounts])}
    wanted = wish.get_kinds(target.id)
    told = [name for name in KINDS if name in wanted and name.partition("/")[0] in platforms]
    titles = [KINDS[name].titles[conversation.language] for name in told or KINDS if name in wanted]
    separator = conversation.say("separator")
    return separator.join(dict.fromkeys(titles))


def _make_unfollow_button(conversation: Conversation, target: Target) -> Button:
    name = target.name.get_in(conversation.language)
    return Button(conversation.say("unfollow_button", name=name), f"/unfollow {target.id}")


def _list_labels(targets: Sequence[Target], language: str) -> list[str]:
    return [f"· {target.label(language)}" for target in targets]
