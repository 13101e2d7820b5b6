"""Reading feeds, and what of them is new."""

import hashlib
import logging
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from stargazer.context import Context
from stargazer.errors import GoneError, PayloadError, PlatformError, TransientError
from stargazer.feeds import Entry, Feed, choose_span, name_feed, parse_feed
from stargazer.http import Response
from stargazer.middlewares import ask_for_translation
from stargazer.models import Fields, SourceEvent, Task
from stargazer.windows import compare_window, pick
from workers.sources.contract import Known, Verdict, Watcher
from workers.sources.feed.asking import ask_all
from workers.sources.feed.memory import FeedMemory, Home, Sight, Validators, note_home
from workers.websub import ensure_named

log = logging.getLogger(__name__)

KIND = "feed"
#: A feed is looked at so far: the newest, and those without a date in the order they come in.
MOST_ENTRIES = 300
#: So often an empty answer is not believed where there was something.
_MOST_DOUBTS = 3
#: How many time-outs of one request all feeds of a batch may take.
_PATIENCE = 2
_OUTAGE_LEAST = 10
_MOST_FILES = 10


class _Reading(NamedTuple):
    sight: Sight
    answer: Response


def fetch(
    context: Context, known: Sequence[Known[FeedMemory]], now: datetime
) -> Mapping[UUID, Sight | PlatformError | PayloadError]:
    """Read feeds.

    :raises TransientError: when none of many could be reached, which is not for them to answer for.
    """
    wanted = [
        (each.task.id, _choose_address(each), partial(_read, context, each)) for each in known
    ]
    readings = ask_all(wanted, context.settings.http_timeout * _PATIENCE)
    failed = [each for each in readings.values() if isinstance(each, TransientError)]
    if len(failed) == len(known) >= _OUTAGE_LEAST:
        raise TransientError(f"none of {len(known)} feeds can be reached: {failed[0]}")
    seen: dict[UUID, Sight | PlatformError | PayloadError] = {}
    for each in known:
        reading = readings[each.task.id]
        if not isinstance(reading, _Reading):
            seen[each.task.id] = reading
            continue
        seen[each.task.id] = reading.sight
        _note_move(each, reading.sight.home)
        if reading.sight.feed:
            account = name_feed(_get_url(each.task))
            ensure_named(context, KIND, account, reading.answer, now)
    return seen


def compare(
    task: Task, memory: FeedMemory | None, seen: Sight, now: datetime
) -> Verdict[FeedMemory]:
    """Tell of new entries."""
    feed = seen.feed
    if feed is None:
        if memory is None:
            raise PayloadError("the feed says that nothing has changed since we never looked")
        return Verdict(_remember(memory, seen, memory.seconds), (), seen.rest)
    entries = _choose(feed.entries, now)
    is_empty = seen.is_whole and not entries and memory is not None and memory.window.seen
    if is_empty and task.watch.failures < _MOST_DOUBTS:
        raise TransientError("the feed is empty, where there was something")
    window, new = compare_window(memory.window if memory else None, entries, now)
    events = [_make_event(task, feed, entry, now) for entry in pick(entries, new)]
    if memory is None:
        memory = FeedMemory(account=name_feed(_get_url(task)), window=window)
    seconds = int(feed.ttl.total_seconds()) if seen.is_whole else memory.seconds
    after = _remember(memory.model_copy(update={"window": window}), seen, seconds)
    return Verdict(after, tuple(events), seen.rest)


WATCHER = Watcher(kind=KIND, memory=FeedMemory, fetch=fetch, compare=compare)


def _read(context: Context, known: Known[FeedMemory]) -> _Reading:
    """Read one feed.

    :raises GoneError: when its server says that there will never be one again.
    :raises PlatformError: when it could not be read.
    :raises PayloadError: when it is none.
    """
    validators = known.memory.validators if known.memory else Validators()
    url = asked = _choose_address(known)
    answer = _get(context, asked, validators)
    if answer.status in (HTTPStatus.GONE, HTTPStatus.NOT_FOUND) and url != _get_url(known.task):
        # Where it said that it had moved to, it is not.
        asked = _get_url(known.task)
        answer = _get(context, asked, Validators())
    if answer.status == HTTPStatus.GONE:
        raise GoneError("HTTP 410: its server says that this feed is gone for good")
    home = note_home(
        known.memory.home if known.memory else None, asked, answer.home, _get_url(known.task)
    )
    if answer.status == HTTPStatus.NOT_MODIFIED:
        ttl = known.memory.seconds if known.memory else 0
        return _Reading(Sight(None, None, home, _rest(context, ttl, answer)), answer)
    answer.raise_for_status()
    digest = hashlib.blake2b(answer.body, digest_size=16).hexdigest()
    feed = None
    if digest != validators.digest:
        feed = parse_feed(answer.body, answer.headers.get("Content-Type", ""), answer.url)
    seconds = known.memory.seconds if known.memory else 0
    rest = _rest(context, int(feed.ttl.total_seconds()) if feed else seconds, answer)
    after = Validators(
        etag=answer.headers.get("ETag"),
        last_modified=answer.headers.get("Last-Modified"),
        digest=digest,
    )
    return _Reading(Sight(feed, after, home, rest), answer)


def _get(context: Context, url: str, validators: Validators) -> Response:
    if not url:
        # Somebody edited the database, and the other Tasks of this look shall not suffer.
        raise PlatformError("there is no url in its params")
    return context.http.get(url, etag=validators.etag, last_modified=validators.last_modified)


def _rest(context: Context, seconds: int, answer: Response) -> timedelta | None:
    setting = context.settings.feed_poll_interval
    chance = random.random()  # noqa: S311 - not a secret
    span = choose_span(setting, timedelta(seconds=seconds), answer.headers, chance)
    return span if span > setting else None


def _note_move(known: Known[FeedMemory], home: Home | None) -> None:
    before = known.memory.home if known.memory else None
    if home and home.is_adopted and home != before:
        # Its host alone: the rest of an address may be a secret.
        host = urlsplit(home.url).hostname
        log.warning("feed_moved", extra={"task_id": known.task.id, "host": host})


def _remember(memory: FeedMemory, seen: Sight, seconds: int) -> FeedMemory:
    if not seen.is_whole:
        return memory
    validators = seen.validators or memory.validators
    changes = {"validators": validators, "home": seen.home, "seconds": seconds}
    return memory.model_copy(update=changes)


def _choose(entries: Sequence[Entry], now: datetime) -> Sequence[Entry]:
    if len(entries) <= MOST_ENTRIES:
        return entries
    newest = sorted(entries, key=lambda entry: entry.published_at or now, reverse=True)
    return newest[:MOST_ENTRIES]


def _choose_address(known: Known[FeedMemory]) -> str:
    home: Home | None = known.memory.home if known.memory else None
    return home.url if home and home.is_adopted else _get_url(known.task)


def _get_url(task: Task) -> str:
    return task.params.get("url", "")


def _make_event(task: Task, feed: Feed, entry: Entry, now: datetime) -> SourceEvent:
    # What is from the future is from now, or it would be news until then.
    published_at = min(entry.published_at or now, now)
    fields: Fields = {
        "title": entry.title,
        "text": entry.text,
        "url": entry.url or feed.url,
        "author": entry.author or feed.title,
        "published_at": published_at.isoformat(),
    }
    if entry.pictures:
        fields["picture"] = entry.pictures[0]
        fields["pictures"] = list(entry.pictures[:_MOST_FILES])
    if entry.enclosures:
        fields["enclosures"] = [each._asdict() for each in entry.enclosures[:_MOST_FILES]]
    language = feed.language.replace("_", "-").partition("-")[0].lower()
    fields |= ask_for_translation(fields, ("title", "text"), language)
    tags = ("translate",) if "x-translate-fields" in fields else ()
    return SourceEvent.from_source(
        task, entry.item_id, f"{KIND}/new_entry", published_at, fields, tags
    )
