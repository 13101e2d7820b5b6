"""An Event becomes a message, in the reader's language and time zone. No network."""

import html
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stargazer.kinds import KINDS
from stargazer.models import Entity, Event, UserSettings

_SIGNS = {
    "youtube/new_video": "🎬",
    "youtube/broadcast_scheduled": "📅",
    "youtube/broadcast_rescheduled": "🕒",
    "youtube/broadcast_reminder": "⏰",
    "youtube/live_start": "🔴",
    "feed/new_entry": "📰",
    "youtube/live_end": "⏹",
    "youtube/broadcast_cancelled": "❌",
    "twitter/new_tweet": "🐦",
    "twitter/retweet": "🔁",
    "bilibili/new_dynamic": "💬",
    "bilibili/forward_dynamic": "🔁",
    "bilibili/new_video": "🎬",
    "bililive/live_start": "🔴",
    "bililive/live_title": "✏️",
    "bililive/live_end": "⏹",
    "twitch/live_start": "🔴",
    "twitch/live_title": "✏️",
    "twitch/live_end": "⏹",
}
_FALLBACK_LANGUAGE = "en"
#: Short enough that every chat app takes a message whole, so that none must cut through a tag.
LONGEST_LINE = 500


class Message(NamedTuple):
    """What a chat app shows; each turns it into its own form.

    :ivar headline: who and what, in one line.
    :ivar lines: the rest, plain text, top to bottom.
    :ivar picture: URL of a picture, or None.
    """

    headline: str
    lines: tuple[str, ...]
    url: str
    picture: str | None

    def to_text(self) -> str:
        """Give it as plain text."""
        return "\n".join((self.headline, *self.lines, self.url))

    def to_html(self) -> str:
        """Give it in the HTML that Telegram understands."""
        lines = (html.escape(line, quote=False) for line in self.lines)
        headline = f"<b>{html.escape(self.headline, quote=False)}</b>"
        return "\n".join((headline, *lines, html.escape(self.url)))


def render(event: Event, entity: Entity | None, settings: UserSettings) -> Message:
    """Write an Event down for one reader.

    :param entity: None when it was removed meanwhile.
    """
    kind = KINDS.get(event.kind)
    language = settings.language
    titles = kind.titles if kind else {_FALLBACK_LANGUAGE: event.kind}
    what = titles.get(language.partition("-")[0], titles[_FALLBACK_LANGUAGE])
    who = entity.meta.name.get_in(language) if entity else "?"
    fields = event.fields
    lines = [_clip(str(fields["title"]))] if fields.get("title") else []
    translated = _find_translation(event, settings)
    if translated:
        lines.insert(0, _clip(translated))
    when = _render_time(fields.get("scheduled_at"), settings.timezone)
    before = _render_time(fields.get("scheduled_before"), settings.timezone)
    if when:
        lines.append(f"{before} → {when}" if before else when)
    return Message(
        headline=f"{_SIGNS.get(event.kind, '•')} {who}: {what}",
        lines=tuple(lines),
        url=str(fields.get("url", "")),
        picture=fields.get("picture"),
    )


def _find_translation(event: Event, settings: UserSettings) -> str | None:
    if not settings.translate:
        return None
    made = (event.fields.get("translations") or {}).get(settings.language) or {}
    title = made.get("/title")
    return str(title) if title else None


def _clip(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def _render_time(value: object, timezone: str) -> str | None:
    try:
        at = datetime.fromisoformat(str(value)).astimezone(ZoneInfo(timezone))
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
        # An OSError for the name of a folder, python/cpython#85702.
        return None
    return at.strftime("%Y-%m-%d %H:%M %Z")
