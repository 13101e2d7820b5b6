"""What the simulated adapter posts: signed events, once each, as adapters do.

Sources: https://github.com/botuniverse/onebot-11/tree/master/event
and https://github.com/botuniverse/onebot-11/blob/master/communication/http-post.md
"""

import hashlib
import hmac
import json
import time
from functools import partial
from itertools import count
from typing import Any

import urllib3

from stargazer.simulator.courier import Courier
from stargazer.simulator.journal import Journal
from stargazer.simulator.onebot.world import Account, OneBotWorld

Json = dict[str, Any]
_http = urllib3.PoolManager(
    maxsize=8, timeout=urllib3.Timeout(connect=5.0, read=10.0), retries=False
)


class Events:
    """Posts to where the account's events go."""

    def __init__(self, world: OneBotWorld, journal: Journal, courier: Courier) -> None:
        self._world = world
        self._journal = journal
        self._courier = courier
        self._ids = count(1)

    def say(self, said: Json) -> bool:
        """Let somebody say something.

        :param said: ``user``, ``text``, and, in a group, ``group``, ``role`` and ``at_us``;
            ``form`` is ``array`` or ``string``; ``message_id`` that of an earlier one.
        :returns: whether there is anywhere to post it to.
        """
        account, user, group = self._world.account, said["user"], said.get("group")
        segments: list[Json] = [{"type": "text", "data": {"text": said["text"]}}]
        if said.get("at_us"):
            segments.insert(0, {"type": "at", "data": {"qq": str(account.number)}})
        raw = "".join(map(_write, segments))
        form = said.get("form", "array")
        event = {
            "post_type": "message",
            "message_type": "private" if group is None else "group",
            "sub_type": "friend" if group is None else "normal",
            "message_id": said.get("message_id") or next(self._ids),
            "user_id": user,
            "message": raw if form == "string" else segments,
            "message_format": form,
            "raw_message": raw,
            "font": 14,
            "sender": {"user_id": user, "nickname": f"User {user}", "card": ""},
        }
        if group is not None:
            event["group_id"] = group
            event["sender"]["role"] = said.get("role", "member")
        return self.post(event, forged=bool(said.get("forged")))

    def post(self, event: Json, *, forged: bool = False) -> bool:
        """Post an event in the background.

        :param event: without its time and the account.
        :returns: whether there is anywhere to post it to.
        """
        account = self._world.account
        if not account.event_url:
            return False
        whole = {"time": int(time.time()), "self_id": account.number, **event}
        headers, body = sign(account, whole, forged=forged)
        self._courier.send(partial(self._send, account.event_url, headers, body), retry=False)
        return True

    def _send(self, url: str, headers: dict[str, str], body: bytes, _attempt: int) -> bool:
        try:
            answer = _http.request("POST", url, body=body, headers=headers, redirect=False)
            status: int | None = answer.status
        except urllib3.exceptions.HTTPError:
            status = None
        self._journal.record("push", status, {"onebot": json.loads(body)["post_type"]})
        return True


def sign(account: Account, event: Json, *, forged: bool = False) -> tuple[dict[str, str], bytes]:
    """Give the headers and the body with which an event is posted."""
    body = json.dumps(event, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "X-Self-ID": str(account.number)}
    if account.secret:
        secret = "somebody else's" if forged else account.secret
        digest = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
        headers["X-Signature"] = f"sha1={digest}"
    return headers, body


def _write(segment: Json) -> str:
    data = segment["data"]
    return str(data["text"]) if segment["type"] == "text" else f"[CQ:at,qq={data['qq']}]"
