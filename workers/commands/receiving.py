"""Answering what was said: one chat at a time, in its order, each thing until it is done."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from stargazer.app import StargazerTask, app
from stargazer.context import OUTAGES, Context
from stargazer.errors import PayloadError, PlatformError, ThrottledError, TransientError
from stargazer.models import Push
from stargazer.onebot import KIND as QQ
from stargazer.telegram.updates import IM as TELEGRAM
from stargazer.telegram.updates import KIND
from stargazer.turns import Turn
from workers.commands.qq import answer_event
from workers.commands.telegram import answer_update

log = logging.getLogger(__name__)

#: By chat app: what answers something that was said there.
ANSWERERS: Mapping[str, Callable[[Context, Push], None]] = {
    TELEGRAM: answer_update,
    QQ: answer_event,
}
#: Nothing takes so long to be answered, with all that may have to be tried again.
_LONGEST = timedelta(minutes=2)
#: Nobody waits for an answer for longer.
_LATEST = timedelta(minutes=15)
#: Seconds until it is tried again.
_PAUSE = 5.0


class PutOff(NamedTuple):
    """What could not be answered yet.

    :ivar seconds: from now.
    """

    push: UUID
    seconds: float


@app.task(name="commands.receive", bind=True)
def receive(self: StargazerTask, push: str) -> None:
    """Answer what was said, and all that was said in the same chat meanwhile."""
    context = self.context
    found = context.store.pushes.find(UUID(push))
    if found is None:
        return
    put_off = answer_all(context, found.account)
    if put_off is not None:
        longest = context.settings.longest_countdown.total_seconds()
        pause = min(put_off.seconds, longest)
        app.send_task("commands.receive", (str(put_off.push),), countdown=pause)


def answer_all(context: Context, account: str) -> PutOff | None:
    """Answer all that was said in a chat, unless somebody is at it, who then does it all.

    :param account: the chat app and the chat.
    :returns: what is to be tried again; None: all is done, or somebody else's.
    """
    pushes = context.store.pushes
    while pushes.find_first(KIND, account):
        with Turn(context.redis, f"{KIND}:{account}", _LONGEST) as is_ours:
            if not is_ours:
                return None
            # Somebody may have answered between our look and our turn.
            push = pushes.find_first(KIND, account)
            if push is None:
                continue
            try:
                _answer(context, push)
            except TransientError:
                return PutOff(push.id, _PAUSE)
            except ThrottledError as exc:
                return PutOff(push.id, exc.retry_after)
    return None


def _answer(context: Context, push: Push) -> None:
    im = push.account.partition(" ")[0]
    is_late = datetime.now(UTC) - push.received_at > _LATEST
    is_over = True
    try:
        ANSWERERS[im](context, push)
    except OUTAGES:
        is_over = False
        raise
    except (ThrottledError, TransientError) as exc:
        is_over = is_late
        log.info("answer_put_off", extra={"im": im, "push": push.id, "error": exc.reason})
        if not is_late:
            raise
    except (PayloadError, PlatformError) as exc:
        log.warning("answer_given_up", extra={"im": im, "push": push.id, "error": str(exc)})
    finally:
        # What nobody foresaw is told by whoever runs us; it must not hold up what is said next.
        if is_over:
            context.store.pushes.delete(push.id)
