"""How the simulated Twitch pushes: challenges, notifications, revocations.

Source: https://dev.twitch.tv/docs/eventsub/handling-webhook-events
"""

import hashlib
import hmac
import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import urllib3

from stargazer.simulator.courier import Courier
from stargazer.simulator.delivery import is_success
from stargazer.simulator.faults import Faults
from stargazer.simulator.journal import Journal
from stargazer.simulator.nouns import fingerprint
from stargazer.simulator.twitch.world import PENDING, Subscription, TwitchWorld

_http = urllib3.PoolManager(
    maxsize=32, timeout=urllib3.Timeout(connect=5.0, read=10.0), retries=False
)
Json = dict[str, Any]


class EventSub:
    """Sends signed messages to the callbacks of subscriptions."""

    def __init__(
        self, world: TwitchWorld, faults: Faults, journal: Journal, courier: Courier
    ) -> None:
        self._world = world
        self._faults = faults
        self._journal = journal
        self._courier = courier

    def verify(self, subscription: Subscription) -> None:
        """Ask the callback, in the background, whether it wants this."""
        self._courier.send(partial(self._verify, subscription), retry=False)

    def notify(self, account: str, kind: str, event: Json, **oddities: Any) -> int:
        """Tell everyone who wants to hear this of an account.

        :param oddities: ``age`` in seconds, ``forged``, or the ``message_id``.
        :returns: how many that is.
        """
        wanted = [
            each
            for each in self._world.list_subscriptions(account)
            if each.type == kind and each.status == "enabled"
        ]
        for subscription in wanted:
            message_id = oddities.get("message_id") or str(uuid4())
            body = {"subscription": subscription.to_json(), "event": event}
            send = partial(self._send, subscription, "notification", body, oddities, message_id)
            self._courier.send(send)
        return len(wanted)

    def revoke(self, account: str, status: str) -> int:
        """End the subscriptions about an account, and tell so."""
        found = self._world.list_subscriptions(account)
        for subscription in found:
            ended = subscription.model_copy(update={"status": status})
            self._world.replace_subscription(ended)
            body = {"subscription": ended.to_json()}
            self._courier.send(partial(self._send, ended, "revocation", body, {}, str(uuid4())))
        return len(found)

    def _verify(self, subscription: Subscription, _attempt: int) -> bool:
        challenge = secrets.token_urlsafe(12)
        body = {"challenge": challenge, "subscription": subscription.to_json()}
        answer = self._post(subscription, "webhook_callback_verification", body, {}, str(uuid4()))
        is_verified = answer is not None and answer == (200, challenge.encode())
        if subscription.status == PENDING:
            status = "enabled" if is_verified else "webhook_callback_verification_failed"
            self._world.replace_subscription(subscription.model_copy(update={"status": status}))
        return True

    def _send(
        self,
        subscription: Subscription,
        kind: str,
        body: Json,
        oddities: Json,
        message_id: str,
        attempt: int,
    ) -> bool:
        fault = self._faults.draw("push")
        if fault is not None:
            time.sleep(fault.delay)
            if fault.duplicate:
                self._post(subscription, kind, body, oddities, message_id)
            if fault.drop:
                return True
        answer = self._post(subscription, kind, body, oddities, message_id, attempt)
        fields = {"twitch": kind, "type": subscription.type, "attempt": attempt}
        fields["callback"] = fingerprint(subscription.callback)
        self._journal.record("push", answer[0] if answer else None, fields)
        # A forged or an old one is not sent again: who refuses it is right.
        return bool(oddities) or (answer is not None and is_success(answer[0]))

    def _post(
        self,
        subscription: Subscription,
        kind: str,
        body: Json,
        oddities: Json,
        message_id: str,
        attempt: int = 1,
    ) -> tuple[int, bytes] | None:
        raw = json.dumps(body).encode()
        at = datetime.now(UTC) - timedelta(seconds=oddities.get("age", 0))
        # Nanoseconds, as Twitch has them; Python reads six digits of them.
        sent_at = f"{at:%Y-%m-%dT%H:%M:%S.%f}789Z"
        secret = "somebody else's" if oddities.get("forged") else subscription.secret
        signed = message_id.encode() + sent_at.encode() + raw
        digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "Twitch-Eventsub-Message-Id": message_id,
            "Twitch-Eventsub-Message-Retry": str(attempt - 1),
            "Twitch-Eventsub-Message-Type": kind,
            "Twitch-Eventsub-Message-Signature": f"sha256={digest}",
            "Twitch-Eventsub-Message-Timestamp": sent_at,
            "Twitch-Eventsub-Subscription-Type": subscription.type,
            "Twitch-Eventsub-Subscription-Version": "1",
        }
        try:
            answer = _http.request(
                "POST", subscription.callback, body=raw, headers=headers, redirect=False
            )
        except urllib3.exceptions.HTTPError:
            return None
        return answer.status, answer.data
