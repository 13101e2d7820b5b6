"""What can happen."""

from collections.abc import Mapping

from api.auth import ANYONE
from api.paging import Page, Paged, take_page
from api.rpc import Call, Result, method
from stargazer.kinds import KINDS, USUAL_KINDS
from stargazer.rendering.looks import is_silent


class KindResult(Result):
    """A kind of Event.

    :ivar kind: its name, such as ``youtube/live_start``.
    :ivar fields: the fields that each such Event has.
    :ivar titles: what it is called, by language.
    :ivar stale_after: an Event older than so many seconds is not told any more.
    :ivar silent: whether its messages make no sound, for those who have not chosen.
    :ivar usual: whether who has chosen no kinds yet is told of it.
    """

    kind: str
    fields: tuple[str, ...]
    titles: Mapping[str, str]
    stale_after: int
    silent: bool
    usual: bool


class KindsResult(Paged):
    """Kinds of Events.

    :ivar kinds: by name.
    """

    kinds: tuple[KindResult, ...]


@method("getEventKinds", ANYONE)
def get_event_kinds(call: Call, params: Page) -> KindsResult:
    """List the kinds of events, with their titles in Chinese, Japanese and English."""
    spans = call.state.context.settings.stale_after
    kinds, cursor = take_page(KINDS.values(), lambda kind: kind.name, params)
    return KindsResult(
        kinds=tuple(
            KindResult(
                kind=kind.name,
                fields=kind.fields,
                titles=kind.titles,
                stale_after=int(spans.get(kind.name, kind.stale_after).total_seconds()),
                silent=is_silent(kind.name),
                usual=kind.name in USUAL_KINDS,
            )
            for kind in kinds
        ),
        next_cursor=cursor,
    )
