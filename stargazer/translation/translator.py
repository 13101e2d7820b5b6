"""Have the texts of an event translated by whoever can, at no more cost than needed."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from stargazer.context import Context
from stargazer.errors import (
    PlatformError,
    RefusedError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.store.translations import Translated, make_key
from stargazer.translation.baidu import Baidu
from stargazer.translation.deepl import DeepL
from stargazer.translation.glossary import read_glossary
from stargazer.translation.jobs import Job, Provider
from stargazer.translation.languages import get_base, get_canonical, guess_language, is_same
from stargazer.translation.metering import Meter, list_usable
from stargazer.translation.pauses import Pauses
from stargazer.translation.pieces import translate_templates
from stargazer.translation.protection import Names, Template, protect

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Translation:
    """What came of the texts of one event.

    :ivar texts: in the order of the originals, as many.
    :ivar provider: who did it; None when there was nothing to translate.
    :ivar source: the language they were in, as far as anybody knows.
    """

    texts: tuple[str, ...]
    provider: str | None
    source: str | None


class Translator:
    """Asks the providers in the order of the settings; one without credentials is left out.

    May be shared by the threads of a process.

    :raises ConfigurationError: when the glossary cannot be read.
    """

    def __init__(self, context: Context) -> None:
        settings = context.settings
        self._store = context.store.translations
        self._glossary = read_glossary(settings.glossary)
        self._pauses = Pauses(context.redis)
        meter = Meter(context.store.meters, settings.translation_budget)
        self._providers: list[Provider] = []
        for name in list_usable(settings):
            if name == "deepl":
                self._providers.append(DeepL(context, meter, self._glossary))
            if name == "baidu":
                self._providers.append(Baidu(context, meter, self._glossary))

    @property
    def providers(self) -> tuple[str, ...]:
        """The names of those that may be asked, the first choice first."""
        return tuple(provider.name for provider in self._providers)

    def translate(
        self, texts: Sequence[str], source: str | None, target: str, now: datetime
    ) -> Translation:
        """Translate the texts of one event.

        What has nothing to translate, or is in the target language already, comes back as it is.

        :param source: None when it is to be detected.
        :raises TransientError: when nobody could, and somebody may in a moment.
        :raises ThrottledError: when everybody pauses, with the seconds to the end of the first.
        :raises RefusedError: when nobody ever will.
        """
        target = get_canonical(target)
        if source is not None and is_same(source, target):
            return Translation(tuple(texts), None, source)
        names = Names(self._glossary.list_forms(target))
        done: dict[str, str] = {}
        wanted: dict[str, Template] = {}
        for text in texts:
            template = protect(text, names)
            guess = guess_language(text)
            if guess is not None and is_same(guess, target):
                done[text] = text
            elif template.has_words:
                wanted[text] = template
            else:
                done[text] = template.to_text()
        if not wanted:
            return Translation(tuple(done[text] for text in texts), None, source)
        job = Job(tuple(wanted), source and get_canonical(source), target, now)
        provider, found = self._ask_in_turn(wanted, job)
        done |= {text: each.text for text, each in found.items()}
        detected = next((each.source for each in found.values() if each.source), None)
        return Translation(tuple(done[text] for text in texts), provider, source or detected)

    def _ask_in_turn(
        self, wanted: Mapping[str, Template], job: Job
    ) -> tuple[str, dict[str, Translated]]:
        troubles: list[PlatformError] = []
        for provider in self._providers:
            keys = {text: _make_key(provider, each, job) for text, each in wanted.items()}
            known = self._store.find_all(keys.values(), job.now)
            missing = [text for text, key in keys.items() if key not in known]
            try:
                new = self._ask(provider, missing, job) if missing else {}
            except PlatformError as exc:
                troubles.append(exc)
                continue
            if new:
                self._store.save_all({keys[text]: new[text] for text in missing}, job.now)
            found = {text: new.get(text) or known[key] for text, key in keys.items()}
            return provider.name, found
        raise _summarize(troubles)

    def _ask(self, provider: Provider, texts: list[str], job: Job) -> dict[str, Translated]:
        self._pauses.check(provider, job)
        try:
            names = provider.choose_names(job)
            templates = [protect(text, names) for text in texts]
            found = translate_templates(
                templates, provider.dialect, lambda each: provider.ask(each, job)
            )
        except PlatformError as exc:
            log.info("translation_failed", extra={"provider": provider.name, "error": exc.reason})
            self._pauses.note(provider.name, exc, job.now)
            raise
        return {
            # What was in the target language all along is best as its author wrote it; of Chinese
            # nobody says in which script.
            text: each._replace(text=text) if _is_in(each.source, job.target) else each
            for text, each in zip(texts, found, strict=True)
        }


def _is_in(source: str, target: str) -> bool:
    return is_same(source, target) and get_base(source) != "zh"


def _make_key(provider: Provider, template: Template, job: Job) -> str:
    # The forms of names are a part of it, so that another glossary is another translation.
    content = json.dumps([template.lead, template.parts, template.tail])
    return make_key(provider.name, job.source, job.target, content)


def _summarize(troubles: list[PlatformError]) -> PlatformError:
    """Say to whoever called when to try again: as soon as one of the providers may be able to."""
    if not troubles:
        return RefusedError("no translator is set up")
    reason = "; ".join(dict.fromkeys(trouble.reason for trouble in troubles))
    if any(isinstance(trouble, TransientError | UnknownOutcomeError) for trouble in troubles):
        return TransientError(reason)
    waits = [trouble.retry_after for trouble in troubles if isinstance(trouble, ThrottledError)]
    return ThrottledError(reason, min(waits)) if waits else RefusedError(reason)
