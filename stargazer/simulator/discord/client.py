"""The controls of the simulated Discord as Python methods."""

from collections.abc import Callable
from typing import Any


class DiscordControl:
    """Says what there is on Discord.

    :param call: sends a request to the control URLs and gives the answer.
    :param base_url: where the simulator is.
    """

    def __init__(self, call: Callable[..., dict[str, Any]], base_url: str) -> None:
        self._call = call
        self.url = f"{base_url}/discord"

    def set_webhook(self, key: str, **fields: Any) -> str:
        """Create or change a webhook, and give its URL as Discord shows it to its owner.

        :param fields: as in :class:`stargazer.simulator.discord.world.Webhook`.
        """
        self._call("PUT", f"discord/webhooks/{key}", fields)
        token = fields.get("token", f"token_of_{key}")
        return f"https://discord.com/api/webhooks/{key}/{token}"

    def delete_webhook(self, key: str) -> None:
        """Delete a webhook."""
        self._call("DELETE", f"discord/webhooks/{key}")
