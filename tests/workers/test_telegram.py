"""What Telegram is told, and what is made of what it says."""

import json
from datetime import timedelta

import pytest
import responses
from flask import Flask
from pydantic import SecretStr

from stargazer.errors import (
    GoneError,
    MediaRefusedError,
    MovedError,
    RefusedError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.models import User
from stargazer.rendering import Message
from stargazer.rendering.forms.plain import to_text
from stargazer.rendering.forms.telegram import to_html
from workers.im.telegram import Telegram

API = "https://api.telegram.test"
TOKEN = "1000:simulated"
USER = User(im="telegram", im_payload="42")
MESSAGE = Message("Sora: Live now", ("A <title> & more",), "https://youtu.be/1?a=b&c=d")
PICTURE = "https://i.ytimg.com/1.jpg"


@pytest.fixture
def telegram(context):
    return Telegram(context)


@pytest.fixture
def answer(make_context):
    """Give a function that says what Telegram answers next, and returns how it is reacted to."""

    def react(body, status=200, message=MESSAGE, **kwargs):
        bot = Telegram(make_context(telegram_api_url=API))
        with responses.RequestsMock() as mocked:
            kwargs = {"json": body} if isinstance(body, dict) else {"body": body, **kwargs}
            mocked.post(f"{API}/bot{TOKEN}/sendMessage", status=status, **kwargs)
            return bot.send(USER, message, "key")

    return react


def refuse(status, description, **parameters):
    body = {"ok": False, "error_code": status, "description": description}
    return body | ({"parameters": parameters} if parameters else {})


class TestSending:
    def test_a_message_is_html_and_its_number_is_returned(self, telegram, simulator):
        assert telegram.send(USER, MESSAGE, "key") == ("1",)
        [call] = simulator.journal(target="telegram")
        assert (call["method"], call["chat_id"], call["delivered"]) == ("sendMessage", 42, True)
        assert call["text"] == (
            "<b>Sora: Live now</b>\nA &lt;title&gt; &amp; more\nhttps://youtu.be/1?a=b&amp;c=d"
        )

    def test_a_message_with_a_picture_is_a_photo(self, telegram, simulator):
        message = MESSAGE._replace(pictures=(PICTURE,))
        assert telegram.send(USER, message, "key") == ("1",)
        [call] = simulator.journal(target="telegram")
        assert (call["method"], call["photo"]) == ("sendPhoto", PICTURE)
        assert call["text"] == to_html(message)

    def test_a_picture_that_is_refused_is_left_out(self, telegram, simulator):
        simulator.set_chat(42, photo_refused=True)
        telegram.send(USER, MESSAGE._replace(pictures=(PICTURE,)), "key")
        calls = simulator.journal(target="telegram")
        assert [call["method"] for call in calls] == ["sendPhoto", "sendMessage"]
        assert [call["delivered"] for call in calls] == [False, True]
        assert calls[1]["text"] == to_html(MESSAGE)

    @pytest.mark.parametrize(
        ("title", "method"),
        [
            ("a" * 1000, "sendPhoto"),
            ("a" * 1001, "sendMessage"),
            ("<" * 1000, "sendPhoto"),
            ("🎉" * 500, "sendPhoto"),
            ("🎉" * 501, "sendMessage"),
        ],
        ids=["fits", "too long", "fits without its escapes", "fits in UTF-16", "too long in it"],
    )
    def test_a_caption_is_measured_as_telegram_does(self, telegram, simulator, title, method):
        # Headline, URL and two line ends take the other 24 units.
        message = Message("h" * 11, (title,), "https://u.v", (PICTURE,))
        telegram.send(USER, message, "key")
        [call] = simulator.journal(target="telegram")
        assert (call["method"], call["delivered"]) == (method, True)

    @pytest.mark.parametrize("address", ["42", "-42", "-1001234567890", "@channel"])
    def test_every_sort_of_chat_is_reached(self, telegram, simulator, address):
        telegram.send(USER.model_copy(update={"im_payload": address}), MESSAGE, "key")
        assert simulator.journal(target="telegram")[0]["delivered"]

    def test_html_that_telegram_does_not_understand_goes_out_as_plain_text(self, make_context):
        bot = Telegram(make_context(telegram_api_url=API))
        with responses.RequestsMock() as mocked:
            url = f"{API}/bot{TOKEN}/sendMessage"
            unparsable = refuse(400, "Bad Request: can't parse entities: unsupported start tag")
            mocked.post(url, json=unparsable, status=400)
            mocked.post(url, json={"ok": True, "result": {"message_id": 7}})
            assert bot.send(USER, MESSAGE, "key") == ("7",)
            sent = json.loads(mocked.calls[1].request.body)
        assert sent == {"chat_id": "42", "text": to_text(MESSAGE)}


class TestRefusals:
    def test_a_user_who_blocked_the_bot_is_gone(self, telegram, simulator):
        simulator.set_chat(42, blocked=True)
        with pytest.raises(GoneError, match="blocked by the user"):
            telegram.send(USER, MESSAGE, "key")

    def test_a_chat_that_does_not_exist_is_gone(self, telegram, simulator):
        simulator.set_chat(42, missing=True)
        with pytest.raises(GoneError, match="chat not found"):
            telegram.send(USER, MESSAGE._replace(pictures=(PICTURE,)), "key")
        assert len(simulator.journal(target="telegram")) == 1

    def test_a_group_that_migrated_has_moved(self, telegram, simulator):
        simulator.set_chat(-5, migrated_to=-1005)
        with pytest.raises(MovedError) as caught:
            telegram.send(USER.model_copy(update={"im_payload": "-5"}), MESSAGE, "key")
        assert caught.value.address == "-1005"

    def test_a_flood_is_throttled_for_as_long_as_telegram_says(self, telegram):
        telegram.send(USER, MESSAGE, "key")
        with pytest.raises(ThrottledError) as caught:
            telegram.send(USER, MESSAGE, "key")
        assert caught.value.retry_after == 1

    def test_a_wrong_token_is_nobodys_fault_and_tried_again_later(self, telegram, simulator):
        simulator.set_credentials(bot_tokens=["1000:another"])
        with pytest.raises(ThrottledError) as caught:
            telegram.send(USER, MESSAGE, "key")
        assert caught.value.retry_after >= 60

    def test_without_a_token_nobody_is_asked(self, make_context, simulator):
        with pytest.raises(ThrottledError):
            Telegram(make_context(telegram_token=SecretStr(""))).send(USER, MESSAGE, "key")
        assert simulator.journal(target="telegram") == []

    def test_silence_after_the_message_was_accepted_is_unknown(self, make_context, simulator):
        simulator.add_fault("telegram", accept=True, drop=True)
        with pytest.raises(UnknownOutcomeError):
            Telegram(make_context()).send(USER, MESSAGE, "key")
        assert simulator.counters()["delivered"] == 1

    def test_silence_instead_of_an_answer_is_unknown(self, make_context, simulator):
        simulator.add_fault("telegram", delay=1, count=1)
        with pytest.raises(UnknownOutcomeError):
            Telegram(make_context(http_timeout=timedelta(seconds=0.2))).send(USER, MESSAGE, "key")

    def test_a_telegram_that_is_away_is_tried_again(self, make_context, free_port):
        away = make_context(telegram_api_url=f"http://127.0.0.1:{free_port()}")
        with pytest.raises(TransientError):
            Telegram(away).send(USER, MESSAGE, "key")

    @pytest.mark.parametrize(
        ("status", "description", "error"),
        [
            (400, "Bad Request: chat not found", GoneError),
            (400, "Bad Request: PEER_ID_INVALID", GoneError),
            (400, "Bad Request: group is deactivated", GoneError),
            (400, "Bad Request: not enough rights to send text messages to the chat", GoneError),
            (403, "Forbidden: bot was blocked by the user", GoneError),
            (403, "Forbidden: user is deactivated", GoneError),
            (403, "Forbidden: bot was kicked from the supergroup chat", GoneError),
            (403, "Forbidden: bot can't initiate conversation with a user", GoneError),
            (403, "Forbidden: something new", GoneError),
            (400, "Bad Request: wrong file identifier/HTTP URL specified", MediaRefusedError),
            (400, "Bad Request: failed to get HTTP URL content", MediaRefusedError),
            (400, "Bad Request: WEBPAGE_CURL_FAILED", MediaRefusedError),
            (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", MediaRefusedError),
            (400, "Bad Request: message is too long", RefusedError),
            (400, "Bad Request: message text is empty", RefusedError),
            (413, "Request Entity Too Large", RefusedError),
            (429, "Too Many Requests: retry after 30", ThrottledError),
            (401, "Unauthorized", ThrottledError),
            (404, "Not Found", ThrottledError),
            (500, "Internal Server Error", TransientError),
            (502, "Bad Gateway", TransientError),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_what_telegram_says_decides(self, answer, status, description, error):
        with pytest.raises(error) as caught:
            answer(refuse(status, description), status)
        assert type(caught.value) is error

    def test_what_telegram_really_said_once_is_understood(self, answer, recorded):
        expected = [MovedError, GoneError, GoneError, ThrottledError, ThrottledError]
        bodies = json.loads(recorded("telegram/error_bodies.json"))
        for each, error in zip(bodies, expected, strict=True):
            with pytest.raises(error) as caught:
                answer(each["body"], each["http_status"])
        assert caught.value.retry_after == 30


class TestNonsense:
    @pytest.mark.parametrize(
        ("status", "error"),
        [(200, UnknownOutcomeError), (400, TransientError), (502, TransientError)],
        ids=str,
    )
    @pytest.mark.parametrize("body", ["<html>Bad Gateway", "", "[]", "null", '{"ok":'])
    def test_a_page_of_a_gateway_is_passing_trouble_and_half_an_answer_unknown(
        self, answer, body, status, error
    ):
        with pytest.raises(error):
            answer(body, status)

    @pytest.mark.parametrize(
        "body",
        [{"ok": True}, {"ok": True, "result": True}, {"ok": True, "result": {}}],
        ids=["no result", "another result", "no number"],
    )
    def test_a_message_that_was_taken_was_taken(self, answer, body):
        """Whatever it lacks: an error here would have it sent again and again."""
        assert answer(body) == ()

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"ok": False},
            {"ok": False, "description": None},
            {"ok": "true", "description": ["a"]},
            {"ok": False, "parameters": [1]},
        ],
        ids=["empty", "no description", "null", "other types", "parameters in a list"],
    )
    def test_a_refusal_without_words_is_a_refusal(self, answer, body):
        with pytest.raises(RefusedError):
            answer(body, 400)

    def test_a_pause_of_years_is_one_of_a_day(self, answer):
        with pytest.raises(ThrottledError) as caught:
            answer(refuse(429, "Too Many Requests", retry_after=10**400), 429)
        assert caught.value.retry_after == 86_400

    @pytest.mark.parametrize("pause", [None, "soon", -1, {}], ids=repr)
    def test_a_pause_that_makes_no_sense_is_a_short_one(self, answer, pause):
        with pytest.raises(ThrottledError) as caught:
            answer(refuse(429, "Too Many Requests", retry_after=pause), 429)
        assert 0 < caught.value.retry_after <= 60

    def test_an_answer_too_long_to_read_is_unknown(self, make_context, serve):
        """The message may well be in the chat, so it must not be sent again."""
        server = Flask("server")
        server.post(f"/bot{TOKEN}/sendMessage")(lambda: b" " * 11_000_000)
        with pytest.raises(UnknownOutcomeError):
            Telegram(make_context(telegram_api_url=serve(server))).send(USER, MESSAGE, "key")

    def test_the_token_is_in_no_error(self, make_context, free_port):
        away = make_context(telegram_api_url=f"http://127.0.0.1:{free_port()}")
        with pytest.raises(TransientError) as caught:
            Telegram(away).send(USER, MESSAGE, "key")
        assert TOKEN not in repr(caught.value) + repr(caught.value.__cause__)
        assert caught.value.__suppress_context__


class TestPace:
    @pytest.mark.parametrize(
        ("address", "limits"),
        [
            ("42", [("telegram", 30, 1), ("telegram:42:second", 1, 1)]),
            (
                "-42",
                [
                    ("telegram", 30, 1),
                    ("telegram:-42:minute", 20, 60),
                    ("telegram:-42:second", 1, 1),
                ],
            ),
            (
                "@c",
                [("telegram", 30, 1), ("telegram:@c:minute", 20, 60), ("telegram:@c:second", 1, 1)],
            ),
        ],
        ids=["a private chat", "a group", "a channel"],
    )
    def test_the_limits_of_a_chat_are_the_widest_first(self, telegram, address, limits):
        assert telegram.get_limits(USER.model_copy(update={"im_payload": address})) == tuple(limits)
