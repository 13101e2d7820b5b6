"""How long an account, or a whole platform, is left alone after it failed. All pure."""

from datetime import datetime, timedelta

from stargazer.errors import (
    BlockedError,
    CredentialsError,
    GoneError,
    PlatformError,
    QuotaError,
    ThrottledError,
)
from stargazer.models import PlatformState, Watch

#: However often an account fails, it is tried again so soon, or after its usual span.
LONGEST_BACK_OFF = timedelta(hours=1)
#: What the platform says is not there any more is looked for again so late.
GONE_PAUSE = timedelta(days=1)
#: A platform that has not answered for so long, and so often, is down.
DOWN_AFTER = timedelta(minutes=15)
_DOWN_FAILURES = 3
_MOST_DOUBLINGS = 10


def fail_account(watch: Watch, error: Exception, span: timedelta, now: datetime) -> Watch:
    """Give how watching an account goes after a look at it failed.

    :param span: how often it is looked at while all is well.
    """
    failures = watch.failures + 1
    growing = span * 2 ** min(failures, _MOST_DOUBLINGS)
    pause = min(growing, max(LONGEST_BACK_OFF, span))
    if isinstance(error, ThrottledError):
        pause = max(pause, timedelta(seconds=error.retry_after))
    is_gone = watch.gone or isinstance(error, GoneError)
    if is_gone:
        pause = GONE_PAUSE
    return watch.model_copy(
        update={
            "failures": failures,
            "failed_at": now,
            "last_error": str(error),
            "paused_until": now + pause,
            "gone": is_gone,
        }
    )


def see_account(watch: Watch, now: datetime) -> Watch:
    """Give how watching an account goes after a look at it succeeded."""
    return watch.model_copy(
        update={
            "looked_at": now,
            "failures": 0,
            "last_error": None,
            "paused_until": None,
            "gone": False,
        }
    )


def fail_platform(state: PlatformState, error: Exception, now: datetime) -> PlatformState:
    """Give how it goes with a platform after it failed, whichever account it was asked for."""
    changes: dict[str, object] = {
        "failures": state.failures + 1,
        "failed_at": now,
        "last_error": str(error),
    }
    if isinstance(error, ThrottledError):
        seconds = error.retry_after
        if isinstance(error, BlockedError):
            seconds = error.steps[min(state.pauses, len(error.steps) - 1)]
        changes |= {
            "paused_until": now + timedelta(seconds=seconds),
            "paused_since": state.paused_since or now,
            "pauses": state.pauses + 1,
        }
    return state.model_copy(update=changes)


def see_platform(state: PlatformState, now: datetime) -> PlatformState:
    """Give how it goes with a platform after it answered as it should."""
    return PlatformState(
        kind=state.kind,
        succeeded_at=now,
        failed_at=state.failed_at,
        last_error=state.last_error,
    )


def needs_operator(state: PlatformState, error: Exception, now: datetime) -> bool:
    """Tell whether a failure is worth an alarm: it does not pass by itself, or lasts already.

    :param state: the platform's after the failure.
    """
    if isinstance(error, BlockedError | QuotaError | CredentialsError):
        return True
    if isinstance(error, ThrottledError) or not isinstance(error, PlatformError):
        return False
    silent = state.succeeded_at is None or now - state.succeeded_at > DOWN_AFTER
    return silent and state.failures >= _DOWN_FAILURES


def is_paused(state: PlatformState, now: datetime) -> bool:
    """Tell whether nobody is to ask the platform at the moment."""
    return state.paused_until is not None and state.paused_until > now
