"""The rooms and posts of the simulated bilibili."""

import threading
import time
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

COOKIE = "simulated-sessdata"


class Room(BaseModel):
    """A live room."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uid: int
    room_id: int
    short_id: int = 0
    uname: str = ""
    title: str = ""
    live_status: int = 0
    live_time: int = 0
    cover_from_user: str = ""
    area_v2_name: str = ""


class Post(BaseModel):
    """A post.

    :ivar major: as in ``module_dynamic``; ``original`` is a whole item as the feed has it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    uid: int
    name: str = ""
    type: str = "DYNAMIC_TYPE_WORD"
    published_at: float = Field(default_factory=time.time)
    text: str | None = None
    major: dict[str, Any] | None = None
    original: dict[str, Any] | None = None
    pinned: bool = False
    visible: bool = True

    def to_json(self) -> dict[str, Any]:
        """Give it as the feed shows it."""
        desc = None if self.text is None else {"text": self.text, "rich_text_nodes": []}
        modules: dict[str, Any] = {
            "module_author": {
                "mid": self.uid,
                "name": self.name,
                # Both happen.
                "pub_ts": int(self.published_at) if self.uid % 2 else str(int(self.published_at)),
            },
            "module_dynamic": {"desc": desc, "major": self.major, "additional": None},
        }
        if self.pinned:
            modules["module_tag"] = {"text": "置顶"}
        item = {"id_str": self.id, "type": self.type, "visible": self.visible, "modules": modules}
        return item | ({"orig": self.original} if self.original else {})


class BilibiliWorld:
    """State that every thread may read and change; what it hands out is frozen.

    :ivar followed: whom the cookie's account follows; None: everybody.
    :ivar is_hollow: whether the feed answers with success and nothing in it.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.rooms: dict[str, Room] = {}
        self.posts: dict[str, Post] = {}
        self.followed: set[str] | None = None
        self.is_hollow = False

    def list_posts(self) -> list[Post]:
        """List the posts of those who are followed, what is pinned and then the newest first."""
        with self.lock:
            posts = list(self.posts.values())
        if self.followed is not None:
            posts = [post for post in posts if str(post.uid) in self.followed]
        posts.sort(key=lambda post: (post.published_at, post.id), reverse=True)
        return sorted(posts, key=lambda post: not post.pinned)
