"""Faults on demand: which request is to go wrong, and how."""

import random
import threading
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from stargazer.simulator.journal import Target

#: Platforms that answer 200 with a number of their own when something is wrong.
_WITH_CODES = {"baidu", "bilibili", "bililive", "qq"}


class Fault(BaseModel):
    """What is to happen to requests of one target.

    ``status`` answers (for ``push``: as if the subscriber had answered) with that status, and
    ``retry_after`` says how many seconds to wait. ``delay`` waits so many seconds first. ``drop``
    closes the connection without an answer; a dropped push is lost for good. ``accept`` does what
    was asked before the fault shows, so that the caller cannot know. ``duplicate`` delivers a push
    twice. ``body`` answers 200 with what is no answer: noise, nothing, or 11 MB. ``code`` answers
    with that error of the platform's own, where it has numbers for them;
    ``mangle`` lets ``deepl`` lose the tags of its texts, and ``baidu`` the last of its lines.
    ``rate`` is the share of requests hit, and ``count`` how many are hit before the fault ends;
    ``None`` is for ever.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Target
    status: int | None = Field(default=None, ge=200, le=599)
    retry_after: int | float | None = Field(default=None, ge=0)
    delay: float = Field(default=0.0, ge=0, le=600)
    drop: bool = False
    accept: bool = False
    duplicate: bool = False
    body: Literal["garbage", "huge", "nothing"] | None = None
    code: int | None = None
    mangle: bool = False
    rate: float = Field(default=1.0, ge=0, le=1)
    count: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _do_something(self) -> "Fault":
        if self.duplicate and self.target != "push":
            raise ValueError("only a push can be delivered twice")
        if self.code is not None and self.target not in _WITH_CODES:
            raise ValueError(f"only {', '.join(sorted(_WITH_CODES))} have codes of their own")
        if self.mangle and self.target not in {"deepl", "baidu"}:
            raise ValueError("only a translation can be mangled")
        if self.drop and self.status is not None:
            raise ValueError("a dropped request has no status")
        if self.body is not None and (self.drop or self.status or self.target == "push"):
            raise ValueError("a body is answered with 200, and to who asks")
        if not (
            self.drop or self.duplicate or self.delay or self.status or self.body or self.is_own
        ):
            raise ValueError("one of status, delay, drop, duplicate, body, code, mangle is needed")
        return self

    @property
    def effect(self) -> str:
        """What shows of it: ``drop``, the status, ``body``, ``code``, ``mangle`` or ``delay``."""
        if self.drop:
            return "drop"
        if self.status is not None:
            return str(self.status)
        shown = (("body", self.body), ("code", self.code is not None), ("mangle", self.mangle))
        return next((name for name, shows in shown if shows), "delay")

    @property
    def is_own(self) -> bool:
        """Whether the answer goes wrong in the platform's own way."""
        return self.mangle or self.code is not None


@dataclass
class _Active:
    fault: Fault
    dice: random.Random
    left: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.fault.count


class Faults:
    """The faults in force, the oldest first; at most one of them hits a request.

    With a seed, whether the n-th request of a target is hit depends on nothing but the seed, the
    order of the faults, and n: every fault throws dice of its own.
    """

    def __init__(self) -> None:
        """Start without faults and without a seed."""
        self._lock = threading.Lock()
        self._active: dict[str, _Active] = {}
        self._seed: int | None = None
        self._added = 0
        self._ordinal = 0

    def add(self, fault: Fault) -> str:
        """Put a fault in force and return its id."""
        with self._lock:
            self._added += 1
            self._active[str(self._added)] = _Active(fault, self._dice())
            return str(self._added)

    def remove(self, fault_id: str) -> bool:
        """End a fault; false when there is none of that id."""
        with self._lock:
            return self._active.pop(fault_id, None) is not None

    def clear(self) -> None:
        """End all faults."""
        with self._lock:
            self._active.clear()

    def seed(self, seed: int | None) -> None:
        """Make chance repeatable from here on, for the faults in force and for those to come.

        :param seed: ``None`` makes it unpredictable again.
        """
        with self._lock:
            self._seed = seed
            self._ordinal = 0
            for active in self._active.values():
                active.dice = self._dice()

    def draw(self, target: Target) -> Fault | None:
        """Return the fault which hits this request, if any, and use it up by one."""
        if not self._active:
            # Nearly every request of a benchmark ends here, so it takes no lock.
            return None
        with self._lock:
            for fault_id, active in self._active.items():
                if active.fault.target != target or active.dice.random() >= active.fault.rate:
                    continue
                if active.left is not None:
                    active.left -= 1
                    if active.left == 0:
                        del self._active[fault_id]
                return active.fault
        return None

    def _dice(self) -> random.Random:
        self._ordinal += 1
        # An unseeded generator takes its start from the operating system.
        seed = None if self._seed is None else f"{self._seed}:{self._ordinal}"
        return random.Random(seed)  # noqa: S311 - chance, not secrecy
