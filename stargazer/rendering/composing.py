"""An Event becomes a message: the template is chosen, filled in, and what it wrote is read."""

import logging
from datetime import UTC, datetime
from typing import NamedTuple

from jinja2 import Template

from stargazer.kinds import KINDS
from stargazer.middlewares import TRANSLATE
from stargazer.models import Entity, Event, StoredEvent, UserSettings
from stargazer.rendering.cleaning import clean_line
from stargazer.rendering.looks import get_look, is_silent
from stargazer.rendering.message import Message, Part
from stargazer.rendering.page import Facts, Page
from stargazer.rendering.templates import (
    FALLBACK_LANGUAGE,
    UNTRANSLATED,
    find_templates,
    get_language,
)
from stargazer.rendering.times import Clock

log = logging.getLogger(__name__)

_NOBODY = "?"


def render(
    event: Event,
    entity: Entity | None,
    reader: UserSettings,
    *,
    now: datetime | None = None,
    directory: str = "",
) -> Message:
    """Write an Event down for one reader. It never fails, however odd the Event or the templates.

    :param entity: None when it was removed.
    :param now: from which times are counted; left out, it is now.
    :param directory: of the operator's templates; empty: there are none.
    """
    now = now or datetime.now(UTC)
    facts = Facts(event)
    name = clean_line(entity.meta.name.get_in(reader.language)) if entity else _NOBODY
    scene = Scene(event.kind, facts, name or _NOBODY, reader, now)
    headline, body = _write(scene, event.kind, directory)
    if reader.translate and _is_untranslated(event):
        body += (_write(scene, UNTRANSLATED, directory)[0],)
    return _add_hints(event, facts, name, headline, body)._replace(
        is_silent=is_silent(event.kind, reader.silent_kinds)
    )


class Scene(NamedTuple):
    """What all templates of a message are told.

    :ivar name: of the Entity.
    """

    kind: str
    facts: Facts
    name: str
    reader: UserSettings
    now: datetime


def fill_in(template: Template, scene: Scene) -> tuple[str, tuple[Part, ...]]:
    """Let one template write, and give headline and body.

    :raises Exception: whatever the template raises.
    """
    reader = scene.reader
    written_in = get_language(template)
    is_theirs = written_in.partition("-")[0] == reader.language.partition("-")[0]
    # Whoever reads English for want of a template in their language reads English times in it.
    clock = Clock(reader.language if is_theirs else written_in, reader.timezone, scene.now)
    page = Page(scene.facts, scene.name, _name_kind(scene.kind, written_in), reader, clock)
    return page.read(template.render(page.variables))


def _write(scene: Scene, what: str, directory: str) -> tuple[str, tuple[Part, ...]]:
    """Write with the first template that works."""
    for template in find_templates(directory, what, scene.reader.language):
        try:
            return fill_in(template, scene)
        except Exception as exc:  # noqa: BLE001 - a template may raise whatever it likes
            extra = {"kind": scene.kind, "template": template.name, "error": type(exc).__name__}
            log.warning("template_failed", extra=extra)
    return f"{scene.name}: {scene.kind}", ()


def _add_hints(
    event: Event, facts: Facts, name: str, headline: str, body: tuple[Part, ...]
) -> Message:
    fields = facts.fields
    look = get_look(event.kind)
    clock = Clock(FALLBACK_LANGUAGE, "UTC", datetime.now(UTC))
    times = (fields.get(each) for each in ("ended_at", "published_at", "started_at"))
    at = next((at for time in times if time and (at := clock.read_time(time))), None)
    if at is None and isinstance(event, StoredEvent):
        at = event.happened_at
    author = clean_line(str(fields.get("author") or ""))
    return Message(
        headline=headline,
        body=body,
        url=facts.url,
        pictures=facts.pictures,
        video_preview=facts.video_preview,
        author="" if author in name else author,
        kind=event.kind,
        colour=look.colour,
        at=at,
        may_mention=look.may_mention,
        is_sensitive=fields.get("sensitive") is True,
    )


def _name_kind(kind: str, language: str) -> str:
    titles = KINDS[kind].titles if kind in KINDS else {}
    return titles.get(language.partition("-")[0]) or titles.get(FALLBACK_LANGUAGE) or kind


def _is_untranslated(event: Event) -> bool:
    """Whether the translator gave up, so that the texts are in their own languages only."""
    return isinstance(event, StoredEvent) and any(
        (step.by, step.what) == (TRANSLATE, "failed") for step in event.history
    )
