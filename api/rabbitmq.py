"""What RabbitMQ asks us about its clients: its HTTP authentication and authorization backend.

Each question is a form, and the answer the single word ``allow`` or ``deny``, with no line after
it. Whatever else comes, such as our 503 while the database is away, RabbitMQ takes for a refusal.
The address holds a key, so that nobody else can try passwords or look for permissions here; it is
never logged.

Source: https://github.com/rabbitmq/rabbitmq-server/tree/v3.10.8/deps/rabbitmq_auth_backend_http
"""

import hmac
import logging
from typing import Any

import flask

from api.auth import check_credentials
from api.state import get_state, patience
from stargazer import mq
from stargazer.errors import ForbiddenError, NotFoundError, TooManyCallsError
from stargazer.models import Account

log = logging.getLogger(__name__)

blueprint = flask.Blueprint("rabbitmq", __name__, url_prefix="/rabbitmq/<key>")


@blueprint.url_value_preprocessor
def _check_key(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    given = str((values or {}).pop("key", ""))
    wanted = get_state().context.settings.rabbitmq_key.get_secret_value()
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise NotFoundError("not_found")


@blueprint.post("/user")
def answer_user() -> flask.Response:
    """Answer whether name and password are right, and whether that account may come at all."""
    username, password = _ask("username"), _ask("password")
    if not password:
        # Without one, somebody else (a certificate) is to vouch for the client.
        return _answer(None, "user", is_allowed=False)
    try:
        # RabbitMQ does not say from where its client comes.
        account = check_credentials(username, password, None)
    except (ForbiddenError, TooManyCallsError):
        return _answer(None, "user", is_allowed=False)
    return _answer(account, "user", is_allowed=mq.may_enter(account))


@blueprint.post("/vhost")
def answer_vhost() -> flask.Response:
    """Answer whether the account may use a virtual host: there is one, that of our broker."""
    account = _find_account()
    ours = mq.get_vhost(get_state().context.settings.broker_url)
    is_allowed = account is not None and mq.may_enter(account) and _ask("vhost") == ours
    return _answer(account, "vhost", is_allowed=is_allowed)


@blueprint.post("/resource")
def answer_resource() -> flask.Response:
    """Answer whether the account may configure, write or read a queue or an exchange."""
    account = _find_account()
    is_allowed = account is not None and mq.may_use(
        account, _ask("resource"), _ask("name"), _ask("permission")
    )
    return _answer(account, "resource", is_allowed=is_allowed)


@blueprint.post("/topic")
def answer_topic() -> flask.Response:
    """Answer whether the account may publish with, or bind by, a routing key."""
    account = _find_account()
    is_allowed = account is not None and mq.may_use_key(
        account, _ask("name"), _ask("permission"), _ask("routing_key")
    )
    return _answer(account, "topic", is_allowed=is_allowed)


def _ask(field: str) -> str:
    return flask.request.form.get(field, "")


def _find_account() -> Account | None:
    with patience():
        return get_state().context.store.accounts.find(_ask("username"))


def _answer(account: Account | None, question: str, *, is_allowed: bool) -> flask.Response:
    if not is_allowed:
        # A name that is no account's may be a password in the wrong field.
        fields = {"question": question, "account": account.username if account else None}
        if question in ("resource", "topic"):
            fields |= {"resource": _ask("name"), "right": _ask("permission")}
        log.info("rabbitmq_denied", extra=fields)
    return flask.Response("allow" if is_allowed else "deny", mimetype="text/plain")
