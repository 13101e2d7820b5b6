"""Who wants to hear of what."""

from uuid import UUID

from api.methods.users import EventKind, Im
from api.rpc import Call, Params, Result, method
from stargazer.accounts import Permission
from stargazer.errors import NotFoundError


class GetInterest(Params):
    """A kind of Event of an Entity, and the chat app if only one is meant."""

    entity_id: UUID
    kind: EventKind
    im: Im | None = None


class InterestedUser(Result):
    """A chat to tell."""

    id: UUID
    im: str
    im_payload: str
    name: str


class InterestResult(Result):
    """The chats to tell, in the order of their ids."""

    users: tuple[InterestedUser, ...]


@method("getInterest", Permission("api", "ro"))
def get_interest(call: Call, params: GetInterest) -> InterestResult:
    """List who is to be told of a kind of event of an entity; paused users are left out."""
    store = call.state.context.store
    if store.entities.find(params.entity_id) is None:
        raise NotFoundError("entity_not_found", f"Cannot find entity with ID `{params.entity_id}`")
    wanted = [
        subscriber.user
        for subscriber in store.subscriptions.list_interested(params.entity_id, params.kind)
        if params.im in (None, subscriber.im)
    ]
    users = sorted(store.users.list_by_ids(wanted), key=lambda user: user.id)
    return InterestResult(
        users=tuple(
            InterestedUser(**user.model_dump(include=set(InterestedUser.model_fields)))
            for user in users
            if user.paused is None
        )
    )
