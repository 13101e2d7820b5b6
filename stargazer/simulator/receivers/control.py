"""The URLs of the simulated receivers, and those by which tests say what they are like.

Those of webhooks take what is signed; those of Apprise take what its ``json://`` sends.
"""

import math
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from stargazer.simulator.exchange import Exchange, Note
from stargazer.simulator.receivers.world import Receiver, is_notification, is_signed
from stargazer.simulator.simulation import Simulation

Json = dict[str, Any]


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the receivers' URLs, and those that control them."""
    blueprint = Blueprint("receivers", __name__)
    _add_webhooks(blueprint, simulation)
    _add_services(blueprint, simulation)
    world = simulation.receivers

    @blueprint.put("/control/receivers/<path:name>")
    def put_receiver(name: str) -> Json:
        fields = world.find(name).model_dump() | request.get_json()
        world.save(name, Receiver.model_validate(fields))
        return {}

    return blueprint


def _add_webhooks(blueprint: Blueprint, simulation: Simulation) -> None:
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


def _add_services(blueprint: Blueprint, simulation: Simulation) -> None:
    world = simulation.receivers
    exchange = Exchange("apprise", simulation.faults, simulation.journal, _refuse)

    @blueprint.post("/apprise/<name>")
    def be_notified(name: str) -> Response:
        body = request.get_json(silent=True)
        note = Note({"receiver": name, "body": body, "delivered": False})
        return exchange.answer(note, lambda: take_notification(name, body, note))

    def take_notification(name: str, body: object, note: Note) -> Response:
        receiver = world.find(f"apprise/{name}")
        if receiver.status is not None:
            return Response(status=receiver.status)
        if not is_notification(body):
            simulation.journal.count_limit_break("apprise_form")
            return Response(status=HTTPStatus.BAD_REQUEST)
        wait = world.pace(f"apprise/{name}", receiver)
        if wait > 0:
            simulation.journal.count_limit_break("apprise")
            return _refuse(HTTPStatus.TOO_MANY_REQUESTS, math.ceil(wait))
        note.fields["delivered"] = True
        note.delivered = 1
        return Response(status=HTTPStatus.NO_CONTENT)


def _refuse(status: int, retry_after: float | None) -> Response:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(status=status, headers=headers)
