"""The edge where Flask is: the RPC, what platforms push and RabbitMQ asks, and the status page."""

import logging
from functools import partial
from typing import Any

import flask
import pymongo.errors
from flask_compress import Compress
from flask_cors import CORS
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.middleware.proxy_fix import ProxyFix

from api import (  # noqa: F401 - methods register
    eventsub,
    failures,
    frontend,
    headers,
    methods,
    onebot,
    operator,
    pages,
    push,
    rabbitmq,
    rpc,
    telegram,
)
from api.body import MAX_BODY
from api.broker import Broker
from api.pulse import Pulse
from api.snapshots import Snapshots
from api.state import State, ask_for_health, keep_overview
from api.status import StatusReader
from stargazer.context import Context
from stargazer.logs import configure_logging
from stargazer.settings import Settings, load_settings

log = logging.getLogger(__name__)

_COMPRESSED = [
    *("text/html", "text/css", "text/javascript", "application/javascript"),
    *("image/svg+xml", "application/json"),
]


class App(flask.Flask):
    """Flask, with our log form."""

    def log_exception(self, exc_info: Any) -> None:
        """Log what nobody expected: by its rule, as the path may have a token in it."""
        rule = flask.request.url_rule
        log.error(
            "request_failed",
            extra={"rule": rule.rule if rule else None, "request_id": headers.get_request_id()},
            exc_info=exc_info,
        )


def create_app(settings: Settings | None = None) -> flask.Flask:
    """Make the web application.

    :param settings: None: those of the environment.
    """
    if settings is None:
        # Gunicorn called, and this process is ours alone.
        settings = load_settings()
        configure_logging(settings)
    context = Context(settings, impatient=True)
    _look_for_accounts(context)
    # A second attempt would take a second second, and the caller tries again anyway.
    context.redis.set_retry(Retry(NoBackoff(), 0))
    app = App(__name__, static_folder=None)
    app.config.update(
        COMPRESS_MIMETYPES=_COMPRESSED,
        COMPRESS_MIN_SIZE=1024,
        MAX_CONTENT_LENGTH=MAX_BODY,
        PROPAGATE_EXCEPTIONS=False,
        TRAP_HTTP_EXCEPTIONS=False,
    )
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    if settings.frontend_origins:
        # Without credentials of the browser's own: whoever calls sends a token, or a password.
        CORS(
            app,
            resources={r"/v1/.*": {"origins": list(settings.frontend_origins)}},
            allow_headers=["Authorization", "Content-Type", headers.REQUEST_ID],
            expose_headers=[headers.REQUEST_ID, "Retry-After"],
            methods=["POST"],
            max_age=86400,
        )
    # What a browser loads over a phone's connection. No answer has a secret beside what somebody
    # else could choose, so that its length tells nothing.
    Compress(app)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["stargazer"] = context
    broker = Broker(context.settings)
    app.extensions["stargazer.state"] = State(
        context,
        broker,
        StatusReader(context.store),
        Snapshots(context.store.revisions),
        Pulse(partial(ask_for_health, context, broker)),
        keep_overview(context, broker),
    )
    headers.register(app)
    failures.register(app)
    app.register_blueprint(rpc.blueprint)
    app.register_blueprint(push.blueprint)
    app.register_blueprint(eventsub.blueprint)
    app.register_blueprint(onebot.blueprint)
    app.register_blueprint(telegram.blueprint)
    app.register_blueprint(rabbitmq.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(frontend.blueprint)
    app.register_blueprint(operator.blueprint)
    return app


def _look_for_accounts(context: Context) -> None:
    try:
        is_empty = context.store.accounts.is_empty()
    except pymongo.errors.PyMongoError:
        # It is not there yet; whoever calls without an account is told so anyway.
        return
    if is_empty:
        log.warning("no_accounts", extra={"add_one_by": "stargazer auth add NAME admin:rw api:rw"})
