"""A channel's feed, with conditional requests."""

from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice

from flask import Blueprint, Response, request

from stargazer.simulator.atom import render_feed
from stargazer.simulator.exchange import Exchange, Note, phrase_of
from stargazer.simulator.simulation import Simulation

ENTRIES = 15


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the feed's one URL."""
    blueprint = Blueprint("feed", __name__, url_prefix="/youtube")
    exchange = Exchange("feed", simulation.faults, simulation.journal, _refuse)

    @blueprint.get("/feeds/videos.xml")
    def get_feed() -> Response:
        channel_id = request.args.get("channel_id", "")
        return exchange.answer(Note({"channel_id": channel_id}), lambda: show(channel_id))

    def show(channel_id: str) -> Response:
        channel = simulation.world.find_channel(channel_id)
        if channel is None:
            return _refuse(HTTPStatus.NOT_FOUND)
        videos = list(islice(simulation.world.list_public_videos(channel_id), ENTRIES))
        response = Response(render_feed(channel, videos), mimetype="text/xml")
        changed_ns = max((video.updated_ns for video in videos), default=0)
        response.last_modified = (
            datetime.fromtimestamp(changed_ns // 1_000_000_000, UTC)
            if changed_ns
            else channel.created_at
        )
        response.add_etag()
        response.make_conditional(request)
        return response

    return blueprint


def _refuse(status: int, _retry_after: float | None = None) -> Response:
    # YouTube answers with a page for people, whatever was asked for.
    page = f"<!DOCTYPE html><html lang=en><title>Error {status} ({phrase_of(status)})!!1</title>"
    return Response(page, status, mimetype="text/html")
