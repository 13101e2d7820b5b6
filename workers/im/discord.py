"""The chat app ``discord``: webhooks write to channels and threads.

``im_payload`` is given as the webhook's URL, which is a secret; what is stored of it says
:mod:`stargazer.addresses`.

Sources: https://docs.discord.com/developers/resources/webhook#execute-webhook
and https://docs.discord.com/developers/topics/rate-limits
"""

import json
import logging
import math
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, ClassVar, NoReturn

from stargazer import __version__, addresses, ratelimit
from stargazer.app import StargazerTask, app
from stargazer.context import OUTAGES, Context
from stargazer.errors import (
    GoneError,
    MediaRefusedError,
    RefusedError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.http import Response
from stargazer.keyring import Keyring
from stargazer.models import User
from stargazer.ratelimit import Limit
from stargazer.rendering import Message
from stargazer.rendering.forms.discord import Embed, to_embeds
from workers.im.delivering import deliver

log = logging.getLogger(__name__)

_ALL = "discord"
_DEFAULT_PAUSE = 5.0
_LONGEST_PAUSE = 86_400.0
# Cloudflare shuts out whoever was refused ten thousand times within ten minutes.
_BAN_PAUSE = 600.0
#: Unknown channel, guild and webhook; no access, no messages to this user, no permission, a wrong
#: token; a locked thread; a forum, which takes a message only into a thread.
_GONE = {10003, 10004, 10015, 50001, 50007, 50013, 50027, 160005, 220001}
_WAIT = {20016, 20028}
_INVALID_FORM = 50035


class Discord:
    """Sends to webhooks, at the pace that Discord names in its answers."""

    im: ClassVar[str] = "discord"

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        self._keyring = Keyring(settings.secret_key)
        # Whoever does not call himself so is refused; the URL says who is behind it.
        origin = settings.public_url or "https://localhost"
        self._headers = {"User-Agent": f"DiscordBot ({origin}, {__version__})"}
        self._base_url = f"{settings.discord_url}/api/v10/webhooks"
        self._all = Limit.per(_ALL, settings.discord_rate, 1)
        self._chat_rate = settings.discord_chat_rate

    def get_limits(self, user: User) -> Sequence[Limit]:
        """Name the limits of all webhooks together, and of this one with all of its threads."""
        return (self._all, Limit.per(_get_bucket(user), self._chat_rate, 1))

    def send(
        self,
        user: User,
        message: Message,
        key: str,  # noqa: ARG002 - a webhook knows no such key
    ) -> tuple[str, ...]:
        """Send one message as an embed, without its links where those are refused.

        :returns: the id of Discord's message.
        """
        body = _write_body(user, message)
        try:
            return self._post(user, body)
        except MediaRefusedError as exc:
            log.info("links_refused", extra={"user": user.id, "error": exc.reason})
            links = {"image", "url"}
            first: Embed = body["embeds"][0]
            plain = {name: value for name, value in first.items() if name not in links}
            return self._post(user, {**body, "embeds": [plain]})

    def _post(self, user: User, body: dict[str, Any]) -> tuple[str, ...]:
        path, _, thread = addresses.read(self._keyring, user).partition("?")
        answer = self._context.http.post(
            f"{self._base_url}/{path}?wait=true{thread and f'&{thread}'}",
            json=body,
            headers=self._headers,
        )
        self._keep_pace(user, answer)
        said = _read(answer)
        if answer.is_success:
            # Whatever its answer lacks, Discord has taken the message: no error may repeat it.
            return (str(said["id"]),) if said and "id" in said else ()
        if said is None and answer.status in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
            # No answer of Discord's but of Cloudflare's in front of it, to all that we ask.
            pause = answer.retry_after or _BAN_PAUSE
            self._block(_ALL, pause)
            log.error("discord_shuts_us_out", extra={"status": answer.status, "for": pause})
            raise ThrottledError(f"Cloudflare answers with HTTP {answer.status}", pause)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            self._back_off(answer, said or {})
        return _raise_error(answer.status, said)

    def _keep_pace(self, user: User, answer: Response) -> None:
        """Wait for a bucket that is empty, before Discord has to say so."""
        if answer.headers.get("X-RateLimit-Remaining") == "0":
            self._block(
                _get_bucket(user), _read_pause(answer.headers.get("X-RateLimit-Reset-After"))
            )

    def _back_off(self, answer: Response, body: dict[str, Any]) -> NoReturn:
        pause = _read_pause(body.get("retry_after", answer.headers.get("Retry-After")))
        is_global = body.get("global") is True or "X-RateLimit-Global" in answer.headers
        if is_global:
            self._block(_ALL, pause)
        raise ThrottledError(
            "Discord's limit for everything" if is_global else "Discord's limit for this webhook",
            pause,
        )

    def _block(self, key: str, seconds: float) -> None:
        # What was taken was taken, whether or not Redis can be told of the pause.
        with suppress(*OUTAGES):
            ratelimit.block(self._context.redis, key, seconds)


def _write_body(user: User, message: Message) -> dict[str, Any]:
    """Write a message that calls nobody but the role that its subscriber has chosen."""
    body: dict[str, Any] = {"embeds": to_embeds(message), "allowed_mentions": {"parse": []}}
    role = user.settings.mention
    if message.may_mention and role:
        body["content"] = f"<@&{role}>"
        body["allowed_mentions"]["roles"] = [role]
    return body


def _get_bucket(user: User) -> str:
    return f"discord:{user.im_payload.partition('/')[0]}"


def _read(answer: Response) -> dict[str, Any] | None:
    try:
        body = json.loads(answer.body)
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    if answer.is_success and answer.status != HTTPStatus.NO_CONTENT:
        raise UnknownOutcomeError("an answer that cannot be read")
    return None


def _raise_error(status: int, body: dict[str, Any] | None) -> NoReturn:
    if body is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # A gateway's page instead of an answer, or no answer to count on.
        raise TransientError(f"HTTP {status}")
    code = body.get("code")
    reason = f"{str(body.get('message', f'HTTP {status}'))[:200]} ({code})"
    if code in _WAIT:
        raise ThrottledError(reason, _read_pause(body.get("retry_after")))
    # Without a code, a webhook's URL that leads nowhere is a webhook that was deleted.
    if code in _GONE or status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
        raise GoneError(reason)
    if code == _INVALID_FORM and _is_about_links(body.get("errors")):
        raise MediaRefusedError(reason)
    raise RefusedError(reason)


def _is_about_links(errors: object) -> bool:
    """Tell whether some address in the embed is what Discord does not like."""
    if not isinstance(errors, dict):
        return False
    return any(name in ("url", "image") or _is_about_links(each) for name, each in errors.items())


def _read_pause(seconds: object) -> float:
    """Read seconds, which may be a fraction, out of a body or a header."""
    try:
        pause = float(str(seconds))
    except ValueError:
        return _DEFAULT_PAUSE
    return min(pause, _LONGEST_PAUSE) if math.isfinite(pause) and pause > 0 else _DEFAULT_PAUSE


@app.task(name="discord.deliver", bind=True)
def deliver_to_discord(self: StargazerTask, event: str, users: list[str]) -> None:
    """Send an Event to these Users on Discord."""
    deliver(self.context, Discord, event, users)
