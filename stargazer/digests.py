"""What a chat is told after quiet hours: all that came meanwhile, in one message.

A digest travels as an Event of its own kind, to one User, past all middlewares and without
fan-out, as :mod:`stargazer.notices` do. Nothing is lost and nothing comes twice, whenever a worker
dies: each Delivery that a digest tells of first names the digest; then the digest is written,
which makes it true; then it gets its own Delivery; then those it tells of are closed. Who finds
one that names a digest does what is left of this, and who finds one that names a digest which was
never written makes another one.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from stargazer.models import (
    Delivery,
    DeliveryState,
    Event,
    OutboxState,
    Reason,
    StoredEvent,
    User,
    UserSettings,
)
from stargazer.quiet import get_zone
from stargazer.rendering import Message, Translation
from stargazer.rendering.fitting import count_units, cut_text
from stargazer.store import Store
from stargazer.store.deliveries import Change

KIND = "stargazer/digest"
_NOBODY = UUID(int=0)
#: In UTF-16 units; what no chat app takes for too long.
_LONGEST, _LONGEST_LINE = 2800, 300
_TEXTS = {
    "en": (
        "While it was quiet: 1 message",
        "While it was quiet: {count} messages",
        "… and {count} earlier",
    ),
    "ja": ("おやすみ中の出来事:{count} 件", "おやすみ中の出来事:{count} 件", "…ほか {count} 件"),
    "zh": ("免打扰期间有 {count} 条消息", "免打扰期间有 {count} 条消息", "……以及更早的 {count} 条"),
}


def write_digest(
    store: Store, user: User, deliveries: Sequence[Delivery], now: datetime
) -> Delivery:
    """Let one message tell of all these; they are left to be closed.

    :param deliveries: in this hand, deferred, and named by no digest that exists.
    :returns: the Delivery of the digest, which is in the ledger.
    """
    digest = uuid4()
    store.deliveries.record(Change(*each.key, {"digest": digest}) for each in deliveries)
    told = sorted(deliveries, key=lambda each: each.created_at)
    event = StoredEvent(
        id=digest,
        kind=KIND,
        entity=_NOBODY,
        fields={"events": [str(each.event) for each in told]},
        happened_at=now,
        created_at=now,
        state=OutboxState.DONE,
        deliveries=1,
    )
    store.events.insert(event)
    return add_delivery(store, digest, user, now)


def add_delivery(store: Store, digest: UUID, user: User, now: datetime) -> Delivery:
    """See to it that a digest is on its way to its User."""
    delivery = Delivery(event=digest, user=user.id, im=user.im, created_at=now, due_at=now)
    store.deliveries.add([delivery])
    return delivery


def is_deferred(delivery: Delivery) -> bool:
    """Tell whether a Delivery waits for the end of quiet hours."""
    return delivery.state is DeliveryState.PENDING and delivery.code is Reason.QUIET_HOURS


def list_told(event: StoredEvent) -> list[UUID]:
    """Give the Events that a digest tells of, oldest first."""
    return [UUID(each) for each in event.fields["events"]]


def render(
    event: StoredEvent,
    events: Mapping[UUID, StoredEvent],
    reader: UserSettings,
    tell: Callable[[Event], Message],
) -> Message:
    """Write a digest down for its reader: a line for each Event, the newest last.

    :param events: those that it tells of, by id; one that was removed is left out.
    :param tell: gives the message that one of them would have been.
    """
    one, more, rest = _TEXTS.get(reader.language.partition("-")[0], _TEXTS["en"])
    found = [events[each] for each in list_told(event) if each in events]
    # Two of one millisecond have no order in the ledger.
    known = sorted(found, key=lambda each: each.happened_at)
    zone = get_zone(reader.timezone)
    lines: list[str] = []
    left = _LONGEST
    for each in reversed(known):
        at = each.happened_at.astimezone(zone).strftime("%H:%M")
        line = _write_line(at, tell(each))
        left -= count_units(line) + 1
        if left < 0:
            break
        lines.insert(0, line)
    if hidden := len(known) - len(lines):
        lines.insert(0, rest.format(count=hidden))
    headline = (one if len(known) == 1 else more).format(count=len(known))
    return Message(f"🌅 {headline}", tuple(lines), kind=KIND)


def _write_line(at: str, message: Message) -> str:
    text = next((each for each in message.body if isinstance(each, str | Translation)), "")
    if isinstance(text, Translation):
        text = text.text
    first = text.partition("\n")[0]
    said = f"{at} {message.headline}" + (f": {first}" if first else "")
    shown = cut_text(said, _LONGEST_LINE, count_units) or at
    return f"{shown}\n{message.url}" if message.url else shown
