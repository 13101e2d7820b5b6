"""Pictures that are fetched to be uploaded: few at once, in time, and from the Internet only."""

import time

import pytest
from flask import Flask

from stargazer import pictures
from stargazer.connections import PublicAdapter
from stargazer.errors import TransientError
from stargazer.http import HttpClient
from stargazer.pictures import MOST_AT_ONCE, Gallery, find_media_type

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def server(serve):
    app = Flask("pictures")
    app.get("/<name>")(lambda name: PNG + name.encode())
    return serve(app)


@pytest.fixture
def gallery(make_context):
    return Gallery(make_context(private_pictures=True))


def soon(seconds=20.0):
    return time.monotonic() + seconds


def test_pictures_are_given_by_their_addresses(gallery, server):
    with gallery.open(soon()) as fetch:
        found = fetch([f"{server}/a", f"{server}/b", f"{server}/a", "ftp://c"])
    assert {url: each.content for url, each in found.items()} == {
        f"{server}/a": PNG + b"a",
        f"{server}/b": PNG + b"b",
    }


def test_nothing_is_fetched_when_time_is_over(gallery, server):
    with gallery.open(soon(-1)) as fetch:
        assert fetch([f"{server}/a"]) == {}


def test_only_so_many_messages_have_pictures_in_memory(gallery, server):
    held = [gallery.open(soon()) for _ in range(MOST_AT_ONCE)]
    for each in held:
        each.__enter__()
    with gallery.open(soon(0.01)) as fetch:
        assert fetch([f"{server}/a"]) == {}
    held.pop().__exit__(None, None, None)
    with gallery.open(soon()) as fetch:
        assert fetch([f"{server}/a"])
    for each in held:
        each.__exit__(None, None, None)


def test_what_is_too_much_for_a_message_is_left_out(gallery, server, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_BYTES", 20)
    with gallery.open(soon()) as fetch:
        assert list(fetch([f"{server}/{name}" for name in "abc"])) == [
            f"{server}/a",
            f"{server}/b",
        ]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (PNG, "image/png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0AVI ", None),
        (b"GIF89a", None),
        (b"<svg>", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_beginning(content, media_type):
    assert find_media_type(content) == media_type


class TestPublicAdapter:
    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
    def test_nothing_is_said_to_a_private_address_whatever_its_name(self, settings, serve, host):
        heard = []
        app = Flask("private")
        app.before_request(lambda: heard.append(1))
        port = serve(app).rpartition(":")[2]
        client = HttpClient(settings.http_timeout)
        client.mount("http://", PublicAdapter())
        with pytest.raises(TransientError):
            client.get(f"http://{host}:{port}/")
        client.close()
        assert heard == []
