"""What a receiver of somebody's own is told, and what is made of its answers."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import requests
import responses
from cryptography.fernet import Fernet
from pydantic import SecretStr

from stargazer import addresses
from stargazer.errors import GoneError, RefusedError, ThrottledError, TransientError
from stargazer.keyring import Keyring
from stargazer.models import StoredEvent, User
from stargazer.rendering import Message
from stargazer.rendering.forms.plain import to_text
from workers.im.webhook import Webhook, sign

DOCUMENT = Path(__file__).parents[2] / "docs" / "webhooks.md"
KEY = SecretStr(Fernet.generate_key().decode())
SECRET = "a-secret-you-made-up"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVENT = StoredEvent(
    id=uuid4(),
    kind="youtube/new_video",
    entity=uuid4(),
    fields={"title": "A title 星"},
    happened_at=NOW,
    created_at=NOW,
)
MESSAGE = Message("Sora: New video", ("A title 星",), "https://v.test/1", ())
ID = f"{EVENT.id}:{uuid4()}"


def make_user(url):
    name, sealed = addresses.seal(Keyring(KEY), "webhook", url)
    return User(im="webhook", im_payload=name, sealed=sealed)


@pytest.fixture
def webhook(make_context, store):
    store.events.add([EVENT])
    return Webhook(make_context(secret_key=KEY))


@pytest.fixture
def user(simulator):
    return make_user(simulator.receivers.set_receiver("stars", secret=SECRET))


@pytest.fixture
def answer(webhook):
    """Give a function that says what a receiver answers, and returns how it is reacted to."""

    def react(status, headers=None):
        with responses.RequestsMock() as mocked:
            mocked.post("https://stars.test/x", status=status, headers=headers)
            return webhook.send(make_user(f"https://stars.test/x#{SECRET}"), MESSAGE, ID)

    return react


def load_receiver():
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    names = {"__name__": "receiver"}
    exec(code, names)
    return names["app"]


class TestSending:
    def test_a_message_is_signed_and_tells_what_happened(self, webhook, user, simulator):
        assert webhook.send(user, MESSAGE, ID) == (ID,)
        [call] = simulator.journal(target="webhook")
        assert (call["receiver"], call["id"], call["status"]) == ("stars", ID, 204)
        assert call["signed"]
        assert call["body"] == {
            "id": ID,
            "event": {
                "id": str(EVENT.id),
                "kind": "youtube/new_video",
                "entity": str(EVENT.entity),
                "happened_at": "2026-11-23T12:00:00+00:00",
                "fields": {"title": "A title 星"},
            },
            "message": {
                "headline": "Sora: New video",
                "lines": ["A title 星"],
                "url": "https://v.test/1",
                "picture": None,
                "text": to_text(MESSAGE),
            },
        }

    def test_without_the_event_there_is_still_the_message(self, webhook, user, simulator):
        webhook.send(user, MESSAGE, f"{uuid4()}:{uuid4()}")
        [call] = simulator.journal(target="webhook")
        assert call["body"]["event"] is None
        assert call["body"]["message"]["headline"] == "Sora: New video"

    def test_a_receiver_with_another_secret_refuses(self, webhook, user, simulator):
        simulator.receivers.set_receiver("stars", secret="another secret of it")
        with pytest.raises(TransientError, match="401"):
            webhook.send(user, MESSAGE, ID)
        assert simulator.counters()["limit_breaks"] == {"webhook_signature": 1}

    def test_what_got_no_answer_is_sent_again_and_taken_once(self, webhook, user, simulator):
        simulator.add_fault("webhook", drop=True, accept=True, count=1)
        with pytest.raises(TransientError):
            webhook.send(user, MESSAGE, ID)
        webhook.send(user, MESSAGE, ID)
        assert [call["delivered"] for call in simulator.journal(target="webhook")] == [True, False]

    def test_each_receiver_has_a_pace_of_its_own(self, webhook, user):
        [limit] = webhook.get_limits(user)
        [other] = webhook.get_limits(make_user(f"https://stars.test/x#{SECRET}"))
        assert (limit.amount, limit.period) == (10, 1.0)
        assert limit.key != other.key

    def test_too_fast_for_the_receiver_is_throttled(self, webhook, user, simulator):
        simulator.receivers.set_receiver("stars", per_second=0.1)
        webhook.send(user, MESSAGE, ID)
        with pytest.raises(ThrottledError) as caught:
            webhook.send(user, MESSAGE, ID)
        assert 5 < caught.value.retry_after <= 10


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (410, None, GoneError),
        *((status, None, RefusedError) for status in (400, 413, 415, 422)),
        (429, None, ThrottledError),
        (503, {"Retry-After": "7"}, ThrottledError),
        *((status, None, TransientError) for status in (302, 401, 404, 500, 503)),
    ],
)
def test_the_answer_says_what_becomes_of_it(answer, status, headers, error):
    with pytest.raises(error, match=str(status)) as caught:
        answer(status, headers)
    assert type(caught.value) is error
    assert "stars.test" not in str(caught.value)


class TestDocument:
    @pytest.fixture
    def post(self):
        client = load_receiver().test_client()
        return lambda body, headers: client.post("/stars", data=body, headers=headers).status_code

    def test_the_receiver_in_it_takes_what_we_send_once(self, webhook, serve, capsys):
        user = make_user(f"{serve(load_receiver())}/stars#{SECRET}")
        for _ in range(2):
            assert webhook.send(user, MESSAGE, ID) == (ID,)
        assert capsys.readouterr().out.count("Sora: New video") == 1

    @pytest.mark.parametrize(
        ("secret", "age", "sent", "status"),
        [
            (SECRET, 0, b'{"id": 1, "message": {"text": ""}}', 204),
            ("another-secret-of-it", 0, None, 401),
            (SECRET, 301, None, 401),
            (SECRET, -301, None, 401),
        ],
        ids=["ours", "a stranger's", "an old one", "one of tomorrow"],
    )
    def test_the_receiver_in_it_knows_who_has_written(self, post, secret, age, sent, status):
        body = sent or b'{"id": 2, "message": {"text": ""}}'
        now = datetime.now(UTC).timestamp()
        assert post(body, sign(secret, "1", body, now - age)) == status

    def test_the_receiver_in_it_takes_no_other_body(self, post):
        headers = sign(SECRET, "1", b"{}", datetime.now(UTC).timestamp())
        assert post(b"[]", headers) == 401
        assert post(b"{}", {}) == 401

    def test_its_example_has_every_member_that_is_sent(self, webhook, user, simulator):
        [example] = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
        webhook.send(user, MESSAGE, ID)
        [call] = simulator.journal(target="webhook")
        shown = json.loads(example)
        assert shown.keys() == call["body"].keys()
        for part in ("event", "message"):
            assert shown[part].keys() == call["body"][part].keys()


@pytest.mark.usefixtures("user")
def test_a_stranger_is_told_apart_by_the_simulated_receiver(simulator):
    answer = requests.post(f"{simulator.receivers.url}/stars", json={}, timeout=10)
    assert answer.status_code == 401
