"""DeepL.

Source: https://developers.deepl.com/api-reference/translate
"""

import json
from collections.abc import Iterator, Sequence
from http import HTTPStatus

import deepl

from stargazer.context import Context
from stargazer.errors import GoneError, RefusedError, TransientError
from stargazer.translation.deepl_glossaries import DeepLGlossaries
from stargazer.translation.deepl_transport import open_client, our_errors
from stargazer.translation.dialects import XmlDialect
from stargazer.translation.glossary import Glossary
from stargazer.translation.jobs import Job, Reply
from stargazer.translation.languages import get_base
from stargazer.translation.lines import ask_by_lines
from stargazer.translation.metering import Meter
from stargazer.translation.protection import Names

MOST_TEXTS = 50
#: Of 128 KiB, with room for all that is not text.
LARGEST_CALL = 120_000
# A language of several kinds has to be named exactly.
_TARGETS = {"en": "EN-US", "pt": "PT-BR", "zh-Hans": "ZH-HANS", "zh-Hant": "ZH-HANT"}
_EXACT = {"en-GB", "en-US", "pt-BR", "pt-PT"}


class DeepL:
    """Translates with DeepL's own library.

    :param glossary: names that it is taught where source and target are known.
    """

    name = "deepl"
    dialect = XmlDialect()

    def __init__(self, context: Context, meter: Meter, glossary: Glossary) -> None:
        self._context = context
        self._meter = meter
        self._glossary = glossary
        self._glossaries = DeepLGlossaries(context.store.glossaries, glossary)

    def choose_names(self, job: Job) -> Names:
        """Give the names that no glossary of DeepL's can know for this job.

        :raises PlatformError: when DeepL does not say whether it takes a glossary.
        """
        forms = self._glossary.list_forms(job.target)
        if self._glossaries.list_entries(job) and self._glossaries.get_id(self._open(job), job):
            for name in self._glossaries.list_entries(job):
                forms.pop(name, None)
        return Names(forms)

    def ask(self, texts: Sequence[str], job: Job) -> list[Reply]:
        """Translate, in one call where that is possible."""

        def ask(lines: Sequence[str]) -> list[Reply]:
            return [reply for part in _divide(lines) for reply in self._translate(part, job)]

        return ask_by_lines(texts, self.dialect, ask)

    def has_quota(self, job: Job) -> bool:
        """Ask what is left."""
        with our_errors():
            return not self._open(job).get_usage().character.limit_reached

    def _open(self, job: Job) -> deepl.DeepLClient:
        settings = self._context.settings
        timeout = job.get_timeout(settings.http_timeout.total_seconds())
        key = settings.deepl_key.get_secret_value()
        return open_client(self._context.http, key, settings.deepl_url, timeout)

    def _translate(self, texts: Sequence[str], job: Job) -> list[Reply]:
        glossary = self._glossaries.get_id(self._open(job), job)
        try:
            return self._call(texts, job, glossary)
        except GoneError:
            self._glossaries.forget(glossary or "")
            return self._call(texts, job, self._glossaries.get_id(self._open(job), job))

    def _call(self, texts: Sequence[str], job: Job, glossary: str | None) -> list[Reply]:
        client = self._open(job)
        with (
            self._meter.spend(self.name, sum(map(self.dialect.measure, texts)), job.now),
            our_errors(),
        ):
            try:
                found = client.translate_text(
                    list(texts),
                    source_lang=job.source and get_base(job.source).upper(),
                    target_lang=_name_target(job.target),
                    glossary=glossary,
                    tag_handling="xml",
                    tag_handling_version="v2",
                    ignore_tags=[XmlDialect.TAG],
                    non_splitting_tags=[XmlDialect.TAG],
                    preserve_formatting=True,
                )
            except deepl.DeepLException as exc:
                if glossary and exc.http_status_code == HTTPStatus.NOT_FOUND:
                    raise GoneError("DeepL does not know the glossary") from None
                if glossary and exc.http_status_code == HTTPStatus.BAD_REQUEST:
                    # Next time the names are tokens; here they are not, and must not go without.
                    self._glossaries.do_without(job)
                    raise TransientError("DeepL does not take the glossary") from None
                raise
            if not isinstance(found, list) or len(found) != len(texts):
                raise TransientError("DeepL did not translate every text")
            return [Reply(each.text, each.detected_source_lang.lower()) for each in found]


def _divide(texts: Sequence[str]) -> Iterator[list[str]]:
    """Put texts into calls as large as DeepL takes.

    :raises RefusedError: when one alone is too large.
    """
    part: list[str] = []
    size = 0
    for text in texts:
        # The body is ASCII, in which one character of Chinese takes six.
        length = len(json.dumps(text)) + 2
        if length > LARGEST_CALL:
            raise RefusedError("a text is too long for DeepL")
        if part and (len(part) == MOST_TEXTS or size + length > LARGEST_CALL):
            yield part
            part, size = [], 0
        part.append(text)
        size += length
    if part:
        yield part


def _name_target(language: str) -> str:
    if language in _EXACT:
        return language.upper()
    return _TARGETS.get(language) or _TARGETS.get(get_base(language)) or get_base(language).upper()
