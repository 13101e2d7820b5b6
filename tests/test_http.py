"""The HTTP client against real servers that behave badly."""

import gzip
import json
import os
import socket
import subprocess
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from flask import Flask, Response, redirect, request
from requests.structures import CaseInsensitiveDict

from stargazer import http
from stargazer.errors import (
    PayloadError,
    PlatformError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.http import MAX_BODY, HttpClient

SECRET = "bot1000:secret"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def client():
    return HttpClient(timedelta(seconds=10))


@pytest.fixture
def hasty():
    """Give a client that waits for nobody."""
    return HttpClient(timedelta(seconds=0.4))


@pytest.fixture
def talk():
    """Serve connections with a function of the test's own, and return the address."""
    listeners = []
    threads = []

    def start(handle):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve(connection):
            # A client that gives up is what is tested.
            with connection, suppress(OSError):
                connection.settimeout(5)
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(65536)
                handle(connection)

        def accept():
            with suppress(OSError):
                while True:
                    thread = threading.Thread(target=serve, args=(listener.accept()[0],))
                    threads.append(thread)
                    thread.start()

        threads.append(threading.Thread(target=accept))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/{SECRET}"

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()


@pytest.fixture
def site(serve):
    """Serve an app with some usual pages, and return its address."""
    app = Flask("site")

    @app.route("/echo", methods=["GET", "POST", "DELETE"])
    def echo():
        return {
            "headers": dict(request.headers),
            "form": request.form.to_dict(),
            "json": request.get_json(silent=True),
            "args": request.args.to_dict(),
        }

    @app.get("/conditional")
    def conditional():
        response = Response("a body")
        response.set_etag("one")
        return response.make_conditional(request)

    @app.route("/moved", methods=["GET", "POST", "DELETE"])
    def moved():
        return redirect("/echo", 307)

    @app.get("/by/<path:way>")
    def by(way):
        """Redirect with the first status of the way, and then go on by the rest."""
        status, _, rest = way.partition("/")
        return redirect(f"/by/{rest}" if rest else "/echo", int(status))

    @app.get("/loop")
    def loop():
        return redirect("/loop")

    @app.get("/zeros/<int:size>")
    def zeros(size):
        return Response(b"0" * size)

    @app.get("/zipped/<int:size>")
    def zipped(size):
        return Response(gzip.compress(b"0" * size), headers={"Content-Encoding": "gzip"})

    return serve(app)


def ask(client, method, url):
    return client.get(url) if method == "GET" else client.post(url, json={})


class TestTrouble:
    def test_a_refused_connection_is_passing_trouble_whatever_was_asked(self, hasty, free_port):
        url = f"http://127.0.0.1:{free_port()}/{SECRET}"
        for method in ("GET", "POST"):
            with pytest.raises(TransientError):
                ask(hasty, method, url)

    def test_a_connection_that_is_not_taken_ends_in_time(self, hasty):
        """The queue of those who wait for this server is full."""
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
            address = listener.getsockname()
            waiting = []
            for _ in range(4):
                waiting.append(socket.socket())
                waiting[-1].settimeout(0)
                waiting[-1].connect_ex(address)
            started = time.monotonic()
            with pytest.raises(TransientError):
                hasty.post(f"http://127.0.0.1:{address[1]}/{SECRET}", json={})
            assert time.monotonic() - started < 5
            for each in waiting:
                each.close()

    @pytest.mark.parametrize(
        ("method", "error"), [("GET", TransientError), ("POST", UnknownOutcomeError)]
    )
    @pytest.mark.parametrize(
        "said",
        [b"", b"HTTP/1.1 2", OK + b"Content-Length: 100\r\n\r\nhalf of", b"SSH-2.0\r\n\r\n"],
        ids=["nothing", "half a status", "half of the body", "not HTTP"],
    )
    def test_a_connection_that_breaks(self, hasty, talk, method, error, said):
        with pytest.raises(error) as caught:
            ask(hasty, method, talk(lambda connection: connection.sendall(said)))
        assert type(caught.value) is error

    @pytest.mark.parametrize(
        ("method", "error"), [("GET", TransientError), ("POST", UnknownOutcomeError)]
    )
    @pytest.mark.parametrize(
        "said",
        [b"", OK, OK + b"Content-Length: 100\r\n\r\nhalf of"],
        ids=["at once", "after the status", "within the body"],
    )
    def test_a_server_that_falls_silent(self, hasty, talk, method, error, said):
        done = threading.Event()

        def handle(connection):
            connection.sendall(said)
            done.wait(5)

        started = time.monotonic()
        with pytest.raises(error) as caught:
            ask(hasty, method, talk(handle))
        done.set()
        assert type(caught.value) is error
        assert time.monotonic() - started < 3

    @pytest.mark.parametrize(
        ("method", "error"), [("GET", TransientError), ("POST", UnknownOutcomeError)]
    )
    def test_a_server_that_drips_is_not_waited_for_for_ever(self, hasty, talk, method, error):
        stop = threading.Event()

        def handle(connection):
            connection.sendall(OK + b"Content-Length: 100000\r\n\r\n")
            while not stop.wait(0.05):
                connection.sendall(b".")

        started = time.monotonic()
        with pytest.raises(error):
            ask(hasty, method, talk(handle))
        stop.set()
        assert 1 < time.monotonic() - started < 4

    def test_a_post_that_may_be_repeated_is_passing_trouble(self, hasty, talk):
        with pytest.raises(TransientError):
            hasty.post(talk(lambda _connection: None), json={}, repeatable=True)

    def test_a_timeout_of_its_own_is_kept(self, hasty, talk):
        def handle(connection):
            time.sleep(0.6)
            connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")

        assert hasty.post(talk(handle), json={}, timeout=5.0).body == b"ok"
        assert hasty.get(talk(handle), timeout=5.0).body == b"ok"
        assert hasty.delete(talk(handle), timeout=5.0).body == b"ok"

    @pytest.mark.parametrize("url", ["file:///etc/passwd", "nonsense", "http://", "http://[::1"])
    def test_what_is_no_http_address_cannot_be_asked(self, hasty, url):
        with pytest.raises(PlatformError) as caught:
            hasty.get(url)
        assert type(caught.value) is PlatformError

    def test_a_certificate_that_is_not_trusted_is_no_unknown_outcome(self, client, serve_tls):
        """The handshake failed, so the message was not sent."""
        with pytest.raises(TransientError):
            client.post(serve_tls, json={})


@pytest.fixture
def serve_tls(tmp_path, serve):
    """Serve with a certificate that nobody trusts."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "1", "-subj", "/CN=localhost"]
    try:
        subprocess.run(
            [*command, "-keyout", key, "-out", certificate], check=True, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("there is no openssl to make a certificate with")
    app = Flask("tls")
    app.post("/")(lambda: "ok")
    return serve(app, ssl_context=(str(certificate), str(key))).replace("http:", "https:") + "/"


class TestBodies:
    def test_a_body_is_read_whole(self, client, site):
        assert len(client.get(f"{site}/zeros/{MAX_BODY}").body) == MAX_BODY

    def test_a_compressed_body_is_read_whole(self, client, site):
        assert len(client.get(f"{site}/zipped/{MAX_BODY}").body) == MAX_BODY

    @pytest.mark.parametrize("kind", ["zeros", "zipped"])
    def test_a_body_above_the_cap_is_refused(self, client, site, kind):
        with pytest.raises(PayloadError):
            client.get(f"{site}/{kind}/{MAX_BODY + 1}")

    def test_a_bomb_is_not_unpacked(self, client, talk):
        """A gigabyte in a megabyte; of which ten megabytes are seen."""
        bomb = gzip.compress(b"\0" * 2**25, 9) * 32

        def handle(connection):
            connection.sendall(OK + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + bomb)

        started = time.monotonic()
        with pytest.raises(PayloadError):
            client.get(talk(handle))
        assert time.monotonic() - started < 3

    def test_an_endless_body_is_cut(self, client, talk):
        def handle(connection):
            connection.sendall(OK + b"Connection: close\r\n\r\n")
            while True:
                connection.sendall(b"0" * 65536)

        with pytest.raises(PayloadError):
            client.get(talk(handle))

    def test_a_body_above_the_cap_leaves_a_message_unknown(self, client, talk):
        def handle(connection):
            connection.sendall(OK + b"Connection: close\r\n\r\n" + b"0" * (MAX_BODY + 1))

        with pytest.raises(UnknownOutcomeError):
            client.post(talk(handle), json={})

    def test_a_compressed_body_that_comes_piece_by_piece_is_read_whole(self, client, talk):
        """Its first bytes unpack to nothing, which is not the end."""
        body = gzip.compress(b"a body")

        def handle(connection):
            head = f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(OK + head)
            for number in range(len(body)):
                connection.sendall(body[number : number + 1])
                time.sleep(0.005)

        assert client.get(talk(handle)).body == b"a body"

    def test_chunks_are_put_together(self, client, talk):
        def handle(connection):
            chunks = b"2\r\na \r\n4\r\nbody\r\n0\r\n\r\n"
            connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)

        assert client.get(talk(handle)).body == b"a body"

    def test_what_is_not_compressed_though_it_says_so_is_passing_trouble(self, client, talk):
        def handle(connection):
            connection.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: 6\r\n\r\na body")

        with pytest.raises(TransientError):
            client.get(talk(handle))


class TestRequests:
    def test_a_get_carries_its_parameters_and_says_who_asks(self, client, site):
        answer = json.loads(client.get(f"{site}/echo", params={"a": "b&c"}).body)
        assert answer["args"] == {"a": "b&c"}
        assert answer["headers"]["User-Agent"].startswith("Stargazer/")

    def test_a_post_carries_json_or_a_form(self, client, site):
        url = f"{site}/echo"
        for number in range(2):
            answer = json.loads(client.post(url, json={"a": [number, "あ"]}).body)
            assert answer["json"] == {"a": [number, "あ"]}
        answer = json.loads(client.post(url, form={"a": "b&c"}, headers={"X-Mine": "1"}).body)
        assert (answer["form"], answer["headers"]["X-Mine"]) == ({"a": "b&c"}, "1")
        answer = json.loads(client.post(url, json={}).body)
        assert "X-Mine" not in answer["headers"]

    def test_what_has_not_changed_is_not_sent(self, client, site):
        first = client.get(f"{site}/conditional")
        assert (first.status, first.body) == (200, b"a body")
        again = client.get(f"{site}/conditional", etag=first.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        assert client.get(f"{site}/conditional", etag='"another"').status == 200

    def test_both_conditions_are_sent_as_they_came(self, client, site):
        since = "Mon, 23 Nov 2026 12:00:00 GMT"
        answer = client.get(f"{site}/echo", etag='W/"é"', last_modified=since)
        headers = json.loads(answer.body)["headers"]
        assert headers["If-Modified-Since"] == since
        assert "If-None-Match" in headers
        plain = json.loads(client.get(f"{site}/echo").body)["headers"]
        assert not {"If-Modified-Since", "If-None-Match"} & set(plain)

    def test_a_get_follows_and_the_others_do_not(self, client, site):
        assert client.get(f"{site}/moved").status == 200
        assert client.post(f"{site}/moved", json={}).status == 307
        assert client.delete(f"{site}/moved").status == 307

    def test_a_delete_carries_its_headers(self, client, site):
        answer = json.loads(client.delete(f"{site}/echo", headers={"X-Mine": "1"}).body)
        assert answer["headers"]["X-Mine"] == "1"
        assert "X-Mine" not in json.loads(client.delete(f"{site}/echo").body)["headers"]

    def test_going_round_in_circles_ends(self, client, site):
        with pytest.raises(PlatformError):
            client.get(f"{site}/loop")

    @pytest.mark.parametrize(
        ("way", "home"),
        [
            ("301", "echo"),
            ("308/301", "echo"),
            ("302", "by/302"),
            ("301/307", "by/307"),
            ("307/301", "by/307/301"),
            ("301/302/301", "by/302/301"),
        ],
    )
    def test_where_to_ask_from_now_on_is_after_what_is_for_good(self, client, site, way, home):
        answer = client.get(f"{site}/by/{way}")
        assert (answer.url, answer.home) == (f"{site}/echo", f"{site}/{home}")

    def test_a_redirect_to_nowhere_is_an_error(self, hasty, talk):
        said = b"HTTP/1.1 301 Moved\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n"
        with pytest.raises(PlatformError, match="nowhere"):
            hasty.get(talk(lambda connection: connection.sendall(said)))

    def test_cookies_are_not_kept_for_a_post(self, client, serve):
        app = Flask("cookies")

        @app.post("/")
        def bake():
            response = Response(request.headers.get("Cookie", "none"))
            response.set_cookie("a", "b")
            return response

        url = f"{serve(app)}/"
        assert [client.post(url, json={}).body for _ in range(2)] == [b"none", b"none"]


class TestProxies:
    @pytest.fixture
    def proxy(self, serve):
        app = Flask("proxy")

        @app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
        @app.route("/<path:path>", methods=["GET", "POST"])
        def answer(path):
            return "from the proxy"

        return serve(app)

    def test_the_proxy_of_the_settings_is_used(self, proxy):
        client = HttpClient(timedelta(seconds=2), proxy)
        for method in ("GET", "POST"):
            answer = ask(client, method, "http://somewhere.invalid/page")
            assert answer.body == b"from the proxy"

    @pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"])
    def test_the_proxies_of_the_environment_are_not(self, client, site, proxy, monkeypatch, name):
        for other in [each for each in os.environ if each.lower().endswith("_proxy")]:
            monkeypatch.delenv(other)
        monkeypatch.setenv(name, proxy)
        for method in ("GET", "POST"):
            assert ask(client, method, f"{site}/echo").body != b"from the proxy"

    def test_a_proxy_that_is_away_is_passing_trouble(self, free_port):
        """It never saw the message, and so nobody else did."""
        client = HttpClient(timedelta(seconds=2), f"http://127.0.0.1:{free_port()}")
        for url in ("http://somewhere.invalid/page", "https://somewhere.invalid/page"):
            with pytest.raises(TransientError):
                client.post(url, json={})


class TestReactions:
    @pytest.mark.parametrize(
        ("status", "headers", "error"),
        [
            (200, {}, None),
            (204, {}, None),
            (299, {}, None),
            (304, {}, PlatformError),
            (307, {}, PlatformError),
            (400, {}, PlatformError),
            (404, {"Retry-After": "5"}, PlatformError),
            (429, {}, ThrottledError),
            (429, {"Retry-After": "5"}, ThrottledError),
            (500, {}, TransientError),
            (500, {"Retry-After": "5"}, TransientError),
            (503, {}, TransientError),
            (503, {"Retry-After": "nonsense"}, TransientError),
            (503, {"Retry-After": "5"}, ThrottledError),
            (599, {}, TransientError),
        ],
        ids=str,
    )
    def test_a_status_says_how_to_react(self, status, headers, error):
        response = http.Response(status, CaseInsensitiveDict(headers), b"")
        if error is None:
            response.raise_for_status()
            return
        with pytest.raises(PlatformError) as caught:
            response.raise_for_status()
        assert type(caught.value) is error
        assert caught.value.reason == f"HTTP {status}"

    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("0", 0),
            ("120", 120),
            (" 120 ", 120),
            ("", None),
            ("-5", None),
            ("1.5", 1.5),
            (".5", None),
            ("1.", None),
            ("nan", None),
            ("soon", None),
            ("Mon, 99 Nov 2026 12:00:00 GMT", None),
            ("Mon, 23 Nov 99999 12:00:00 GMT", None),
            ("Mon, 23 Nov 2020 12:00:00 GMT", 0),
            ("Mon, 23 Nov 2020 12:00:00", 0),
            ("9" * 30, http.LONGEST_RETRY_AFTER),
            ("9" * 400, http.LONGEST_RETRY_AFTER),
            ("Mon, 23 Nov 9999 12:00:00 GMT", http.LONGEST_RETRY_AFTER),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_a_pause_that_is_asked_for_is(self, value, seconds):
        response = http.Response(429, CaseInsensitiveDict({"retry-after": value}), b"")
        assert response.retry_after == seconds

    def test_a_pause_until_a_date_is_counted_from_now(self):
        at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
        response = http.Response(429, CaseInsensitiveDict({"Retry-After": at}), b"")
        assert 85 < response.retry_after <= 90

    def test_throttling_without_a_pause_has_one_of_ours(self):
        with pytest.raises(ThrottledError) as caught:
            http.Response(429, CaseInsensitiveDict(), b"").raise_for_status()
        assert caught.value.retry_after == http.DEFAULT_RETRY_AFTER


class TestSecrets:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_no_error_tells_the_address(self, hasty, talk, free_port, method):
        done = threading.Event()
        urls = [
            f"http://127.0.0.1:{free_port()}/{SECRET}",
            f"nothing://{SECRET}",
            f"http://[{SECRET}/",
            talk(lambda _connection: done.wait(5)),
            talk(lambda connection: connection.sendall(b"HTTP/1.1 2")),
            talk(lambda connection: connection.sendall(OK + b"Content-Length: 9\r\n\r\nhalf")),
        ]
        for url in urls:
            with pytest.raises(PlatformError) as caught:
                ask(hasty, method, url)
            assert SECRET not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"
            assert caught.value.__suppress_context__
        done.set()
