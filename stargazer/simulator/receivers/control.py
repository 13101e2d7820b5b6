"""The URLs of the simulated receivers, and those by which tests say what they are like."""

import math
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from stargazer.simulator.exchange import Exchange, Note
from stargazer.simulator.receivers.world import Receiver, is_signed
from stargazer.simulator.simulation import Simulation

Json = dict[str, Any]


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the receivers' URLs, and those that control them."""
    blueprint = Blueprint("receivers", __name__)
    world = simulation.receivers
    exchange = Exchange("webhook", simulation.faults, simulation.journal, _refuse)

    @blueprint.post("/webhook/<name>")
    def receive(name: str) -> Response:
        headers = request.headers
        note = Note(
            {
                "receiver": name,
                "id": headers.get("X-Stargazer-Id"),
                "body": request.get_json(silent=True),
                "signed": False,
                "delivered": False,
            }
        )
        return exchange.answer(note, lambda: take(name, note))

    def take(name: str, note: Note) -> Response:
        receiver = world.find(name)
        if receiver.status is not None:
            return Response(status=receiver.status)
        wait = world.pace(name, receiver)
        if wait > 0:
            simulation.journal.count_limit_break("webhook")
            return _refuse(HTTPStatus.TOO_MANY_REQUESTS, math.ceil(wait))
        timestamp = request.headers.get("X-Stargazer-Timestamp", "")
        signature = request.headers.get("X-Stargazer-Signature", "")
        is_ours = is_signed(receiver, timestamp, signature, request.get_data())
        note.fields["signed"] = is_ours
        if not is_ours:
            simulation.journal.count_limit_break("webhook_signature")
            return Response(status=HTTPStatus.UNAUTHORIZED)
        note.fields["delivered"] = world.take(name, str(note.fields["id"]))
        note.delivered = int(note.fields["delivered"])
        return Response(status=HTTPStatus.NO_CONTENT)

    @blueprint.put("/control/receivers/<name>")
    def put_receiver(name: str) -> Json:
        fields = world.find(name).model_dump() | request.get_json()
        world.save(name, Receiver.model_validate(fields))
        return {}

    return blueprint


def _refuse(status: int, retry_after: int | None) -> Response:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(status=status, headers=headers)
