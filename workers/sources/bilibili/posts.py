"""Reading bilibili's posts, which come in many forms. Pure.

What a form has that nobody here knows is left out, and the post is told with what it has.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

log = logging.getLogger(__name__)

_PINNED = "置顶"
#: What the live room says of itself is told by the source ``bililive``.
_LIVE = {"DYNAMIC_TYPE_LIVE", "DYNAMIC_TYPE_LIVE_RCMD"}
_VIDEO = {"DYNAMIC_TYPE_AV", "DYNAMIC_TYPE_PGC", "DYNAMIC_TYPE_PGC_UNION"}
_FORWARD = "DYNAMIC_TYPE_FORWARD"
_GONE = "DYNAMIC_TYPE_NONE"
#: Parts of a post that show something with a title, a cover and an address.
_CARDS = ("archive", "pgc", "common", "article", "courses", "music", "ugc_season", "live")


class Post(NamedTuple):
    """A post.

    :ivar what: the last part of the kind of its Event; None for one that is told elsewhere.
    :ivar title: of a video or an article; empty where there is none.
    :ivar original: what it passes on, if it does; a lost one says so.
    """

    item_id: str
    uid: str
    author: str
    published_at: datetime | None
    what: str | None
    text: str
    title: str
    url: str
    pictures: tuple[str, ...]
    is_pinned: bool
    original: "Original | None" = None


class Original(NamedTuple):
    """A post that was passed on.

    :ivar is_gone: it was deleted.
    """

    author: str
    text: str
    url: str
    pictures: tuple[str, ...]
    is_gone: bool


def read_posts(items: Sequence[Any]) -> list[Post]:
    """Read what can be read; an item that is none is logged and left out."""
    posts = []
    for item in items:
        try:
            post = _read_post(item)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            log.warning("post_unreadable", extra={"kind": "bilibili", "error": repr(exc)[:200]})
            continue
        if post is not None:
            posts.append(post)
    return posts


def _read_post(item: Mapping[str, Any]) -> Post | None:
    if item.get("visible") is False:
        return None
    form = str(item.get("type", ""))
    modules = item["modules"]
    author = modules["module_author"]
    content = _read_content(modules)
    key = str(item["id_str"])
    original = _read_original(item["orig"]) if form == _FORWARD and item.get("orig") else None
    return Post(
        item_id=key,
        uid=str(author["mid"]),
        author=str(author.get("name", "")),
        published_at=_read_time(author.get("pub_ts")),
        what=_name_kind(form),
        text=content.text,
        title=content.title,
        url=(content.url if form in _VIDEO else "") or f"https://t.bilibili.com/{key}",
        pictures=content.pictures,
        is_pinned=_dig(modules, "module_tag", "text") == _PINNED,
        original=original,
    )


def _name_kind(form: str) -> str | None:
    if form in _LIVE:
        return None
    if form in _VIDEO:
        return "new_video"
    return "forward_dynamic" if form == _FORWARD else "new_dynamic"


class _Content(NamedTuple):
    text: str
    title: str
    url: str
    pictures: tuple[str, ...]


def _read_content(modules: Mapping[str, Any]) -> _Content:
    dynamic = modules.get("module_dynamic") or {}
    major = dynamic.get("major") or {}
    texts = [_read_text(dynamic.get("desc"))]
    title, url, pictures = "", "", list(_list_pictures(major))
    opus = major.get("opus")
    if opus:
        title = str(opus.get("title") or "")
        texts.append(_read_text(opus.get("summary")))
    for name in _CARDS:
        card = major.get(name)
        if not isinstance(card, dict):
            continue
        title = title or str(card.get("title") or "")
        texts.append(str(card.get("desc") or ""))
        url = url or _absolute(card.get("jump_url"))
    texts.append(_read_additional(dynamic.get("additional")))
    if tips := _dig(major, "none", "tips"):
        texts.append(str(tips))
    text = "\n".join(dict.fromkeys(filter(None, map(str.strip, texts))))
    return _Content(text, title.strip(), url, tuple(dict.fromkeys(pictures)))


def _list_pictures(major: Mapping[str, Any]) -> Iterator[str]:
    for item in _dig(major, "draw", "items") or ():
        yield _absolute(item.get("src"))
    for item in _dig(major, "opus", "pics") or ():
        yield _absolute(item.get("url"))
    for name in _CARDS:
        card = major.get(name)
        if isinstance(card, dict):
            covers = card.get("covers") or [card.get("cover")]
            yield from (_absolute(cover) for cover in covers if cover)


def _read_text(part: Mapping[str, Any] | None) -> str:
    """Put the nodes of a text together; a link stands there with its address."""
    if not part:
        return ""
    nodes = part.get("rich_text_nodes")
    if not nodes:
        return str(part.get("text") or "")
    return "".join(
        _absolute(node.get("jump_url"))
        if node.get("type") == "RICH_TEXT_NODE_TYPE_WEB"
        else str(node.get("orig_text") or node.get("text") or "")
        for node in nodes
    )


def _read_additional(part: Mapping[str, Any] | None) -> str:
    """Give the title of what is attached: a vote, something to reserve, goods."""
    for value in (part or {}).values():
        if isinstance(value, dict) and (title := value.get("title") or value.get("desc")):
            return str(title) if isinstance(title, str) else ""
    return ""


def _read_original(item: Mapping[str, Any]) -> Original:
    modules = item.get("modules") or {}
    content = _read_content(modules)
    if item.get("type") == _GONE:
        return Original("", content.text, "", (), is_gone=True)
    text = "\n".join(filter(None, (content.title, content.text)))
    return Original(
        author=str(_dig(modules, "module_author", "name") or ""),
        text=text,
        url=content.url or f"https://t.bilibili.com/{item.get('id_str', '')}",
        pictures=content.pictures,
        is_gone=False,
    )


def _read_time(value: object) -> datetime | None:
    try:
        seconds = int(str(value))
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _absolute(url: object) -> str:
    text = str(url or "")
    return f"https:{text}" if text.startswith("//") else text.replace("http://", "https://", 1)


def _dig(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
