"""What arrives while every chat app goes wrong, and all is killed: each process twice, Redis once.

The whole system in the processes of the Procfile, against the simulator. Events come in by
YouTube's push, by the middleware that delays, and by the one that translates; each goes to every
chat on every chat app. Afterwards the ledger is held against what the chat apps got.

Run it as ``python -m bench.faults``; ``--subscribers 50 --events 10`` takes a minute. It exits
with 1 only when a promise was broken: see :mod:`bench.verdict` for what is promised.
"""

import random
import statistics
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import click
import requests

from bench.audiences import AUDIENCES, Audience, make_secret_key, make_users
from bench.havoc import CHANNEL, KIND, PROCESSES, Killer, Show
from bench.journals import Journal
from bench.stage import Stage, find_free_port, open_stage, read_procfile, run_module, say, wait_for
from bench.verdict import Row, Verdict, judge
from stargazer.coordinator.schedule import schedule_now
from stargazer.demo import demo_settings
from stargazer.models import (
    Delivery,
    DeliveryState,
    Entity,
    EventFilter,
    LeaseState,
    Meta,
    Name,
    OutboxState,
    Task,
)
from stargazer.settings import Settings
from stargazer.simulator.client import Simulator
from stargazer.store.documents import from_document, insert_new, to_document

LEASE = timedelta(seconds=20)
TIMEOUT = timedelta(seconds=5)
#: However much there is to do, something arrives within so many seconds.
PATIENCE = 180.0
#: Messages a second that two cores bring to all chat apps together, with the simulator on them.
RATE = 200
_LOOK_EVERY = 0.5
_TELL_EVERY = 10


class Cast(NamedTuple):
    """Who is told, and of whom.

    :ivar chats: by chat app, the names that it has for its chats.
    :ivar names: the same names, by User.
    """

    task: Task
    chats: Mapping[str, Sequence[str]]
    names: Mapping[UUID, str]


def prepare(
    stage: Stage, simulator: Simulator, audiences: Sequence[Audience], count: int, factor: float
) -> Cast:
    """Make the chats, and have them follow one VTuber whose channel is watched."""
    store = stage.context.store
    entity = Entity(meta=Meta(name=Name(name={"ja": "星空アオイ"}, default_language="ja")))
    task = Task(entity=entity.id, kind="youtube", params={"channel_id": CHANNEL})
    store.entities.save(entity.model_copy(update={"tasks": (task.id,)}))
    simulator.set_channel(CHANNEL, title="Aoi Ch.")
    wish = EventFilter(entities=frozenset({entity.id}), kinds=frozenset({KIND}))
    chats, names = {}, {}
    for audience in audiences:
        added = audience.add_chats(simulator, count, factor)
        users = make_users(audience, added, wish, stage.settings.secret_key)
        insert_new(store.users.collection, [to_document(user) for user in users.values()])
        for name, user in users.items():
            store.subscriptions.save_filter(user)
            names[user.id] = name
        chats[audience.im] = list(users)
    store.tasks.save(task)
    schedule_now(stage.context.redis, task.kind, task.id)
    wait_for(
        "the channel to be watched",
        lambda: (
            [lease.state for lease in store.leases.list_all()] == [LeaseState.VERIFIED]
            and all(each.watch.looked_at for each in store.tasks.list_all())
        ),
        limit=90,
    )
    return Cast(task, chats, names)


def go_wrong(simulator: Simulator, audiences: Sequence[Audience]) -> None:
    """Let every chat app go wrong from here on."""
    late = {"delay": TIMEOUT.total_seconds() + 1, "accept": True, "rate": 0.003}
    for audience in audiences:
        for fault in (*audience.faults, late):
            simulator.add_fault(audience.im, **fault)  # type: ignore[arg-type]


def play(show: Show, killer: Killer, journal: Journal, every: float) -> None:
    """Let everything happen, and kill meanwhile."""
    start = time.monotonic()
    whole = show.events * every
    while len(show.told_at) < show.events or not killer.is_done:
        passed = time.monotonic() - start
        killer.act(passed / whole)
        if len(show.told_at) < show.events and passed >= len(show.told_at) * every:
            show.tell()
            if len(show.told_at) % _TELL_EVERY == 0:
                say(f"{len(show.told_at)} events; {journal.taken:,} messages have arrived")
        time.sleep(0.05)


def wait_until_still(stage: Stage, show: Show, journal: Journal) -> bool:
    """Wait until nothing is left to do; false when nothing moves any more before that."""
    store = stage.context.store
    pending = {"state": DeliveryState.PENDING.value}

    def is_done() -> bool:
        events = store.events.list_in_state(OutboxState.DONE)
        if len(events) < show.events:
            return False
        return store.deliveries.collection.find_one(pending, {"_id": 1}) is None

    seen, since = -1, time.monotonic()
    while not is_done():
        if journal.taken != seen:
            seen, since = journal.taken, time.monotonic()
        if time.monotonic() - since > PATIENCE:
            return False
        time.sleep(_LOOK_EVERY)
    return True


def read_ledger(stage: Stage, cast: Cast) -> dict[str, list[Row]]:
    """Read all Deliveries, by chat app."""
    store = stage.context.store
    videos = {event.id: event.fields["video_id"] for event in store.events.list_all()}
    rows: dict[str, list[Row]] = {im: [] for im in cast.chats}
    for document in store.deliveries.collection.find({}, batch_size=2000):
        delivery = from_document(Delivery, document)
        rows[delivery.im].append(Row(cast.names[delivery.user], videos[delivery.event], delivery))
    return rows


def report(
    verdicts: Mapping[str, Verdict],
    journal: Journal,
    killer: Killer,
    breaks: Mapping[str, int],
    options: "Options",
) -> bool:
    """Print what came out; whether every promise was kept."""
    say("")
    say(
        f"{'':<9}{'messages':>9}{'sent':>9}{'unknown':>9}{'of them':>9}{'came':>7}"
        f"{'faults':>8}{'p50':>9}{'p99':>9}"
    )
    say(f"{'':<9}{'':>9}{'':>9}{'':>9}{'arrived':>9}{'twice':>7}{'':>8}{'':>9}{'':>9}")
    for im, verdict in verdicts.items():
        seconds = verdict.seconds or [float("nan")]
        say(
            f"{im:<9}{verdict.states.total():>9,}{verdict.states[DeliveryState.SENT]:>9,}"
            f"{verdict.states[DeliveryState.UNKNOWN]:>9,}{verdict.arrived_unknown:>9,}"
            f"{verdict.repeated:>7,}{journal.faults[im].total():>8,}"
            f"{statistics.median(seconds):>7.1f} s{seconds[int(0.99 * len(seconds))]:>7.1f} s"
        )
    say("")
    for im in verdicts:
        audience = AUDIENCES[im]
        most = killer.kills[audience.process] * options.threads
        shown = ", ".join(f"{many} {what}" for what, many in sorted(journal.faults[im].items()))
        say(f"{im}: {audience.documented}; faults: {shown}; at most {most} may have come twice")
    say(f"killed: {', '.join(f'{name} {many}x' for name, many in sorted(killer.kills.items()))}")
    say(
        f"documented limits that were broken, at {options.factor:g} times their pace: "
        f"{', '.join(f'{name} {many}x' for name, many in breaks.items()) or 'none'}"
    )
    broken = [f"{im}: {each}" for im, verdict in verdicts.items() for each in verdict.broken]
    broken += [f"the limit {name} was broken {many} times" for name, many in breaks.items()]
    late = sum(verdict.late for verdict in verdicts.values())
    if late:
        say(f"{late} answers were later than this machine waits for them, and so unknown as well")
    for each in broken:
        say(f"BROKEN: {each}")
    if not broken:
        say("Nothing was lost, doubled or overtaken but what a chat app or a death left open.")
    return not broken


class Options(NamedTuple):
    """What a run is like.

    :ivar every: seconds from one Event to the next.
    :ivar factor: with what documented paces are multiplied.
    :ivar threads: how many messages each worker sends at once, for each chat app.
    """

    audiences: Sequence[Audience]
    subscribers: int
    events: int
    every: float
    factor: float
    threads: int
    seed: int


def make_choices(options: Options) -> dict[str, Any]:
    """Give the settings of a run."""
    ports = {name: find_free_port() for name in ("web_port", "flower_port", "simulator_port")}
    simulated = demo_settings(Settings(**ports))
    own = Settings(**ports)
    # Where the servers are is for the stage to say.
    servers = {"var_dir", "redis_url", "broker_url", "mongo_url", "redis_port", "mongo_port"}
    choices = {
        name: getattr(simulated, name)
        for name in Settings.model_fields.keys() - servers
        if name in ports or getattr(simulated, name) != getattr(own, name)
    }
    choices |= {
        "secret_key": make_secret_key(),
        "http_timeout": TIMEOUT,
        "delivery_threads": options.threads,
        "delivery_lease": LEASE,
        "sweep_after": LEASE,
        "visibility_timeout": 3 * LEASE,
        "tick_interval": timedelta(seconds=1),
        "youtube_poll_interval": timedelta(seconds=15),
    }
    for audience in options.audiences:
        choices |= audience.choose(options.factor)
    return choices


def run(options: Options) -> None:
    """Run it all.

    :raises click.ClickException: when a promise was broken.
    """
    start = time.monotonic()
    with open_stage(**make_choices(options)) as stage:
        commands = read_procfile() | {"simulator": run_module("stargazer.cli", "simulate")}
        url = f"http://127.0.0.1:{stage.settings.simulator_port}"
        simulator = Simulator(url)
        stage.stack.callback(simulator.close)
        for name in ("simulator", *PROCESSES):
            stage.start(name, commands[name])
        simulator.wait_until_ready(60)
        wait_for("the API", lambda: _is_open(stage), limit=60)
        limits: dict[str, float | None] = {"quota_units": None}
        for audience in options.audiences:
            limits |= audience.limit(options.factor)
        simulator.set_limits(**limits)
        simulator.set_seed(options.seed)
        say(f"Making {options.subscribers:,} chats on each of {len(options.audiences)} chat apps …")
        cast = prepare(stage, simulator, options.audiences, options.subscribers, options.factor)
        go_wrong(simulator, options.audiences)
        show = Show(stage, simulator, cast.task, options.events)
        killer = Killer(stage, commands, random.Random(options.seed))
        journal = Journal(url, options.audiences)
        say(f"{options.events} events, one each {options.every:g} s; {len(killer)} deaths …")
        with journal.follow():
            play(show, killer, journal, options.every)
            say(f"{journal.taken:,} messages have arrived; waiting for the rest …")
            is_still = wait_until_still(stage, show, journal)
            # What comes twice comes late.
            time.sleep(2)
        if not is_still:
            say(f"nothing has moved for {PATIENCE:.0f} s")
        rows = read_ledger(stage, cast)
        breaks = simulator.counters()["limit_breaks"]
        verdicts = {
            im: judge(
                rows[im],
                journal.arrivals[im],
                cast.chats[im],
                show.told_at,
                killer.kills[AUDIENCES[im].process] * options.threads,
            )
            for im in cast.chats
        }
        is_kept = report(verdicts, journal, killer, breaks, options)
        say(f"The simulator had {stage.read_peak_memory('simulator'):.0f} MiB at most.")
        say(f"It took {(time.monotonic() - start) / 60:.1f} minutes.")
        if not is_kept:
            # Raised in here, so that the logs stay.
            raise click.ClickException("a promise was broken")


def _is_open(stage: Stage) -> bool:
    try:
        url = f"http://127.0.0.1:{stage.settings.web_port}/v1/health"
        return requests.post(url, json={}, timeout=2).ok
    except requests.RequestException:
        return False


@click.command()
@click.option("--subscribers", default=1000, show_default=True, help="Chats on each chat app.")
@click.option("--events", default=50, show_default=True, help="How much happens.")
@click.option("--every", type=float, help="Seconds from event to event; by default as it fits.")
@click.option("--factor", default=10.0, show_default=True, help="Times the documented pace.")
@click.option("--threads", default=16, show_default=True, help="Sent at once by each worker.")
@click.option("--seed", default=1, show_default=True, help="Of faults and deaths.")
@click.option(
    "--app", "names", multiple=True, type=click.Choice(list(AUDIENCES)), help="Only this one."
)
def main(
    subscribers: int,
    events: int,
    every: float | None,
    factor: float,
    threads: int,
    seed: int,
    names: Sequence[str],
) -> None:
    """Let every chat app go wrong, kill everything, and hold the ledger against what arrived."""
    audiences = [AUDIENCES[name] for name in names or AUDIENCES]
    if every is None:
        every = max(2.0, subscribers * len(audiences) / RATE)
    options = Options(audiences, subscribers, events, every, factor, threads, seed)
    run(options)


if __name__ == "__main__":
    main()
