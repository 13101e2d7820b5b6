"""The URLs of the simulated Discord, and those by which tests say what happens there."""

from typing import Any

from flask import Blueprint, request

from stargazer.simulator.discord.webhooks import add_rules
from stargazer.simulator.discord.world import Webhook
from stargazer.simulator.simulation import Simulation

Json = dict[str, Any]


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return Discord's URLs, and those that control it."""
    blueprint = Blueprint("discord", __name__)
    platform = Blueprint("platform", __name__, url_prefix="/discord")
    add_rules(platform, simulation)
    blueprint.register_blueprint(platform)
    world = simulation.discord

    @blueprint.put("/control/discord/webhooks/<key>")
    def put_webhook(key: str) -> Json:
        known = world.find(key)
        fields = known.model_dump() if known else {"token": f"token_of_{key}"}
        world.save(key, Webhook.model_validate(fields | request.get_json()))
        return {}

    @blueprint.delete("/control/discord/webhooks/<key>")
    def delete_webhook(key: str) -> Json:
        world.remove(key)
        return {}

    return blueprint
