"""A connection is used again at once, and not when the server may have closed it."""

import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stargazer.connections import MOST_IDLE
from stargazer.http import HttpClient


class TellPort(BaseHTTPRequestHandler):
    """Answers with the port of the client, which tells connections apart."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Say nothing: a test's output is its failures."""


@pytest.fixture
def address():
    with ThreadingHTTPServer(("127.0.0.1", 0), TellPort) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(params=["straight", "by proxy"])
def ask(request, address):
    """Give a function that asks, and returns which connection it was."""
    by_proxy = request.param == "by proxy"
    client = HttpClient(timedelta(seconds=10), address if by_proxy else "")
    url = "http://far.example/" if by_proxy else address
    yield lambda: client.post(url, json={}).body
    client.close()


def test_a_connection_is_used_for_the_next_request(ask):
    assert ask() == ask()


def test_a_connection_that_was_idle_for_long_is_not(ask):
    before = ask()
    again_at = time.monotonic() + MOST_IDLE + 0.05
    while time.monotonic() < again_at:
        time.sleep(0.05)
    assert ask() != before
