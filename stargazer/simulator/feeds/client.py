"""The controls of the simulated sites as Python methods."""

from collections.abc import Callable
from datetime import datetime
from typing import Any


class FeedsControl:
    """Says what sites publish.

    :param call: sends a request to the control URLs and gives the answer.
    :param base_url: where the simulator is.
    """

    def __init__(self, call: Callable[..., dict[str, Any]], base_url: str) -> None:
        self._call = call
        self.url = f"{base_url}/feeds"

    def set(self, key: str, **fields: Any) -> str:
        """Create or change a feed; its address.

        :param fields: as in :class:`stargazer.simulator.feeds.world.FeedSite`.
        """
        self._call("PUT", f"feeds/{key}", fields)
        return f"{self.url}/{key}"

    def delete(self, key: str) -> None:
        """Let there be no such feed."""
        self._call("DELETE", f"feeds/{key}")

    def publish(self, key: str, name: str, *, position: int = 0, **fields: Any) -> None:
        """Create or change an entry.

        :param position: where a new one is put in, the first being 0.
        :param fields: as in :class:`stargazer.simulator.feeds.world.FeedItem`.
        """
        body = {
            field: value.isoformat() if isinstance(value, datetime) else value
            for field, value in fields.items()
        }
        self._call("PUT", f"feeds/{key}/items/{name}", body, position=position)

    def remove(self, key: str, name: str) -> None:
        """Take an entry out."""
        self._call("DELETE", f"feeds/{key}/items/{name}")
