"""The controls of the simulated QQ as Python methods."""

from collections.abc import Callable
from typing import Any


class OneBotControl:
    """Says what there is, and what is said, on QQ.

    :param call: sends a request to the control URLs and gives the answer.
    :param base_url: where the simulator is.
    """

    def __init__(self, call: Callable[..., dict[str, Any]], base_url: str) -> None:
        self._call = call
        self.url = f"{base_url}/qq"

    def set_account(self, **fields: Any) -> None:
        """Change the account, or its adapter.

        :param fields: as in :class:`stargazer.simulator.onebot.world.Account`.
        """
        self._call("PUT", "qq/account", fields)

    def set_group(self, number: int, **fields: Any) -> str:
        """Let the account join a group, or change one, and give its address.

        :param fields: as in :class:`stargazer.simulator.onebot.world.Group`.
        """
        self._call("PUT", f"qq/groups/{number}", fields)
        return f"group:{number}"

    def leave_group(self, number: int) -> None:
        """Let the account be removed from a group."""
        self._call("DELETE", f"qq/groups/{number}")

    def add_friend(self, number: int) -> str:
        """Make somebody a friend, and give his or her address."""
        self._call("PUT", f"qq/friends/{number}", {})
        return f"private:{number}"

    def remove_friend(self, number: int) -> None:
        """End a friendship."""
        self._call("DELETE", f"qq/friends/{number}")

    def say(self, user: int, text: str, **fields: Any) -> None:
        """Let somebody say something.

        :param fields: as in :meth:`stargazer.simulator.onebot.events.Events.say`.
        """
        self._call("POST", "qq/messages", {"user": user, "text": text, **fields})

    def notice(self, notice_type: str, **fields: Any) -> None:
        """Post a notice, such as ``group_decrease``."""
        event = {"post_type": "notice", "notice_type": notice_type, **fields}
        self._call("POST", "qq/events", event)

    def beat(self, *, online: bool) -> None:
        """Post a heartbeat."""
        status = {"online": online, "good": True}
        event = {"post_type": "meta_event", "meta_event_type": "heartbeat", "interval": 15000}
        self._call("POST", "qq/events", {**event, "status": status})
