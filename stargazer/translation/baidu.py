"""Baidu's general translation.

It takes lines and answers line by line, and an answer that is short of one would give texts the
translations of others. So lines are counted, and asked one by one when the number is wrong.

Source: https://fanyi-api.baidu.com/doc/21
"""

import hashlib
import secrets
import time
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, Field, ValidationError

from stargazer.context import Context
from stargazer.errors import (
    CredentialsError,
    QuotaError,
    RefusedError,
    ThrottledError,
    TransientError,
)
from stargazer.translation.baidu_codes import FINE, explain, name_language, read_language
from stargazer.translation.dialects import BracketDialect
from stargazer.translation.glossary import Glossary
from stargazer.translation.jobs import Job, Reply
from stargazer.translation.lines import ask_by_lines
from stargazer.translation.metering import Meter
from stargazer.translation.protection import Names

LARGEST_QUERY = 6000
#: Seconds; a longer pause is the next provider's chance.
LONGEST_WAIT = 3.0


class _Line(BaseModel):
    dst: str


class _Answer(BaseModel):
    error_code: int = 0
    source: str = Field("", alias="from")
    trans_result: list[_Line] = []


class Baidu:
    """Translates over Baidu's HTTP API."""

    name = "baidu"
    dialect = BracketDialect()

    def __init__(self, context: Context, meter: Meter, glossary: Glossary) -> None:
        self._context = context
        self._meter = meter
        self._glossary = glossary

    def choose_names(self, job: Job) -> Names:
        """Give all names: the general API knows no glossary."""
        return Names(self._glossary.list_forms(job.target))

    def ask(self, texts: Sequence[str], job: Job) -> list[Reply]:
        """Translate every line that has words, many in one call."""

        def ask(lines: Sequence[str]) -> list[Reply]:
            return [reply for part in _divide(lines) for reply in self._translate(part, job)]

        return ask_by_lines(texts, self.dialect, ask)

    def has_quota(self, job: Job) -> bool:  # noqa: ARG002 - it is DeepL that can be asked
        """Say yes, as only trying tells."""
        return True

    def _translate(self, lines: list[str], job: Job) -> list[Reply]:
        answer = self._call_patiently("\n".join(lines), job)
        source = read_language(answer.source)
        if len(answer.trans_result) == len(lines):
            return [Reply(line.dst, source) for line in answer.trans_result]
        if len(lines) == 1:
            raise RefusedError("Baidu's answer has another number of lines")
        return [reply for line in lines for reply in self._translate([line], job)]

    def _call_patiently(self, query: str, job: Job) -> _Answer:
        """Call, and once more after a pause of a moment: an account may have one call a second."""
        try:
            return self._call(query, job)
        except (QuotaError, CredentialsError):
            raise
        except ThrottledError as exc:
            if exc.retry_after > LONGEST_WAIT or not job.can_wait(exc.retry_after):
                raise
            time.sleep(exc.retry_after)
        return self._call(query, job)

    def _call(self, query: str, job: Job) -> _Answer:
        settings = self._context.settings
        form = {
            "q": query,
            "from": "auto" if job.source is None else name_language(job.source),
            "to": name_language(job.target),
            "appid": settings.baidu_appid,
            "salt": secrets.token_hex(8),
        }
        key = settings.baidu_key.get_secret_value()
        form["sign"] = sign(settings.baidu_appid, query, form["salt"], key)
        timeout = job.get_timeout(settings.http_timeout.total_seconds())
        url = f"{settings.baidu_url}/api/trans/vip/translate"
        with self._meter.spend(self.name, len(query), job.now):
            answer = self._context.http.post(url, form=form, timeout=timeout)
            answer.raise_for_status()
            return _read(answer.body)


def sign(appid: str, query: str, salt: str, key: str) -> str:
    """Sign a query, whose text goes into the signature as it is and not as the form encodes it."""
    signed = f"{appid}{query}{salt}{key}".encode()
    return hashlib.md5(signed, usedforsecurity=False).hexdigest()


def _read(body: bytes) -> _Answer:
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError:
        raise TransientError("Baidu's answer is not understood") from None
    if answer.error_code not in FINE:
        raise explain(answer.error_code)
    return answer


def _divide(lines: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for line in lines:
        length = len(line.encode()) + 1
        if length > LARGEST_QUERY:
            raise RefusedError("a line is too long for Baidu")
        if size + length > LARGEST_QUERY:
            yield part
            part, size = [], 0
        part.append(line)
        size += length
    if part:
        yield part
