"""What there is to know of one Event and one User, for :mod:`stargazer.explanations`."""

from uuid import UUID

from stargazer.explanations import Explanation, Situation, explain
from stargazer.models import ASIDE, Delivery, DeliveryState
from stargazer.sentences import say
from stargazer.store import Store


def read_situation(store: Store, event: UUID, user: UUID) -> Situation:
    """Read all that is known of an Event and a User."""
    delivery = store.deliveries.find(event, user)
    ahead = None
    if delivery is not None and delivery.state is DeliveryState.PENDING:
        ahead = _find_ahead(store, delivery)
    found = store.events.find(event)
    entity = store.entities.find(found.entity) if found else None
    digest = None
    if delivery is not None and delivery.digest is not None:
        digest = store.deliveries.find(delivery.digest, user)
    return Situation(
        found,
        store.users.find(user),
        delivery,
        ahead,
        entity.meta.group if entity else None,
        digest,
    )


def explain_delivery(store: Store, event: UUID, user: UUID, language: str | None = None) -> str:
    """Say in a sentence what became of an Event for a User.

    :param language: None: the User's own.
    """
    situation = read_situation(store, event, user)
    return say_situation(situation, explain(situation), language)


def say_situation(situation: Situation, explanation: Explanation, language: str | None) -> str:
    """Say an explanation in the User's time zone.

    :param language: None: the User's own.
    """
    user = situation.user
    own, zone = (user.settings.language, user.settings.timezone) if user else ("en", "UTC")
    return say(explanation, language or own, zone)


def _find_ahead(store: Store, delivery: Delivery) -> Delivery | None:
    for each in store.deliveries.list_waiting(delivery.user):
        if each.key == delivery.key:
            return None
        if each.code not in ASIDE:
            return each
    return None
