"""The simulator's controls as Python methods, for the demo, the tests and the benchmarks."""

import base64
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import requests

from stargazer.simulator.bilibili.client import BilibiliControl
from stargazer.simulator.discord.client import DiscordControl
from stargazer.simulator.feeds.client import FeedsControl
from stargazer.simulator.journal import Target
from stargazer.simulator.onebot.client import OneBotControl
from stargazer.simulator.receivers.client import ReceiversControl
from stargazer.simulator.talk.client import TalkControl
from stargazer.simulator.twitch.client import TwitchControl
from stargazer.simulator.twitter.client import TwitterControl

PAGE = 1000
TIMEOUT = 30.0
_POLL = 0.05


class Simulator:
    """Controls a simulator that runs elsewhere.

    Every method raises ``requests.HTTPError``, which says why, when the simulator refuses.

    :param base_url: where it is, such as ``http://127.0.0.1:8100``.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = requests.Session()
        # A proxy of the environment has no business between two processes of one machine.
        self._session.trust_env = False
        self.bilibili = BilibiliControl(self._call, self.base_url)
        self.twitter = TwitterControl(self._call, self.base_url)
        self.twitch = TwitchControl(self._call, self.base_url)
        self.feeds = FeedsControl(self._call, self.base_url)
        self.discord = DiscordControl(self._call, self.base_url)
        self.receivers = ReceiversControl(self._call, self.base_url)
        self.qq = OneBotControl(self._call, self.base_url)
        self.talk = TalkControl(self._call)

    def close(self) -> None:
        """Close the connections that are kept for the next call."""
        self._session.close()

    @property
    def hub_url(self) -> str:
        """Where to subscribe."""
        return f"{self.base_url}/youtube/subscribe"

    @property
    def youtube_url(self) -> str:
        """The base of the feeds and of the Data API."""
        return f"{self.base_url}/youtube"

    @property
    def telegram_url(self) -> str:
        """The base of the Bot API."""
        return f"{self.base_url}/telegram"

    @property
    def deepl_url(self) -> str:
        """The base of DeepL's API."""
        return f"{self.base_url}/deepl"

    @property
    def baidu_url(self) -> str:
        """The base of Baidu's translation API."""
        return f"{self.base_url}/baidu"

    def wait_until_ready(self, timeout: float = 10.0) -> None:
        """Return when it answers.

        :param timeout: seconds.
        :raises TimeoutError: when it has not answered by then.
        """
        deadline = time.monotonic() + timeout
        while True:
            try:
                self._call("GET", "health")
            except requests.RequestException as exc:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"no simulator at {self.base_url}") from exc
                time.sleep(_POLL)
            else:
                return

    def set_channel(self, channel_id: str, **fields: str | None) -> None:
        """Create or change a channel.

        :param fields: ``title`` and ``handle``.
        """
        self._call("PUT", f"channels/{channel_id}", fields)

    def set_video(self, video_id: str, *, push: bool = True, **fields: Any) -> int:
        """Create or change a video.

        :param push: whether the hub tells its subscribers.
        :param fields: as in :class:`stargazer.simulator.bodies.VideoBody`; times are aware
            datetimes, spans are timedeltas.
        :returns: how many subscribers are told.
        """
        body = {name: _to_json(value) for name, value in fields.items()}
        return int(self._call("PUT", f"videos/{video_id}", body, push=int(push))["subscribers"])

    def delete_video(self, video_id: str, *, push: bool = True) -> int:
        """Delete a video and return how many subscribers are told."""
        return int(self._call("DELETE", f"videos/{video_id}", push=int(push))["subscribers"])

    def push_raw(
        self,
        channel_id: str,
        body: bytes,
        headers: Mapping[str, str | None] | None = None,
        *,
        retry: bool = False,
    ) -> int:
        """Deliver any body to a channel's subscribers, and return how many those are.

        :param headers: take the place of the hub's own, its signature too; None leaves one out.
        """
        push = {
            "channel_id": channel_id,
            "body": base64.b64encode(body).decode(),
            "encoding": "base64",
            "headers": dict(headers or {}),
            "retry": retry,
        }
        return int(self._call("POST", "pushes", push)["subscribers"])

    def add_fault(self, target: Target, **fields: Any) -> str:
        """Put a fault in force and return its id.

        :param fields: as in :class:`stargazer.simulator.faults.Fault`.
        """
        return str(self._call("POST", "faults", {"target": target, **fields})["id"])

    def remove_fault(self, fault_id: str) -> None:
        """End one fault."""
        self._call("DELETE", f"faults/{fault_id}")

    def clear_faults(self) -> None:
        """End all faults."""
        self._call("DELETE", "faults")

    def set_seed(self, seed: int | None) -> None:
        """Make chance repeatable, or unpredictable again."""
        self._call("PUT", "seed", {"seed": seed})

    def set_chat(self, chat_id: int, **fields: Any) -> None:
        """Say what is unusual about a chat.

        :param fields: as in :class:`stargazer.simulator.bots.ChatState`.
        """
        self._call("PUT", f"chats/{chat_id}", fields)

    def set_limits(self, **fields: float | None) -> dict[str, Any]:
        """Change limits, give back the quota of today, and return all limits.

        :param fields: as in :class:`stargazer.simulator.limits.Limits`; None is no limit.
        """
        return self._call("PUT", "limits", fields)

    def set_credentials(self, **fields: list[str] | dict[str, str]) -> None:
        """Say which credentials are right.

        :param fields: ``api_keys``, ``bot_tokens``, ``deepl_keys``, and ``baidu_apps``, whose keys
            are the apps and whose values are what each signs with.
        """
        self._call("PUT", "credentials", fields)

    def journal(self, after: int = 0, target: Target | None = None) -> list[dict[str, Any]]:
        """Return every entry numbered above ``after``, in order, of one target or of all."""
        found: list[dict[str, Any]] = []
        while True:
            page = self._call("GET", "journal", after=after, limit=PAGE, target=target)["entries"]
            found += page
            if len(page) < PAGE:
                return found
            after = page[-1]["seq"]

    def clear_journal(self, until: int | None = None) -> None:
        """Forget the journal's entries; their numbers go on.

        :param until: the number of the last one to forget, such as the last that was read.
        """
        self._call("DELETE", "journal", until=until)

    def counters(self) -> dict[str, Any]:
        """Return ``requests`` by target and status, ``delivered``, and ``limit_breaks``."""
        return self._call("GET", "counters")

    def subscriptions(self) -> list[dict[str, Any]]:
        """Return the hub's subscriptions, also those whose lease is over."""
        found: list[dict[str, Any]] = self._call("GET", "subscriptions")["subscriptions"]
        return found

    def _call(
        self, verb: str, path: str, body: Mapping[str, Any] | None = None, **params: Any
    ) -> dict[str, Any]:
        url = f"{self.base_url}/control/{path}"
        answer = self._session.request(verb, url, json=body, params=params, timeout=TIMEOUT)
        if not answer.ok:
            message = f"{answer.status_code} from {verb} {path}: {answer.text}"
            raise requests.HTTPError(message, response=answer)
        result: dict[str, Any] = answer.json()
        return result


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value
