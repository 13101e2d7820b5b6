"""Which feeds a page names.

Source: https://blog.whatwg.org/feed-autodiscovery
"""

from selectolax.lexbor import LexborHTMLParser

from stargazer.feeds.entries import join_address

_TYPES = {
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/json",
}
_LONGEST = 1024 * 1024


def find_feeds(page: bytes, url: str) -> list[str]:
    """List the addresses of the feeds that a page names, its first choice first.

    :param url: the page's own.
    """
    tree = LexborHTMLParser(page[:_LONGEST])
    base = tree.css_first("base[href]")
    if base is not None:
        url = join_address(url, base.attributes.get("href") or "") or url
    found = []
    for link in tree.css("link[rel][href]"):
        rels = (link.attributes.get("rel") or "").lower().split()
        kind = (link.attributes.get("type") or "").partition(";")[0].strip().lower()
        target = join_address(url, link.attributes.get("href") or "")
        if target and ("feed" in rels or ("alternate" in rels and kind in _TYPES)):
            found.append(target)
    return list(dict.fromkeys(found))
