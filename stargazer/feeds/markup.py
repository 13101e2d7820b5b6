"""Plain text out of HTML that anybody may have written.

What comes out is text for a message: no element, script or style of it is left, and characters
that are written as entities are characters.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from stargazer.feeds.entries import join_address

LONGEST_TEXT = 20_000
#: Elements within each other take the library as long as the square of how many they are.
_LONGEST_HTML = 128 * 1024
_SILENT = {
    "script", "style", "head", "template", "noscript", "iframe", "object", "svg", "math", "title",
    "textarea", "select", "audio", "video",
}  # fmt: skip
_LINES = {
    "p", "div", "br", "li", "tr", "ul", "ol", "table", "blockquote", "pre", "hr", "section",
    "article", "header", "footer", "figure", "figcaption", "dl", "dt", "dd",
    "h1", "h2", "h3", "h4", "h5", "h6",
}  # fmt: skip
_PARAGRAPHS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "table", "pre", "figure",
}  # fmt: skip
_TEXT, _ELEMENT = "-text", "-"
_SPACE = re.compile(r"[^\S\n]+")
#: Characters that show nothing and may do harm, such as those that turn the direction of writing.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
_MOST_PICTURES = 10
#: What names and tags begin with, in Japanese as well.
_NAMES = "@#\uff20\uff03"
_SMALL = re.compile(r"[01]?")


def strip_markup(html: str) -> str:
    """Give what HTML says: its paragraphs apart, and where its links lead unless the text says so.

    :returns: at most 20,000 characters.
    """
    if "<" not in html and "&" not in html:
        return _tidy(html.replace("\n", " "))
    body = LexborHTMLParser(html[:_LONGEST_HTML]).body
    return "" if body is None else _tidy("".join(_write(body)))


def list_pictures(html: str, base: str) -> list[str]:
    """List the addresses of the pictures that HTML shows, without those that nobody sees."""
    if "<img" not in html.lower():
        return []
    found = []
    for image in LexborHTMLParser(html[:_LONGEST_HTML]).css("img"):
        source = image.attributes.get("src") or ""
        sizes = (image.attributes.get("width"), image.attributes.get("height"))
        is_counter = any(size is not None and _SMALL.fullmatch(size) for size in sizes)
        url = join_address(base, source)
        if url and not is_counter:
            found.append(url)
    return list(dict.fromkeys(found))[:_MOST_PICTURES]


def _write(body: LexborNode) -> Iterator[str]:
    # By hand and not by recursion: elements may be within each other a thousand deep.
    # Nodes are equal that say the same, and to see whether they do takes as long as they are.
    top = body.mem_id
    node: LexborNode | None = body.first_child
    while node is not None:
        if node.tag == _TEXT:
            yield _SPACE.sub(" ", node.text_content or "").replace("\n", " ")
        elif node.tag not in _SILENT:
            yield _begin(node.tag or "")
            if node.first_child is not None:
                node = node.first_child
                continue
            yield _end(node)
        while node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == top:
                return
            yield _end(node)
        node = node.next if node is not None else None


def _begin(tag: str) -> str:
    if tag == "li":
        return "\n• "
    return "\n\n" if tag in _PARAGRAPHS else "\n" if tag in _LINES else ""


def _end(node: LexborNode) -> str:
    tag = node.tag or ""
    if tag == "a":
        return _show_target(node)
    if tag in ("td", "th"):
        return " "
    if tag in ("li", "br"):
        # The next one, or the end of the list, begins a line.
        return ""
    return "\n\n" if tag in _PARAGRAPHS else "\n" if tag in _LINES else ""


def _show_target(link: LexborNode) -> str:
    """Say where a link leads, unless its text says so, or is a name or a tag."""
    target = (link.attributes.get("href") or "").strip()
    text = link.text(deep=True).strip()
    if not target.startswith(("http://", "https://")) or not text or text[0] in _NAMES:
        return ""
    # Shortened ones show the beginning of their address.
    shown = text.removeprefix("https://").removeprefix("http://").rstrip("…./")
    return "" if shown and shown in target else f" ({target})"


def _tidy(text: str) -> str:
    text = _SPACE.sub(" ", _UNSEEN.sub("", text))
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST_TEXT].rstrip()
