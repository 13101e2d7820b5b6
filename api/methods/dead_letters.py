"""What could not go on."""

from datetime import datetime
from uuid import UUID

from api.auth import needs
from api.paging import Page, Paged, take_page
from api.rpc import Call, Done, Params, Result, method
from stargazer import intake
from stargazer.errors import ConflictError, NotFoundError
from stargazer.models import DeadLetter

_UNKNOWN = {"dead_letter_not_found": 404}


class DeadLetterRef(Params):
    """Which dead letter.

    :ivar dead_letter_id: its id.
    """

    dead_letter_id: UUID


class DeadLetterResult(Result):
    """Something that could not go on.

    :ivar id: its own.
    :ivar event_id: of the event; null for what was none.
    :ivar body: what was no event, as it came; null for an event.
    :ivar by: the middleware that could not let it pass, or the queue.
    :ivar reason: why.
    :ivar created_at: when.
    """

    id: UUID
    event_id: UUID | None
    body: str | None
    by: str
    reason: str
    created_at: datetime


class DeadLettersResult(Paged):
    """Dead letters.

    :ivar dead_letters: in the order of their ids.
    """

    dead_letters: tuple[DeadLetterResult, ...]


@method("getDeadLetters", needs("admin:ro"))
def get_dead_letters(call: Call, params: Page) -> DeadLettersResult:
    """List what could not go on, with the reasons."""
    letters, cursor = take_page(
        call.store.dead_letters.list_all(), lambda letter: str(letter.id), params
    )
    return DeadLettersResult(dead_letters=tuple(map(_show, letters)), next_cursor=cursor)


@method("retryDeadLetter", needs("admin:rw"), errors={**_UNKNOWN, "still_dead": 409})
def retry_dead_letter(call: Call, params: DeadLetterRef) -> Done:
    """Let an event go on from where it was."""
    letter = _get(call, params.dead_letter_id)
    if not intake.retry(call.store, letter, call.now):
        raise ConflictError("still_dead", "It still cannot go on, or has gone on meanwhile")
    return Done()


@method("dropDeadLetter", needs("admin:rw"), errors=_UNKNOWN)
def drop_dead_letter(call: Call, params: DeadLetterRef) -> Done:
    """Forget a dead letter; its event stays where it is."""
    call.store.dead_letters.delete(_get(call, params.dead_letter_id).id)
    return Done()


def _get(call: Call, key: UUID) -> DeadLetter:
    letter = call.store.dead_letters.find(key)
    if letter is None:
        raise NotFoundError("dead_letter_not_found", f"Cannot find dead letter with ID `{key}`")
    return letter


def _show(letter: DeadLetter) -> DeadLetterResult:
    return DeadLetterResult(
        id=letter.id,
        event_id=letter.event,
        body=letter.body,
        by=letter.by,
        reason=letter.reason,
        created_at=letter.created_at,
    )
