"""The templates: ours, and in front of them those of the operator. Compiled once a process."""

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

log = logging.getLogger(__name__)

BUILTIN = Path(__file__).parent / "templates"
FALLBACK_LANGUAGE = "en"
#: For kinds that have none of their own, and where theirs does not work.
GENERIC = "event"
#: Added to what could not be translated.
UNTRANSLATED = "untranslated"
_KIND = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+)*")


@lru_cache(maxsize=2048)
def find_templates(directory: str, kind: str, language: str) -> tuple[Template, ...]:
    """Find the templates for a kind: the first is to be used, each other when those before fail.

    :param directory: of the operator's templates; empty: there are none.
    :param kind: of an Event, or the name of a template that is for all.
    """
    found: dict[str | None, Template] = {}
    for name in (kind, GENERIC) if _KIND.fullmatch(kind) else (GENERIC,):
        for each in _list_languages(language):
            for template in _load(directory, f"{each}/{name}.jinja"):
                found.setdefault(template.filename, template)
            if found:
                # A template in another language is no better than the generic one in this.
                break
        else:
            continue
        if name != GENERIC:
            found |= {each.filename: each for each in find_templates(directory, GENERIC, language)}
        break
    return tuple(found.values())


def get_language(template: Template) -> str:
    """Tell the language that a template is written in."""
    return str(template.name).partition("/")[0]


@lru_cache(maxsize=16)
def open_environment(directory: str) -> ImmutableSandboxedEnvironment:
    """Give the sandbox in which templates run, with the operator's in front of ours."""
    loader: BaseLoader = FileSystemLoader(BUILTIN)
    if directory:
        loader = ChoiceLoader([FileSystemLoader(directory), loader])
    return ImmutableSandboxedEnvironment(
        loader=loader,
        # What comes out is plain text; each chat app's form does its own escaping.
        autoescape=False,
        undefined=StrictUndefined,
        auto_reload=False,
        cache_size=2000,
    )


def _list_languages(language: str) -> list[str]:
    return list(dict.fromkeys((language, language.partition("-")[0], FALLBACK_LANGUAGE)))


def _load(directory: str, name: str) -> Iterator[Template]:
    """Give the operator's template of that name, and ours."""
    for environment in dict.fromkeys((open_environment(directory), open_environment(""))):
        try:
            yield environment.get_template(name)
        except TemplateNotFound:
            continue
        except (TemplateError, OSError, UnicodeError) as exc:
            # `stargazer check` says more of it.
            log.error("template_unusable", extra={"template": name, "error": type(exc).__name__})
