"""What a User chooses to hear, and how: written down by whoever is told, the API or a bot."""

from stargazer.models import EventFilter, User, UserSettings
from stargazer.store import Store

#: So many may one User choose.
MOST_ENTITIES = 10_000


def save_choices(
    store: Store, user: User, event_filter: EventFilter, settings: UserSettings
) -> User:
    """Write down what a User chose, where it is kept and where fan-out reads it.

    :returns: the User as it is now.
    """
    user = user.model_copy(update={"event_filter": event_filter, "settings": settings})
    store.users.save_choices(user)
    store.subscriptions.save_filter(user)
    return user
