"""What is wrong, and what an operator does about it."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer.budgets import Budget
from stargazer.coordinator.members import Member
from stargazer.coordinator.report import KindReport, Report, WorkerReport
from stargazer.models import Alarm, DeliveryState, PlatformState
from stargazer.overview import MOST, Counts, Overview
from stargazer.platforms.registry import PLATFORMS
from stargazer.platforms.report import PlatformReport
from stargazer.tallies import Minute
from stargazer.troubles import LONG, find_remedy, find_troubles

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NONE = Counts(*[0] * len(Counts._fields))
SENT, FAILED, UNKNOWN = DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN


def make(**changes):
    """Make an overview in which all is well, some of it different."""
    well = Overview(
        at=NOW,
        counts=NONE,
        minutes=make_minutes(),
        queues={"ready": 0, "telegram": 0, "youtube": 0},
        report=Report((), ()),
        platforms=[],
        alarms=[],
        budgets=[],
        paused=[],
    )
    return well._replace(**changes)


def make_minutes(events=(), deliveries=None):
    """Make an hour; events in these minutes, counted back from now; deliveries a minute ago."""
    return [
        Minute(
            NOW - timedelta(minutes=ago),
            {"feed/new_entry": 1} if ago in events else {},
            (deliveries or {}) if ago == 1 else {},
            {},
        )
        for ago in range(59, -1, -1)
    ]


def make_platform(kind="youtube", **changes):
    well = PlatformReport(
        kind=kind,
        missing=None,
        accounts=10,
        paused=0,
        failing=0,
        gone=0,
        workers=1,
        overdue=3.0,
        state=PlatformState(kind=kind),
        is_paused=False,
        alarms=(),
        budgets=(),
        pushes=None,
    )
    return well._replace(**changes)


def make_worker(**changes):
    member = Member(
        node="sources@a",
        instance="1",
        kinds=frozenset({"youtube"}),
        version="1",
        host="a",
        pid=1,
        started_at=NOW,
    )
    return WorkerReport(member, is_there=True, is_drained=False, tasks={}, in_hand=0)._replace(
        **changes
    )


def make_alarm(key, kind="youtube"):
    return Alarm(key=key, kind=kind, reason="something", raised_at=NOW)


def make_budget(spent, limit):
    return Budget("deepl, of the month", "characters", spent, limit, NOW)


PAUSED = PlatformState(kind="youtube", paused_until=NOW, last_error="HTTP 429")


@pytest.mark.parametrize(
    "overview",
    [
        make(),
        make(platforms=[make_platform()], report=Report((make_worker(),), ())),
        make(platforms=[make_platform(accounts=0, missing="a key", workers=0, overdue=9999.0)]),
        make(platforms=[make_platform(failing=2, gone=1)]),
        make(platforms=[make_platform(failing=10, gone=10)]),
        make(queues={"telegram": LONG - 1}),
        make(minutes=make_minutes(events=(1,)), queues={"telegram": 5}),
        make(
            minutes=make_minutes(events=(5,), deliveries={("telegram", SENT): 1}),
            queues={"telegram": 5, "ready": 1},
        ),
        make(minutes=make_minutes(deliveries={("qq", SENT): 95, ("qq", FAILED): 5})),
        make(minutes=make_minutes(deliveries={("qq", FAILED): 3})),
        make(budgets=[make_budget(89, 100), make_budget(10**9, 0)]),
        make(counts=NONE._replace(failed=5, unknown=5, pending=MOST, paused=3)),
        make(report=Report((make_worker(is_drained=True),), ())),
    ],
    ids=[
        "nothing",
        "a worker",
        "no accounts",
        "a few fail",
        "gone",
        "a burst",
        "only just come",
        "moving",
        "a few refused",
        "too few to say",
        "within budget",
        "of the past",
        "drained",
    ],
)
def test_what_is_usual_is_no_trouble(overview):
    assert find_troubles(overview) == []


@pytest.mark.parametrize(
    ("overview", "severity", "said", "page"),
    [
        (
            make(minutes=None, queues=None, report=None, platforms=None),
            "bad",
            "Redis does not answer",
            "",
        ),
        (make(queues=None), "bad", "broker does not answer", ""),
        (
            make(platforms=[make_platform(missing="STARGAZER_X is not set", workers=0)]),
            "bad",
            "10 accounts of youtube cannot be watched: STARGAZER_X is not set",
            "sources",
        ),
        (make(platforms=[make_platform(accounts=1, workers=0)]), "bad", "No worker", "workers"),
        (
            make(
                platforms=[make_platform()],
                report=Report((), (KindReport("youtube", 10, 10, 0.0),)),
            ),
            "bad",
            "given to no worker",
            "workers",
        ),
        (make(platforms=[make_platform(overdue=600.0)]), "bad", "10 minutes late", "workers"),
        (
            make(platforms=[make_platform(is_paused=True, state=PAUSED, overdue=600.0)]),
            "wait",
            "left alone for a while: HTTP 429",
            "sources",
        ),
        (make(platforms=[make_platform(failing=6, gone=1)]), "wait", "5 of 10", "sources"),
        (
            make(queues={"twitch": LONG}),
            "bad",
            "1,000 messages wait in the queue twitch",
            "workers",
        ),
        (
            make(minutes=make_minutes(events=(5,)), queues={"qq": 1}),
            "bad",
            "qq: something waits",
            "",
        ),
        (
            make(minutes=make_minutes(events=(5,)), queues={"ready": 1}),
            "bad",
            "ready: something waits",
            "",
        ),
        (
            make(
                minutes=make_minutes(
                    deliveries={("qq", SENT): 50, ("qq", FAILED): 20, ("web", UNKNOWN): 5}
                )
            ),
            "bad",
            "25 of the last 75",
            "",
        ),
        (make(alarms=[make_alarm("youtube:quota")]), "bad", "youtube: something.", "sources"),
        (make(alarms=[make_alarm("gone:1")]), "wait", "something", "entities/task/1"),
        (make(budgets=[make_budget(95, 100)]), "wait", "95% of the characters", "sources"),
        (make(budgets=[make_budget(100, 100)]), "wait", "All of the characters", "sources"),
        (
            make(platforms=[make_platform(budgets=(make_budget(9, 10),))]),
            "wait",
            "90%",
            "sources",
        ),
        (make(counts=NONE._replace(dead_letters=1)), "wait", "1 dead letter:", "dead"),
        (make(counts=NONE._replace(dead_letters=MOST)), "wait", "More than 1,000", "dead"),
        (
            make(report=Report((make_worker(is_there=False),), ())),
            "wait",
            "sources@a has gone",
            "workers",
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(overview, severity, said, page):
    (trouble,) = find_troubles(overview)
    assert said in trouble.what
    assert (trouble.severity, trouble.page) == (severity, page)
    assert trouble.todo.endswith(".")


def test_the_worst_comes_first():
    overview = make(counts=NONE._replace(dead_letters=1), queues={"qq": LONG})
    assert [trouble.severity for trouble in find_troubles(overview)] == ["bad", "wait"]


def test_a_pause_of_which_an_alarm_tells_is_told_once():
    alarm = make_alarm("youtube")
    platform = make_platform(is_paused=True, state=PAUSED, alarms=(alarm,), failing=10)
    assert len(find_troubles(make(platforms=[platform], alarms=[alarm]))) == 1


@pytest.mark.parametrize("key", [*PLATFORMS, "gone:1", "youtube:key:1a", "qq:adapter", "hub:a.b"])
def test_each_alarm_has_a_remedy(key):
    assert find_remedy(make_alarm(key)).endswith(".")


def test_two_kinds_of_alarms_have_two_remedies():
    assert find_remedy(make_alarm("gone:1")) != find_remedy(make_alarm("youtube:quota"))
