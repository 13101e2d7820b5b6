"""Whether an operator's templates work: each is compiled, and writes the examples of its kind."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from traceback import extract_tb
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError

from stargazer.errors import ConfigurationError
from stargazer.kinds import KINDS
from stargazer.models import Event, UserSettings
from stargazer.rendering.composing import Scene, fill_in
from stargazer.rendering.examples import ENTITY, NOW, make_example
from stargazer.rendering.page import Facts
from stargazer.rendering.templates import GENERIC, UNTRANSLATED, open_environment

_SUFFIX = ".jinja"
#: What an Event may be besides its example.
_VARIANTS: tuple[Mapping[str, Any], ...] = (
    {},
    {"premiere": True, "members_only": True},
    {"short": True, "sensitive": True},
    {"quoted": None, "original": None, "translations": None},
)


def check_templates(directory: str) -> list[str]:
    """Say what is wrong with each template, with file and line; empty when all work.

    :raises ConfigurationError: when there is no such directory.
    """
    root = Path(directory)
    if not root.is_dir():
        raise ConfigurationError(f"there is no directory {directory}")
    return [problem for file in list_templates(directory) for problem in _check(root, file)]


def list_templates(directory: str) -> list[Path]:
    """List the templates of an operator."""
    return sorted(file for file in Path(directory).rglob(f"*{_SUFFIX}") if file.is_file())


def _check(root: Path, file: Path) -> Iterator[str]:
    name = file.relative_to(root).as_posix()
    language, _, kind = name.removesuffix(_SUFFIX).partition("/")
    if not kind:
        yield f"{file}: belongs into a folder of its language, as en/youtube/live_start.jinja does"
        return
    try:
        template = open_environment(directory=str(root)).get_template(name)
    except TemplateSyntaxError as exc:
        yield f"{exc.filename or file}:{exc.lineno}: {exc.message}"
        return
    except (TemplateError, OSError, UnicodeError) as exc:
        yield f"{file}: {exc}"
        return
    if file.name.startswith("_"):
        # A piece for other templates.
        return
    try:
        reader = UserSettings(language=language, translate=True)
    except ValueError:
        yield f"{file}: {language!r} is no language, such as en or zh-Hant"
        return
    for event in _list_examples(kind):
        scene = Scene(event.kind, Facts(event), ENTITY.meta.name.get_in(language), reader, NOW)
        try:
            fill_in(template, scene)
        except Exception as exc:  # noqa: BLE001 - a template may raise whatever it likes
            yield f"{file}:{_find_line(exc)}: {exc}"
            return


def _list_examples(kind: str) -> Iterator[Event]:
    examples = KINDS if kind in (GENERIC, UNTRANSLATED) else (kind,)
    for each in examples:
        example = make_example(each)
        yield from (make_example(each, **variant) for variant in _VARIANTS)
        if each in KINDS:
            required = {name: example.fields.get(name) for name in KINDS[each].fields}
            yield example.model_copy(update={"fields": required})


def _find_line(error: Exception) -> int:
    """Give the line of the template in which it went wrong; the first one when it is none."""
    lines = [
        frame.lineno
        for frame in extract_tb(error.__traceback__)
        if frame.filename.endswith(_SUFFIX) and frame.lineno
    ]
    return lines[-1] if lines else 1
