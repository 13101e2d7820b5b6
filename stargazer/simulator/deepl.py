"""DeepL's API: texts, usage, and glossaries with one dictionary.

Source: https://developers.deepl.com/api-reference
"""

import json
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, Field, ValidationError

from stargazer.simulator.exchange import Exchange, Note
from stargazer.simulator.linguist import GlossaryTable, detect, translate
from stargazer.simulator.simulation import Simulation

QUOTA_EXCEEDED = 456
LARGEST_BODY = 128 * 1024
_TAG = re.compile(r"<[^>]*>")
_TARGET = re.compile(r"[A-Z]{2}(-[A-Z]{2,4})?")
#: DeepL wants to know which English and which Portuguese.
_VAGUE = {"EN", "PT"}


class _Translate(BaseModel):
    text: Annotated[list[str], Field(min_length=1, max_length=50)]
    target_lang: str
    source_lang: str | None = None
    glossary_id: str | None = None
    tag_handling: str | None = None


class _Dictionary(BaseModel):
    source_lang: str
    target_lang: str
    entries: str


class _NewGlossary(BaseModel):
    name: str
    dictionaries: Annotated[list[_Dictionary], Field(min_length=1, max_length=1)]


class _DeepL:
    """One method per URL."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._linguist = simulation.linguist

    def translate(self, note: Note) -> Response:
        asked = _Translate.model_validate_json(request.get_data())
        note.fields |= {
            "texts": asked.text,
            "source": asked.source_lang,
            "into": asked.target_lang,
            "glossary": asked.glossary_id,
        }
        if asked.target_lang in _VAGUE or not _TARGET.fullmatch(asked.target_lang):
            return _say(HTTPStatus.BAD_REQUEST, "Value for 'target_lang' not supported.")
        if request.content_length and request.content_length > LARGEST_BODY:
            return _say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Entity Too Large")
        entries: Any = {}
        if asked.glossary_id is not None:
            glossary = self._linguist.glossaries.get(asked.glossary_id)
            if glossary is None:
                return _say(HTTPStatus.NOT_FOUND, "Glossary not found")
            base = asked.target_lang.partition("-")[0]
            if (asked.source_lang, base) != (glossary.source, glossary.target):
                return _say(HTTPStatus.BAD_REQUEST, "No dictionary for this language pair.")
            entries = glossary.entries
        is_xml = asked.tag_handling == "xml"
        billed = [len(_TAG.sub("", text) if is_xml else text) for text in asked.text]
        if not self._linguist.spend(sum(billed), self._simulation.limits.deepl_characters):
            return _say(QUOTA_EXCEEDED, "Quota Exceeded")
        translations = []
        for text, cost in zip(asked.text, billed, strict=True):
            found = text
            for term, meaning in entries.items():
                found = found.replace(term, meaning)
            found = translate(found, asked.target_lang)
            translations.append(
                {
                    "detected_source_language": asked.source_lang or detect(text),
                    "text": _TAG.sub("", found) if note.mangle else found,
                    "billed_characters": cost,
                }
            )
        return _json(HTTPStatus.OK, {"translations": translations})

    def usage(self, _note: Note) -> Response:
        limit = self._simulation.limits.deepl_characters
        used = {"character_count": self._linguist.spent}
        return _json(HTTPStatus.OK, used | ({} if limit is None else {"character_limit": limit}))

    def add_glossary(self, note: Note) -> Response:
        asked = _NewGlossary.model_validate_json(request.get_data())
        [given] = asked.dictionaries
        note.fields["pair"] = f"{given.source_lang}-{given.target_lang}"
        lines = (line.partition("\t") for line in given.entries.splitlines())
        entries = {term: meaning for term, _, meaning in lines}
        table = GlossaryTable(asked.name, given.source_lang, given.target_lang, entries)
        dictionary = {
            "source_lang": table.source.lower(),
            "target_lang": table.target.lower(),
            "entry_count": len(entries),
        }
        answer = {
            "glossary_id": self._linguist.add_glossary(table),
            "name": table.name,
            "creation_time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "dictionaries": [dictionary],
        }
        return _json(HTTPStatus.CREATED, answer)

    def delete_glossary(self, note: Note) -> Response:
        key = request.path.rpartition("/")[2]
        note.fields["glossary"] = key
        if self._linguist.glossaries.pop(key, None) is None:
            return _say(HTTPStatus.NOT_FOUND, "Glossary not found")
        return Response(status=HTTPStatus.NO_CONTENT)


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the URLs below which the API is."""
    blueprint = Blueprint("deepl", __name__, url_prefix="/deepl")
    exchange = Exchange("deepl", simulation.faults, simulation.journal, _refuse)
    api = _DeepL(simulation)
    for rule, verb, method in (
        ("/v2/translate", "POST", api.translate),
        ("/v2/usage", "GET", api.usage),
        ("/v3/glossaries", "POST", api.add_glossary),
        ("/v3/glossaries/<key>", "DELETE", api.delete_glossary),
    ):

        def view(key: str = "", method: Any = method) -> Response:  # noqa: ARG001 - Flask names it
            note = Note({"method": method.__name__})
            return exchange.answer(note, lambda: act(method, note))

        blueprint.add_url_rule(rule, method.__name__, view, methods=[verb])

    def act(method: Any, note: Note) -> Response:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme != "DeepL-Auth-Key" or key not in simulation.linguist.deepl_keys:
            return _say(HTTPStatus.FORBIDDEN, "Forbidden")
        try:
            answer: Response = method(note)
        except (ValidationError, ValueError):
            return _say(HTTPStatus.BAD_REQUEST, "Bad request. Reason: invalid parameters.")
        return answer

    return blueprint


def _refuse(status: int, _retry_after: float | None) -> Response:
    return _say(status, f"simulated {status}")


def _say(status: int, message: str) -> Response:
    return _json(status, {"message": message})


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")
