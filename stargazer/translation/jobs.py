"""What is to be translated, and how long that may take."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from stargazer.errors import TransientError
from stargazer.translation.dialects import Dialect
from stargazer.translation.protection import Names

#: Seconds that all providers together may take for the texts of one event.
PATIENCE = 20.0
#: With less left, nothing more is asked.
_TOO_LITTLE = 1.0


@dataclass(frozen=True)
class Job:
    """The texts of one event.

    :ivar source: None when it is to be detected.
    :ivar target: canonical, as :func:`~stargazer.translation.languages.get_canonical` gives it.
    """

    texts: Sequence[str]
    source: str | None
    target: str
    now: datetime
    patience: float = PATIENCE
    _began: float = field(default_factory=time.monotonic)

    def get_timeout(self, usual: float) -> float:
        """Tell how long a server may be silent: a call may take three times that altogether.

        :raises TransientError: when there is no time left to ask at all.
        """
        left = self._began + self.patience - time.monotonic()
        if left < _TOO_LITTLE:
            raise TransientError("no time left to translate")
        return min(usual, left / 3)

    def can_wait(self, seconds: float) -> bool:
        """Whether there is time for a pause and another call."""
        return self._began + self.patience - time.monotonic() > seconds + _TOO_LITTLE


class Reply(NamedTuple):
    """What a provider says to one text.

    :ivar text: in the provider's dialect.
    :ivar source: the language it was in, in our codes.
    """

    text: str
    source: str


class Provider(Protocol):
    """Somebody who translates."""

    @property
    def name(self) -> str:
        """What the settings call it."""

    @property
    def dialect(self) -> Dialect:
        """How it keeps tokens."""

    def choose_names(self, job: Job) -> Names:
        """Say which names have to be tokens, because it does not know them itself."""

    def ask(self, texts: Sequence[str], job: Job) -> list[Reply]:
        """Have texts translated; the replies are in the same order, as many.

        :raises PlatformError: when it did not.
        """

    def has_quota(self, job: Job) -> bool:
        """Whether there is anything left of what it lets us translate.

        :raises PlatformError: when it does not say.
        """


Ask = Callable[[Sequence[str]], list[Reply]]
