"""All interest of one chat app at once, for a bot that keeps it."""

from collections import defaultdict
from uuid import UUID

from pydantic import RootModel

from api.auth import needs
from api.methods.users import Im
from api.rpc import Call, Params, Result, method
from api.snapshots import Snapshot
from stargazer.store import SUBSCRIBED, Store


class GetUserIndex(Params):
    """The chat app, and the version that the caller has.

    :ivar im: the chat app.
    :ivar version: the ``version`` of the answer before.
    """

    im: Im
    version: str | None = None


class UserIndex(RootModel[dict[UUID, dict[str, tuple[str, ...]]]]):
    """Entity to kind to chats: their ids at the chat app."""


class UserIndexResult(Result):
    """The index and its version.

    :ivar version: changes when the index does.
    :ivar index: Entity to kind to chats; null where the caller has this version.
    """

    version: str
    index: UserIndex | None = None


@method("getUserIndex", needs("api:ro"))
def get_user_index(call: Call, params: GetUserIndex) -> UserIndexResult | Snapshot[UserIndexResult]:
    """Give who wants to hear of what on one chat app; paused users are left out."""
    index = call.state.snapshots.get(
        f"getUserIndex {params.im}",
        SUBSCRIBED,
        call.now,
        lambda: _make_index(call.store, params.im),
    )
    if params.version == index.version:
        return UserIndexResult(version=index.version)
    json = b'{"version":"%b","index":%b}' % (index.version.encode(), index.json)
    return Snapshot[UserIndexResult](json, index.version)


def _make_index(store: Store, im: str) -> UserIndex:
    addresses = {
        user.id: user.im_payload
        for user in store.users.list_all()
        if user.im == im and user.paused is None
    }
    index: dict[UUID, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    about: dict[UUID, list[UUID]] = defaultdict(list)
    for entity in store.entities.list_all():
        about[entity.id] = [entity.id]
        if entity.meta.group is not None:
            about[entity.meta.group].append(entity.id)
    for row in store.subscriptions.list_all():
        if row.user in addresses:
            for each in about[row.about]:
                for kind in row.get_kinds(each):
                    index[each][kind].add(addresses[row.user])
    # Sorted, so that the same interest is the same version, whoever reads it.
    return UserIndex(
        {
            entity: {kind: tuple(sorted(chats)) for kind, chats in sorted(kinds.items())}
            for entity, kinds in sorted(index.items())
        }
    )
