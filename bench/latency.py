"""From the hub's push to the message in the chat, through the whole system as ``make run`` has it.

Times are the simulator's: when it began to push, and when Telegram was given the message. Pace
limits are set high on both sides, for waiting one's turn is not what is measured. In the same run
it measures what such a way is made of, bare: an HTTP request, and an empty Celery task.

Run it as ``python -m bench.latency``. It exits with 1 only when messages are missing or doubled.
"""

import secrets
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import click
import requests

from bench import naive
from bench.stage import find_free_port, passing_folder, say, wait_for
from stargazer.context import Context
from stargazer.demo import demo_settings
from stargazer.demo.cast import open_client
from stargazer.kinds import KINDS
from stargazer.models import LeaseState
from stargazer.settings import Settings, load_settings
from stargazer.simulator.client import Simulator
from stargazer.supervisor import Line, Supervisor

CHANNEL, CHAT = "UCbenchmark0000000000000", "4711"
HIGH_RATE = 2000
WITHIN = 30.0
SAMPLES = 100
#: An exit status above this says which signal it was.
STOPPED = 128
WARM_UP = 10
#: What an Event passes on its way: YouTube's push, a look at its API, Telegram; and three queues.
HTTP_HOPS, TASK_HOPS = 3, 3


class Result(NamedTuple):
    """How long messages took at one rate.

    :ivar seconds: from push to chat, sorted.
    :ivar wrong: how many came not at all or too often.
    """

    rate: float
    seconds: Sequence[float]
    wrong: int


class Audience:
    """One VTuber, one chat, and a look at what reaches it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        self.simulator = Simulator(f"http://127.0.0.1:{settings.simulator_port}")
        self._web = f"http://127.0.0.1:{settings.web_port}"

    def gather(self) -> None:
        """Wait for the system, and have the chat follow the VTuber."""
        self.simulator.wait_until_ready(WITHIN)
        unlimited = ("global_per_second", "chat_per_second", "group_per_minute", "quota_units")
        self.simulator.set_limits(**dict.fromkeys(unlimited))
        self.simulator.set_channel(CHANNEL, title="Aoi Ch.")
        wait_for("the API", self._is_open)
        with open_client(self._context, self._web) as client:
            entity = client.new_entity(
                meta={"name": {"name": {"en": "Hoshizora Aoi"}, "default_language": "en"}},
                tasks=[{"kind": "youtube", "params": {"channel_id": CHANNEL}}],
            )
            client.add_user(
                im="telegram",
                im_payload=CHAT,
                name="Hana",
                event_filter={"entities": [entity["id"]], "kinds": list(KINDS)},
            )
        store = self._context.store
        wait_for(
            "the hub to verify our subscription",
            lambda: any(lease.state == LeaseState.VERIFIED for lease in store.leases.list_all()),
        )
        wait_for(
            "the first look at the channel",
            lambda: all(task.watch.looked_at for task in store.tasks.list_all()),
        )

    def measure(self, rate: float, count: int) -> Result:
        """Upload videos at a steady rate and see when the chat hears of each."""
        run = secrets.token_hex(3)
        videos = [f"{run}{number:05d}" for number in range(count)]
        self.simulator.clear_journal()
        start = time.monotonic()
        for number, video in enumerate(videos):
            time.sleep(max(0.0, start + number / rate - time.monotonic()))
            self.simulator.set_video(
                video,
                channel_id=CHANNEL,
                title=f"Song {number}",
                published_at=datetime.now(UTC),
                duration="PT4M13S",
            )
        try:
            wait_for("messages", lambda: len(self._read_arrivals(videos)) >= count, WITHIN)
        except TimeoutError:
            say("some messages did not arrive")
        # What comes twice comes late.
        time.sleep(0.5)
        arrivals = self._read_arrivals(videos)
        times = Counter(video for video, _ in arrivals)
        pushed: dict[str, float] = {}
        for entry in self.simulator.journal(0, "push"):
            pushed.setdefault(entry["video_id"], entry["at"])
        seconds = sorted(at - pushed[video] for video, at in arrivals)
        return Result(rate, seconds, sum(times[video] != 1 for video in videos))

    def measure_http(self) -> float:
        """Give the median time of posting a message to the simulator, by a bare session."""
        token = self._context.settings.telegram_token.get_secret_value()
        url = f"{self.simulator.telegram_url}/bot{token}/sendMessage"
        body = {"chat_id": "4712", "text": "Hello", "parse_mode": "HTML"}
        seconds = []
        with requests.Session() as session:
            for _ in range(SAMPLES):
                start = time.perf_counter()
                session.post(url, json=body, timeout=10).raise_for_status()
                seconds.append(time.perf_counter() - start)
        return statistics.median(seconds)

    def measure_task(self) -> float:
        """Give the median time from publishing an empty Celery task until it runs."""
        seconds = []
        for _ in range(SAMPLES):
            start = time.time()
            naive.note.delay()
            told = self._context.redis.blpop([naive.NOTES], timeout=WITHIN)
            if told is None:
                raise TimeoutError("the empty task does not run")
            seconds.append(float(told[1]) - start)
        return statistics.median(seconds)

    def _read_arrivals(self, videos: Sequence[str]) -> list[tuple[str, float]]:
        wanted = set(videos)
        found = []
        for entry in self.simulator.journal(0, "telegram"):
            video = str(entry["text"]).rpartition("v=")[2]
            if entry["delivered"] and video in wanted:
                found.append((video, entry["at"]))
        return found

    def _is_open(self) -> bool:
        try:
            return requests.post(f"{self._web}/v1/health", json={}, timeout=2).ok
        except requests.RequestException:
            return False


def run(seconds: float) -> bool:
    """Measure in the running system; whether each message came exactly once."""
    context = Context(load_settings())
    audience = Audience(context)
    say("Waiting for the system …")
    audience.gather()
    # The first of these waits until the worker is there.
    audience.measure_task()
    say("Warming up …")
    audience.measure(2, WARM_UP)
    http, task, results = [], [], []
    for rate in (1, 20):
        http.append(audience.measure_http())
        task.append(audience.measure_task())
        say(f"{rate} events/s for {seconds:.0f} s …")
        results.append(audience.measure(rate, round(rate * seconds)))
    http.append(audience.measure_http())
    task.append(audience.measure_task())
    audience.simulator.close()
    context.close()
    return _report(statistics.median(http), statistics.median(task), results)


def _report(http: float, task: float, results: Sequence[Result]) -> bool:
    parts = HTTP_HOPS * http + TASK_HOPS * task
    say("")
    say(f"one bare HTTP request    {http * 1000:6.1f} ms")
    say(f"one empty Celery task    {task * 1000:6.1f} ms")
    say(f"{HTTP_HOPS} + {TASK_HOPS} of them             {parts * 1000:6.1f} ms")
    say("")
    say(
        f"{'events/s':>8}{'messages':>10}{'p50':>9}{'p99':>9}{'slowest':>9}"
        f"{'p50/parts':>11}{'p99/parts':>11}"
    )
    for rate, seconds, _ in results:
        if not seconds:
            continue
        p50, p99 = statistics.median(seconds), seconds[int(0.99 * len(seconds))]
        say(
            f"{rate:>8}{len(seconds):>10}"
            + "".join(f"{value * 1000:>6.0f} ms" for value in (p50, p99, seconds[-1]))
            + "".join(f"{value / parts:>11.1f}" for value in (p50, p99))
        )
    wrong = sum(result.wrong for result in results)
    say(
        f"WRONG: {wrong} messages are missing or came too often"
        if wrong
        else "Each message came exactly once."
    )
    return not wrong


@click.command()
@click.option("--seconds", default=25.0, help="How long each rate is kept up.", show_default=True)
@click.option("--inside", is_flag=True, hidden=True, help="Measure in the system that runs.")
def main(seconds: float, inside: bool) -> None:  # noqa: FBT001 - a command line's flag
    """Start the whole system against the simulator, and measure from push to chat."""
    if inside:
        sys.exit(0 if run(seconds) else 1)
    ports = ("web_port", "flower_port", "simulator_port", "redis_port", "mongo_port")
    with passing_folder() as folder:
        settings = demo_settings(Settings(**{name: find_free_port() for name in ports}))
        settings = settings.model_copy(
            update={
                "var_dir": folder,
                "telegram_rate": HIGH_RATE,
                "telegram_chat_rate": HIGH_RATE,
                "telegram_group_rate": HIGH_RATE,
            }
        )
        supervisor = Supervisor(settings, report=lambda _line: None)
        supervisor.add("simulator", [sys.executable, "-m", "stargazer.cli", "simulate"])
        supervisor.add("empty", naive.make_command(1))
        measuring = [sys.executable, "-m", "bench.latency", "--inside", f"--seconds={seconds}"]
        supervisor.add("latency", measuring)
        status = supervisor.run(show=_show)
        if status > STOPPED:
            sys.exit(status)
        if status:
            raise click.ClickException(f"a process ended with {status}")


def _show(line: Line) -> None:
    if line.name == "latency":
        say(line.text)


if __name__ == "__main__":
    main()
