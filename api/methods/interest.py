"""Who wants to hear of what."""

from uuid import UUID

from api.auth import needs
from api.methods.tasks import UNKNOWN_ENTITY, get_entity
from api.methods.users import Im
from api.methods.wishes import EventKind
from api.paging import MOST, Page, Paged, take_page
from api.rpc import Call, Params, Result, method


class GetInterest(Page):
    """A kind of Event of an Entity, and the chat app if only one is meant.

    :ivar entity_id: the Entity.
    :ivar kind: the kind of Event, one of those that ``getEventKinds`` lists.
    :ivar im: the chat app; left out, all of them.
    """

    entity_id: UUID
    kind: EventKind
    im: Im | None = None


class GetFollowers(Params):
    """An Entity, or a Group.

    :ivar about: the id of either.
    """

    about: UUID


class FollowersResult(Result):
    """How many chats have chosen somebody.

    :ivar followers: how many have chosen this Entity by itself, or this Group, for any kind of
        Events; paused ones, too.
    """

    followers: int


class InterestedUser(Result):
    """A chat to tell.

    :ivar id: the User's id.
    :ivar im: the chat app.
    :ivar im_payload: the chat's id there.
    :ivar name: what it is called.
    """

    id: UUID
    im: str
    im_payload: str
    name: str


class InterestResult(Paged):
    """The chats to tell, in the order of their ids.

    :ivar users: those of this page, which may hold fewer than its limit.
    """

    users: tuple[InterestedUser, ...]


@method("getInterest", needs("api:ro"), errors=UNKNOWN_ENTITY)
def get_interest(call: Call, params: GetInterest) -> InterestResult:
    """List who is to be told of a kind of event of an entity; paused users are left out.

    Rules on words, languages and media decide about a single event only, and are not looked at.
    """
    entity = get_entity(call.store, params.entity_id)
    # One more than asked for tells whether there is another page.
    wanted = call.store.subscriptions.list_users(
        entity.id,
        entity.meta.group,
        params.kind,
        params.im,
        params.cursor,
        (params.limit or MOST) + 1,
    )
    page, cursor = take_page(wanted, str, params)
    users = sorted(call.store.users.list_by_ids(page), key=lambda user: user.id)
    return InterestResult(
        users=tuple(
            InterestedUser(id=user.id, im=user.im, im_payload=user.im_payload, name=user.name)
            for user in users
            if user.paused is None
        ),
        next_cursor=cursor,
    )


@method("getFollowers", needs("api:ro", "admin:ro"))
def get_followers(call: Call, params: GetFollowers) -> FollowersResult:
    """Tell how many chats have chosen an entity or a group, as far as they hear of anything."""
    return FollowersResult(followers=call.store.subscriptions.count_about(params.about))
