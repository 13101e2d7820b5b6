"""YouTube's Data API v3: videos, channels, and the items of the playlists of uploads.

Source: https://developers.google.com/youtube/v3/docs
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from stargazer.simulator import resources
from stargazer.simulator.apirequest import ApiError, read_ids, read_key, read_page, read_parts
from stargazer.simulator.exchange import Exchange, Note, phrase_of
from stargazer.simulator.simulation import Simulation

Lister = Callable[[Note], dict[str, Any]]
_QUOTA = (
    "The request cannot be completed because you have exceeded your"
    ' <a href="/youtube/v3/getting-started#quota">quota</a>.'
)
_NO_KEY = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use"
    " API Key or other form of API consumer identity to call this API."
)
# What is said when a fault refuses; an exhausted quota is made by a limit and not by a fault.
_REASONS = {400: "badRequest", 403: "rateLimitExceeded", 429: "rateLimitExceeded"}
_NO_PLAYLIST = (
    "The playlist identified with the request's <code>playlistId</code> parameter cannot be found."
)


class DataApi:
    """The three lists of the API, over the simulated world."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._world = simulation.world
        self._exchange = Exchange("api", simulation.faults, simulation.journal, _refuse)

    def videos(self) -> Response:
        """List videos by their ids; those that are gone or private are absent."""

        def list_videos(note: Note) -> dict[str, Any]:
            parts = read_parts(resources.VIDEO_PARTS)
            ids = read_ids()
            note.fields["ids"] = len(ids)
            items = [
                resources.show_video(video, self._world.get_channel(video.channel_id), parts)
                for video in map(self._world.find_video, ids)
                if video is not None and video.privacy != "private"
            ]
            return resources.show_list("video", items, len(items), len(items))

        return self._answer("videos", list_videos)

    def channels(self) -> Response:
        """List channels by their ids, or find one by its handle."""

        def list_channels(_note: Note) -> dict[str, Any]:
            parts = read_parts(resources.CHANNEL_PARTS)
            handle, user = request.args.get("forHandle"), request.args.get("forUsername")
            if handle:
                found = [self._world.find_channel_by_handle(handle)]
            elif user:
                found = [self._world.find_channel_by_username(user)]
            else:
                found = [self._world.find_channel(channel_id) for channel_id in read_ids()]
            items = [resources.show_channel(one, parts) for one in found if one is not None]
            return resources.show_list("channel", items, len(items), 5)

        return self._answer("channels", list_channels)

    def playlist_items(self) -> Response:
        """List a channel's uploads, the newest first."""

        def list_items(_note: Note) -> dict[str, Any]:
            parts = read_parts(resources.ITEM_PARTS)
            playlist_id = read_ids("playlistId")[0]
            channel = self._world.find_channel("UC" + playlist_id.removeprefix("UU"))
            if channel is None or channel.uploads != playlist_id:
                reason = "playlistNotFound"
                raise ApiError(HTTPStatus.NOT_FOUND, "youtube.playlistItem", reason, _NO_PLAYLIST)
            videos = self._world.list_public_videos(channel.id)
            return resources.show_uploads(channel, videos, parts, read_page())

        return self._answer("playlistItems", list_items)

    def _answer(self, method: str, list_resources: Lister) -> Response:
        note = Note({"method": method})

        def act() -> Response:
            try:
                self._charge()
                return _json(HTTPStatus.OK, list_resources(note))
            except ApiError as exc:
                note.fields["reason"] = exc.reason
                return _json(exc.status, _show_error(exc))

        return self._exchange.answer(note, act)

    def _charge(self) -> None:
        """Take a unit before the request is read: calls that fail cost as much."""
        key = read_key()
        if not key:
            raise ApiError(HTTPStatus.FORBIDDEN, "global", "forbidden", _NO_KEY)
        if not self._simulation.keys.is_known(key):
            message = "API key not valid. Please pass a valid API key."
            raise ApiError(HTTPStatus.BAD_REQUEST, "global", "badRequest", message)
        if not self._simulation.keys.spend(key, self._simulation.limits.quota_units):
            raise ApiError(HTTPStatus.FORBIDDEN, "youtube.quota", "quotaExceeded", _QUOTA)


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the API's URLs."""
    blueprint = Blueprint("dataapi", __name__, url_prefix="/youtube/v3")
    api = DataApi(simulation)
    blueprint.get("/videos")(api.videos)
    blueprint.get("/channels")(api.channels)
    blueprint.get("/playlistItems")(api.playlist_items)
    return blueprint


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/json")


def _show_error(exc: ApiError) -> dict[str, Any]:
    detail = {"message": exc.message, "domain": exc.domain, "reason": exc.reason}
    return {"error": {"code": exc.status, "message": exc.message, "errors": [detail]}}


def _refuse(status: int, _retry_after: float | None) -> Response:
    reason = _REASONS.get(status, "internalError")
    return _json(status, _show_error(ApiError(status, "global", reason, phrase_of(status))))
