"""Messages of one batch: each Event is written once for all who read it in the same way."""

from uuid import UUID

from stargazer import digests, notices
from stargazer.context import Context
from stargazer.models import Entity, Event, StoredEvent, UserSettings
from stargazer.rendering import Message, render


class Composer:
    """Renders, and remembers what it has rendered: it is for one batch."""

    def __init__(self, context: Context) -> None:
        self._store = context.store
        self._directory = context.settings.templates
        self._known: dict[UUID, Entity | None] = {}
        self._messages: dict[tuple[object, ...], Message] = {}

    def compose(self, event: StoredEvent, reader: UserSettings) -> Message:
        """Give an Event's message for a reader."""
        key = (
            event.id,
            reader.language,
            reader.timezone,
            reader.translate,
            reader.silent_kinds,
        )
        if key not in self._messages:
            self._messages[key] = self._render(event, reader)
        return self._messages[key]

    def _render(self, event: StoredEvent, reader: UserSettings) -> Message:
        if event.kind == notices.KIND:
            return notices.render(event, reader)
        if event.kind == digests.KIND:
            told = self._store.events.list_by_ids(digests.list_told(event))
            events = {each.id: each for each in told}
            return digests.render(event, events, reader, lambda each: self._tell(each, reader))
        return self._tell(event, reader)

    def _tell(self, event: Event, reader: UserSettings) -> Message:
        if event.entity not in self._known:
            self._known[event.entity] = self._store.entities.find(event.entity)
        entity = self._known[event.entity]
        return render(event, entity, reader, directory=self._directory)
