"""The URLs of the simulated sites, and those by which tests say what they publish."""

import gzip
import hashlib
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, request

from stargazer.simulator.exchange import Exchange, Note, phrase_of
from stargazer.simulator.feeds.world import FeedSite
from stargazer.simulator.feeds.writing import TYPES, write_feed
from stargazer.simulator.simulation import Simulation

Json = dict[str, Any]


class Sites:
    """Answers with feeds and pages."""

    def __init__(self, simulation: Simulation) -> None:
        self._world = simulation.feeds
        self._exchange = Exchange("feeds", simulation.faults, simulation.journal, _refuse)

    def feed(self, key: str) -> Response:
        """Answer with a feed."""
        is_conditional = bool(
            request.headers.get("If-None-Match") or request.headers.get("If-Modified-Since")
        )
        note = Note({"feed": key, "conditional": is_conditional})
        return self._exchange.answer(note, lambda: self._answer(key))

    def page(self, key: str) -> Response:
        """Answer with a page that names the feed."""

        def answer() -> Response:
            form = self._get(key).form
            kind = TYPES["rss" if form == "rss091" else form]
            link = f'<link rel="alternate" type="{kind}" href="../{key}">'
            return Response(f"<!doctype html><title>A site</title>{link}<p>Hello", 200)

        return self._exchange.answer(Note({"page": key}), answer)

    def _answer(self, key: str) -> Response:
        site = self._get(key)
        if site.moved:
            return Response(status=site.moved, headers={"Location": f"/feeds/{site.moved_to}"})
        if site.status != HTTPStatus.OK:
            return _refuse(site.status, None)
        body = write_feed(site, request.base_url)
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": etag} if site.conditional else {}
        if site.cache_control:
            headers["Cache-Control"] = site.cache_control
        if site.conditional and request.headers.get("If-None-Match") == etag:
            return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        if site.gzipped:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        kind = site.content_type or TYPES[site.form]
        return Response(body, HTTPStatus.OK, headers, content_type=kind)

    def _get(self, key: str) -> FeedSite:
        site = self._world.sites.get(key)
        if site is None:
            abort(404, f"there is no feed {key}")
        return site


class Control:
    """One method per control URL."""

    def __init__(self, simulation: Simulation) -> None:
        self._world = simulation.feeds

    def put_feed(self, key: str) -> Json:
        """Create or change a feed."""
        self._world.change(key, **request.get_json())
        return {}

    def delete_feed(self, key: str) -> Json:
        """Let there be no such feed."""
        with self._world.lock:
            self._world.sites.pop(key, None)
        return {}

    def put_item(self, key: str, name: str) -> Json:
        """Create or change an entry."""
        if key not in self._world.sites:
            abort(404, f"there is no feed {key}")
        position = request.args.get("position", default=0, type=int)
        self._world.put_item(key, name, request.get_json(), position)
        return {}

    def delete_item(self, key: str, name: str) -> Json:
        """Take an entry out."""
        self._world.remove_item(key, name)
        return {}


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the sites' URLs, and those that control them."""
    blueprint = Blueprint("feeds", __name__)
    sites, control = Sites(simulation), Control(simulation)
    blueprint.add_url_rule("/feeds/<key>", view_func=sites.feed, methods=["GET"], endpoint="feed")
    blueprint.add_url_rule(
        "/feeds/<key>/page", view_func=sites.page, methods=["GET"], endpoint="page"
    )
    for rule, verb, act in (
        ("/control/feeds/<key>", "PUT", control.put_feed),
        ("/control/feeds/<key>", "DELETE", control.delete_feed),
        ("/control/feeds/<key>/items/<name>", "PUT", control.put_item),
        ("/control/feeds/<key>/items/<name>", "DELETE", control.delete_item),
    ):
        blueprint.add_url_rule(rule, view_func=act, methods=[verb], endpoint=act.__name__)
    return blueprint


def _refuse(status: int, _retry_after: float | None) -> Response:
    return Response(f"<h1>{status} {phrase_of(status)}</h1>", status)
