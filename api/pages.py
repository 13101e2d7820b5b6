"""The pages that show what happens and what can be called, and what machines ask about us."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import flask
from markupsafe import Markup, escape
from prometheus_client import CONTENT_TYPE_LATEST

from api.auth import ANYONE, Access, guard, needs
from api.files import send_file
from api.openapi import make_document, write_document
from api.reference import make_reference
from api.state import get_state, patience
from api.status import Status
from stargazer import metrics

_STATIC = Path(__file__).parent / "static"
blueprint = flask.Blueprint("pages", __name__, template_folder="templates")

P = ParamSpec("P")


def _for_operators(view: Callable[P, flask.Response]) -> Callable[P, flask.Response]:
    """Show it to anybody where the settings say so, else to who may read ``admin``."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> flask.Response:
        public = get_state().context.settings.public_status
        access: Access = ANYONE if public else needs("admin:ro")
        return guard(access, lambda _caller: view(*args, **kwargs))

    return guarded


@blueprint.get("/")
@_for_operators
def show_status() -> flask.Response:
    """Show the status page; it is whole without JavaScript, which only keeps it new."""
    return flask.make_response(flask.render_template("status.html", status=_read_status()))


@blueprint.get("/status.json")
@_for_operators
def get_status() -> flask.Response:
    """Give what the status page shows; unchanged, it costs a 304."""
    status = _read_status()
    response = flask.Response(status.model_dump_json(), mimetype="application/json")
    response.set_etag(status.get_tag())
    response.headers["Cache-Control"] = "no-cache, private"
    response.make_conditional(flask.request)
    return response


@blueprint.get("/static/<path:filename>", endpoint="static")
def get_file(filename: str) -> flask.Response:
    """Give a file of these pages; unchanged, it costs a 304."""
    return send_file(_STATIC, filename)


@blueprint.get("/metrics")
@_for_operators
def get_metrics() -> flask.Response:
    """Give all metrics, for Prometheus."""
    return flask.Response(metrics.render(), content_type=CONTENT_TYPE_LATEST)


@blueprint.get("/docs")
def show_docs() -> flask.Response:
    """Show all methods of the API; for anybody, as the code is public, too."""
    base = get_state().context.settings.public_url or flask.request.host_url
    page = flask.render_template(
        "docs.html",
        about=make_document()["info"]["description"],
        reference=make_reference(),
        base=base.rstrip("/"),
    )
    return flask.make_response(page)


@blueprint.get("/openapi.json")
def get_openapi() -> flask.Response:
    """Give the OpenAPI document, for anybody; unchanged, it costs a 304."""
    response = flask.Response(write_document(), mimetype="application/json")
    response.add_etag()
    response.headers["Cache-Control"] = "public, max-age=300"
    response.make_conditional(flask.request)
    return response


@blueprint.app_template_filter("code")
def _mark_code(text: str) -> Markup:
    """Make what is between backticks code, and all of it safe."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if position % 2 else escape(part)
        for position, part in enumerate(parts)
    )


@blueprint.get("/healthz")
def answer_load_balancer() -> flask.Response:
    """Tell a load balancer whether to send us anything: 200 or 503."""
    healthy = all(get_state().pulse.get())
    answer = ("ok\n", 200) if healthy else ("unavailable\n", 503)
    return flask.Response(*answer, mimetype="text/plain")


def _read_status() -> Status:
    with patience():
        return get_state().status.read()
