"""What Telegram sends us: what people say to the bot.

Source: https://core.telegram.org/bots/api#setwebhook
"""

import hmac
import logging
from datetime import UTC, datetime

import flask

from api.body import read_body
from api.state import get_state, patience
from stargazer import metrics
from stargazer.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    PayloadError,
    UnauthorizedError,
    UnavailableError,
)
from stargazer.telegram.listening import CALLBACK, Mode, choose_mode, get_secret
from stargazer.telegram.updates import IM, is_known, keep_update, read_update, remember

log = logging.getLogger(__name__)

blueprint = flask.Blueprint("telegram", __name__)

_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name is no secret


@blueprint.post(CALLBACK)
def receive() -> flask.Response:
    """Keep what was said until it is answered, if whoever sent it knows our secret."""
    state = get_state()
    settings = state.context.settings
    if choose_mode(settings) is not Mode.WEBHOOK:
        raise NotFoundError("not_wanted")
    given = flask.request.headers.get(_SECRET)
    if given is None:
        _count("forged")
        raise UnauthorizedError("secret_missing", f"{_SECRET} is missing")
    if not hmac.compare_digest(get_secret(settings).encode(), given.encode()):
        _count("forged")
        raise ForbiddenError("wrong_secret", f"{_SECRET} is wrong")
    body = read_body()
    bot = settings.telegram_token.get_secret_value().partition(":")[0]
    try:
        push = keep_update(read_update(body), body, bot, datetime.now(UTC))
    except PayloadError as exc:
        _count("refused")
        raise InvalidError("invalid_body", str(exc)) from None
    if push is None:
        _count("ignored")
        return flask.Response(status=204)
    if is_known(state.context.redis, push):
        _count("repeated")
        return flask.Response(status=204)
    try:
        with patience():
            state.context.store.pushes.insert(push)
        # One that comes again because the broker did not take it is handed over again.
        state.broker.send("commands.receive", str(push.id))
    except UnavailableError:
        _count("unavailable")
        raise
    # Only now: what was not taken has to be taken when it is sent again.
    remember(state.context.redis, push)
    _count("received")
    return flask.Response(status=204)


def _count(outcome: str) -> None:
    metrics.pushes.labels(IM, outcome).inc()
    is_usual = outcome in ("received", "repeated", "ignored")
    log.log(
        logging.INFO if is_usual else logging.WARNING,
        "push_answered",
        extra={"kind": IM, "outcome": outcome},
    )
