"""How it goes with the adapter and its account, and when an operator has to be told."""

from datetime import datetime
from typing import NamedTuple

from stargazer.alarms import end_alarm, raise_alarm
from stargazer.errors import CredentialsError, OfflineError, PlatformError
from stargazer.models import PlatformState
from stargazer.onebot.adapter import ALARM, KIND
from stargazer.pausing import fail_platform, see_platform
from stargazer.store import Store

#: An adapter that starts anew is silent for a look or two.
_SILENT_LOOKS = 3


class Finding(NamedTuple):
    """What follows from a look.

    :ivar alarm: what to tell the operator; None: nothing.
    """

    state: PlatformState
    alarm: str | None


def judge(state: PlatformState, error: PlatformError | None, now: datetime) -> Finding:
    """Compare a look at the adapter with the looks before. Pure.

    :param error: why it is not as it should be; None: it is.
    """
    if error is None:
        return Finding(see_platform(state, now), None)
    state = fail_platform(state, error, now)
    match error:
        case OfflineError():
            return Finding(state, f"{error.reason}: log in to QQ at the adapter")
        case CredentialsError():
            return Finding(state, error.reason)
    is_over = state.failures >= _SILENT_LOOKS
    return Finding(state, f"{error.reason}: start the adapter" if is_over else None)


def note(store: Store, error: PlatformError | None, now: datetime) -> None:
    """Write down what was seen, and tell the operator when trouble begins and when it is over."""
    before = store.platforms.get(KIND)
    finding = judge(before, error, now)
    store.platforms.save(finding.state)
    if finding.alarm is not None:
        raise_alarm(store, ALARM, finding.alarm, now, kind=KIND)
    elif error is None and before.failures:
        end_alarm(store, ALARM, now, kind=KIND)
