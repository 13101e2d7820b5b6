"""What Telegram is told, and what is made of what it says."""

import json
from datetime import timedelta

import pytest
import requests
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
from stargazer.telegram.bot import MediaForbiddenError, TopicGoneError
from workers.im.telegram import Telegram

API = "https://api.telegram.test"
TOKEN = "1000:simulated"
USER = User(im="telegram", im_payload="42")
MESSAGE = Message("Sora: Live now", ("A <title> & more",), "https://youtu.be/1?a=b&c=d")
PICTURES = tuple(f"https://i.ytimg.com/{number}.jpg" for number in range(1, 13))
PICTURE = PICTURES[0]


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


class TestTopics:
    CHAT = -1001234567890
    USER = User(im="telegram", im_payload=f"{CHAT}/42")

    def test_a_message_goes_to_its_topic(self, telegram, simulator):
        simulator.set_chat(self.CHAT, topics=[42])
        telegram.send(self.USER, MESSAGE, "key")
        [call] = simulator.journal(target="telegram")
        assert (call["chat_id"], call["topic"], call["delivered"]) == (self.CHAT, 42, True)

    @pytest.mark.parametrize("count", [0, 1, 3], ids=["a text", "a photo", "an album"])
    def test_what_is_for_a_topic_that_is_gone_goes_to_the_general_one(
        self, telegram, simulator, caplog, count
    ):
        caplog.set_level("INFO")
        message = MESSAGE._replace(pictures=PICTURES[:count])
        assert telegram.send(self.USER, message, "key")
        calls = simulator.journal(target="telegram")
        assert [(call["topic"], call["delivered"]) for call in calls] == [(42, False), (None, True)]
        assert "topic_gone" in caplog.messages

    def test_a_group_that_migrated_keeps_its_topic(self, telegram, simulator):
        simulator.set_chat(-5, migrated_to=-1005)
        with pytest.raises(MovedError) as caught:
            telegram.send(USER.model_copy(update={"im_payload": "-5/42"}), MESSAGE, "key")
        assert caught.value.address == "-1005/42"

    def test_the_topics_of_a_chat_share_its_limits(self, telegram):
        other = self.USER.model_copy(update={"im_payload": f"{self.CHAT}/43"})
        assert telegram.get_limits(self.USER) == telegram.get_limits(other)


class TestSilence:
    @pytest.mark.parametrize("count", [0, 1, 3], ids=["a text", "a photo", "an album"])
    @pytest.mark.parametrize("is_silent", [True, False], ids=["silent", "loud"])
    def test_a_message_makes_a_sound_or_none(self, telegram, simulator, is_silent, count):
        message = MESSAGE._replace(is_silent=is_silent, pictures=PICTURES[:count])
        telegram.send(USER, message, "key")
        [call] = simulator.journal(target="telegram")
        assert (call["silent"], call["delivered"]) == (is_silent, True)


class TestEditing:
    OVER = Message("Sora: Stream ended", ("2 hours",), "https://youtu.be/1")

    @pytest.fixture
    def edit(self, make_context, simulator):
        """Give a function that sends one message and puts another one in its place."""
        simulator.set_limits(chat_per_second=None)
        telegram = Telegram(make_context())

        def edit(before, after, *, delete=False):
            ids = telegram.send(USER, before, "key")
            if delete:
                requests.post(
                    f"{simulator.telegram_url}/bot{TOKEN}/deleteMessage",
                    json={"chat_id": USER.im_payload, "message_id": int(ids[0])},
                    timeout=10,
                )
            sent = len(simulator.journal(target="telegram"))
            try:
                assert telegram.edit(USER, after, ids) == ids
            finally:
                self.calls = simulator.journal(target="telegram")[sent:]
            return [(call["method"], call["status"]) for call in self.calls]

        return edit

    @pytest.mark.parametrize(
        ("before", "after", "calls"),
        [
            (0, 0, [("editMessageText", 200)]),
            (1, 1, [("editMessageCaption", 200)]),
            (3, 1, [("editMessageCaption", 200)]),
            (1, 0, [("editMessageText", 400), ("editMessageCaption", 200)]),
            (0, 1, [("editMessageCaption", 400), ("editMessageText", 200)]),
        ],
        ids=["text", "photo", "album", "a photo by a text", "a text by a photo"],
    )
    def test_a_message_takes_the_place_of_another(self, edit, before, after, calls):
        message = self.OVER._replace(pictures=PICTURES[:after])
        assert edit(MESSAGE._replace(pictures=PICTURES[:before]), message) == calls
        assert self.calls[-1]["text"] == to_html(message)

    def test_a_caption_is_no_longer_than_one_may_be(self, edit):
        long = self.OVER._replace(body=("a" * 2000,))
        assert edit(MESSAGE._replace(pictures=PICTURES[:1]), long)[-1][1] == 200

    def test_what_is_as_it_should_be_already_is_a_success(self, edit):
        assert edit(MESSAGE, MESSAGE) == [("editMessageText", 400)]

    def test_a_message_that_was_deleted_is_refused(self, edit):
        with pytest.raises(RefusedError, match="message to edit not found"):
            edit(MESSAGE, self.OVER, delete=True)

    def test_silence_is_passing_trouble_as_an_edit_may_be_repeated(self, make_context, simulator):
        simulator.set_limits(chat_per_second=None)
        telegram = Telegram(make_context())
        ids = telegram.send(USER, MESSAGE, "key")
        simulator.add_fault("telegram", accept=True, drop=True, count=1)
        with pytest.raises(TransientError):
            telegram.edit(USER, self.OVER, ids)
        assert telegram.edit(USER, self.OVER, ids) == ids

    def test_html_that_is_not_understood_is_put_there_as_plain_text(self, make_context):
        bot = Telegram(make_context(telegram_api_url=API))
        with responses.RequestsMock() as mocked:
            url = f"{API}/bot{TOKEN}/editMessageText"
            unparsable = refuse(400, "Bad Request: can't parse entities: unsupported start tag")
            mocked.post(url, json=unparsable, status=400)
            mocked.post(url, json={"ok": True, "result": {"message_id": 7}})
            assert bot.edit(USER, self.OVER, ("7",)) == ("7",)
            sent = json.loads(mocked.calls[1].request.body)
        assert sent == {"chat_id": "42", "message_id": 7, "text": to_text(self.OVER)}


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
            (400, "Bad Request: group send failed", MediaRefusedError),
            (400, "Bad Request: not enough rights to send photos to the chat", MediaForbiddenError),
            (400, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN", MediaForbiddenError),
            (400, "Bad Request: message thread not found", TopicGoneError),
            (400, "Bad Request: TOPIC_CLOSED", GoneError),
            (400, "Bad Request: CHAT_WRITE_FORBIDDEN", GoneError),
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
