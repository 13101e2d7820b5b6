"""The controls of the simulated bilibili as Python methods."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any


class BilibiliControl:
    """Says what happens on bilibili.

    :param call: sends a request to the control URLs and gives the answer.
    :param base_url: where the simulator is.
    """

    def __init__(self, call: Callable[..., dict[str, Any]], base_url: str) -> None:
        self._call = call
        self.url = f"{base_url}/bilibili"
        self.live_url = f"{base_url}/bililive"

    def set_room(self, uid: str, **fields: Any) -> None:
        """Create or change a live room; times are datetimes.

        :param fields: as in :class:`stargazer.simulator.bilibili.world.Room`.
        """
        body = {
            name: int(value.timestamp()) if isinstance(value, datetime) else value
            for name, value in fields.items()
        }
        self._call("PUT", f"bilibili/rooms/{uid}", body)

    def remove_room(self, uid: str) -> None:
        """Let an account have no room."""
        self._call("DELETE", f"bilibili/rooms/{uid}")

    def set_post(self, key: str, **fields: Any) -> None:
        """Create or change a post; times are datetimes.

        :param fields: as in :class:`stargazer.simulator.bilibili.world.Post`.
        """
        body = {
            name: value.timestamp() if isinstance(value, datetime) else value
            for name, value in fields.items()
        }
        self._call("PUT", f"bilibili/posts/{key}", body)

    def remove_post(self, key: str) -> None:
        """Delete a post."""
        self._call("DELETE", f"bilibili/posts/{key}")

    def follow(self, uids: Sequence[str] | None) -> None:
        """Let the cookie's account follow these and nobody else; None: everybody."""
        self._call("PUT", "bilibili/feed", {"followed": None if uids is None else list(uids)})

    def set_hollow(self, is_hollow: bool) -> None:  # noqa: FBT001 - that is what it says
        """Let the feed answer with success and nothing in it, or as usual."""
        self._call("PUT", "bilibili/feed", {"hollow": is_hollow})
