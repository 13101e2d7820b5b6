"""NBESF, in which nonebot-bison writes down who has subscribed to what: its versions 1 to 3.

All three have a list of chats, each with what it subscribes to: an account on a platform, the
numbers of the categories of posts that are wanted (none: all), and tags (those with ``~`` before
them are not wanted). In version 1 a chat is a number on QQ, later it is whatever the library
``nonebot-plugin-saa`` calls a target; version 3 adds cookies.

Source: https://github.com/MountainDash/nonebot-bison, ``nonebot_bison/config/subs_io``
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID

from stargazer import registration
from stargazer.addresses import telegram
from stargazer.interest import LONGEST_WORD, MOST_RULES, MOST_WORDS, check_word
from stargazer.kinds import USUAL_KINDS
from stargazer.models import EventFilter, Meta, Rule, Task, User
from stargazer.moving.checking import find_problems, find_task_problem
from stargazer.moving.contents import (
    Contents,
    MovedEntity,
    MovedTask,
    Remark,
    make_name,
    name_thing,
)
from stargazer.moving.nbesf_file import Subscription, Target, parse
from stargazer.moving.opml import find_account
from stargazer.platforms.registry import Account

_POSTS = frozenset({"bilibili/new_dynamic", "bilibili/new_video", "bilibili/forward_dynamic"})
_STARTS = frozenset({"bililive/live_start"})


class _Platform(NamedTuple):
    """What we have of one of its platforms.

    :ivar categories: kinds of Events, by the number of a category.
    :ivar has_tags: whether it tells posts apart by tags there.
    :ivar alike: categories that are one kind here.
    """

    categories: Mapping[int, frozenset[str]]
    has_tags: bool = False
    alike: frozenset[int] = frozenset()


_PLATFORMS: Mapping[str, _Platform] = {
    "bilibili": _Platform(
        categories={
            1: frozenset({"bilibili/new_dynamic"}),
            2: frozenset({"bilibili/new_dynamic"}),
            3: frozenset({"bilibili/new_video"}),
            4: frozenset({"bilibili/new_dynamic"}),
            5: frozenset({"bilibili/forward_dynamic"}),
            6: _STARTS,
        },
        has_tags=True,
        alike=frozenset({1, 2, 4}),
    ),
    "bilibili-live": _Platform(
        categories={
            1: _STARTS,
            2: frozenset({"bililive/live_title"}),
            3: frozenset({"bililive/live_end"}),
        }
    ),
    "rss": _Platform(categories={0: frozenset({"feed/new_entry"})}),
}


def recognise(head: bytes) -> bool:
    """Tell whether a file that begins so may be one of these."""
    return head.lstrip().startswith(b"{") and b'"groups"' in head and b'"version"' in head


def read(stream: BinaryIO, now: datetime) -> Contents:
    """Read a file.

    :raises FileError: when it is none, or of a version that nobody knows; with the paths of all
        that is wrong.
    """
    packs, has_cookies = parse(stream.read())
    reading = _Reading(now)
    for position, (target, subscriptions) in enumerate(packs):
        reading.add(f"groups.{position}", target, subscriptions)
    if has_cookies:
        reading.remark("cookies", "cookies are settings here; see STARGAZER_BILIBILI_COOKIE")
    return reading.finish()


def _find_address(target: Mapping[str, Any]) -> tuple[str, str]:
    """Give the chat app and the address of a target.

    :raises ValueError: says why there is none here.
    """
    match target:
        case {"platform_type": "QQ Group", "group_id": number}:
            return "qq", f"group:{number}"
        case {"platform_type": "QQ Private", "user_id": number}:
            return "qq", f"private:{number}"
        case {"platform_type": "Telegram Common", "chat_id": chat}:
            return "telegram", str(chat)
        case {"platform_type": "Telegram Forum", "chat_id": chat, "message_thread_id": int(topic)}:
            return "telegram", telegram.join(str(chat), topic)
        case {"platform_type": "Discord Channel", "channel_id": channel}:
            raise ValueError(
                f"Discord is written to by webhooks: make one in channel {channel}, and add it"
            )
    raise ValueError(f"nothing is sent to {str(target.get('platform_type'))[:100]!r} here")


class _Wish:
    """What a chat wants to hear."""

    def __init__(self) -> None:
        self.kinds: dict[UUID, frozenset[str]] = {}
        self.rules: dict[Rule, frozenset[UUID]] = {}

    def add(self, entity: UUID, kinds: frozenset[str], rule: Rule | None) -> None:
        self.kinds[entity] = self.kinds.get(entity, frozenset()) | kinds
        if rule is not None:
            self.rules[rule] = self.rules.get(rule, frozenset()) | {entity}

    def make_filter(self) -> EventFilter:
        own = {each: kinds for each, kinds in self.kinds.items() if kinds != USUAL_KINDS}
        rules = [rule.model_copy(update={"entities": about}) for rule, about in self.rules.items()]
        return EventFilter(
            entities=frozenset(self.kinds),
            kinds=USUAL_KINDS,
            kinds_by_entity=own,
            rules=tuple(rules[:MOST_RULES]),
        )


class _Reading:
    """What was read until now."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._entities: dict[UUID, MovedEntity] = {}
        self._wishes: dict[tuple[str, str], _Wish] = {}
        self._remarks: dict[tuple[str, str], Remark] = {}

    def remark(self, place: str, reason: str, *, is_lost: bool = True) -> None:
        """Note what cannot be taken over as it is."""
        made = Remark(place=place, reason=reason, is_lost=is_lost)
        self._remarks.setdefault((place, reason), made)

    def add(
        self, place: str, target: Mapping[str, Any], subscriptions: Sequence[Subscription]
    ) -> None:
        """Read what a chat subscribes to."""
        try:
            im, address = _find_address(target)
        except ValueError as exc:
            self.remark(place, f"{exc}; its {len(subscriptions)} subscriptions are left out")
            return
        if problems := list(find_problems(User(im=im, im_payload=address))):
            self.remark(place, "; ".join(problems))
            return
        wish = self._wishes.setdefault((im, address), _Wish())
        for position, each in enumerate(subscriptions):
            self._add_subscription(f"{place}.subs.{position}", wish, each)
        if len(wish.rules) > MOST_RULES:
            self.remark(place, f"only {MOST_RULES} sets of tags are taken over", is_lost=False)

    def finish(self) -> Contents:
        """Give all of it."""
        users = (
            User(
                id=registration.name_user(im, address),
                im=im,
                im_payload=address,
                event_filter=wish.make_filter(),
                created_at=self._now,
            )
            for (im, address), wish in self._wishes.items()
            if wish.kinds
        )
        return Contents(
            entities=tuple(self._entities.values()),
            users=tuple(users),
            remarks=tuple(self._remarks.values()),
            is_foreign=True,
        )

    def _add_subscription(self, place: str, wish: _Wish, each: Subscription) -> None:
        target = each.target
        place = f"{place} ({target.platform_name}, {target.target_name})"
        platform = _PLATFORMS.get(target.platform_name)
        if platform is None:
            self.remark(place, f"nobody here watches {target.platform_name}")
            return
        kinds = self._read_categories(place, platform, each.categories)
        accounts = list(_list_accounts(target, kinds))
        if not kinds or not accounts:
            if not accounts:
                self.remark(place, f"{target.target!r} names no account there")
            return
        entity = self._add_entity(target, accounts)
        rule = self._read_tags(place, platform, each.tags)
        wish.add(entity, kinds | _name_kinds(accounts, kinds), rule)

    def _read_categories(
        self, place: str, platform: _Platform, categories: Sequence[int]
    ) -> frozenset[str]:
        known = platform.categories
        if not categories or known.keys() == {0}:
            return frozenset().union(*known.values())
        for number in sorted(set(categories) - known.keys()):
            self.remark(place, f"there is no category {number} here")
        chosen = set(categories) & known.keys()
        if chosen & platform.alike and not platform.alike <= chosen:
            reason = "pictures, articles and plain text are one kind here: all of them are told"
            self.remark(place, reason, is_lost=False)
        return frozenset().union(*(known[number] for number in chosen))

    def _read_tags(self, place: str, platform: _Platform, tags: Sequence[str]) -> Rule | None:
        if not tags or not platform.has_tags:
            return None
        words = {tag for tag in tags if _is_word(tag.lstrip("~"))}
        wanted = tuple(sorted(word for word in words if not word.startswith("~")))
        banned = tuple(sorted(word.lstrip("~") for word in words if word.startswith("~")))
        is_whole = words == set(tags) and max(len(wanted), len(banned)) <= MOST_WORDS
        if not is_whole:
            self.remark(place, "its tags cannot all be looked for, so none of them is")
            return None
        self.remark(place, "its tags are looked for as words in the text", is_lost=False)
        return Rule(kinds=_POSTS, any_of=wanted, none_of=banned)

    def _add_entity(self, target: Target, accounts: Sequence[Account]) -> UUID:
        family = "feed" if target.platform_name == "rss" else "bilibili"
        key = name_thing(family, *accounts[0].params.values())
        name = target.target_name.strip() or target.target
        entity = self._entities.get(key) or MovedEntity(id=key, meta=Meta(name=make_name(name)))
        present = {(moved.task.kind, *moved.task.params.values()) for moved in entity.tasks}
        tasks = [
            MovedTask(
                task=Task(
                    id=name_thing(str(key), account.kind, *account.params.values()),
                    entity=key,
                    kind=account.kind,
                    params=account.params,
                    created_at=self._now,
                )
            )
            for account in accounts
            if (account.kind, *account.params.values()) not in present
        ]
        self._entities[key] = entity.model_copy(update={"tasks": (*entity.tasks, *tasks)})
        return key


def _list_accounts(target: Target, kinds: frozenset[str]) -> Iterator[Account]:
    """Give the accounts by which what is wanted is heard."""
    if target.platform_name == "rss":
        account = find_account(target.target)
        if account is not None:
            yield account
        return
    for kind in ("bilibili", "bililive"):
        account = Account(kind, {"uid": target.target.strip()})
        task = Task(entity=UUID(int=0), kind=kind, params=account.params)
        wanted = any(each.startswith(f"{kind}/") for each in kinds)
        if wanted and find_task_problem(task) is None:
            yield account


def _name_kinds(accounts: Sequence[Account], kinds: frozenset[str]) -> frozenset[str]:
    """Give what else is told of accounts that are watched better than by a feed."""
    if kinds == {"feed/new_entry"} and accounts[0].kind == "youtube":
        return frozenset(kind for kind in USUAL_KINDS if kind.startswith("youtube/"))
    return frozenset()


def _is_word(word: str) -> bool:
    try:
        check_word(word)
    except ValueError:
        return False
    return len(word) <= LONGEST_WORD
