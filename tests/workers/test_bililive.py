import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask

from stargazer.bilibili import list_rooms
from stargazer.models import Task
from workers.sources.bililive import WATCHER
from workers.sources.contract import look

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(settings, simulator):
    return settings.model_copy(update={"bililive_api_url": simulator.bilibili.live_url})


@pytest.fixture
def bilibili(simulator):
    return simulator.bilibili


@pytest.fixture
def add(store, bilibili):
    def add(*uids):
        tasks = []
        for uid in uids:
            bilibili.set_room(
                uid, room_id=int(uid) + 1000, uname=f"Name {uid}", title="歌", area_v2_name="唱见"
            )
            tasks.append(Task(entity=uuid4(), kind="bililive", params={"uid": uid}, created_at=NOW))
            store.tasks.save(tasks[-1])
        return tasks

    return add


@pytest.fixture
def see(context, celery_app, store):
    def see(minutes):
        look(context, celery_app, WATCHER, list(store.tasks.list_all()), NOW + minutes * MINUTE)

    return see


@pytest.fixture
def told(store):
    known = set()

    def told():
        new = [event for event in store.events.list_latest(500) if event.id not in known]
        known.update(event.id for event in new)
        new.sort(key=lambda event: (event.created_at, event.kind))
        return [event.kind.partition("/")[2] for event in new]

    return told


def test_a_stream_is_told_when_it_begins_is_renamed_and_has_ended(add, bilibili, see, told, store):
    add("5")
    see(0)
    bilibili.set_room("5", live_status=1, live_time=NOW + MINUTE)
    see(2)
    (event,) = store.events.list_latest(9)
    assert (event.kind, event.source_id) == (
        "bililive/live_start",
        f"5:{int((NOW + MINUTE).timestamp())}",
    )
    assert event.fields == {
        "title": "歌",
        "url": "https://live.bilibili.com/1005",
        "author": "Name 5",
        "category": "唱见",
        "started_at": "2026-11-25T12:01:00+00:00",
        "x-translate-fields": ["/title"],
        "x-translate-from": "zh",
        "language": "zh",
    }
    assert told() == ["live_start"]
    bilibili.set_room("5", title="歌 2")
    see(3)
    assert told() == ["live_title"]
    bilibili.set_room("5", live_status=0, live_time=0)
    see(4)
    assert told() == []
    see(4.5)
    assert told() == ["live_end"]
    (end,) = [each for each in store.events.list_latest(9) if each.kind == "bililive/live_end"]
    assert end.fields["ended_at"] == "2026-11-25T12:04:00+00:00"
    assert not any(name.startswith("x-") for name in end.fields)


def test_one_that_is_on_at_the_first_look_is_silent(add, bilibili, see, told):
    add("5")
    bilibili.set_room("5", live_status=1, live_time=NOW)
    see(0)
    see(1)
    assert told() == []


def test_old_videos_in_turn_are_no_stream(add, bilibili, see, told):
    add("5")
    see(0)
    bilibili.set_room("5", live_status=2)
    see(1)
    assert told() == []


def test_a_stream_that_is_cut_and_goes_on_is_one(add, bilibili, see, told):
    add("5")
    see(0)
    bilibili.set_room("5", live_status=1, live_time=NOW + MINUTE)
    see(2)
    bilibili.set_room("5", live_status=0, live_time=0)
    see(3)
    bilibili.set_room("5", live_status=1, live_time=NOW + 3 * MINUTE)
    see(4)
    assert told() == ["live_start"]


def test_a_second_stream_is_another_one(add, bilibili, see, told):
    add("5")
    see(0)
    bilibili.set_room("5", live_status=1, live_time=NOW + MINUTE)
    see(2)
    bilibili.set_room("5", live_status=0, live_time=0)
    for minute in (30, 31):
        see(minute)
    bilibili.set_room("5", live_status=1, live_time=NOW + 60 * MINUTE)
    see(61)
    assert told() == ["live_start", "live_end", "live_start"]


def test_a_stream_without_a_time_is_told_once_when_it_has_one(add, bilibili, see, told):
    add("5")
    see(0)
    bilibili.set_room("5", live_status=1, live_time=0)
    see(1)
    assert told() == []
    bilibili.set_room("5", live_time=NOW + MINUTE)
    see(2)
    bilibili.set_room("5", live_time=0)
    see(3)
    assert told() == ["live_start"]


def test_a_hundred_accounts_cost_one_request(add, see, simulator):
    add(*map(str, range(1, 231)))
    see(0)
    assert [each["uids"] for each in simulator.journal(target="bililive")] == [100, 100, 30]
    assert simulator.counters()["limit_breaks"] == {}


def test_an_account_without_a_room_is_told_in_its_status_alone(add, bilibili, see, store):
    here, bare = add("5", "6")
    bilibili.remove_room("6")
    see(0)
    assert store.tasks.find(here.id).watch.failures == 0
    assert "no live room" in store.tasks.find(bare.id).watch.last_error


def test_an_empty_answer_where_there_were_rooms_is_not_believed(add, bilibili, see, told, store):
    add("5", "6")
    for uid in "56":
        bilibili.set_room(uid, live_status=1, live_time=NOW)
    see(0)
    for uid in "56":
        bilibili.remove_room(uid)
    for minute in (1, 5, 15):
        see(minute)
    assert told() == []
    assert "empty answer" in store.platforms.get("bililive").last_error
    for uid in "56":
        bilibili.set_room(uid, live_status=1, live_time=NOW, title="歌", area_v2_name="唱见")
    see(120)
    assert told() == []


@pytest.mark.parametrize(
    ("fault", "pauses"),
    [
        ({"code": -352}, [5, 20, 45, 45]),
        ({"code": -412}, [30, 60, 120, 120]),
        ({"status": 412}, [30, 60, 120, 120]),
        ({"code": -799}, [1, 2, 4, 8]),
        ({"status": 429}, [1, 2, 4, 8]),
    ],
    ids=str,
)
def test_where_we_are_not_wanted_we_stay_away_for_longer_each_time(
    add, see, simulator, store, fault, pauses
):
    add("5")
    see(0)
    simulator.add_fault("bililive", **fault)
    at, found = 1, []
    for _ in pauses:
        see(at)
        state = store.platforms.get("bililive")
        found.append((state.paused_until - NOW) / MINUTE - at)
        before = len(simulator.journal(target="bililive"))
        see(at + found[-1] / 2)
        assert len(simulator.journal(target="bililive")) == before
        at += found[-1]
    assert found == pauses
    (alarm,) = store.alarms.list_all()
    assert (alarm.key, alarm.raised_at, alarm.ended_at) == ("bililive", NOW + MINUTE, None)
    assert state.paused_since == NOW + MINUTE
    simulator.clear_faults()
    simulator.bilibili.set_room("5", live_status=1, live_time=NOW + at * MINUTE)
    see(at)
    assert [event.kind for event in store.events.list_latest(9)] == ["bililive/live_start"]
    assert store.alarms.list_all()[0].ended_at is not None


def test_recorded_rooms_are_read(recorded, context, serve):
    body = recorded("bilibili/bili_live_status.json")
    app = Flask("bilibili")
    app.get("/room/v1/Room/get_status_info_by_uids")(lambda: body)
    rooms = list_rooms(context.http, serve(app), ["13164144"])
    assert rooms["13164144"].live_status == 2
    assert rooms["13164144"].room_id == 3044248


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"code": 0, "data": "x"}', '{"data": {}}',
                                  '{"code": 0, "data": {"5": {"uid": "x"}}}'])  # fmt: skip
def test_garbage_is_a_failed_look(body, add, make_context, celery_app, serve, store):
    (task,) = add("5")
    app = Flask("bilibili")
    app.get("/room/v1/Room/get_status_info_by_uids")(lambda: body)
    context = make_context(bililive_api_url=serve(app))
    look(context, celery_app, WATCHER, [task], NOW)
    assert store.platforms.get("bililive").failures == 1
    assert store.tasks.find(task.id).watch.failures == 1


def test_a_list_of_nothing_is_nothing(context, serve):
    app = Flask("bilibili")
    app.get("/room/v1/Room/get_status_info_by_uids")(lambda: json.dumps({"code": 0, "data": []}))
    assert list_rooms(context.http, serve(app), ["5"]) == {}
