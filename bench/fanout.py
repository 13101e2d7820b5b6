"""One Event to 2,000 chats: what one delivery process sends in a second.

Beside it, in the same run and to the same server, what a bare ``requests`` loop sends with as many
threads, and what one Celery task per message sends. Each way has its turn in every round.

Run it as ``python -m bench.fanout``. It exits with 1 only when a chat did not get exactly one.
"""

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import click
import requests
from pydantic import SecretStr

from bench import chatserver, naive
from bench.stage import Stage, find_free_port, open_stage, read_procfile, run_module, say, wait_for
from stargazer import bus
from stargazer.app import app
from stargazer.models import (
    DeliveryState,
    Entity,
    EventFilter,
    Meta,
    Name,
    SourceEvent,
    Task,
    User,
    UserSettings,
)
from stargazer.store.documents import insert_new, to_document

KIND = "youtube/live_start"
#: As wide as a limit can be that is still kept.
HIGH_RATE = 2000
WITHIN = 90.0
WANTED_OF_BARE, WANTED_OF_NAIVE = 0.6, 3.0
READERS = (("ja", "Asia/Tokyo"), ("en", "Europe/Berlin"), ("zh", "Asia/Shanghai"), ("en", "UTC"))


class Cast(NamedTuple):
    """Who is told of what."""

    task: Task
    users: Sequence[User]


class Turn(NamedTuple):
    """How one way did.

    :ivar rate: messages a second, from the order to send until the last one arrived.
    :ivar flow: the same from the first to the last arrival.
    :ivar wrong: chats that did not get exactly one.
    :ivar cpu: CPU seconds for each message, by process.
    """

    rate: float
    flow: float
    wrong: int
    cpu: dict[str, float]


class Race:
    """The three ways to tell everybody, one turn each at a time."""

    def __init__(self, stage: Stage, cast: Cast, port: int) -> None:
        self._stage = stage
        self._cast = cast
        self._port = port
        self._path = ""
        self._body: dict[str, Any] = {}
        self._cpu = stage.read_cpu()

    def run_ours(self) -> Turn:
        """Publish an Event and let the system do the rest."""
        now = datetime.now(UTC)
        video_id = uuid4().hex[:11]
        fields = {
            "video_id": video_id,
            "title": "【歌枠】星の歌をうたう夜 ☆ singing stream",
            "url": f"https://www.youtube.com/watch?v={video_id}",
            "picture": f"https://i.ytimg.com/vi/{video_id}/hqdefault.jpg",
            "started_at": now.isoformat(),
        }
        event = SourceEvent.from_source(self._cast.task, video_id, KIND, now, fields)
        start = time.time()
        bus.emit(app, self._stage.context.store, [event], now)
        turn = self._finish("the delivery process", start)
        self._check_ledger(event.id)
        return turn

    def run_bare(self) -> Turn:
        """Post the same JSON by bare sessions, one in each of as many threads."""
        addresses = iter([user.im_payload for user in self._cast.users])
        lock = threading.Lock()

        def take() -> Iterator[str]:
            while True:
                with lock:
                    address = next(addresses, None)
                if address is None:
                    return
                yield address

        def post() -> None:
            with requests.Session() as session:
                for address in take():
                    session.post(self._url, json={**self._body, "chat_id": address}, timeout=10)

        threads = [
            threading.Thread(target=post) for _ in range(self._stage.settings.delivery_threads)
        ]
        start = time.time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self._finish("the bare loop", start)

    def run_naive(self) -> Turn:
        """Publish one Celery task for each chat."""
        event = str(uuid4())
        start = time.time()
        for user in self._cast.users:
            naive.send.delay(event, str(user.id), self._url, self._body)
        return self._finish("the naive worker", start)

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self._port}{self._path}"

    def _finish(self, who: str, start: float) -> Turn:
        chats = len(self._cast.users)
        wait_for(
            f"{chats} messages of {who}", lambda: chatserver.count(self._port) >= chats, WITHIN
        )
        # What comes twice comes late.
        time.sleep(0.3)
        taken = chatserver.take(self._port)
        self._path, self._body = taken.example
        wrong = sum(taken.chats[user.im_payload] != 1 for user in self._cast.users)
        wrong += len(set(taken.chats) - {user.im_payload for user in self._cast.users})
        before, self._cpu = self._cpu, self._stage.read_cpu()
        cpu = {name: (used - before[name]) / chats for name, used in self._cpu.items()}
        return Turn(chats / (taken.last_at - start), chats / taken.span, wrong, cpu)

    def _check_ledger(self, event: UUID) -> None:
        def are_sent() -> bool:
            states = [
                each.state for each in self._stage.context.store.deliveries.list_of_event(event)
            ]
            return states.count(DeliveryState.SENT) == len(self._cast.users) == len(states)

        wait_for("the ledger to say that all were sent", are_sent)


@click.command()
@click.option("--chats", default=2000, help="How many chats are told.", show_default=True)
@click.option("--rounds", default=4, help="How many turns each way has.", show_default=True)
def main(chats: int, rounds: int) -> None:
    """Tell many chats of one Event in three ways, and compare."""
    port = find_free_port()
    with open_stage(
        telegram_api_url=f"http://127.0.0.1:{port}",
        telegram_token=SecretStr("1000:benchmark"),
        telegram_rate=HIGH_RATE,
        telegram_chat_rate=HIGH_RATE,
        telegram_group_rate=HIGH_RATE,
    ) as stage:
        threads = stage.settings.delivery_threads
        say(f"One Event to {chats} chats; {threads} threads send. Starting …")
        stage.start("chatserver", run_module("bench.chatserver", str(port)))
        wait_for("the chat server", lambda: chatserver.is_up(port))
        commands = read_procfile()
        for name in ("pipeline", "delivery"):
            stage.start_worker(name, commands[name])
        stage.start_worker("naive", " ".join(naive.make_command(threads)))
        race = Race(stage, _make_cast(stage, chats), port)
        say("Warming up …")
        race.run_ours(), race.run_bare(), race.run_naive()
        say(f"{'messages/s':<12}{'bare':>8}{'naive':>8}{'ours':>8}{'first to last':>15}")
        results = []
        for number in range(1, rounds + 1):
            turns = race.run_bare(), race.run_ours(), race.run_naive()
            results.append(turns)
            _print_row(f"round {number}", turns)
        _report(results)
        wrong = sum(turn.wrong for turns in results for turn in turns)
        if wrong:
            raise click.ClickException(f"{wrong} times a chat did not get exactly one message")
    say("Each chat got exactly one message of each turn.")


def _make_cast(stage: Stage, chats: int) -> Cast:
    store = stage.context.store
    entity = Entity(meta=Meta(name=Name(name={"ja": "星空アオイ"}, default_language="ja")))
    store.entities.save(entity)
    wish = EventFilter(entities=frozenset({entity.id}), kinds=frozenset({KIND}))
    users = []
    for number in range(chats):
        language, timezone = READERS[number % len(READERS)]
        reader = UserSettings(language=language, timezone=timezone)
        address = str(100_000 + number)
        users.append(User(im="telegram", im_payload=address, event_filter=wish, settings=reader))
    insert_new(store.users.collection, [to_document(user) for user in users])
    for user in users:
        store.subscriptions.save_filter(user)
    return Cast(Task(entity=entity.id, kind="youtube", params={}), users)


def _print_row(name: str, turns: Sequence[Turn]) -> None:
    bare, ours, slow = turns
    say(f"{name:<12}{bare.rate:>8.0f}{slow.rate:>8.0f}{ours.rate:>8.0f}{ours.flow:>15.0f}")


def _report(results: Sequence[Sequence[Turn]]) -> None:
    middle = [
        Turn(
            statistics.median(turn.rate for turn in turns),
            statistics.median(turn.flow for turn in turns),
            sum(turn.wrong for turn in turns),
            {name: statistics.median(turn.cpu[name] for turn in turns) for name in turns[0].cpu},
        )
        for turns in zip(*results, strict=True)
    ]
    _print_row("median", middle)
    say("CPU ms for each message:")
    for name, turn in zip(("bare", "ours", "naive"), middle, strict=True):
        used = {who: 1000 * seconds for who, seconds in turn.cpu.items() if seconds > 5e-5}
        say(
            f"  {name:<6}{sum(used.values()):5.2f} = "
            + " + ".join(
                f"{used[who]:.2f} {who}" for who in sorted(used, key=used.__getitem__)[::-1]
            )
        )
    # Ratios within a round: what else the machine does weighs on both.
    of_bare = statistics.median(ours.rate / bare.rate for bare, ours, _ in results)
    of_naive = statistics.median(ours.rate / slow.rate for _, ours, slow in results)
    say(f"ours/bare  {of_bare:.2f} (wanted: {WANTED_OF_BARE})")
    say(f"ours/naive {of_naive:.2f} (wanted: {WANTED_OF_NAIVE})")


if __name__ == "__main__":
    main()
