"""Every error that this project raises, in one tree.

A class exists where a different reaction does::

    StargazerError
    ├── ConfigurationError      said once at start, by `stargazer check` and in the log
    ├── PayloadError            somebody sent what is not what it claims to be: logged, dropped
    ├── CallError               the caller's fault: answered, never retried
    │   ├── InvalidError            400, every wrong field named
    │   ├── UnauthorizedError       401, no credentials
    │   ├── ForbiddenError          403, wrong or insufficient credentials
    │   ├── NotFoundError           404
    │   ├── ConflictError           409
    │   ├── GoneCallError           410
    │   ├── TooManyCallsError       429, after so many seconds
    │   └── PlatformAwayError       503, a platform that had to be asked has passing trouble
    ├── ApiError                what the API answered to the Python client: by its code
    ├── NoAnswerError           nothing of the API reached the client: try again where it may
    ├── UnavailableError        our own database or broker: answered with 503, retried by workers
    └── PlatformError           what a platform or a chat app answered
        ├── TransientError          try again with growing, jittered pauses
        │   └── ShutOutError            this chat takes nothing at the moment: left alone, counted
        ├── ThrottledError          try again after `retry_after`
        │   ├── QuotaError              all that may be used is used up: look before trying again
        │   ├── CredentialsError        our key is wrong: an operator has to be told
        │   ├── AwayError               nobody can be reached: all messages wait
        │   │   └── OfflineError            the account is logged out: an operator has to be told
        │   └── BlockedError            it has had enough of us: growing pauses, an operator is told
        ├── RefusedError            permanent: recorded, never tried again
        │   └── MediaRefusedError       the picture, not the message: try without it
        ├── GoneError               the account or chat is gone: paused with the reason
        ├── MovedError              the chat has a new address: stored, tried again there
        └── UnknownOutcomeError     it may have been accepted: never repeated blindly
"""

from collections.abc import Sequence
from functools import partial

from pydantic import ValidationError


class StargazerError(Exception):
    """The root of the tree."""


class ConfigurationError(StargazerError):
    """A setting is missing or wrong; the message names it and what would be right."""


class PayloadError(StargazerError):
    """A body is not what it claims to be."""


class CallError(StargazerError):
    """The caller of the API did something wrong.

    :param code: the machine-readable reason, such as ``user_not_found``.
    :param explanations: sentences for people, every problem at once.
    """

    status = 400

    def __init__(self, code: str, *explanations: str) -> None:
        super().__init__(code, *explanations)
        self.code = code
        self.explanations: Sequence[str] = explanations

    def __str__(self) -> str:
        return "; ".join(self.explanations) or self.code


class InvalidError(CallError):
    """The parameters are wrong; the explanations name each with its path."""


def explain(error: ValidationError) -> list[str]:
    """Name each problem of what was sent, with its path; never what was sent itself."""
    return [
        f"`{'.'.join(str(part) for part in each['loc']) or 'body'}`: {each['msg']}"
        for each in error.errors(include_url=False, include_input=False)
    ]


class UnauthorizedError(CallError):
    """Credentials are needed and none were given."""

    status = 401


class ForbiddenError(CallError):
    """The credentials are wrong, or do not carry the permission."""

    status = 403


class NotFoundError(CallError):
    """There is no such thing."""

    status = 404


class ConflictError(CallError):
    """There is such a thing already."""

    status = 409


class GoneCallError(CallError):
    """There was such a thing, and it was removed."""

    status = 410


class TooManyCallsError(CallError):
    """The caller has to wait.

    :param retry_after: seconds from now.
    """

    status = 429

    def __init__(self, code: str, *explanations: str, retry_after: int) -> None:
        super().__init__(code, *explanations)
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[object, ...]:
        """Keep what came by keyword."""
        again = partial(type(self), retry_after=self.retry_after)
        return again, (self.code, *self.explanations)


class PlatformAwayError(CallError):
    """What was asked for needs a platform's word, and it gives none at the moment."""

    status = 503


class ApiError(StargazerError):
    """The API answered to the client with an error.

    :param code: the machine-readable reason, such as ``user_not_found``.
    :param status: the HTTP status.
    :param explanations: sentences for people, every problem at once.
    :param retry_after: seconds from now; None where nothing is gained by waiting.
    """

    def __init__(
        self, code: str, status: int, explanations: Sequence[str], retry_after: float | None = None
    ) -> None:
        super().__init__(code, status, explanations, retry_after)
        self.code = code
        self.status = status
        self.explanations = explanations
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.code}: {'; '.join(self.explanations)}"


class NoAnswerError(StargazerError):
    """The API did not answer to the client.

    :param reason: a sentence.
    :param may_be_done: whether what was asked may have been done all the same.
    """

    def __init__(self, reason: str, may_be_done: bool) -> None:  # noqa: FBT001 - it is read, not set
        super().__init__(reason, may_be_done)
        self.reason = reason
        self.may_be_done = may_be_done

    def __str__(self) -> str:
        return self.reason


class UnavailableError(StargazerError):
    """The database or the broker does not answer.

    :param what: ``database`` or ``broker``.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"the {self.what} does not answer"


class PlatformError(StargazerError):
    """A platform or a chat app answered with an error, or not at all.

    :param reason: a sentence without secrets, which may be shown to an operator.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class TransientError(PlatformError):
    """Passing trouble: 5xx, no connection, a time-out of something that may be repeated."""


class ShutOutError(TransientError):
    """The chat takes nothing from us: muted, or no friend. It may pass, or it may not."""


class ThrottledError(PlatformError):
    """The platform asked for a pause.

    :param retry_after: seconds from now.
    """

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason)
        self.args = (reason, retry_after)
        self.retry_after = retry_after


class QuotaError(ThrottledError):
    """What we may use of the platform is used up."""


class CredentialsError(ThrottledError):
    """The platform does not know our key, or does not let it do this."""


class AwayError(ThrottledError):
    """What stands between us and the chat app is not there, so nothing can be sent to anybody."""


class OfflineError(AwayError):
    """It is there, and its account has to be logged in again."""


class BlockedError(ThrottledError):
    """The platform has had enough of us, and is left alone for longer each time it says so.

    :param steps: the pauses in seconds, in a row without success; the last one for all later.
    """

    def __init__(self, reason: str, steps: Sequence[float]) -> None:
        super().__init__(reason, steps[0])
        self.args = (reason, steps)
        self.steps = steps


class RefusedError(PlatformError):
    """The platform will never accept this."""


class MediaRefusedError(RefusedError):
    """The platform would accept the message without its picture."""


class GoneError(PlatformError):
    """The account or the chat cannot be reached any more."""


class MovedError(PlatformError):
    """The chat lives elsewhere now.

    :param address: its new id.
    """

    def __init__(self, reason: str, address: str) -> None:
        super().__init__(reason)
        self.args = (reason, address)
        self.address = address


class UnknownOutcomeError(PlatformError):
    """No answer came to something that must not be done twice."""
