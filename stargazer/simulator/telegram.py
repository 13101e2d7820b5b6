"""Telegram's Bot API at its border: tokens, methods, parameters in every form, and answers.

Source: https://core.telegram.org/bots/api#making-requests
"""

import json
import math
import re
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from stargazer.simulator.bots import FloodError
from stargazer.simulator.calls import Call, RefusedError
from stargazer.simulator.exchange import Exchange, Note, phrase_of
from stargazer.simulator.methods import METHODS
from stargazer.simulator.simulation import Simulation

_DIGITS = re.compile(r"-?\d{1,19}")


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the URLs of all methods of all bots."""
    blueprint = Blueprint("telegram", __name__, url_prefix="/telegram")
    exchange = Exchange("telegram", simulation.faults, simulation.journal, _refuse)

    @blueprint.route("/bot<token>/<method>", methods=["GET", "POST"])
    def call(token: str, method: str) -> Response:
        params = read_params()
        note = Note(note_fields(method, params))
        return exchange.answer(note, lambda: act(token, method, params, note))

    def act(token: str, method: str, params: dict[str, Any], note: Note) -> Response:
        try:
            return _answer(run(token, method, params, note))
        except FloodError as exc:
            simulation.journal.count_limit_break(exc.limit)
            return _too_many_requests(exc.retry_after)
        except RefusedError as exc:
            if exc.limit is not None:
                simulation.journal.count_limit_break(exc.limit)
            return _error(exc.status, exc.description, exc.parameters)

    def run(token: str, method: str, params: dict[str, Any], note: Note) -> Any:
        bot = simulation.bots.find(token)
        if bot is None:
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "Unauthorized")
        note.fields["bot"] = bot.id
        handler = METHODS.get(method.lower())
        if handler is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, "Not Found")
        files = request.files if is_upload() else {}
        return handler(Call(bot, simulation.bots, simulation.limits, params, files, note))

    return blueprint


def read_params() -> dict[str, Any]:
    """Return the parameters of the current request, from the query, a form, or a JSON object.

    Values from the query or a form are strings; those which hold JSON are still to be read.
    """
    params: dict[str, Any] = dict(request.args)
    if request.mimetype == "application/json":
        body = request.get_json(silent=True)
        return params | body if isinstance(body, dict) else params
    return params | dict(request.form)


def is_upload() -> bool:
    """Whether the current request may carry files."""
    return request.mimetype == "multipart/form-data"


def note_fields(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return what the journal says of a call before anything has come of it."""
    chat_id = params.get("chat_id")
    if isinstance(chat_id, str) and _DIGITS.fullmatch(chat_id):
        chat_id = int(chat_id)
    photo = params.get("photo")
    return {
        "method": method,
        "bot": None,
        "chat_id": chat_id,
        "text": params.get("text", params.get("caption")),
        "photo": "upload" if is_upload() and "photo" in request.files else photo,
        "topic": params.get("message_thread_id"),
        "silent": str(params.get("disable_notification", False)).lower() == "true",
        "message_id": None,
        "delivered": False,
    }


def _answer(result: Any) -> Response:
    return _json(HTTPStatus.OK, {"ok": True, "result": result})


def _error(status: int, description: str, parameters: dict[str, int] | None = None) -> Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return _json(status, body)


def _too_many_requests(retry_after: int) -> Response:
    description = f"Too Many Requests: retry after {retry_after}"
    response = _error(HTTPStatus.TOO_MANY_REQUESTS, description, {"retry_after": retry_after})
    response.headers["Retry-After"] = str(retry_after)
    return response


def _refuse(status: int, retry_after: float | None) -> Response:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many_requests(math.ceil(retry_after or 1))
    return _error(status, phrase_of(status))


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")
