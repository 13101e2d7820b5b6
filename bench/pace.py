"""Telegram's pace: how near to its limits two delivery processes send without breaking one.

The simulator has the documented limits (30 a second for the bot, 1 a second for a chat, 20 a
minute for a group) and counts what breaks them. There is more to send than they let through:
texts and photos to private chats, and albums, each of whose pictures counts, to groups.

Run it as ``python -m bench.pace``. It exits with 1 only when a chat did not get exactly one
message; limits that were broken, as on a machine that is late, are counted.
"""

import shlex
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

import click
from pydantic import SecretStr

from bench.stage import Stage, find_free_port, open_stage, read_procfile, run_module, say, wait_for
from stargazer import bus
from stargazer.app import app
from stargazer.models import Entity, EventFilter, Meta, Name, SourceEvent, Task, User
from stargazer.simulator.bots import DEFAULT_TOKEN
from stargazer.simulator.client import Simulator
from stargazer.store.documents import insert_new, to_document

KIND = "twitter/new_tweet"
BOT_RATE = 30
WANTED = 0.95
ALBUM = 3
PROCESSES = 2
_PICTURES = tuple(f"https://127.0.0.1/{number}.jpg" for number in range(ALBUM))


class Audience(NamedTuple):
    """Chats that are told of one thing.

    :ivar pictures: how many it has, each of which counts where there are several.
    """

    name: str
    entity: Entity
    users: Sequence[User]
    pictures: int

    @property
    def items(self) -> int:
        """What Telegram counts."""
        return len(self.users) * max(self.pictures, 1)


class Flow(NamedTuple):
    """What arrived.

    :ivar rate: items a second, after those that may come at once.
    :ivar wrong: chats that did not get exactly one message.
    """

    items: int
    rate: float
    wrong: int
    breaks: dict[str, int]


def gather(stage: Stage, seconds: float) -> list[Audience]:
    """Make as many chats as can be told in so long: a third each of texts, photos and albums."""
    third = int(seconds * BOT_RATE / 3)
    return [
        _make_audience(stage, "texts", 100_000, third, 0),
        _make_audience(stage, "photos", 200_000, third, 1),
        _make_audience(stage, "albums", -100_300_000, third // ALBUM, ALBUM),
    ]


def tell(stage: Stage, audiences: Sequence[Audience]) -> None:
    """Publish one Event to each audience."""
    now = datetime.now(UTC)
    events = []
    for each in audiences:
        task = Task(entity=each.entity.id, kind="twitter", params={"id": "1"})
        fields = {"text": "歌枠", "url": f"https://x.test/{uuid4().hex}", "published_at": str(now)}
        if each.pictures:
            fields["pictures"] = list(_PICTURES[: each.pictures])
        events.append(SourceEvent.from_source(task, uuid4().hex, KIND, now, fields))
    bus.emit(app, stage.context.store, events, now)


def measure(simulator: Simulator, audiences: Sequence[Audience], within: float) -> Flow:
    """Wait until all have arrived, and say how fast they came."""
    wanted = sum(each.items for each in audiences)
    wait_for(
        f"{wanted} messages", lambda: simulator.counters()["delivered"] >= wanted, limit=within
    )
    taken = [entry for entry in simulator.journal(target="telegram") if entry["delivered"]]
    times = sorted(
        at
        for entry in taken
        for at in [entry["at"]] * len(entry.get("message_ids", [entry["message_id"]]))
    )
    chats = Counter(str(entry["chat_id"]) for entry in taken)
    users = [user for each in audiences for user in each.users]
    wrong = sum(chats[user.im_payload] != 1 for user in users) + len(chats) - len(users)
    # What may come at once is no pace.
    rate = (len(times) - BOT_RATE) / (times[-1] - times[0])
    return Flow(len(times), rate, wrong, simulator.counters()["limit_breaks"])


@click.command()
@click.option("--seconds", default=60.0, show_default=True, help="For how long there is to send.")
def main(seconds: float) -> None:
    """Send as fast as Telegram allows, by two processes."""
    port = find_free_port()
    with open_stage(
        simulator_port=port,
        telegram_api_url=f"http://127.0.0.1:{port}/telegram",
        telegram_token=SecretStr(DEFAULT_TOKEN),
    ) as stage:
        stage.start("simulator", run_module("stargazer.cli", "simulate"))
        simulator = Simulator(f"http://127.0.0.1:{port}")
        stage.stack.callback(simulator.close)
        simulator.wait_until_ready(30.0)
        commands = read_procfile()
        stage.start_worker("pipeline", commands["pipeline"])
        for number in range(1, PROCESSES + 1):
            stage.start_worker(f"delivery{number}", _rename(commands["delivery"], number))
        audiences = gather(stage, seconds)
        for each in audiences:
            say(f"{each.name}: {len(each.users)} chats, {each.items} items")
        tell(stage, audiences)
        flow = measure(simulator, audiences, 3 * seconds + 60)
    share = flow.rate / BOT_RATE
    say(
        f"{flow.items} items, {flow.rate:.1f}/s: {share:.1%} of {BOT_RATE}/s (wanted: {WANTED:.0%})"
    )
    say(f"limits broken: {flow.breaks or 'none'} (wanted: none)")
    if flow.wrong:
        raise click.ClickException(f"{flow.wrong} chats did not get exactly one message")
    say("Each chat got exactly one message.")


def _make_audience(stage: Stage, name: str, first: int, chats: int, pictures: int) -> Audience:
    store = stage.context.store
    entity = Entity(meta=Meta(name=Name(name={"ja": "星空アオイ"}, default_language="ja")))
    store.entities.save(entity)
    wish = EventFilter(entities=frozenset({entity.id}), kinds=frozenset({KIND}))
    step = 1 if first > 0 else -1
    users = [
        User(im="telegram", im_payload=str(first + step * number), event_filter=wish)
        for number in range(chats)
    ]
    insert_new(store.users.collection, [to_document(user) for user in users])
    for user in users:
        store.subscriptions.save_filter(user)
    return Audience(name, entity, users, pictures)


def _rename(command: str, number: int) -> str:
    words = shlex.split(command)
    place = words.index("--hostname") + 1
    words[place] = f"delivery{number}@%h"
    return shlex.join(words)


if __name__ == "__main__":
    main()
