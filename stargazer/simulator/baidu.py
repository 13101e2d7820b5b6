"""Baidu's general translation API, which answers line by line and keeps HTTP 200 for its errors.

Source: https://fanyi-api.baidu.com/doc/21
"""

import hashlib
import json
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from stargazer.simulator.exchange import Exchange, Note
from stargazer.simulator.linguist import detect, translate
from stargazer.simulator.simulation import Simulation

LONGEST_QUERY = 6000
_CODES = {"JA": "jp", "KO": "kor", "ZH": "zh", "EN": "en"}
_TARGETS = {"zh", "cht", "jp", "kor", "en", "fra", "spa", "de", "ru", "pt", "it", "vie", "th"}
_MESSAGES = {
    52001: "TIMEOUT",
    52002: "SYSTEM ERROR",
    52003: "UNAUTHORIZED USER",
    54000: "PARAM ERROR",
    54001: "INVALID SIGN",
    54003: "INVALID ACCESS LIMIT",
    54004: "PLEASE RECHARGE",
    54005: "INVALID ACCESS LIMIT",
    58001: "INVALID TO PARAM",
}


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the one URL."""
    blueprint = Blueprint("baidu", __name__, url_prefix="/baidu")
    exchange = Exchange("baidu", simulation.faults, simulation.journal, _refuse)

    @blueprint.post("/api/trans/vip/translate")
    def ask() -> Response:
        note = Note(
            {name: request.form.get(field) for name, field in (("source", "from"), ("into", "to"))}
        )
        return exchange.answer(note, lambda: act(note))

    def act(note: Note) -> Response:
        form = request.form
        if note.code is not None:
            return _error(note.code)
        if not all(form.get(name) for name in ("q", "from", "to", "appid", "salt", "sign")):
            return _error(54000)
        key = simulation.linguist.baidu_apps.get(form["appid"])
        if key is None:
            return _error(52003)
        signed = f"{form['appid']}{form['q']}{form['salt']}{key}".encode()
        if form["sign"] != hashlib.md5(signed, usedforsecurity=False).hexdigest():
            return _error(54001)
        if form["to"] not in _TARGETS:
            return _error(58001)
        if len(form["q"].encode()) > LONGEST_QUERY:
            return _error(54005)
        lines = form["q"].split("\n")
        note.fields["lines"] = lines
        source = _CODES[detect(form["q"])] if form["from"] == "auto" else form["from"]
        result = [{"src": line, "dst": translate(line, form["to"])} for line in lines]
        if note.mangle:
            del result[-1]
        return _json({"from": source, "to": form["to"], "trans_result": result})

    return blueprint


def _error(code: int) -> Response:
    return _json({"error_code": str(code), "error_msg": _MESSAGES.get(code, "ERROR")})


def _refuse(status: int, _retry_after: float | None) -> Response:
    return Response("simulated", status, mimetype="text/html")


def _json(body: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")
