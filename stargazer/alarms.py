"""Alarms: said once when trouble begins and once when it is over, however many see it."""

import logging
from datetime import datetime

from stargazer import metrics
from stargazer.models import Alarm
from stargazer.store import Store

log = logging.getLogger(__name__)


def raise_alarm(
    store: Store, key: str, reason: str, now: datetime, *, kind: str | None = None
) -> bool:
    """Tell the operator of trouble that lasts.

    :param key: what it is about, such as ``twitter:budget``; the same trouble has the same key.
    :param reason: a sentence without secrets: what is wrong, and what ends it.
    :param kind: the platform or chat app; None: the whole system.
    :returns: whether it has only begun.
    """
    if not store.alarms.begin(Alarm(key=key, kind=kind, reason=reason, raised_at=now)):
        return False
    metrics.alarms.labels(kind or "", "raised").inc()
    log.error("alarm_raised", extra={"alarm": key, "kind": kind, "reason": reason})
    return True


def end_alarm(store: Store, key: str, now: datetime, *, kind: str | None = None) -> bool:
    """Tell the operator that it is over.

    :returns: whether it lasted until now.
    """
    if not store.alarms.end(key, now):
        return False
    metrics.alarms.labels(kind or "", "ended").inc()
    log.warning("alarm_ended", extra={"alarm": key, "kind": kind})
    return True
