"""The chat app ``webhook``: each message is a signed POST of JSON to a receiver of somebody's own.

``im_payload`` is given as the receiver's URL with ``#`` and the secret to sign with behind it. What
a receiver may rely on is written down in ``docs/webhooks.md``.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import ClassVar
from uuid import UUID

from stargazer import addresses
from stargazer.addresses import webhook
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.errors import GoneError, RefusedError, ThrottledError, TransientError
from stargazer.http import Response
from stargazer.keyring import Keyring
from stargazer.models import StoredEvent, User
from stargazer.ratelimit import Limit
from stargazer.rendering import Message
from stargazer.rendering.forms.plain import list_lines, to_text
from workers.im.delivering import deliver

_DEFAULT_PAUSE = 5.0
#: The receiver understood us, and does not want it. Everything else may be mended at its end.
_REFUSED = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


class Webhook:
    """Posts to receivers, each at a pace of its own."""

    im: ClassVar[str] = "webhook"

    def __init__(self, context: Context) -> None:
        self._http = context.http
        self._events = context.store.events
        self._keyring = Keyring(context.settings.secret_key)
        self._rate = context.settings.webhook_rate

    def get_limits(self, user: User) -> Sequence[Limit]:
        """Name the limit of the receiver."""
        return (Limit.per(f"webhook:{user.im_payload}", self._rate, 1),)

    def send(self, user: User, message: Message, key: str) -> tuple[str, ...]:
        """Post one message, which a receiver that has seen the ``key`` leaves alone.

        :returns: the key.
        """
        url, secret = webhook.split(addresses.read(self._keyring, user))
        event = self._events.find(UUID(key.partition(":")[0]))
        body = write_body(key, event, message)
        # No answer means no harm in a repetition: both have the same id.
        answer = self._http.post(
            url, form=body, headers=sign(secret, key, body, time.time()), repeatable=True
        )
        _raise_for_status(answer)
        return (key,)


def write_body(key: str, event: StoredEvent | None, message: Message) -> bytes:
    """Write down what happened, for programs and for people."""
    happened = None
    if event is not None:
        happened = {
            "id": str(event.id),
            "kind": event.kind,
            "entity": str(event.entity),
            "happened_at": event.happened_at.isoformat(),
            "fields": event.fields,
        }
    told = {
        "headline": message.headline,
        "lines": list_lines(message),
        "url": message.url,
        "picture": message.picture,
        "text": to_text(message),
    }
    return json.dumps({"id": key, "event": happened, "message": told}, default=str).encode()


def sign(secret: str, key: str, body: bytes, now: float) -> dict[str, str]:
    """Give the headers by which a receiver knows who has written, and when."""
    timestamp = str(int(now))
    signed = timestamp.encode() + b"." + body
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Stargazer-Id": key,
        "X-Stargazer-Timestamp": timestamp,
        "X-Stargazer-Signature": f"sha256={signature}",
    }


def _raise_for_status(answer: Response) -> None:
    if answer.is_success:
        return
    reason = f"the receiver answers with HTTP {answer.status}"
    if answer.status == HTTPStatus.GONE:
        raise GoneError(reason)
    if answer.status in _REFUSED:
        raise RefusedError(reason)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.retry_after is not None:
        raise ThrottledError(reason, answer.retry_after or _DEFAULT_PAUSE)
    raise TransientError(reason)


@app.task(name="webhook.deliver", bind=True)
def deliver_to_webhook(self: StargazerTask, event: str, users: list[str]) -> None:
    """Send an Event to the receivers of these Users."""
    deliver(self.context, Webhook, event, users)
