"""How every error is answered: in the envelope under ``/v1``, as plain text elsewhere."""

import logging
import re
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import flask
import pymongo.errors
from werkzeug.exceptions import HTTPException

from api.state import get_state
from stargazer.context import OUTAGES
from stargazer.errors import (
    CallError,
    ForbiddenError,
    TooManyCallsError,
    UnauthorizedError,
    UnavailableError,
)

log = logging.getLogger(__name__)

#: What is answered with 503: the time of a request may also be over between two operations.
AWAY = (*OUTAGES, UnavailableError, pymongo.errors.ExecutionTimeout)
CHALLENGE = 'Basic realm="Stargazer", charset="UTF-8"'
_RETRY_AFTER = "5"


def register(app: flask.Flask) -> None:
    """Answer the errors of the application."""
    app.register_error_handler(CallError, _answer_call_error)
    app.register_error_handler(HTTPException, _answer_http_exception)
    for outage in AWAY:
        app.register_error_handler(outage, _answer_outage)


def envelop(data: Any, *, success: bool = True) -> dict[str, Any]:
    """Put an answer of the RPC into its envelope."""
    return {"success": success, "time": int(time.time()), "data": data}


def _answer_call_error(error: CallError) -> flask.Response:
    status = error.status
    if isinstance(error, ForbiddenError) and error.code == "wrong_credentials" and not _is_rpc():
        # A browser would remember a wrong password for good if it were not asked again.
        status = HTTPStatus.UNAUTHORIZED
    response = _answer(status, error.code, error.explanations)
    if isinstance(error, UnauthorizedError) or status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = flask.g.get("challenge", CHALLENGE)
    if isinstance(error, TooManyCallsError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _answer_http_exception(error: HTTPException) -> flask.Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    # Not Python's own phrase, some of which are others in later versions.
    code = re.sub(r"[^a-z]+", "_", error.name.lower())
    explanations = [] if status >= HTTPStatus.INTERNAL_SERVER_ERROR else [error.description or ""]
    response = _answer(status, code, explanations)
    allowed = dict(error.get_headers()).get("Allow")
    if allowed:
        response.headers["Allow"] = allowed
    return response


def _answer_outage(error: Exception) -> flask.Response:
    database = isinstance(error, pymongo.errors.PyMongoError)
    what = error if isinstance(error, UnavailableError) else None
    away = what or UnavailableError("database" if database else "broker")
    log.warning("outage_met", extra={"what": away.what, "error": type(error).__name__})
    get_state().pulse.forget()
    response = _answer(
        HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", [f"{away}; try again in a moment"]
    )
    response.headers["Retry-After"] = _RETRY_AFTER
    return response


def _answer(status: int, code: str, explanations: Sequence[str]) -> flask.Response:
    error = [HTTPStatus(status).phrase, *explanations]
    if _is_rpc():
        data = {"error": error, "status": int(status), "code": code}
        response = flask.jsonify(envelop(data, success=False))
    else:
        response = flask.Response(": ".join(error) + "\n", mimetype="text/plain")
    response.status_code = status
    return response


def _is_rpc() -> bool:
    return flask.request.path == "/v1" or flask.request.path.startswith("/v1/")
