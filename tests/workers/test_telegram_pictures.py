"""Pictures on Telegram: none that is refused takes its message along."""

import json

import pytest
import responses
from flask import Flask, Response, redirect

from stargazer.models import User
from stargazer.rendering import Message
from stargazer.rendering.forms.telegram import to_html
from workers.im.telegram import Telegram

USER = User(im="telegram", im_payload="42")
MESSAGE = Message("Sora: New post", ("A text",), "https://x.test/1")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + (640).to_bytes(4) + (480).to_bytes(4)
HUGE = b"\x89PNG\r\n\x1a\n" + bytes(8) + (9640).to_bytes(4) + (480).to_bytes(4)
AWAY = "https://pictures.invalid/1.png"


@pytest.fixture
def pictures(serve):
    """Give the address of a server of pictures."""
    server = Flask("pictures")
    answers = {
        "huge": lambda: Response(HUGE),
        "page": lambda: Response("<html>", mimetype="image/png"),
        "long": lambda: Response(PNG + bytes(11 * 1024 * 1024)),
        "gone": lambda: Response(status=404),
        "away": lambda: redirect("/1.png"),
    }

    @server.get("/<name>.png")
    def answer(name):
        return answers[name]() if name in answers else Response(PNG + name.encode())

    return serve(server)


@pytest.fixture
def telegram(make_context):
    return Telegram(make_context(private_pictures=True))


@pytest.fixture
def send(telegram, simulator):
    """Give a function that sends pictures, and returns what Telegram was asked."""

    def send(*urls, **fields):
        message = MESSAGE._replace(pictures=urls, **fields)
        before = len(simulator.journal(target="telegram"))
        ids = telegram.send(USER, message, "key")
        calls = simulator.journal(target="telegram")[before:]
        assert [call["delivered"] for call in calls] == [False] * (len(calls) - 1) + [True]
        assert calls[-1]["text"] in (to_html(message), None)
        assert len(ids) == len(calls[-1].get("message_ids", ids[:1]))
        return [(call["method"], call.get("photos", call["photo"])) for call in calls]

    return send


class TestByAddress:
    def test_several_pictures_are_an_album(self, send, pictures):
        urls = [f"{pictures}/{number}.png" for number in range(3)]
        assert send(*urls) == [("sendMediaGroup", urls)]

    def test_an_album_has_ten_pictures_at_most(self, send, pictures):
        urls = [f"{pictures}/{number}.png" for number in range(12)]
        assert send(*urls) == [("sendMediaGroup", urls[:10])]

    def test_a_video_shows_its_preview(self, send, pictures):
        url = f"{pictures}/1.png"
        assert send(video_preview=url) == [("sendPhoto", url)]

    @pytest.mark.parametrize(
        ("count", "method"), [(1, "sendPhoto"), (3, "sendMediaGroup")], ids=["photo", "album"]
    )
    def test_what_is_sensitive_is_hidden(self, make_context, count, method):
        telegram = Telegram(make_context(telegram_api_url="https://api.telegram.test"))
        urls = tuple(f"https://p.test/{number}.png" for number in range(count))
        with responses.RequestsMock() as mocked:
            url = f"https://api.telegram.test/bot1000:simulated/{method}"
            mocked.post(url, json={"ok": True, "result": {"message_id": 1}})
            telegram.send(USER, MESSAGE._replace(pictures=urls, is_sensitive=True), "key")
            sent = json.loads(mocked.calls[0].request.body)
        assert [item["has_spoiler"] for item in sent.get("media", [sent])] == [True] * count

    def test_the_pictures_of_an_album_each_count(self, telegram):
        def count(pictures, body=("A text",)):
            message = MESSAGE._replace(pictures=("https://p.test/1.png",) * pictures, body=body)
            return telegram.count_messages(USER, message)

        assert [count(0), count(1), count(4), count(12)] == [1, 1, 4, 10]
        assert count(4, body=("a" * 2000,)) == 1


class TestUploading:
    def test_a_picture_that_telegram_does_not_get_is_uploaded(self, send, simulator, pictures):
        simulator.set_chat(42, photo_refused=True)
        url = f"{pictures}/1.png"
        assert send(url) == [("sendPhoto", url), ("sendPhoto", "upload")]

    def test_of_an_album_only_what_telegram_names_is(self, send, simulator, pictures):
        urls = [f"{pictures}/{number}.png" for number in range(3)]
        simulator.set_chat(42, refused_photos=urls[1:2])
        mended = [urls[0], "attach://photo1", urls[2]]
        assert send(*urls) == [("sendMediaGroup", urls), ("sendMediaGroup", mended)]

    def test_the_rest_is_when_that_was_not_enough(self, send, simulator, pictures):
        simulator.set_chat(42, photo_refused=True)
        urls = [f"{pictures}/{number}.png" for number in range(3)]
        first = ["attach://photo0", *urls[1:]]
        every = [f"attach://photo{number}" for number in range(3)]
        assert [photos for _, photos in send(*urls)] == [urls, first, every]

    def test_what_nobody_gets_is_left_out(self, send, pictures):
        urls = [f"{pictures}/1.png", AWAY, f"{pictures}/2.png"]
        assert send(*urls) == [("sendMediaGroup", urls), ("sendMediaGroup", urls[::2])]

    def test_one_that_is_left_is_a_photo(self, send, pictures):
        url = f"{pictures}/1.png"
        assert send(AWAY, url) == [("sendMediaGroup", [AWAY, url]), ("sendPhoto", url)]

    def test_an_upload_that_is_refused_is_left_out(self, send, simulator, pictures):
        simulator.set_chat(42, photo_refused=True)
        urls = [f"{pictures}/huge.png", f"{pictures}/1.png"]
        assert send(*urls)[-1] == ("sendPhoto", "upload")

    @pytest.mark.parametrize("name", ["huge", "page", "long", "gone"])
    def test_a_message_without_a_picture_to_show_is_a_text(self, send, simulator, pictures, name):
        simulator.set_chat(42, photo_refused=True)
        assert send(f"{pictures}/{name}.png")[-1] == ("sendMessage", None)

    def test_a_redirect_leads_to_the_picture(self, send, simulator, pictures):
        simulator.set_chat(42, photo_refused=True)
        assert send(f"{pictures}/away.png")[-1] == ("sendPhoto", "upload")

    @pytest.mark.parametrize("count", [1, 3], ids=["a photo", "an album"])
    def test_where_none_may_be_sent_none_is_uploaded(self, send, simulator, pictures, count):
        simulator.set_chat(42, photos_forbidden=True)
        calls = send(*[f"{pictures}/{number}.png" for number in range(count)])
        assert [method for method, _ in calls[1:]] == ["sendMessage"]

    def test_private_networks_are_not_asked(self, make_context, simulator, pictures):
        simulator.set_chat(42, photo_refused=True)
        message = MESSAGE._replace(pictures=(f"{pictures}/1.png",))
        assert Telegram(make_context()).send(USER, message, "key")
        calls = simulator.journal(target="telegram")
        assert [call["method"] for call in calls] == ["sendPhoto", "sendMessage"]
