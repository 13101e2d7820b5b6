"""The controls of the simulated X as Python methods."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from stargazer.simulator.twitter.world import make_id


class TwitterControl:
    """Says what happens on X.

    :param call: sends a request to the control URLs and gives the answer.
    :param base_url: where the simulator is.
    """

    def __init__(self, call: Callable[..., dict[str, Any]], base_url: str) -> None:
        self._call = call
        self.url = f"{base_url}/twitter"

    def set_account(self, key: str, **fields: Any) -> None:
        """Create or change an account.

        :param fields: ``username``, ``name``, ``protected`` and ``problem``.
        """
        self._call("PUT", f"twitter/accounts/{key}", fields)

    def tweet(self, author: str, at: datetime, text: str, *, number: int = 0, **fields: Any) -> str:
        """Post a tweet, and give its id.

        :param number: tells those of the same moment apart.
        :param fields: as in :class:`stargazer.simulator.twitter.world.Tweet`.
        """
        key = make_id(at.timestamp(), number)
        body = {"author_id": author, "created_at": at.timestamp(), "text": text, **fields}
        self._call("PUT", f"twitter/tweets/{key}", body)
        return key

    def remove(self, key: str) -> None:
        """Delete a tweet."""
        self._call("DELETE", f"twitter/tweets/{key}")

    def set_media(self, key: str, **fields: str) -> None:
        """Create a picture or video.

        :param fields: ``type``, ``url`` and ``preview_image_url``.
        """
        self._call("PUT", f"twitter/media/{key}", fields)

    def set_list(self, key: str, members: Sequence[str]) -> None:
        """Say who is on a list."""
        self._call("PUT", f"twitter/lists/{key}", {"members": list(members)})

    def set_state(self, **fields: Any) -> None:
        """Change how X is.

        :param fields: as in :class:`stargazer.simulator.twitter.world.TwitterWorld`: ``dialect``,
            ``problem`` (``payment``, ``capped``, ``forbidden``), ``remaining`` and ``reset``.
        """
        self._call("PUT", "twitter/state", fields)
