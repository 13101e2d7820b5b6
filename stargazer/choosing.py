"""Writing down what a User chooses: where it is kept, where fan-out reads it, and what waits."""

from datetime import datetime

from stargazer.models import EventFilter, User, UserSettings
from stargazer.store import Store

#: So many Entities may one User name.
MOST_ENTITIES = 10_000
#: What decides until when something waits.
_QUIET = ("timezone", "quiet_hours", "waking_kinds", "muted_until")


def save_choices(
    store: Store, user: User, event_filter: EventFilter, settings: UserSettings, now: datetime
) -> User:
    """Write down what a User chose; written again, it does no harm.

    What waits for the end of quiet hours is looked at again when they are others now.

    :returns: the User as it is from now on.
    """
    before = user.settings
    user = user.model_copy(update={"event_filter": event_filter, "settings": settings})
    store.users.save_choices(user)
    store.subscriptions.save_filter(user)
    if any(getattr(before, name) != getattr(settings, name) for name in _QUIET):
        store.deliveries.wake(user.id, now)
    return user
