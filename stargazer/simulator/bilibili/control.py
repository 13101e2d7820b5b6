"""The URLs of the simulated bilibili, and those by which tests say what happens there."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from stargazer.simulator.bilibili.world import COOKIE, Post, Room
from stargazer.simulator.exchange import Exchange, Note
from stargazer.simulator.simulation import Simulation

MOST_UIDS = 100
PAGE = 20
Json = dict[str, Any]
_MESSAGES = {
    -352: "风控校验失败",
    -412: "请求被拦截",
    -101: "账号未登录",
    -799: "请求过于频繁, 请稍后再试",
    -400: "请求错误",
    -404: "啥都木有",
}


class Bilibili:
    """One method per URL; each gives the data of the answer, or a number of bilibili's."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._world = simulation.bilibili

    def status_by_uids(self, note: Note) -> Any:
        """Give the live rooms of some accounts."""
        uids = request.args.getlist("uids[]")
        note.fields["uids"] = len(uids)
        if not uids or len(uids) > MOST_UIDS:
            self._simulation.journal.count_limit_break("bililive_uids")
            return -400
        found = {uid: self._world.rooms[uid] for uid in uids if uid in self._world.rooms}
        # As there: a list when there is none.
        return {uid: room.model_dump() for uid, room in found.items()} or []

    def room_info(self, _note: Note) -> Any:
        """Tell whose a room is."""
        number = request.args.get("room_id", type=int)
        for room in self._world.rooms.values():
            if number in (room.room_id, room.short_id):
                return {"uid": room.uid, "room_id": room.room_id, "short_id": room.short_id}
        return -404

    def feed(self, note: Note) -> Any:
        """Give a page of the posts of those who are followed."""
        if request.cookies.get("SESSDATA") != COOKIE:
            return -101
        start = int(request.args.get("offset") or 0)
        note.fields["offset"] = start
        posts = [] if self._world.is_hollow else self._world.list_posts()
        end = start + PAGE
        return {
            "has_more": end < len(posts),
            "items": [post.to_json() for post in posts[start:end]],
            "offset": str(end) if posts else "",
            "update_baseline": posts[0].id if posts else "",
            "update_num": 0,
        }

    def relations(self, _note: Note) -> Any:
        """Tell who of some is followed."""
        if request.cookies.get("SESSDATA") != COOKIE:
            return -101
        followed = self._world.followed
        return {
            uid: {"mid": int(uid), "attribute": 2 if followed is None or uid in followed else 0}
            for uid in request.args.get("fids", "").split(",")
            if uid
        }


class Control:
    """One method per control URL."""

    def __init__(self, simulation: Simulation) -> None:
        self._world = simulation.bilibili

    def put_room(self, uid: str) -> Json:
        """Create or change a live room."""
        with self._world.lock:
            known = self._world.rooms.get(uid)
            fields = known.model_dump() if known else {"uid": int(uid), "room_id": int(uid) + 1}
            self._world.rooms[uid] = Room.model_validate(fields | request.get_json())
        return {}

    def delete_room(self, uid: str) -> Json:
        """Let an account have no room."""
        with self._world.lock:
            self._world.rooms.pop(uid, None)
        return {}

    def put_post(self, key: str) -> Json:
        """Create or change a post."""
        with self._world.lock:
            known = self._world.posts.get(key)
            fields = known.model_dump() if known else {"id": key}
            self._world.posts[key] = Post.model_validate(fields | request.get_json())
        return {}

    def delete_post(self, key: str) -> Json:
        """Delete a post."""
        with self._world.lock:
            self._world.posts.pop(key, None)
        return {}

    def put_feed(self) -> Json:
        """Say whom the account follows, and whether the feed is hollow."""
        given = request.get_json()
        if "followed" in given:
            followed = given["followed"]
            self._world.followed = None if followed is None else {str(each) for each in followed}
        self._world.is_hollow = bool(given.get("hollow", self._world.is_hollow))
        return {}


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return bilibili's URLs, and those that control it."""
    blueprint = Blueprint("bilibili", __name__)
    api, control = Bilibili(simulation), Control(simulation)
    posts = Exchange("bilibili", simulation.faults, simulation.journal, _refuse)
    live = Exchange("bililive", simulation.faults, simulation.journal, _refuse)

    def add(rule: str, exchange: Exchange, act: Callable[[Note], Any]) -> None:
        def answer() -> Response:
            note = Note({"method": act.__name__})

            def say() -> Response:
                return _to_response(note.code if note.code is not None else act(note))

            return exchange.answer(note, say)

        blueprint.add_url_rule(rule, act.__name__, answer)

    add("/bililive/room/v1/Room/get_status_info_by_uids", live, api.status_by_uids)
    add("/bililive/room/v1/Room/get_info", live, api.room_info)
    add("/bilibili/x/polymer/web-dynamic/v1/feed/all", posts, api.feed)
    add("/bilibili/x/relation/relations", posts, api.relations)
    for rule, verb, act in (
        ("/control/bilibili/rooms/<uid>", "PUT", control.put_room),
        ("/control/bilibili/rooms/<uid>", "DELETE", control.delete_room),
        ("/control/bilibili/posts/<key>", "PUT", control.put_post),
        ("/control/bilibili/posts/<key>", "DELETE", control.delete_post),
        ("/control/bilibili/feed", "PUT", control.put_feed),
    ):
        blueprint.add_url_rule(rule, view_func=act, methods=[verb], endpoint=act.__name__)
    return blueprint


def _to_response(outcome: Any) -> Response:
    code = outcome if isinstance(outcome, int) else 0
    body: Json = {"code": code, "message": _MESSAGES.get(code, "0"), "ttl": 1}
    if not code:
        body["data"] = outcome
    elif code == -352:  # noqa: PLR2004 - its name is its number
        body["data"] = {"v_voucher": "voucher_simulated"}
    return Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")


def _refuse(status: int, _retry_after: float | None) -> Response:
    return Response("<html>The request was blocked</html>", status, mimetype="text/html")
