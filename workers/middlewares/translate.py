"""The middleware ``translate``: texts of an Event in the languages that its readers want.

Parameters: ``x-translate-fields`` (JSON pointers, such as ``["/text"]``), ``x-translate-from``
(a language; left out, it is found out), and ``x-translate-to`` (a language or several; left out,
those of the subscribers who want translations). Each language is translated into once, however
many want it. The original stays where it is; beside it, in the field ``translations``, is by
language and pointer what was made of it.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from itertools import islice
from typing import Any

from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.errors import RefusedError
from stargazer.interest import list_interested
from stargazer.middlewares import TRANSLATE as TAG
from stargazer.models import Event, Fields, StoredEvent
from stargazer.translation import Translator
from workers.middlewares.contract import Middleware, Parameters, work

log = logging.getLogger(__name__)

_PAGE = 500
_MOST_LANGUAGES = 20


@app.task(name="translate.treat", bind=True)
def treat_event(self: StargazerTask, event: str) -> None:
    """Translate the texts of an Event."""
    work(self, MIDDLEWARE, event)


def translate(context: Context, event: StoredEvent, parameters: Parameters) -> Event:
    """Put translations beside the texts of an Event.

    :raises RefusedError: when a parameter is missing or wrong, or nobody can translate.
    :raises TransientError: when somebody may in a moment, as does ThrottledError.
    """
    pointers = _read_pointers(parameters.get("translate-fields"))
    source = _read_language(parameters.get("translate-from"))
    wanted = _read_languages(parameters.get("translate-to"))
    texts = {pointer: text for pointer in pointers if (text := find_text(event.fields, pointer))}
    languages = sorted(list_wanted(context, event) if wanted is None else wanted)
    translations: dict[str, dict[str, str]] = {}
    if texts:
        translator = _get_translator(context)
        for language in languages:
            made = translator.translate(list(texts.values()), source, language, parameters.now)
            changed = {
                pointer: text
                for (pointer, original), text in zip(texts.items(), made.texts, strict=True)
                if text != original
            }
            if changed:
                translations[language] = changed
    if not translations:
        return event
    return event.model_copy(update={"fields": {**event.fields, "translations": translations}})


MIDDLEWARE = Middleware(TAG, translate, patience=timedelta(seconds=45))


def list_wanted(context: Context, event: StoredEvent) -> set[str]:
    """Give the languages of those who want to hear of this Event, and in their own language."""
    store = context.store
    interested = list_interested(store, event.entity, event.kind)
    languages: set[str] = set()
    while page := list(islice(interested, _PAGE)):
        users = store.users.list_by_ids([subscriber.user for subscriber in page])
        languages |= {user.settings.language for user in users if user.settings.translate}
    return languages


def find_text(fields: Fields, pointer: str) -> str | None:
    """Give the text at a JSON pointer; None when there is none.

    Source: https://www.rfc-editor.org/rfc/rfc6901
    """
    value: Any = fields
    for escaped in pointer.split("/")[1:]:
        part = escaped.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value if isinstance(value, str) and value.strip() else None


@cache
def _get_translator(context: Context) -> Translator:
    return Translator(context)


def _read_pointers(value: object) -> list[str]:
    pointers: list[str] = value if isinstance(value, list) else [str(value)]
    if not pointers or not all(isinstance(each, str) and each.startswith("/") for each in pointers):
        raise RefusedError("x-translate-fields is missing, or no list of JSON pointers")
    return pointers


def _read_language(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise RefusedError("x-translate-from is no language")
    return value


def _read_languages(value: object) -> set[str] | None:
    if value is None:
        return None
    languages = value if isinstance(value, list) else [value]
    if len(languages) > _MOST_LANGUAGES or not all(isinstance(each, str) for each in languages):
        raise RefusedError("x-translate-to is neither a language nor a list of some")
    return set(languages)
