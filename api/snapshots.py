"""Answers that are long, asked for often, and change seldom: made once, as JSON, and kept."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from stargazer.store.revisions import Revisions

#: Whoever edits the database by hand is seen after so long; the API's changes at once.
LONGEST = timedelta(minutes=1)

R = TypeVar("R", bound=BaseModel)


class Snapshot(NamedTuple, Generic[R]):
    """An answer as it was a moment ago.

    :ivar json: the answer, as it is sent.
    :ivar version: the same for the same answer, whichever process made it.
    """

    json: bytes
    version: str


class _Kept(NamedTuple):
    snapshot: Snapshot[Any]
    revision: int
    until: datetime


class Snapshots:
    """Keeps answers, by what was asked."""

    def __init__(self, revisions: Revisions) -> None:
        self._revisions = revisions
        self._kept: dict[str, _Kept] = {}
        self._locks: dict[str, Lock] = {}

    def get(self, asked: str, depends_on: str, now: datetime, make: Callable[[], R]) -> Snapshot[R]:
        """Give the answer to what is asked, made anew if anything has changed since.

        :param asked: one of few, for the answer to each is kept.
        :param depends_on: the name of the revision that grows with each change.
        """
        # Read first: what changes from here on makes another number.
        revision = self._revisions.get(depends_on)
        if (kept := self._find(asked, revision, now)) is not None:
            return kept
        with self._locks.setdefault(asked, Lock()):
            # Those who wait for the same take what the first of them has made.
            if (kept := self._find(asked, revision, now)) is not None:
                return kept
            json = make().model_dump_json().encode()
            made = Snapshot[R](json, hashlib.sha256(json).hexdigest()[:32])
            self._kept[asked] = _Kept(made, revision, now + LONGEST)
            return made

    def _find(self, asked: str, revision: int, now: datetime) -> Snapshot[Any] | None:
        kept = self._kept.get(asked)
        is_fresh = kept and kept.revision >= revision and now < kept.until
        return kept.snapshot if kept and is_fresh else None
