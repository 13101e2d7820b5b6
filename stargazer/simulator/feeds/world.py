"""The feeds of the simulated sites."""

import threading
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

Form = Literal["rss", "rss091", "rdf", "atom", "json"]


class FeedItem(BaseModel):
    """An entry of a feed.

    :ivar id: its guid or id; None leaves it out, as a link and a date that are None.
    :ivar html: what it says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str | None = None
    title: str = ""
    html: str = ""
    link: str | None = None
    author: str = ""
    published_at: AwareDatetime | None = None
    picture: str | None = None
    enclosure: str | None = None


class FeedSite(BaseModel):
    """A feed, and how its server answers.

    :ivar charset: in which its bytes are; ``declared`` is what it claims, if that is another.
    :ivar ttl: minutes that it says it may be kept.
    :ivar moved: the status of a redirect to ``moved_to``, the key of another feed.
    :ivar status: in place of 200.
    :ivar conditional: whether it says 304 when nothing has changed.
    :ivar hub: the WebSub hub that it names.
    :ivar raw: sent as it is, in place of a feed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Form = "rss"
    title: str = "A site"
    language: str | None = None
    charset: str = "utf-8"
    declared: str | None = None
    content_type: str | None = None
    cache_control: str | None = None
    ttl: int | None = None
    moved: int | None = None
    moved_to: str | None = None
    status: int = 200
    conditional: bool = True
    gzipped: bool = False
    hub: str | None = None
    raw: str | None = None
    items: dict[str, FeedItem] = {}


class FeedsWorld:
    """State that every thread may read and change; what it hands out is frozen."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.sites: dict[str, FeedSite] = {}

    def change(self, key: str, **fields: object) -> None:
        """Create or change a feed."""
        with self.lock:
            known = self.sites.get(key, FeedSite()).model_dump()
            self.sites[key] = FeedSite.model_validate(known | fields)

    def put_item(self, key: str, name: str, fields: dict[str, object], position: int) -> None:
        """Create or change an entry; a new one is put in at this position, the first being 0."""
        with self.lock:
            items = dict(self.sites[key].items)
            known = items[name].model_dump() if name in items else {"id": name}
            item = FeedItem.model_validate(known | fields)
            if name not in items:
                order = list(items)
                order.insert(position, name)
                items = {each: items.get(each, item) for each in order}
            items[name] = item
            self.change(key, items=items)

    def remove_item(self, key: str, name: str) -> None:
        """Take an entry out."""
        with self.lock:
            items = {each: item for each, item in self.sites[key].items.items() if each != name}
            self.change(key, items=items)
