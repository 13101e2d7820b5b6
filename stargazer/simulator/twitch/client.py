"""The controls of the simulated Twitch as Python methods."""

from collections.abc import Callable
from datetime import datetime
from typing import Any


class TwitchControl:
    """Says what happens on Twitch.

    :param call: sends a request to the control URLs and gives the answer.
    :param base_url: where the simulator is.
    """

    def __init__(self, call: Callable[..., dict[str, Any]], base_url: str) -> None:
        self._call = call
        self.url = f"{base_url}/twitch"

    def set_account(self, key: str, **fields: str) -> None:
        """Create or change an account.

        :param fields: ``login``, ``name``, ``title``, ``game`` and ``language``.
        """
        self._call("PUT", f"twitch/accounts/{key}", fields)

    def ban(self, key: str) -> None:
        """Let an account be there no more."""
        self._call("DELETE", f"twitch/accounts/{key}")

    def start(self, key: str, **fields: Any) -> str:
        """Let a stream begin, or change the one that is on; its id.

        :param fields: ``id``, ``type``, ``started_at``, ``listed`` (whether Helix knows it),
            ``push``, and ``oddities`` of the push: ``age``, ``forged``, ``message_id``.
        """
        body = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in fields.items()
        }
        return str(self._call("PUT", f"twitch/streams/{key}", body)["id"])

    def stop(self, key: str, *, push: bool = True) -> None:
        """End the stream that is on."""
        self._call("DELETE", f"twitch/streams/{key}", push=int(push))

    def revoke(self, key: str, status: str) -> int:
        """End the subscriptions about an account; how many."""
        return int(self._call("POST", f"twitch/revocations/{key}", {"status": status})["told"])

    def take_tokens_back(self) -> None:
        """Make all tokens bad."""
        self._call("DELETE", "twitch/tokens")

    def subscriptions(self) -> list[dict[str, Any]]:
        """Give the subscriptions as Twitch lists them."""
        found: list[dict[str, Any]] = self._call("GET", "twitch/subscriptions")["subscriptions"]
        return found
