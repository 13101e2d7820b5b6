"""How it goes with the adapter and its account, and when an operator has to be told."""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from stargazer import ratelimit
from stargazer.alarms import end_alarm, raise_alarm
from stargazer.context import OUTAGES, Context
from stargazer.errors import CredentialsError, OfflineError, PlatformError
from stargazer.models import PlatformState
from stargazer.onebot.adapter import ALARM, KIND, LOOK_SPAN
from stargazer.onebot.answers import AWAY_PAUSE
from stargazer.onebot.pace import ALL
from stargazer.pausing import fail_platform, see_platform

#: An adapter that starts anew is silent for a look or two.
_SILENT_LOOKS = 3
#: A little longer than until the next look.
_HOLD = 1.5 * LOOK_SPAN


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


def note(context: Context, error: PlatformError | None, now: datetime) -> None:
    """Write down what was seen, and tell the operator when trouble begins and when it is over.

    While the account is offline all messages wait: what it is given then is lost. An adapter that
    is not there holds back those who try to send by it.
    """
    store = context.store
    before = store.platforms.get(KIND)
    finding = judge(before, error, now)
    store.platforms.save(finding.state)
    if isinstance(error, OfflineError):
        with suppress(*OUTAGES):
            ratelimit.block(context.redis, ALL, _HOLD.total_seconds())
    if finding.alarm is not None:
        raise_alarm(store, ALARM, finding.alarm, now, kind=KIND)
    elif error is None and before.failures:
        end_alarm(store, ALARM, now, kind=KIND)


def note_beat(context: Context, *, online: bool, now: datetime) -> None:
    """Write down what the adapter says of itself."""
    if not online:
        note(context, OfflineError("the QQ account is not online", AWAY_PAUSE), now)
    elif context.store.platforms.get(KIND).failures:
        # What is as usual is not worth a write each time.
        note(context, None, now)
