"""How many accounts one worker reads, and with how many requests: ``python -m bench.sources``.

Each source looks at its accounts on the simulator, in a process of its own, once to know them and
then again while nothing has changed, which is what happens nearly always. Beside it, the way of
those who ask for one account after the other. What is counted as ours is the CPU of this process,
in which nothing but the source runs.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import click
from pydantic import SecretStr

from bench.stage import Stage, find_free_port, open_stage, run_module, say
from stargazer.app import app
from stargazer.bilibili import list_rooms
from stargazer.context import Context
from stargazer.feeds import parse_feed
from stargazer.models import Task
from stargazer.simulator.bilibili.world import COOKIE
from stargazer.simulator.client import Simulator
from stargazer.simulator.twitch.world import CLIENT_ID, CLIENT_SECRET
from stargazer.simulator.twitter.world import TOKEN
from stargazer.twitch import Twitch
from stargazer.twitter.api import Twitter
from workers.sources import bilibili, bililive, twitter
from workers.sources.contract import Watcher, look
from workers.sources.feed.watch import WATCHER as FEED
from workers.sources.twitch.watch import WATCHER as TWITCH

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WANTED_CPU_MS = 1.0
CYCLES = 5


class Case(NamedTuple):
    """A source under test.

    :ivar wanted: requests for 1,000 accounts and a cycle, at most; None: as many as there are.
    :ivar prepare: makes the accounts on the simulator.
    :ivar alone: asks for one account by itself; None: nobody does that.
    """

    name: str
    kind: str
    target: str
    wanted: int | None
    watcher: Watcher[Any, Any]
    choices: dict[str, Any]
    params: Callable[[int], dict[str, str]]
    prepare: Callable[[Simulator, int], None]
    alone: Callable[[Context, int], object] | None


def _add_rooms(simulator: Simulator, count: int) -> None:
    for number in range(1, count + 1):
        simulator.bilibili.set_room(str(number), room_id=number, live_status=number % 2)


def _add_posts(simulator: Simulator, count: int) -> None:
    for number in range(1, min(count, 20) + 1):
        at = NOW - timedelta(hours=number)
        simulator.bilibili.set_post(str(number), uid=number, text="a", published_at=at)


def _add_streams(simulator: Simulator, count: int) -> None:
    for number in range(1, count + 1):
        simulator.twitch.set_account(str(number), login=f"login_{number}")
        if number % 10 == 0:
            simulator.twitch.start(str(number), push=False)


def _add_authors(simulator: Simulator, count: int) -> None:
    for number in range(1, count + 1):
        simulator.twitter.set_account(str(number), username=f"name_{number}")
    simulator.twitter.set_list("1", [str(number) for number in range(1, count + 1)])
    for number in range(1, 21):
        simulator.twitter.tweet(str(number), NOW - timedelta(hours=number), "hello")


def _add_feeds(simulator: Simulator, count: int) -> None:
    items = {
        str(number): {
            "id": str(number),
            "title": f"Post {number}",
            "html": "<p>Hello</p>" * 50,
            "published_at": (NOW - timedelta(hours=number)).isoformat(),
        }
        for number in range(1, 26)
    }
    for number in range(1, count + 1):
        simulator.feeds.set(str(number), items=items)


def list_cases(simulator: Simulator) -> list[Case]:
    """Give the sources, each with what it is compared with."""
    money = {"twitter_daily_dollars": 0.0, "twitter_monthly_dollars": 0.0}
    x = {
        "twitter_api_url": simulator.twitter.url,
        "twitter_token": SecretStr(TOKEN),
        **money,
    }
    return [
        Case(
            "bililive",
            "bililive",
            "bililive",
            10,
            bililive.WATCHER,
            {"bililive_api_url": simulator.bilibili.live_url},
            lambda number: {"uid": str(number)},
            _add_rooms,
            lambda context, number: list_rooms(
                context.http, context.settings.bililive_api_url, [str(number)]
            ),
        ),
        Case(
            "bilibili",
            "bilibili",
            "bilibili",
            20,
            bilibili.WATCHER,
            {
                "bilibili_api_url": simulator.bilibili.url,
                "bilibili_cookie": SecretStr(COOKIE),
            },
            lambda number: {"uid": str(number)},
            _add_posts,
            None,
        ),
        Case(
            "twitch",
            "twitch",
            "twitch",
            10,
            TWITCH,
            {
                "twitch_api_url": simulator.twitch.url,
                "twitch_auth_url": simulator.twitch.url,
                "twitch_client_id": CLIENT_ID,
                "twitch_client_secret": SecretStr(CLIENT_SECRET),
            },
            lambda number: {"login": f"login_{number}"},
            _add_streams,
            lambda context, number: Twitch(context.http, context.settings).list_streams(
                [str(number)]
            ),
        ),
        Case(
            "twitter by list",
            "twitter",
            "twitter",
            20,
            twitter.WATCHER,
            {**x, "twitter_list": "1"},
            lambda number: {"id": f"name_{number}"},
            _add_authors,
            lambda context, number: Twitter(context, NOW).read_timeline(
                str(number), None, NOW, replies=False
            ),
        ),
        Case(
            "twitter",
            "twitter",
            "twitter",
            None,
            twitter.WATCHER,
            x,
            lambda number: {"id": f"name_{number}"},
            _add_authors,
            None,
        ),
        Case(
            "feed",
            "feed",
            "feeds",
            None,
            FEED,
            # All of them are on one server, which is asked for two at a time.
            {"http_timeout": timedelta(minutes=1)},
            lambda number: {"url": f"{simulator.feeds.url}/{number}"},
            _add_feeds,
            lambda context, number: parse_feed(
                context.http.get(f"{simulator.feeds.url}/{number}").body
            ),
        ),
    ]


def measure(stage: Stage, simulator: Simulator, case: Case, count: int) -> bool:
    """Look at the accounts of one source, and say how it went; whether it is as wanted."""
    context = Context(stage.settings.model_copy(update=case.choices))
    context.store.tasks.collection.delete_many({})
    context.store.memories.collection.delete_many({})
    tasks = [
        Task(entity=uuid4(), kind=case.kind, params=case.params(number), created_at=NOW)
        for number in range(1, count + 1)
    ]
    for task in tasks:
        context.store.tasks.save(task)
    simulator_tasks = context.store.tasks.list_by_ids([task.id for task in tasks])
    look(context, app, case.watcher, simulator_tasks, NOW)
    simulator.clear_journal()
    asked = len(simulator.journal(target=case.target))  # type: ignore[arg-type]
    spent = wall = 0.0
    for cycle in range(1, CYCLES + 1):
        tasks = context.store.tasks.list_by_ids([task.id for task in tasks])
        began, used = time.perf_counter(), time.process_time()
        look(context, app, case.watcher, tasks, NOW + cycle * timedelta(minutes=1))
        wall += time.perf_counter() - began
        spent += time.process_time() - used
    asked = len(simulator.journal(target=case.target)) - asked  # type: ignore[arg-type]
    requests = asked / CYCLES * 1000 / count
    cpu = 1000 * spent / CYCLES / count
    rate = count * CYCLES / wall
    line = f"{case.name:16} {rate:9,.0f} accounts/s  {requests:7.1f} requests  {cpu:6.3f} ms CPU"
    if case.alone is not None:
        began = time.perf_counter()
        for number in range(1, 101):
            case.alone(context, number)
        alone = 100 / (time.perf_counter() - began)
        line += f"   one by one {alone:7,.0f} accounts/s, 1,000 requests: {rate / alone:5.1f} times"
    say(line)
    context.close()
    is_few = case.wanted is None or requests <= case.wanted
    return is_few and (case.wanted is None or cpu < WANTED_CPU_MS)


@click.command()
@click.option("--accounts", default=1000, show_default=True, help="Of each source.")
def main(accounts: int) -> None:
    """Measure all sources; the requests are for 1,000 accounts and a cycle."""
    port = find_free_port()
    with open_stage() as stage:
        app.conf.update(broker_url=stage.settings.broker_url)
        stage.start(
            "simulator",
            run_module(
                "gunicorn",
                *("-w", "1", "-k", "gthread", "--threads", "16", "-b", f"127.0.0.1:{port}"),
                "stargazer.simulator:create_app()",
            ),
        )
        simulator = Simulator(f"http://127.0.0.1:{port}")
        simulator.wait_until_ready()
        well = True
        for case in list_cases(simulator):
            case.prepare(simulator, accounts)
            well &= measure(stage, simulator, case, accounts)
    sys.exit(not well)


if __name__ == "__main__":
    main()
