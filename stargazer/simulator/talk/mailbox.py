"""The updates of one bot: kept until they are fetched, or pushed to its webhook.

Source: https://core.telegram.org/bots/api#getting-updates
"""

import threading
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import urllib3
from pydantic import BaseModel, ConfigDict

from stargazer.simulator.courier import Courier
from stargazer.simulator.delivery import is_success
from stargazer.simulator.faults import Faults
from stargazer.simulator.journal import Journal

Json = dict[str, Any]
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name is no secret
#: Telegram begins anywhere.
_FIRST_UPDATE = 700_000_001
_USUAL_CONNECTIONS = 40

_http = urllib3.PoolManager(
    maxsize=32, timeout=urllib3.Timeout(connect=5.0, read=10.0), retries=False
)


class Webhook(BaseModel):
    """Where a bot's updates are pushed to.

    :ivar allowed: the kinds of updates that are wanted; empty: the usual ones.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    secret: str = ""
    connections: int = _USUAL_CONNECTIONS


class ConflictError(Exception):
    """Two want the same updates; the reason says who the other is."""


class Mailbox:
    """Updates in order, each until it is confirmed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._updates: list[Json] = []
        self._next_id = _FIRST_UPDATE
        self._poller = 0
        self.webhook: Webhook | None = None
        self.allowed: Sequence[str] = ()
        self.last_error: Json = {}

    def put(self, kind: str, content: Json) -> Json | None:
        """Keep an update; None for one that is not wanted."""
        with self._changed:
            if self.allowed and kind not in self.allowed:
                return None
            update = {"update_id": self._next_id, kind: content}
            self._next_id += 1
            self._updates.append(update)
            self._changed.notify_all()
            return update

    def fetch(self, offset: int, limit: int, timeout: float) -> list[Json]:
        """Give what is there, or wait for it.

        :param offset: all before it are confirmed; a negative one counts from the end.
        :param timeout: seconds.
        :raises ConflictError: while there is a webhook, or when somebody else fetches.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            if self.webhook is not None:
                raise ConflictError(
                    "can't use getUpdates method while webhook is active; "
                    "use deleteWebhook to delete the webhook first"
                )
            self._poller += 1
            poller = self._poller
            # Whoever waits already is turned away by whoever comes.
            self._changed.notify_all()
            self._confirm(offset)
            while not self._updates and time.monotonic() < deadline:
                self._changed.wait(deadline - time.monotonic())
                if self._poller != poller:
                    raise ConflictError(
                        "terminated by other getUpdates request; "
                        "make sure that only one bot instance is running"
                    )
            return self._updates[:limit]

    def set_webhook(self, webhook: Webhook | None, *, drop: bool) -> None:
        """Push from now on, or push no more.

        :param drop: whether what waits is forgotten.
        """
        with self._changed:
            self.webhook = webhook
            self.last_error = {}
            if drop:
                self._updates.clear()
            # Whoever fetches is turned away.
            self._poller += 1
            self._changed.notify_all()

    def list_waiting(self) -> list[Json]:
        """Give what nobody has confirmed yet."""
        with self._changed:
            return list(self._updates)

    def confirm(self, update_id: int) -> None:
        """Forget one update."""
        with self._changed:
            self._updates = [each for each in self._updates if each["update_id"] != update_id]

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            del self._updates[:offset]
        else:
            self._updates = [each for each in self._updates if each["update_id"] >= offset]


class Postman:
    """Pushes updates to webhooks, each until it is taken."""

    def __init__(self, courier: Courier, faults: Faults, journal: Journal) -> None:
        self._courier = courier
        self._faults = faults
        self._journal = journal

    def bring(self, mailbox: Mailbox, update: Json) -> None:
        """Push an update in the background, if there is a webhook."""
        if mailbox.webhook is not None:
            self._courier.send(lambda attempt: self._push(mailbox, update, attempt))

    def _push(self, mailbox: Mailbox, update: Json, attempt: int) -> bool:
        webhook = mailbox.webhook
        if webhook is None or update not in mailbox.list_waiting():
            return True
        fault = self._faults.draw("push")
        if fault is not None:
            time.sleep(fault.delay)
            if fault.duplicate:
                self._post(webhook, update)
            if fault.drop:
                return False
        status = self._post(webhook, update)
        [kind] = update.keys() - {"update_id"}
        fields = {"telegram": kind, "update_id": update["update_id"], "attempt": attempt}
        self._journal.record("push", status, fields)
        if status is not None and is_success(status):
            mailbox.confirm(update["update_id"])
            return True
        reason = "Connection refused" if status is None else _describe(status)
        mailbox.last_error = {"last_error_date": int(time.time()), "last_error_message": reason}
        return False

    def _post(self, webhook: Webhook, update: Json) -> int | None:
        headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
        try:
            answer = _http.request(
                "POST", webhook.url, json=update, headers=headers, redirect=False
            )
        except urllib3.exceptions.HTTPError:
            return None
        return answer.status


def _describe(status: int) -> str:
    return f"Wrong response from the webhook: {status} {HTTPStatus(status).phrase}"
