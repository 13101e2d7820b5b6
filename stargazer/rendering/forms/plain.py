"""Plain text: for the web inbox, for QQ, and wherever nothing else is understood."""

from functools import lru_cache

from stargazer.rendering.fitting import fit
from stargazer.rendering.message import Message, Moment, Part, Quote, Times, Translation

_QUOTED = "> "


@lru_cache(maxsize=256)
def to_text(message: Message, limit: int | None = None) -> str:
    """Give a message as plain text, the link in the last line.

    :param limit: in characters; None: as long as it is.
    """
    if limit is not None:
        message = fit(message, limit, measure)
    lines = (message.headline, *list_lines(message), message.url)
    return "\n".join(filter(None, lines))


def list_lines(message: Message) -> list[str]:
    """Give the parts of the body, each as text of one or more lines."""
    return [write_part(part) for part in message.body]


def write_part(part: Part) -> str:
    """Write a part down; what others wrote, and originals, begin with ``>``."""
    match part:
        case Times(pieces):
            return "".join(x.text if isinstance(x, Moment) else x for x in pieces)
        case Translation(text, original):
            return f"{text}\n{_quote(original)}"
        case Quote(author):
            text = _quote(join_quote(part))
            return f"{author}:\n{text}" if author else text
        case str():
            return part


def join_quote(quote: Quote) -> str:
    """Put text and original of a quote below each other."""
    return f"{quote.text}\n\n{quote.original}" if quote.original else quote.text


def measure(part: Part) -> int:
    """Count the characters."""
    return len(write_part(part))


def _quote(text: str) -> str:
    return "\n".join(f"{_QUOTED}{line}".rstrip() for line in text.split("\n"))
