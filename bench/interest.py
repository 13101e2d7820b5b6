"""How long it takes to find out who wants to hear of an Event, and how much memory.

For more and more Users, of whom each follows some of 32 Entities, some of them a whole agency, for
9 kinds; one in ten has rules. What counts is the time for each User who is found: it must not grow
with those who are not. Beside it, in the same run, the same from all Users, one by one.

Run it as ``python -m bench.interest``.
"""

import random
import statistics
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from uuid import UUID

import click
from pymongo import InsertOne

from bench.stage import open_stage, say
from stargazer.interest import Subject, find_obstacle, list_interested
from stargazer.kinds import KINDS
from stargazer.models import Entity, Event, EventFilter, Group, Meta, Name, Rule, User
from stargazer.store import Store
from stargazer.store.documents import insert_new, to_document
from stargazer.store.subscriptions import make_rows

ENTITIES, GROUPS = 32, 4
SOME_KINDS = tuple(KINDS)[:9]
RULES = (Rule(none_of=("spoiler", "/giveaway|抽選/")), Rule(languages=frozenset({"ja", "en"})))
_AT_ONCE = 2000


@click.command()
@click.option("--users", multiple=True, type=int, default=(1600, 10_000, 100_000))
@click.option("--rounds", default=24, show_default=True, help="Events for each number of users.")
def main(users: Sequence[int], rounds: int) -> None:
    """Look up who is interested, for more and more users."""
    say(f"{'users':>8}{'found':>8}{'ms':>9}{'us each':>9}{'all, ms':>9}{'peak, KiB':>11}")
    each = []
    for count in users:
        with open_stage() as stage:
            each.append(_measure(stage.context.store, count, rounds))
    say(f"time for each found, most users against fewest: {each[-1] / each[0]:.2f} (wanted: flat)")


def _measure(store: Store, count: int, rounds: int) -> float:
    dice = random.Random(count)
    entities = _make_entities(store)
    list(store.create_indexes())
    for start in range(0, count, _AT_ONCE):
        _add_users(store, entities, min(_AT_ONCE, count - start), dice)
    spans, found = [], []
    for _ in range(rounds):
        event = _make_event(dice.choice(entities).id, dice.choice(SOME_KINDS))
        start = time.perf_counter()
        found.append(sum(1 for _ in _list_told(store, event)))
        spans.append(time.perf_counter() - start)
    start = time.perf_counter()
    naive = sum(1 for _ in _list_told_naively(store, event))
    took_naively = time.perf_counter() - start
    if naive != found[-1]:
        raise click.ClickException(f"{found[-1]} found, but {naive} want it")
    tracemalloc.start()
    found_again = sum(1 for _ in _list_told(store, event))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if found_again != naive:
        raise click.ClickException("not the same twice")
    each = statistics.median(span / max(told, 1) for span, told in zip(spans, found, strict=True))
    took = statistics.median(spans)
    say(
        f"{count:>8,}{statistics.median(found):>8,.0f}{1000 * took:>9.1f}{1e6 * each:>9.1f}"
        f"{1000 * took_naively:>9.0f}{peak / 1024:>11,.0f}"
    )
    return each


def _list_told(store: Store, event: Event) -> Iterator[UUID]:
    subject = Subject(event)
    for user, _, rules in list_interested(store, event.entity, event.kind):
        if not rules or find_obstacle(rules, subject) is None:
            yield user


def _list_told_naively(store: Store, event: Event) -> Iterator[UUID]:
    """Ask every User, as one would without the rows that fan-out reads."""
    subject = Subject(event)
    entity = store.entities.find(event.entity)
    group = entity.meta.group if entity else None
    for user in store.users.list_all():
        wish = user.event_filter
        wants = event.kind in wish.get_kinds(event.entity, group)
        if wants and find_obstacle(wish.rules, subject) is None:
            yield user.id


def _make_entities(store: Store) -> list[Entity]:
    groups = [Group(name=_name(f"Agency {number}")) for number in range(GROUPS)]
    for group in groups:
        store.groups.save(group)
    entities = [
        Entity(meta=Meta(name=_name(f"Star {number}"), group=groups[number % GROUPS].id))
        for number in range(ENTITIES)
    ]
    for entity in entities:
        store.entities.save(entity)
    return entities


def _add_users(store: Store, entities: Sequence[Entity], count: int, dice: random.Random) -> None:
    users = []
    for _ in range(count):
        kinds = frozenset(dice.sample(SOME_KINDS, 3))
        wish = EventFilter(kinds=kinds, rules=RULES if dice.random() < 0.1 else ())
        if dice.random() < 0.05:
            groups = frozenset({dice.choice(entities).meta.group})
            wish = wish.model_copy(update={"groups": groups})
        else:
            some = frozenset(entity.id for entity in dice.sample(entities, 4))
            wish = wish.model_copy(update={"entities": some})
        users.append(User(im="web", im_payload=str(dice.random()), event_filter=wish))
    insert_new(store.users.collection, [to_document(user) for user in users])
    rows = [row for user in users for row in make_rows(user)]
    store.subscriptions.collection.bulk_write(list(map(InsertOne, rows)), ordered=False)


def _make_event(entity: UUID, kind: str) -> Event:
    fields = {"title": "【歌枠】星の歌をうたう夜", "text": "It begins in a minute."}
    return Event(kind=kind, entity=entity, fields=fields)


def _name(name: str) -> Name:
    return Name(name={"en": name}, default_language="en")


if __name__ == "__main__":
    main()
