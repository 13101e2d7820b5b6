"""Chats that come and go: Users that are added, and forgotten with all that is theirs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from stargazer.models import Reason, User
from stargazer.store import Store

_NAMESPACE = UUID("2f3c2f0a-8a52-5a39-9d2c-7f4a5c1b2e90")


def name_user(im: str, im_payload: str) -> UUID:
    """Give the id of the User that is this chat.

    That it follows from the address keeps two who add it at the same time from adding it twice.
    """
    return uuid5(_NAMESPACE, f"{im} {im_payload}")


def add_user(store: Store, user: User) -> User | None:
    """Write down a new User and what it wants to hear.

    :param user: with the id that :func:`name_user` gives.
    :returns: as it is written, which may be under another id; None when that chat is there already.
    """
    added = _insert(store, user)
    if added is not None:
        store.subscriptions.save_filter(added)
    return added


def add_users(store: Store, users: Sequence[User]) -> None:
    """Write down Users who were known elsewhere, and what they want to hear.

    :param users: with ids and addresses that nobody has here.
    """
    # Rows of nobody do no harm; of a User without them nobody would know that they are missing.
    store.subscriptions.add_filters(users)
    store.users.insert_all(users)


def forget_user(store: Store, user: UUID, now: datetime) -> None:
    """Remove a User: its wishes, its sessions, and what was about to be sent to it."""
    store.subscriptions.delete_of_user(user)
    store.users.delete(user)
    store.sessions.delete_of_user(user)
    store.deliveries.drop_of_user(user, Reason.USER_REMOVED, "the user was removed", now)


def _insert(store: Store, user: User) -> User | None:
    if store.users.find_by_address(user.im, user.im_payload):
        return None
    if store.users.insert(user):
        return user
    holder = store.users.find(user.id)
    if holder is None or (holder.im, holder.im_payload) == (user.im, user.im_payload):
        return None
    # Who had this address first has moved to another one, and keeps its id.
    moved_in = user.model_copy(update={"id": uuid4()})
    return moved_in if store.users.insert(moved_in) else None
