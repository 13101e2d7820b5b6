"""What is wrong, and what an operator does about it: told from the overview. All pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, NamedTuple

from stargazer.budgets import Budget
from stargazer.bus import READY
from stargazer.coordinator.report import WorkerReport
from stargazer.models import Alarm, DeliveryState
from stargazer.overview import MOST, Overview
from stargazer.platforms.report import PlatformReport

Severity = Literal["bad", "wait"]

#: Accounts that are later than this are too many for the workers, or nobody dispatches them.
LATE = timedelta(minutes=5).total_seconds()
#: So long messages wait before it is strange that none is sent.
SILENCE = 10
#: So many messages in a queue are more than a burst.
LONG = 1000
#: Of so many messages at least, a share that fails says something.
_SOME = 20
_TOO_MANY = 0.2
_NEARLY = 0.9
#: Which line of the Procfile serves a queue, where that is not one of its own name.
_LINES = {
    **dict.fromkeys(("coordinator", "ready"), "pipeline"),
    **dict.fromkeys(("delay", "youtube-live-check"), "middlewares"),
    "translate": "translation",
    **dict.fromkeys(("telegram", "discord", "web"), "delivery"),
    **dict.fromkeys(("webhook", "apprise"), "elsewhere"),
    "qq": "qq",
    "commands": "commands",
}
CHATS = ("telegram", "discord", "web", "webhook", "apprise", "qq")
#: Begins the key of an alarm about an account, in front of its Task's id.
_GONE = "gone:"
#: By the beginning of an alarm's key, what ends it.
_REMEDIES = {
    _GONE: "Look whether the account was renamed or closed, then correct or remove it. If it"
    " comes back, that is seen by itself.",
    "youtube:key:": "Look at the key in the Google Cloud console, and put one that works into"
    " STARGAZER_YOUTUBE_API_KEY.",
    "youtube:quota": "It ends by itself at midnight in California. More keys in"
    " STARGAZER_YOUTUBE_API_KEY, or a larger quota from Google, keep it from coming back.",
    "twitch:pushes": "Streams are still seen by polls, some minutes later. Look whether"
    " STARGAZER_PUBLIC_URL begins with https:// and is reached from outside.",
    "telegram:updates": "Nobody is answered until it ends. Look whether another program reads the"
    " same bot, and whether STARGAZER_TELEGRAM_TOKEN is right.",
    "qq:adapter": "Look at the OneBot adapter, and log its account in again where it says so.",
    "hub:": "Look whether the hub is reached from here. Until then its accounts are read by polls.",
}
_PLATFORM_REMEDY = (
    "It is tried again by itself. If it lasts, look whether the platform answers from this machine,"
    " and whether its settings are right."
)


class Trouble(NamedTuple):
    """Something that is wrong.

    :ivar severity: ``bad``: somebody has to act, or messages are late or lost; ``wait``: it passes
        by itself, or can wait.
    :ivar what: a sentence that says what is wrong.
    :ivar todo: sentences that say what to do about it.
    :ivar page: where on the operator's page more about it is shown; empty: nowhere.
    """

    severity: Severity
    what: str
    todo: str
    page: str = ""


def find_troubles(overview: Overview) -> list[Trouble]:
    """Tell all that is wrong, the worst first."""
    found = [
        *_look_at_servers(overview),
        *_look_at_silence(overview),
        *_look_at_sending(overview),
        *_look_at_queues(overview),
        *_look_at_watching(overview),
        *(_tell_alarm(alarm) for alarm in overview.alarms),
        *_look_at_budgets(overview),
        *_look_at_leftovers(overview),
    ]
    return sorted(found, key=lambda trouble: trouble.severity != "bad")


def find_remedy(alarm: Alarm) -> str:
    """Say what to do about an alarm."""
    for beginning, remedy in _REMEDIES.items():
        if alarm.key.startswith(beginning):
            return remedy
    return _PLATFORM_REMEDY


def _look_at_servers(overview: Overview) -> Iterator[Trouble]:
    if overview.minutes is None:
        yield Trouble(
            "bad",
            "Redis does not answer, so nothing is looked at and nothing is sent.",
            "Start it again, or correct STARGAZER_REDIS_URL. Nothing is lost meanwhile.",
        )
    elif overview.queues is None:
        yield Trouble(
            "bad",
            "The broker does not answer, so nothing moves between the workers.",
            "Start it again, or correct STARGAZER_BROKER_URL. Nothing is lost meanwhile.",
        )


def _look_at_sending(overview: Overview) -> Iterator[Trouble]:
    if overview.minutes is None:
        return
    done: Counter[DeliveryState] = Counter()
    for minute in overview.minutes[-SILENCE:]:
        for (_, state), count in minute.deliveries.items():
            done[state] += count
    lost = done[DeliveryState.FAILED] + done[DeliveryState.UNKNOWN]
    tried = done[DeliveryState.SENT] + lost
    if tried >= _SOME and lost > _TOO_MANY * tried:
        yield Trouble(
            "bad",
            f"{lost:,} of the last {tried:,} messages could not be sent.",
            "`stargazer deliveries list --state failed` says why. A chat app that refuses all of"
            " them wants its token or its settings corrected.",
        )


def _look_at_silence(overview: Overview) -> Iterator[Trouble]:
    """Find chat apps for which something waits, and has waited, as nothing is done there."""
    recent = (overview.minutes or [])[-SILENCE:]
    # What has only just come is no sign of anything.
    if not any(minute.events for minute in recent[:-2]):
        return
    moving = {im for minute in recent for im, _ in minute.deliveries}
    for queue, waiting in (overview.queues or {}).items():
        is_still = not moving if queue == READY else queue in CHATS and queue not in moving
        if waiting and is_still:
            yield Trouble(
                "bad",
                f"{queue}: something waits, and nothing was sent for {SILENCE} minutes.",
                f"Look whether the process {_LINES[queue]} runs, and what its log says.",
            )


def _look_at_queues(overview: Overview) -> Iterator[Trouble]:
    for queue, waiting in (overview.queues or {}).items():
        if waiting >= LONG:
            line = _LINES.get(queue, "sources")
            yield Trouble(
                "bad",
                f"{waiting:,} messages wait in the queue {queue}.",
                f"Look whether the process {line} runs and what its log says. If it works and the"
                " queue still grows, start another one.",
                "workers",
            )


def _look_at_watching(overview: Overview) -> Iterator[Trouble]:
    if overview.report is not None:
        yield from filter(None, map(_look_at_worker, overview.report.workers))
    unassigned = (
        {kind.kind: kind.unassigned for kind in overview.report.kinds} if overview.report else {}
    )
    for platform in overview.platforms or ():
        yield from _look_at_platform(platform, unassigned.get(platform.kind, 0))


def _look_at_worker(worker: WorkerReport) -> Trouble | None:
    if worker.is_there:
        return None
    return Trouble(
        "wait",
        f"The worker {worker.member.node} has gone.",
        "Others watch its accounts meanwhile. Start it again if it was not stopped on purpose.",
        "workers",
    )


def _look_at_platform(platform: PlatformReport, unassigned: int) -> Iterator[Trouble]:
    kind, count = platform.kind, platform.accounts
    if not count:
        return
    accounts = "1 account" if count == 1 else f"{count:,} accounts"
    if platform.missing:
        yield Trouble(
            "bad",
            f"{accounts} of {kind} cannot be watched: {platform.missing}.",
            "Set that and start Stargazer again, or remove the accounts.",
            "sources",
        )
    elif not platform.workers:
        yield Trouble(
            "bad",
            f"No worker watches {kind}, which has {accounts}.",
            f"Start the process sources, or another worker for the queue {kind}.",
            "workers",
        )
    elif unassigned:
        yield Trouble(
            "bad",
            f"{unassigned:,} of {accounts} of {kind} are given to no worker.",
            "Undrain a worker that serves them, or start another sources.",
            "workers",
        )
    elif platform.is_paused:
        # Of what needs somebody there is an alarm.
        if not platform.alarms:
            yield Trouble(
                "wait",
                f"{kind} wants to be left alone for a while: {platform.state.last_error}.",
                "It is asked again by itself.",
                "sources",
            )
    elif platform.overdue > LATE:
        yield Trouble(
            "bad",
            f"The accounts of {kind} are looked at {platform.overdue / 60:.0f} minutes late.",
            "Look whether the processes beat and pipeline run. If they do, the workers have too"
            " much to do: start another sources.",
            "workers",
        )
    failing = platform.failing - platform.gone
    if failing > _TOO_MANY * count and not (platform.alarms or platform.is_paused):
        yield Trouble(
            "wait",
            f"{failing:,} of {accounts} of {kind} could not be read when they were last looked at.",
            "Each is tried again by itself. If it lasts, look whether they are still there.",
            "sources",
        )


def _tell_alarm(alarm: Alarm) -> Trouble:
    about = f"{alarm.kind}: " if alarm.kind else ""
    what, todo = f"{about}{alarm.reason}.", find_remedy(alarm)
    if alarm.key.startswith(_GONE):
        task = alarm.key.removeprefix(_GONE)
        return Trouble("wait", what, todo, f"entities/task/{task}")
    return Trouble("bad", what, todo, "sources")


def _look_at_budgets(overview: Overview) -> Iterator[Trouble]:
    budgets = list(overview.budgets)
    for platform in overview.platforms or ():
        budgets += platform.budgets
    for budget in budgets:
        share = get_share(budget)
        if share is not None and share >= _NEARLY:
            much = "All" if share >= 1 else f"{share:.0%}"
            yield Trouble(
                "wait",
                f"{much} of the {budget.unit} of {budget.name} is used up.",
                "It begins anew by itself; a larger budget is a setting.",
                "sources",
            )


def get_share(budget: Budget) -> float | None:
    """Tell which share of a budget is used up; None where there is no limit."""
    return budget.spent / budget.limit if budget.limit else None


def _look_at_leftovers(overview: Overview) -> Iterator[Trouble]:
    count = overview.counts.dead_letters
    if count:
        much = f"More than {MOST:,}" if count >= MOST else f"{count:,}"
        yield Trouble(
            "wait",
            f"{much} dead letter{'s' if count > 1 else ''}: events that could not go on.",
            "Read why, put that right, and send them on again, or drop them.",
            "dead",
        )
