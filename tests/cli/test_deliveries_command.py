"""What ``stargazer deliveries`` and ``stargazer users`` say and do."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from stargazer.models import Delivery, DeliveryState, Reason, StoredEvent, User

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOBODY = str(uuid4())


@pytest.fixture
def user(store):
    user = User(im="web", im_payload="hall", name="The hall")
    store.users.save(user)
    return user


@pytest.fixture
def add(store, user):
    def add(state, minutes=0, **fields):
        at = NOW + timedelta(minutes=minutes)
        event = StoredEvent(
            kind="feed/new_entry", entity=uuid4(), fields={}, happened_at=at, created_at=at
        )
        store.events.save(event)
        values = {"event": event.id, "user": user.id, "im": "web", "state": state}
        values |= {"created_at": at, "due_at": at, "finished_at": at}
        store.deliveries.add([Delivery(**{**values, **fields})])
        return str(event.id)

    return add


def list_events(run, *options):
    return [line.split()[5] for line in run("deliveries", "list", *options).output.splitlines()]


def test_they_are_listed_newest_first_with_the_reason(run, add, user):
    assert run("deliveries", "list").output == "no deliveries\n"
    old = add(DeliveryState.SENT)
    new = add(DeliveryState.FAILED, 5, code=Reason.REFUSED, reason="too long")
    first, second = run("deliveries", "list").output.splitlines()
    assert first.split() == [
        *("2026-11-25", "12:05", "web", "failed", "refused"),
        *(new, str(user.id), "too", "long"),
    ]
    assert old in second
    assert run("deliveries", "list", "--limit", "1").output.splitlines()[1].startswith("and older")


def test_they_are_filtered(run, add, user):
    sent = add(DeliveryState.SENT)
    failed = add(DeliveryState.FAILED, 5)
    other = add(DeliveryState.SENT, 10, user=uuid4(), im="telegram")
    assert list_events(run) == [other, failed, sent]
    assert list_events(run, "--user", str(user.id)) == [failed, sent]
    assert list_events(run, "--event", sent) == [sent]
    assert list_events(run, "--state", "sent") == [other, sent]
    assert list_events(run, "--im", "telegram") == [other]
    assert list_events(run, "--since", "2026-11-25T12:05") == [other, failed]
    assert list_events(run, "--since", "2026-11-25 12:01", "--im", "web") == [failed]


def test_one_is_explained(run, add, user):
    event = add(DeliveryState.FAILED, code=Reason.REFUSED, reason="too long")
    said = run("deliveries", "explain", event, str(user.id)).output
    assert said == "web refused it at 2026-11-25 12:00:00 UTC: too long.\n"
    assert run("deliveries", "explain", NOBODY, NOBODY).output == "There is no such event.\n"
    assert "拒绝" in run("deliveries", "explain", event, str(user.id), "--language", "zh").output


def test_one_is_sent_again_after_a_question(run, add, store, user):
    event = add(DeliveryState.FAILED, code=Reason.REFUSED, reason="too long")
    command = ("deliveries", "resend", event, str(user.id))
    assert run(*command, input="n\n").exit_code == 1
    assert store.deliveries.find(UUID(event), user.id).state is DeliveryState.FAILED
    answer = run(*command, input="y\n")
    assert answer.output.startswith("web refused it")
    assert answer.output.endswith("it is sent again soon\n")
    assert store.deliveries.find(UUID(event), user.id).state is DeliveryState.PENDING
    assert "Error: It is pending" in run(*command, "--yes").output


def test_users_are_listed_paused_and_resumed(run, add, store, user):
    key = str(user.id)
    assert run("users", "list", "--paused").output == "no users\n"
    assert run("users", "pause", key, "--reason", "moving house").output == "paused\n"
    assert "already" in run("users", "pause", key).output
    [line] = run("users", "list", "--paused", "--im", "web").output.splitlines()
    assert line.startswith(f"{key}  web       The hall")
    assert line.endswith(": moving house")
    assert run("users", "list", "--im", "telegram").output == "no users\n"
    add(DeliveryState.DROPPED, code=Reason.PAUSED, finished_at=datetime.now(UTC))
    assert run("users", "resume", key).output == "resumed; it missed 1 messages, and is told so\n"
    assert "not paused" in run("users", "resume", key).output
    assert store.users.find(user.id).paused is None


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_nobody_is_said_to_be_nobody(run, command):
    assert run("users", command, NOBODY).output == f"Error: there is no user {NOBODY}\n"
