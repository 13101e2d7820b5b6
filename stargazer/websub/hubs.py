"""How it goes with a hub: one that is in trouble is left alone with all of its topics. All pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from stargazer.errors import PlatformError, ThrottledError, TransientError
from stargazer.models import Lease, LeaseState, PlatformState
from stargazer.pausing import is_paused

STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))
#: So many are asked for at a time, each half minute, lest a hub that is just back falls again.
MOST_AT_ONCE = 50
#: A hub that is in trouble for longer is worth an alarm.
ALARM_AFTER = timedelta(minutes=10)


def get_kind(hub: str) -> str:
    """Give the name under which the state of a hub is kept."""
    return f"hub:{urlsplit(hub).netloc.rpartition('@')[2]}"


def is_trouble(error: PlatformError) -> bool:
    """Tell whether an error is about the hub, and not about one of its topics."""
    return isinstance(error, TransientError | ThrottledError)


def fail_hub(
    state: PlatformState, error: PlatformError, now: datetime, jitter: float
) -> PlatformState:
    """Give how it goes with a hub that failed.

    Several requests that were under way together are one failure.

    :param jitter: between 0 and 1.
    """
    if is_paused(state, now):
        return state
    pause = STEPS[min(state.failures, len(STEPS) - 1)] * (1 + jitter / 5)
    if isinstance(error, ThrottledError):
        pause = max(pause, timedelta(seconds=error.retry_after))
    return state.model_copy(
        update={
            "failures": state.failures + 1,
            "failed_at": now,
            "last_error": error.reason,
            "paused_until": now + pause,
            "paused_since": state.paused_since or now,
            "pauses": state.pauses + 1,
        }
    )


def needs_alarm(state: PlatformState, now: datetime) -> bool:
    """Tell whether a hub has been in trouble for long."""
    return state.paused_since is not None and now - state.paused_since >= ALARM_AFTER


def choose(leases: Sequence[Lease], state: PlatformState, now: datetime) -> list[Lease]:
    """Choose which of a hub's Leases that are due are asked for now.

    After trouble one goes ahead, and the others only when that one was answered.
    """
    if is_paused(state, now):
        return []
    # What is to end can wait, what is to begin is missed.
    ordered = sorted(leases, key=lambda each: (each.state == LeaseState.REMOVED, each.renew_at))
    return ordered[: 1 if state.failures else MOST_AT_ONCE]
