"""What can happen."""

from collections.abc import Mapping

from api.auth import ANYONE
from api.rpc import Call, NoParams, Result, method
from stargazer.kinds import KINDS


class KindResult(Result):
    """A kind of Event.

    :ivar kind: its name, such as ``youtube/live_start``.
    :ivar fields: the fields that each such Event has.
    :ivar titles: what it is called, by language.
    :ivar stale_after: an Event older than so many seconds is not told any more.
    """

    kind: str
    fields: tuple[str, ...]
    titles: Mapping[str, str]
    stale_after: int


class KindsResult(Result):
    """All kinds.

    :ivar kinds: each of them.
    """

    kinds: tuple[KindResult, ...]


@method("getEventKinds", ANYONE)
def get_event_kinds(call: Call, params: NoParams) -> KindsResult:  # noqa: ARG001 - there are none
    """List the kinds of events, with their titles in Chinese, Japanese and English."""
    return KindsResult(
        kinds=tuple(
            KindResult(
                kind=kind.name,
                fields=kind.fields,
                titles=kind.titles,
                stale_after=int(kind.stale_after.total_seconds()),
            )
            for kind in KINDS.values()
        )
    )
