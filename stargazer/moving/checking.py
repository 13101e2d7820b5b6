"""Whether what a file says of a thing can be so, by the rules of the RPC. All pure."""

from collections.abc import Iterator
from functools import cache
from zoneinfo import available_timezones

from pydantic import SecretStr, ValidationError

from stargazer import addresses
from stargazer.choosing import MOST_ENTITIES
from stargazer.interest import LONGEST_WORD, MOST_RULES, MOST_WORDS, check_word
from stargazer.keyring import Keyring
from stargazer.kinds import KINDS
from stargazer.mentions import check_mention
from stargazer.models import EventFilter, Rule, Task, User, UserSettings
from stargazer.platforms.registry import PLATFORMS

_list_timezones = cache(available_timezones)
#: None is needed for what is no secret.
_NO_KEYS = Keyring(SecretStr(""))


def find_problems(user: User) -> Iterator[str]:
    """Say what is wrong with a User, each with its path."""
    if user.im not in addresses.CHAT_APPS:
        yield f"`im`: there is no {user.im!r}, only {', '.join(addresses.CHAT_APPS)}"
        return
    if addresses.is_secret(user.im) and user.sealed is None:
        yield f"`sealed`: an address of {user.im} is a secret, and has to be here, encrypted"
    if not addresses.is_secret(user.im):
        try:
            addresses.seal(_NO_KEYS, user.im, user.im_payload)
        except ValueError as exc:
            yield f"`im_payload`: {exc}"
    yield from _find_in_settings(user.im, user.settings)
    yield from _find_in_filter(user.event_filter)


def find_task_problem(task: Task) -> str | None:
    """Say why nobody can watch this account; None: it can be watched, or nobody here knows."""
    platform = PLATFORMS.get(task.kind)
    if platform is None:
        return None
    try:
        platform.params.model_validate(task.params)
    except ValidationError as exc:
        return f"`params.{platform.field}`: {exc.errors()[0]['msg']}"
    return None


def _find_in_settings(im: str, settings: UserSettings) -> Iterator[str]:
    if settings.timezone not in _list_timezones():
        yield f"`settings.timezone`: there is no time zone {settings.timezone!r}"
    try:
        check_mention(im, settings.mention)
    except ValueError as exc:
        yield f"`settings.mention`: {exc}"


def _find_in_filter(wish: EventFilter) -> Iterator[str]:
    if len(wish.entities) > MOST_ENTITIES:
        yield f"`event_filter.entities`: more than {MOST_ENTITIES}"
    if len(wish.rules) > MOST_RULES:
        yield f"`event_filter.rules`: more than {MOST_RULES}"
    for position, rule in enumerate(wish.rules):
        yield from _find_in_rule(f"event_filter.rules.{position}", rule)


def _find_in_rule(path: str, rule: Rule) -> Iterator[str]:
    for name, words in (("any_of", rule.any_of), ("none_of", rule.none_of)):
        if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
            yield f"`{path}.{name}`: too many words, or one of them is too long"
            continue
        for word in words:
            try:
                check_word(word)
            except ValueError as exc:
                yield f"`{path}.{name}`: {exc}"


def leave_unknown(user: User) -> tuple[User, frozenset[str]]:
    """Give a User without the kinds of Events that there are not here, and these kinds."""
    wish, settings, known = user.event_filter, user.settings, frozenset(KINDS)
    rules = tuple(
        rule.model_copy(update={"kinds": rule.kinds & known})
        for rule in wish.rules
        # One that was for these alone is for nothing then, and not for everything.
        if not rule.kinds or rule.kinds & known
    )
    own = {entity: kinds & known for entity, kinds in wish.kinds_by_entity.items()}
    kinds = {"kinds": wish.kinds & known, "kinds_by_entity": own, "rules": rules}
    silent = settings.silent_kinds
    told = {
        "waking_kinds": settings.waking_kinds & known,
        "silent_kinds": None if silent is None else silent & known,
    }
    named = (wish.kinds, *wish.kinds_by_entity.values(), *(rule.kinds for rule in wish.rules))
    unknown = frozenset().union(*named, settings.waking_kinds, silent or ()) - known
    if not unknown:
        return user, unknown
    changes = {
        "event_filter": wish.model_copy(update=kinds),
        "settings": settings.model_copy(update=told),
    }
    return user.model_copy(update=changes), unknown
