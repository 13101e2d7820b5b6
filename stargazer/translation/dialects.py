"""How tokens are written for a translator, and found again in what it says."""

import html
import re
from collections.abc import Sequence
from itertools import count, pairwise
from typing import Protocol

from stargazer.translation.protection import Template, Token, has_letters


class Dialect(Protocol):
    """One translator's way of keeping tokens."""

    def write(self, template: Template) -> str:
        """Write a template down for the translator."""

    def read(self, reply: str, template: Template) -> str | None:
        """Put the tokens back; None when one is lost, doubled or mangled."""

    def has_words(self, written: str) -> bool:
        """Whether there is anything to translate in what was written."""


class XmlDialect:
    """For translators that read XML: an empty element, or one round a name that is to be seen."""

    TAG = "x"
    _FOUND = re.compile(r'<x id="(\d+)"\s*(?:/>|>([^<>]*)</x>)')

    def write(self, template: Template) -> str:
        """Write XML; the translator must be told to ignore what is in ``TAG``."""
        numbers = count()
        return "".join(
            self._write_token(next(numbers), part)
            if isinstance(part, Token)
            else html.escape(part, quote=False)
            for part in template.parts
        )

    def read(self, reply: str, template: Template) -> str | None:
        """Read XML."""
        pieces = self._FOUND.split(reply)
        texts, numbers, contents = pieces[::3], pieces[1::3], pieces[2::3]
        if any(mark in text for text in texts for mark in "<>"):
            return None
        order = _order(numbers, template)
        if order is None:
            return None
        for number, content in zip(order, contents, strict=True):
            # Words that were drawn into an element would be lost with it.
            if not self._is_own(template.tokens[number], content or ""):
                return None
        return _join(list(map(html.unescape, texts)), order, template)

    def has_words(self, written: str) -> bool:
        """Look at what is outside of tokens."""
        return has_letters(html.unescape(self._FOUND.sub("", written)))

    def measure(self, written: str) -> int:
        """Count the characters that are paid for: all but the tags."""
        return len(html.unescape(re.sub("<[^>]*>", "", written)))

    def _is_own(self, token: Token, content: str) -> bool:
        words = html.unescape(content).strip()
        return not words or (token.is_name and words == token.text)

    def _write_token(self, number: int, token: Token) -> str:
        if token.is_name:
            return f'<x id="{number}">{html.escape(token.text, quote=False)}</x>'
        return f'<x id="{number}"/>'


class BracketDialect:
    """For translators of plain text: a number in brackets that nobody writes."""

    _FOUND = re.compile(r"⟦\s*(\d+)\s*⟧")

    def write(self, template: Template) -> str:
        """Write plain text."""
        numbers = count()
        return "".join(
            f"⟦{next(numbers)}⟧" if isinstance(part, Token) else part for part in template.parts
        )

    def read(self, reply: str, template: Template) -> str | None:
        """Read plain text."""
        pieces = self._FOUND.split(reply)
        texts, numbers = pieces[::2], pieces[1::2]
        if any(mark in text for text in texts for mark in "⟦⟧"):
            return None
        order = _order(numbers, template)
        return None if order is None else _join(texts, order, template)

    def has_words(self, written: str) -> bool:
        """Look for letters, of which a token has none."""
        return has_letters(written)


def _order(numbers: Sequence[str], template: Template) -> list[int] | None:
    """Give the tokens' numbers in the order of a reply; None unless each is there once."""
    found = [int(number) for number in numbers]
    return found if sorted(found) == [*range(len(template.tokens))] else None


def _join(texts: Sequence[str], order: Sequence[int], template: Template) -> str:
    """Put a reply together, with the spaces around tokens that translators like to drop.

    :param texts: what is before, between and behind the tokens.
    """
    tokens = template.tokens
    before, behind = _find_spaces(template)
    joined = texts[0]
    for number, text in zip(order, texts[1:], strict=True):
        if number in before and joined[-1:].isalnum():
            joined += " "
        joined += tokens[number].text
        if number in behind and text[:1].isalnum():
            joined += " "
        joined += text
    return joined


def _find_spaces(template: Template) -> tuple[set[int], set[int]]:
    """Tell before and behind which tokens, by number, a space was."""
    before, behind = set(), set()
    number = 0
    for one, other in pairwise(template.parts):
        if isinstance(one, Token):
            if isinstance(other, str) and other[:1].isspace():
                behind.add(number)
            number += 1
        elif one[-1:].isspace():
            before.add(number)
    return before, behind
