"""HTTP without a network: requests go straight into a WSGI application of the same process."""

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from flask import Flask
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from stargazer.http import HttpClient


class WsgiAdapter(BaseAdapter):
    """Answers for a host with an application.

    :ivar counts: how many requests there were, by the first part of their path after the mount.
    """

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._client = app.test_client()
        self.requests = 0

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """Give the application's answer."""
        self.requests += 1
        parts = urlsplit(str(request.url))
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {name: str(value) for name, value in request.headers.items()}
        answer = self._client.open(
            path, method=str(request.method), headers=headers, data=request.body or b""
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers = CaseInsensitiveDict(dict(answer.headers))
        response.raw = urllib3.HTTPResponse(
            body=BytesIO(answer.data), headers=dict(answer.headers), preload_content=False
        )
        response.url = str(request.url)
        response.request = request
        answer.close()
        return response

    def close(self) -> None:
        """Do nothing: there is nothing open."""


def mount(http: HttpClient, url: str, app: Flask) -> WsgiAdapter:
    """Let everything below an address be answered by an application."""
    adapter = WsgiAdapter(app)
    http.mount(url, adapter)
    return adapter
