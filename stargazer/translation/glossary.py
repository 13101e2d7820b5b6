"""The file of names: which form a name has in each language.

A table with tabs between its cells, as a spreadsheet saves it. The first line says the languages,
every other line is one name with its form in each; a cell may be empty. Lines that begin with
``#`` are comments.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stargazer.errors import ConfigurationError
from stargazer.translation.languages import get_base, get_canonical

SHORTEST = 2
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Za-z]{2,4})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029<>⟦⟧]")
#: Who reads these reads a name better as it is written in another of them than in Latin letters.
_ASIAN = {"ja", "ko", "zh"}


@dataclass(frozen=True)
class Glossary:
    """Names, each with its forms by language."""

    names: tuple[Mapping[str, str], ...] = ()

    def list_forms(self, target: str) -> dict[str, str]:
        """Give every form of every name, and what each becomes in ``target``.

        A name without a form in that language stays as it is written, or takes its English form
        where other letters are not read.
        """
        found: dict[str, str] = {}
        for name in self.names:
            meant = _get_form(name, target)
            if meant is None and get_base(target) not in _ASIAN:
                meant = name.get("en")
            found |= {form: meant or form for form in name.values()}
        return found

    def list_pairs(self, source: str, target: str) -> dict[str, str]:
        """Give the names that have a form in both languages, from the one to the other."""
        forms = ((_get_form(name, source), _get_form(name, target)) for name in self.names)
        return {one: other for one, other in forms if one and other}


def read_glossary(path: str) -> Glossary:
    """Read the file.

    :param path: empty for no file and no names.
    :raises ConfigurationError: naming the line and what is wrong with it.
    """
    if not path:
        return Glossary()
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        reason = "not UTF-8" if isinstance(exc, UnicodeDecodeError) else exc.strerror
        raise ConfigurationError(f"STARGAZER_GLOSSARY: cannot read {path}: {reason}") from exc
    try:
        return Glossary(tuple(_parse(text)))
    except ValueError as exc:
        raise ConfigurationError(f"STARGAZER_GLOSSARY: {path}, {exc}") from None


def _parse(text: str) -> Iterator[Mapping[str, str]]:
    languages: list[str] = []
    taken: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        try:
            if not languages:
                languages = _check_languages(cells)
                continue
            name = _read_name(languages, cells)
        except ValueError as exc:
            raise ValueError(f"line {number}: {exc}") from None
        for form in set(name.values()):
            if form in taken:
                raise ValueError(f"line {number}: {form!r} is in line {taken[form]}, too")
            taken[form] = number
        yield name


def _check_languages(cells: list[str]) -> list[str]:
    for cell in cells:
        if not _LANGUAGE.fullmatch(cell):
            raise ValueError(f"{cell!r} is no language; the first line names one for each column")
    found = list(map(get_canonical, cells))
    twice = {cell for cell in found if found.count(cell) > 1}
    if twice:
        raise ValueError(f"two columns for {min(twice)}")
    return found


def _read_name(languages: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) > len(languages):
        raise ValueError(f"{len(cells)} cells, but {len(languages)} languages")
    name = {language: cell for language, cell in zip(languages, cells, strict=False) if cell}
    for form in name.values():
        if len(form) < SHORTEST:
            raise ValueError(f"{form!r} is too short: it would be found in other words")
        if _CONTROL.search(form):
            raise ValueError(f"{form!r} has a character that no name has")
    return name


def _get_form(name: Mapping[str, str], language: str) -> str | None:
    return name.get(get_canonical(language)) or name.get(get_base(language))
