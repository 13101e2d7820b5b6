"""Every method: who may call it, what it answers, and each of its errors.

Each answer is also checked against the OpenAPI document, by the fixture ``call``.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import ANY
from uuid import UUID, uuid4

import pytest

from api.rpc import METHODS, list_methods
from stargazer.accounts import new_account
from stargazer.coordinator.members import announce
from stargazer.coordinator.report import Placed, save_placed
from stargazer.models import DeadLetter, Delivery, DeliveryState, Reason, StoredEvent, User

META = {"name": {"name": {"en": "Suisei"}, "default_language": "en"}}
NAME = META["name"]
NOBODY = str(uuid4())
NEW = "a new password"
KIND = "youtube/live_start"
VIDEO = {"video_id": "v", "title": "t", "url": "https://v", "started_at": "2026-11-25T00:00:00Z"}
CALLERS = ("root", "bot", "reader", "watcher", "worker", "session", None)
ANYBODY = set(CALLERS)
KNOWN = ANYBODY - {None}
READERS = {"root", "bot", "reader"}
WRITERS = {"root", "bot"}
OPERATORS = {"root", "watcher"}

ALLOWED = {
    "health": ANYBODY,
    "getEventKinds": ANYBODY,
    "login": ANYBODY,
    "checkSession": ANYBODY,
    "delSession": ANYBODY,
    "getUser": READERS | OPERATORS,
    "getUsers": OPERATORS,
    "addUser": WRITERS,
    "delUser": WRITERS | {"session"},
    "newSession": WRITERS,
    "pauseUser": WRITERS,
    "resumeUser": WRITERS,
    "getDeliveries": OPERATORS | {"session"},
    "explainDelivery": OPERATORS | {"session"},
    "resendDelivery": {"root"},
    "authMe": {"session"},
    "getSettings": {"session"},
    "getPreviews": {"session"},
    "updateSetting": {"session"},
    "getSubscription": {"session"},
    "updateSubscription": {"session"},
    "getEntities": KNOWN,
    "getEntity": KNOWN,
    "newEntity": {"root"},
    "updateEntity": {"root"},
    "delEntity": {"root"},
    "getTasks": OPERATORS,
    "getTaskHistory": OPERATORS,
    "getEvents": OPERATORS,
    "getEvent": OPERATORS,
    "resolveAccount": {"root"},
    "addTask": {"root"},
    "updateTask": {"root"},
    "delTask": {"root"},
    "getGroups": KNOWN,
    "newGroup": {"root"},
    "updateGroup": {"root"},
    "delGroup": {"root"},
    "getInterest": READERS,
    "getFollowers": READERS | OPERATORS,
    "getUserIndex": READERS,
    "getAccounts": OPERATORS,
    "addAccount": {"root"},
    "updateAccount": {"root"},
    "delAccount": {"root"},
    "getSources": OPERATORS,
    "getOverview": OPERATORS,
    "getAlarms": OPERATORS,
    "getWorkers": {"root", "worker"},
    "getAssignments": {"root", "worker"},
    "drainWorker": {"root"},
    "undrainWorker": {"root"},
    "getDeadLetters": OPERATORS,
    "retryDeadLetter": {"root"},
    "dropDeadLetter": {"root"},
    "exportData": {"root"},
    "importData": {"root"},
}


def channel(letter):
    return {"channel_id": "UC" + letter * 22}


class World:
    """One of everything, by which the methods are called."""

    def __init__(self, call, client, store, check_answer, workers) -> None:
        self.store = store
        self._check_answer = check_answer
        self._call = call
        self._client = client
        self.group = self.ask("newGroup", name=NAME)["id"]
        accounts = [{"kind": "youtube", "params": channel(letter)} for letter in "ab"]
        entity = self.ask("newEntity", meta=META, tasks=accounts)
        self.entity = entity["id"]
        self.task, self.other_task = (task["id"] for task in entity["tasks"])
        wish = {"entities": [self.entity], "kinds": [KIND]}
        user = {"im": "telegram", "im_payload": "1", "event_filter": wish}
        self.user = self.ask("addUser", **user)["id"]
        self.token = self.ask("newSession", user_id=self.user)["token"]
        self.worker, self.drained = workers
        self.letter = self._bury({"kind": KIND, "entity": self.entity, "fields": VIDEO})
        self.garbage = self._bury({"kind": KIND})
        self.event = self.deliver(DeliveryState.FAILED, code=Reason.REFUSED)

    def deliver(self, state: DeliveryState, user: str | None = None, **fields: Any) -> str:
        now = datetime.now(UTC)
        event = StoredEvent(
            kind=KIND, entity=self.entity, fields=VIDEO, happened_at=now, created_at=now
        )
        self.store.events.save(event)
        self.store.deliveries.add(
            [
                Delivery(
                    event=event.id,
                    user=UUID(user or self.user),
                    im="telegram",
                    state=state,
                    created_at=now,
                    due_at=now,
                    finished_at=now,
                    **fields,
                )
            ]
        )
        return str(event.id)

    def pause(self) -> dict[str, Any]:
        self.ask("pauseUser", user_id=self.user)
        return {"user_id": self.user}

    def ref(self, event: str, user: str | None = None) -> dict[str, Any]:
        return {"event_id": event, "user_id": user or self.user}

    def _bury(self, body: Any) -> str:
        letter = DeadLetter(
            body=json.dumps(body), by="publish", reason="why", created_at=datetime.now(UTC)
        )
        self.store.dead_letters.insert(letter)
        return str(letter.id)

    def call(self, method: str, by: str | None, params: dict[str, Any]) -> tuple[int, Any]:
        if by != "session":
            return self._call(method, params, by=by)
        headers = {"Authorization": f"Bearer {self.token}"}
        response = self._client.post(f"/v1/{method}", json=params, headers=headers)
        self._check_answer(method, response.status_code, response.json)
        return response.status_code, response.json

    def ask(self, method: str, by: str | None = "root", **params: Any) -> Any:
        status, answer = self.call(method, by, params)
        assert status == 200, answer
        assert answer["success"] is True
        return answer["data"]


@pytest.fixture
def workers(store, redis_client, make_member):
    """Give a worker that watches what there is, and one that is drained."""
    nodes = ("sources@a", "sources@b")
    for node in nodes:
        announce(redis_client, make_member(node), timedelta(minutes=5))
    store.drained.add(nodes[1])
    placed = Placed(shares={nodes[0]: 4}, scheduled=2, by_node={nodes[0]: 2})
    save_placed(redis_client, "youtube", placed)
    return nodes


@pytest.fixture
def world(call, client, store, check_answer, workers):
    return World(call, client, store, check_answer, workers)


#: What each method is called with, and what its answer has.
SUCCESS = {
    "health": lambda _: ({}, {"database": True, "broker": True}),
    "getEventKinds": lambda _: ({}, {}),
    "login": lambda _: ({"username": "root", "password": "correct horse"}, {}),
    "checkSession": lambda w: ({"token": w.token}, {"valid": True, "user_id": w.user}),
    "delSession": lambda w: ({"token": w.token}, {}),
    "getUser": lambda w: ({"user_id": w.user}, {"id": w.user, "im_payload": "1", "paused": None}),
    "getUsers": lambda _: (
        {"im": "telegram", "paused": False},
        {"next_cursor": None, "users": [ANY]},
    ),
    "addUser": lambda _: ({"im": "web", "im_payload": "2"}, {"im": "web", "im_payload": "2"}),
    "delUser": lambda w: ({"user_id": w.user}, {}),
    "newSession": lambda w: ({"user_id": w.user}, {}),
    "pauseUser": lambda w: ({"user_id": w.user, "reason": "why"}, {"paused": "why"}),
    "resumeUser": lambda w: (w.pause(), {"missed": 0}),
    "getDeliveries": lambda _: ({"state": "failed"}, {"next_cursor": None}),
    "explainDelivery": lambda w: (
        {"event_id": w.event, "user_id": w.user},
        {"code": "failed_refused"},
    ),
    "resendDelivery": lambda w: ({"event_id": w.event, "user_id": w.user}, {}),
    "authMe": lambda w: ({"user_id": w.user}, {}),
    "getSettings": lambda w: ({}, {"user_id": w.user}),
    "getPreviews": lambda _: ({}, {}),
    "updateSetting": lambda w: ({"translate": True}, {"user_id": w.user}),
    "getSubscription": lambda _: ({}, {"kinds": [KIND], "next_cursor": None}),
    "updateSubscription": lambda w: ({"remove": [w.entity]}, {}),
    "getEntities": lambda _: ({}, {"next_cursor": None}),
    "getEntity": lambda w: ({"entity_id": w.entity}, {"id": w.entity}),
    "newEntity": lambda w: ({"meta": {**META, "group": w.group}}, {"tasks": []}),
    "updateEntity": lambda w: ({"entity_id": w.entity, "meta": META}, {"id": w.entity}),
    "delEntity": lambda w: ({"entity_id": w.entity}, {}),
    "getTaskHistory": lambda w: (
        {"task_id": w.task},
        {"worker": "sources@a", "due_in": ANY, "lease": None, "events": [], "missing": None},
    ),
    "getEvents": lambda w: (
        {"entity_id": w.entity, "kind": KIND, "state": "open"},
        {"next_cursor": None},
    ),
    "getEvent": lambda w: (
        {"event_id": w.event},
        {"id": w.event, "title": "t", "fields": VIDEO, "deliveries_by_state": {"failed": 1}},
    ),
    "resolveAccount": lambda w: (
        {"address": f"https://www.youtube.com/channel/{channel('a')['channel_id']}/streams"},
        {
            "kind": "youtube",
            "params": channel("a"),
            "watched_by": [
                {"entity_id": w.entity, "task_id": w.task, "paused": False, "meta": ANY}
            ],
        },
    ),
    "getTasks": lambda w: ({"entity_id": w.entity}, {"next_cursor": None}),
    "addTask": lambda w: (
        {"entity_id": w.entity, "kind": "youtube", "params": channel("c")},
        {"params": channel("c"), "looked_at": None, "failures": 0, "paused": False},
    ),
    "updateTask": lambda w: ({"task_id": w.task, "paused": True}, {"id": w.task, "paused": True}),
    "delTask": lambda w: ({"task_id": w.task}, {}),
    "getGroups": lambda w: ({}, {"groups": [{"id": w.group, "name": NAME}]}),
    "newGroup": lambda _: ({"name": NAME}, {"name": NAME}),
    "updateGroup": lambda w: ({"group_id": w.group, "name": NAME}, {"id": w.group}),
    "delGroup": lambda w: ({"group_id": w.group}, {}),
    "getInterest": lambda w: ({"entity_id": w.entity, "kind": KIND}, {"next_cursor": None}),
    "getFollowers": lambda w: ({"about": w.entity}, {"followers": 1}),
    "getUserIndex": lambda w: ({"im": "telegram"}, {"index": {w.entity: {KIND: ["1"]}}}),
    "getAccounts": lambda _: ({}, {"next_cursor": None}),
    "addAccount": lambda _: (
        {"username": "new", "password": NEW, "permissions": {"api": "ro"}},
        {"username": "new", "permissions": {"api": "ro"}},
    ),
    "updateAccount": lambda _: (
        {"username": "reader", "permissions": {"api": "rw"}},
        {"username": "reader", "permissions": {"api": "rw"}},
    ),
    "delAccount": lambda _: ({"username": "worker"}, {}),
    "getSources": lambda _: ({}, {}),
    "getOverview": lambda _: ({}, {}),
    "getAlarms": lambda _: ({}, {"alarms": [], "next_cursor": None}),
    "getWorkers": lambda _: (
        {},
        {"kinds": [{"kind": "youtube", "tasks": 2, "unassigned": 0, "overdue": ANY}]},
    ),
    "getAssignments": lambda w: ({"worker": w.worker, "limit": 2}, {"next_cursor": None}),
    "drainWorker": lambda w: ({"worker": w.worker}, {}),
    "undrainWorker": lambda w: ({"worker": w.drained}, {}),
    "getDeadLetters": lambda _: ({}, {"next_cursor": None}),
    "retryDeadLetter": lambda w: ({"dead_letter_id": w.letter}, {}),
    "dropDeadLetter": lambda w: ({"dead_letter_id": w.letter}, {}),
    "exportData": lambda _: ({"format": "opml"}, {}),
    "importData": lambda w: (
        {"document": w.ask("exportData")["document"], "dry_run": True},
        {"format": "an export of Stargazer", "changes": [], "left_off": 0},
    ),
}


def add_members(world):
    world.ask("updateEntity", entity_id=world.entity, meta={**META, "group": world.group})
    return {"group_id": world.group}


def fail_ten_times(world):
    wrong = {"username": "bot", "password": "wrong"}
    for _ in range(10):
        assert world.call("login", None, wrong)[0] == 403
    return {"username": "bot", "password": "correct horse, but too late"}


def add_mute(world):
    mute = {"username": "mute", "password": NEW}
    world.ask("addAccount", **mute, permissions={"mq": "ro"})
    return mute


def resend_paused(world):
    world.pause()
    return world.ref(world.event)


def resend_without_event(world):
    world.store.events.delete(UUID(world.event))
    return world.ref(world.event)


def resend_in_hand(world):
    event = world.deliver(DeliveryState.PENDING, claim="a worker")
    return {**world.ref(event), "force": True}


def add_many(world):
    users = [User(im="web", im_payload=str(n), avatar="x" * 1024 * 1024) for n in range(17)]
    for user in users:
        world.store.users.save(user)
    return {}


def another_task(world):
    return {"entity_id": world.entity, "kind": "youtube", "params": channel("a")}


#: Each error that is a method's own: method, code, by whom, and what leads to it.
ERRORS = [
    ("login", "wrong_credentials", None, lambda _: {"username": "root", "password": "x"}),
    ("login", "permission_denied", None, add_mute),
    ("login", "too_many_failures", None, fail_ten_times),
    ("delSession", "session_not_found", None, lambda _: {"token": "nope"}),
    ("getUser", "user_not_found", "bot", lambda _: {"user_id": NOBODY}),
    ("addUser", "user_exists", "bot", lambda _: {"im": "telegram", "im_payload": "1"}),
    (
        "addUser",
        "secret_key_missing",
        "bot",
        lambda _: {"im": "webhook", "im_payload": "https://a.example/#a-secret-of-the-receiver"},
    ),
    ("delUser", "user_not_found", "bot", lambda _: {"im": "web", "im_payload": "1"}),
    ("delUser", "foreign_user", "session", lambda _: {"user_id": NOBODY}),
    ("pauseUser", "user_not_found", "bot", lambda _: {"user_id": NOBODY}),
    ("resumeUser", "user_not_found", "bot", lambda _: {"user_id": NOBODY}),
    ("resumeUser", "user_not_paused", "bot", lambda w: {"user_id": w.user}),
    ("getDeliveries", "foreign_user", "session", lambda _: {"user_id": NOBODY}),
    ("explainDelivery", "foreign_user", "session", lambda w: w.ref(w.event, NOBODY)),
    ("resendDelivery", "delivery_not_found", "root", lambda w: w.ref(NOBODY)),
    ("resendDelivery", "event_not_found", "root", resend_without_event),
    (
        "resendDelivery",
        "user_not_found",
        "root",
        lambda w: w.ref(w.deliver(DeliveryState.FAILED, NOBODY), NOBODY),
    ),
    ("resendDelivery", "user_paused", "root", resend_paused),
    (
        "resendDelivery",
        "delivery_sent",
        "root",
        lambda w: w.ref(w.deliver(DeliveryState.SENT)),
    ),
    (
        "resendDelivery",
        "delivery_pending",
        "root",
        lambda w: w.ref(w.deliver(DeliveryState.PENDING)),
    ),
    ("resendDelivery", "delivery_changed", "root", resend_in_hand),
    ("newSession", "user_not_found", "bot", lambda _: {"user_id": NOBODY}),
    ("authMe", "foreign_user", "session", lambda _: {"user_id": NOBODY}),
    ("getEntity", "entity_not_found", "session", lambda _: {"entity_id": NOBODY}),
    ("newEntity", "group_not_found", "root", lambda _: {"meta": {**META, "group": NOBODY}}),
    ("updateEntity", "entity_not_found", "root", lambda _: {"entity_id": NOBODY, "meta": META}),
    (
        "updateEntity",
        "group_not_found",
        "root",
        lambda w: {"entity_id": w.entity, "meta": {**META, "group": NOBODY}},
    ),
    ("delEntity", "entity_not_found", "root", lambda _: {"entity_id": NOBODY}),
    ("getTasks", "entity_not_found", "watcher", lambda _: {"entity_id": NOBODY}),
    (
        "addTask",
        "entity_not_found",
        "root",
        lambda _: {"entity_id": NOBODY, "kind": "youtube", "params": channel("c")},
    ),
    ("addTask", "task_exists", "root", another_task),
    (
        "addTask",
        "unknown_account",
        "root",
        lambda w: {"entity_id": w.entity, "address": "a.example/x"},
    ),
    (
        "newEntity",
        "unknown_account",
        "root",
        lambda _: {"meta": META, "tasks": [{"address": "a.example/x"}]},
    ),
    (
        "updateTask",
        "unknown_account",
        "root",
        lambda w: {"task_id": w.task, "params": {"channel_id": "@nobody"}},
    ),
    ("updateTask", "task_not_found", "root", lambda _: {"task_id": NOBODY}),
    ("getTaskHistory", "task_not_found", "watcher", lambda _: {"task_id": NOBODY}),
    ("getEvent", "event_not_found", "watcher", lambda _: {"event_id": NOBODY}),
    ("resolveAccount", "unknown_account", "root", lambda _: {"address": "a.example/x"}),
    (
        "updateTask",
        "task_exists",
        "root",
        lambda w: {"task_id": w.task, "params": channel("b")},
    ),
    ("delTask", "task_not_found", "root", lambda _: {"task_id": NOBODY}),
    ("updateGroup", "group_not_found", "root", lambda _: {"group_id": NOBODY, "name": NAME}),
    ("delGroup", "group_not_found", "root", lambda _: {"group_id": NOBODY}),
    ("delGroup", "group_in_use", "root", add_members),
    ("getInterest", "entity_not_found", "bot", lambda _: {"entity_id": NOBODY, "kind": KIND}),
    (
        "addAccount",
        "account_exists",
        "root",
        lambda _: {"username": "bot", "password": NEW, "permissions": {}},
    ),
    ("updateAccount", "account_not_found", "root", lambda _: {"username": "x"}),
    ("delAccount", "account_not_found", "root", lambda _: {"username": "x"}),
    (
        "retryDeadLetter",
        "dead_letter_not_found",
        "root",
        lambda _: {"dead_letter_id": NOBODY},
    ),
    ("retryDeadLetter", "still_dead", "root", lambda w: {"dead_letter_id": w.garbage}),
    ("dropDeadLetter", "dead_letter_not_found", "root", lambda _: {"dead_letter_id": NOBODY}),
    ("drainWorker", "worker_not_found", "root", lambda _: {"worker": "x"}),
    ("undrainWorker", "worker_not_drained", "root", lambda w: {"worker": w.worker}),
    ("exportData", "export_too_large", "root", add_many),
    ("importData", "invalid_document", "root", lambda _: {"document": "hello"}),
]

#: What no single call leads to, with the test that shows it.
SHOWN_ELSEWHERE = {
    ("updateAccount", "account_changed"),
    # A platform that is away: tests/api/test_adding.py.
    ("addTask", "platform_unavailable"),
    ("newEntity", "platform_unavailable"),
    ("updateTask", "platform_unavailable"),
    ("resolveAccount", "platform_unavailable"),
}


def test_the_tables_have_every_method_and_every_error():
    names = {method.name for method in list_methods()}
    assert set(SUCCESS) == set(ALLOWED) == names
    declared = {(method.name, code) for method in list_methods() for code in method.errors}
    assert {(method, code) for method, code, _, _ in ERRORS} == declared - SHOWN_ELSEWHERE


@pytest.mark.parametrize("by", CALLERS)
@pytest.mark.parametrize("method", ALLOWED)
def test_who_may_call(world, method, by):
    params, _ = SUCCESS[method](world)
    status, answer = world.call(method, by, params)
    if by in ALLOWED[method]:
        assert status == 200, answer
    elif by is None:
        assert (status, answer["data"]["code"]) == (401, "credentials_missing")
    else:
        assert (status, answer["data"]["code"]) == (403, "permission_denied")


@pytest.mark.parametrize("method", SUCCESS)
def test_what_is_answered(world, method):
    params, expected = SUCCESS[method](world)
    by = "root" if "root" in ALLOWED[method] else "session"
    data = world.ask(method, by=by, **params)
    assert data == {**data, **expected}
    assert set(data) == set(METHODS[method].result.model_fields)


@pytest.mark.parametrize(
    ("method", "code", "by", "prepare"), ERRORS, ids=[f"{row[0]}-{row[1]}" for row in ERRORS]
)
def test_each_error(world, method, code, by, prepare):
    status, answer = world.call(method, by, prepare(world))
    assert (status, answer["data"]["code"]) == (METHODS[method].errors[code], code)
    assert answer["success"] is False
    assert len(answer["data"]["error"]) >= 2


@pytest.mark.parametrize("method", ALLOWED)
def test_what_a_method_does_not_know_is_refused(world, method):
    by = "root" if "root" in ALLOWED[method] else "session"
    status, answer = world.call(method, by, {"surely_unknown": 1})
    assert status == 400
    assert any("`surely_unknown`" in said for said in answer["data"]["error"])


@pytest.mark.parametrize(
    ("method", "params", "path"),
    [
        ("updateSetting", {"event_filter": {"entities": [NOBODY]}}, "`event_filter.entities`"),
        ("updateSubscription", {"add": [{"entity_id": NOBODY}]}, "`add`"),
        ("updateSubscription", {"replace": [{"entity_id": NOBODY}]}, "`replace`"),
        ("updateSubscription", {"replace": [], "remove": [NOBODY]}, "`body`"),
        ("updateTask", {"params": {"channel_id": ""}}, "`params.channel_id`"),
        ("addAccount", {"username": "a b", "password": NEW, "permissions": {}}, "`username`"),
        ("addAccount", {"username": "a", "password": "short", "permissions": {}}, "`password`"),
        ("addAccount", {"username": "a", "password": NEW, "permissions": {"x": "rw"}}, "`permi"),
        ("login", {"username": "root"}, "`body`"),
        ("getTasks", {"limit": 501}, "`limit`"),
        ("getGroups", {"limit": 0}, "`limit`"),
    ],
)
def test_what_is_wrong_is_named_with_its_path(world, method, params, path):
    by = "root" if "root" in ALLOWED[method] else "session"
    if method == "updateTask":
        params = {**params, "task_id": world.task}
    status, answer = world.call(method, by, params)
    assert (status, answer["data"]["code"]) == (400, "invalid_parameters")
    assert any(said.startswith(path) for said in answer["data"]["error"]), answer


def test_an_account_that_somebody_else_changes_is_not_written_over(store):
    account = new_account("shared", NEW, ["api:ro"])
    store.accounts.save(account)
    changed = new_account("shared", "another password", ["api:ro"])
    assert store.accounts.replace(account, changed)
    assert not store.accounts.replace(account, changed)
