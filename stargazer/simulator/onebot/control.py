"""The URLs of the simulated adapter, and those by which tests say what happens on QQ."""

from typing import Any

from flask import Blueprint, request

from stargazer.simulator.onebot.actions import Actions
from stargazer.simulator.onebot.events import Events
from stargazer.simulator.onebot.world import Account, Group
from stargazer.simulator.simulation import Simulation

Json = dict[str, Any]


class Control:
    """One method per control URL."""

    def __init__(self, simulation: Simulation) -> None:
        self._world = simulation.onebot
        self._events = Events(simulation.onebot, simulation.journal, simulation.courier)

    def put_account(self) -> Json:
        """Change the account, or its adapter."""
        fields = self._world.account.model_dump() | request.get_json()
        self._world.save_account(Account.model_validate(fields))
        return {}

    def put_group(self, number: int) -> Json:
        """Let the account join a group, or change one."""
        known = self._world.find_group(number)
        fields = (known.model_dump() if known else {}) | request.get_json()
        self._world.save_group(number, Group.model_validate(fields))
        return {}

    def delete_group(self, number: int) -> Json:
        """Let the account leave a group."""
        self._world.save_group(number, None)
        return {}

    def put_friend(self, number: int) -> Json:
        """Make somebody a friend."""
        self._world.save_friend(number, is_friend=True)
        return {}

    def delete_friend(self, number: int) -> Json:
        """End a friendship."""
        self._world.save_friend(number, is_friend=False)
        return {}

    def say(self) -> Json:
        """Let somebody say something, in private or in a group."""
        return {"posted": self._events.say(request.get_json())}

    def post_event(self) -> Json:
        """Post any other event."""
        return {"posted": self._events.post(request.get_json())}


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the adapter's URLs, and those that control it."""
    blueprint = Blueprint("onebot", __name__)
    actions = Actions(simulation)
    blueprint.add_url_rule("/qq/<action>", view_func=actions.answer, methods=["GET", "POST"])
    control = Control(simulation)
    for rule, verb, act in (
        ("/control/qq/account", "PUT", control.put_account),
        ("/control/qq/groups/<int:number>", "PUT", control.put_group),
        ("/control/qq/groups/<int:number>", "DELETE", control.delete_group),
        ("/control/qq/friends/<int:number>", "PUT", control.put_friend),
        ("/control/qq/friends/<int:number>", "DELETE", control.delete_friend),
        ("/control/qq/messages", "POST", control.say),
        ("/control/qq/events", "POST", control.post_event),
    ):
        blueprint.add_url_rule(rule, view_func=act, methods=[verb], endpoint=act.__name__)
    return blueprint
