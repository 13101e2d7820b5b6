"""The controls of the simulated receivers as Python methods."""

from collections.abc import Callable
from typing import Any

from stargazer.simulator.receivers.world import Receiver


class ReceiversControl:
    """Says what the receivers of webhooks are like.

    :param call: sends a request to the control URLs and gives the answer.
    :param base_url: where the simulator is.
    """

    def __init__(self, call: Callable[..., dict[str, Any]], base_url: str) -> None:
        self._call = call
        self.url = f"{base_url}/webhook"
        self._services = f"{base_url.replace('http', 'json', 1)}/apprise"

    def set_receiver(self, name: str, **fields: Any) -> str:
        """Change a receiver, and give its address with its secret.

        :param fields: as in :class:`stargazer.simulator.receivers.world.Receiver`.
        """
        self._call("PUT", f"receivers/{name}", fields)
        return f"{self.url}/{name}#{fields.get('secret', Receiver().secret)}"

    def set_service(self, name: str, **fields: Any) -> str:
        """Change a receiver of what Apprise sends, and give its address as Apprise has it.

        :param fields: as in :class:`stargazer.simulator.receivers.world.Receiver`.
        """
        self._call("PUT", f"receivers/apprise/{name}", fields)
        return f"{self._services}/{name}"
