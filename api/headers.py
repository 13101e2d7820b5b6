"""What every answer carries: a request id, and what keeps browsers careful."""

import re
from uuid import uuid4

import flask

REQUEST_ID = "X-Request-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def get_request_id() -> str:
    """Give the id of this request: the proxy's where it sent a plain one, else a new one."""
    if "request_id" not in flask.g:
        sent = flask.request.headers.get(REQUEST_ID, "")
        flask.g.request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid4().hex
    return str(flask.g.request_id)


def register(app: flask.Flask) -> None:
    """Put the headers on all answers of the application."""
    app.after_request(_add_headers)


def _add_headers(response: flask.Response) -> flask.Response:
    response.headers[REQUEST_ID] = get_request_id()
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers.setdefault("Cache-Control", "no-store")
    return response
