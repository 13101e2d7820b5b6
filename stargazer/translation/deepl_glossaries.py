"""Glossaries that DeepL keeps for us: one per pair of languages and content."""

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

import deepl
from deepl.api_data import MultilingualGlossaryDictionaryEntries

from stargazer.errors import PlatformError, QuotaError, RefusedError, ThrottledError
from stargazer.store.glossaries import Glossaries
from stargazer.translation.deepl_transport import our_errors
from stargazer.translation.glossary import Glossary
from stargazer.translation.jobs import Job
from stargazer.translation.languages import get_base

TOMORROW = timedelta(days=1)
IN_A_MOMENT = timedelta(minutes=1)

log = logging.getLogger(__name__)


class DeepLGlossaries:
    """Makes them when they are first needed, and removes what took their place.

    Where DeepL makes none, names are tokens, and it is asked again later: tomorrow, when it has
    none for these languages or the account has too many, else in a minute.
    """

    def __init__(self, store: Glossaries, glossary: Glossary) -> None:
        self._store = store
        self._glossary = glossary
        self._not_before: dict[str, datetime] = {}

    def list_entries(self, job: Job) -> dict[str, str]:
        """Give the names that a glossary can know, if any of the texts has one of them."""
        if job.source is None:
            return {}
        pairs = self._glossary.list_pairs(job.source, job.target)
        return pairs if any(name in text for name in pairs for text in job.texts) else {}

    def get_id(self, client: deepl.DeepLClient, job: Job) -> str | None:
        """Give the id of the glossary for a job, made anew where there is none; None to do without.

        :raises ThrottledError: when DeepL asks for a pause, or does not take the key.
        """
        entries = self.list_entries(job)
        if not entries:
            return None
        pair, digest = f"{job.source}:{job.target}", _hash(entries)
        if job.now < self._not_before.get(pair, job.now):
            return None
        known = self._store.find(pair, digest, job.now)
        if known is not None:
            return known
        try:
            made = self._make(client, pair, entries)
        except PlatformError as exc:
            # Too many glossaries are a quota, too, and not the one for texts.
            is_final = isinstance(exc, RefusedError | QuotaError)
            if isinstance(exc, ThrottledError) and not is_final:
                raise
            self._not_before[pair] = job.now + (TOMORROW if is_final else IN_A_MOMENT)
            log.warning("glossary_not_made", extra={"pair": pair, "error": exc.reason})
            return None
        self._store.save(pair, digest, made, job.now)
        self._clean(client, pair, digest, job)
        return made

    def forget(self, glossary: str) -> None:
        """Note that DeepL does not know it any more."""
        self._store.delete(glossary)

    def do_without(self, job: Job) -> None:
        """Note that DeepL does not take the glossary for a job's languages."""
        self._not_before[f"{job.source}:{job.target}"] = job.now + TOMORROW
        log.warning("glossary_refused", extra={"pair": f"{job.source}:{job.target}"})

    def _make(self, client: deepl.DeepLClient, pair: str, entries: Mapping[str, str]) -> str:
        # Glossaries are for languages, whatever their region or script.
        source, target = (get_base(language).upper() for language in pair.split(":"))
        dictionary = MultilingualGlossaryDictionaryEntries(source, target, dict(entries))
        with our_errors():
            made = client.create_multilingual_glossary(f"stargazer {pair}", [dictionary])
            return str(made.glossary_id)

    def _clean(self, client: deepl.DeepLClient, pair: str, digest: str, job: Job) -> None:
        for outdated in self._store.list_outdated(pair, digest, job.now):
            try:
                with our_errors():
                    client.delete_multilingual_glossary(outdated)
            except PlatformError as exc:
                # It may be gone already, or belong to another key; it is in nobody's way.
                log.info("glossary_not_removed", extra={"pair": pair, "error": exc.reason})
            self._store.delete(outdated)


def _hash(entries: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(entries.items())).encode()).hexdigest()
