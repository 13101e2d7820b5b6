"""The HTML that Telegram understands.

Its limits are for the text without tags and escapes, in UTF-16 units. So what is too long is cut
before it gets any markup, and no tag or entity can be cut through.

Source: https://core.telegram.org/bots/api#html-style
"""

from functools import lru_cache
from html import escape

from stargazer.rendering.fitting import count_units, fit
from stargazer.rendering.forms.plain import join_quote, write_part
from stargazer.rendering.message import Message, Part, Quote, Translation

MOST_TEXT = 4096
MOST_CAPTION = 1024
#: A longer quote shows its first lines until somebody opens it.
_LONG = 300


@lru_cache(maxsize=256)
def to_html(message: Message, limit: int = MOST_TEXT) -> str:
    """Give a message as HTML, the link in the last line.

    :param limit: in UTF-16 units of the text that people see.
    """
    message = fit(message, limit, _measure)
    headline = f"<b>{_escape(message.headline)}</b>" if message.headline else ""
    lines = (headline, *map(_write, message.body), escape(message.url))
    return "\n".join(filter(None, lines))


@lru_cache(maxsize=256)
def to_unmarked_text(message: Message, limit: int = MOST_TEXT) -> str:
    """Give a message as text without any markup, where HTML is refused.

    :param limit: in UTF-16 units.
    """
    message = fit(message, limit, lambda part: count_units(write_part(part)))
    return "\n".join(filter(None, (message.headline, *map(write_part, message.body), message.url)))


@lru_cache(maxsize=256)
def measure_message(message: Message) -> int:
    """Count the UTF-16 units of the text that people see."""
    lines = [message.headline, *map(_write_bare, message.body), message.url]
    return count_units("\n".join(filter(None, lines)))


def _measure(part: Part) -> int:
    return count_units(_write_bare(part))


def _write_bare(part: Part) -> str:
    match part:
        case Translation(text, original):
            return f"{text}\n{original}"
        case Quote(author):
            return f"{author}\n{join_quote(part)}" if author else join_quote(part)
    return write_part(part)


def _write(part: Part) -> str:
    match part:
        case Translation(text, original):
            return f"{_escape(text)}\n{_quote(_escape(original))}"
        case Quote(author, text, original):
            escaped = Quote("", _escape(text), _escape(original))
            headline = f"<b>{_escape(author)}</b>\n" if author else ""
            return _quote(f"{headline}{join_quote(escaped)}")
    return _escape(write_part(part))


def _quote(html: str) -> str:
    attribute = " expandable" if len(html) > _LONG else ""
    return f"<blockquote{attribute}>{html}</blockquote>"


def _escape(text: str) -> str:
    return escape(text, quote=False)
