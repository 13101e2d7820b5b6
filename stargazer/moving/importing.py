"""An import: all of a file is read and checked, then planned page by page, and done if wanted."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from stargazer.context import Context
from stargazer.keyring import Keyring
from stargazer.models import OutboxState, User
from stargazer.moving.applying import Applier
from stargazer.moving.contents import Contents
from stargazer.moving.filters import list_named
from stargazer.moving.planning import plan
from stargazer.moving.plans import Change, Here, Outcome, Rules
from stargazer.moving.survey import Survey
from stargazer.store import Store
from stargazer.store.delayed import Timer


class Summary(NamedTuple):
    """How much becomes of what.

    :ivar counts: by what it is and what becomes of it.
    """

    counts: Counter[tuple[str, Outcome]]

    @property
    def changes(self) -> int:
        """How many things are added or changed."""
        written = (Outcome.ADDED, Outcome.CHANGED)
        return sum(number for (_, outcome), number in self.counts.items() if outcome in written)


class Import:
    """The import of one file.

    :param read: gives the pages of the file, each time from the beginning.
    :param overwrite: whether the file is right where it says something else than what is here.
    """

    def __init__(
        self, context: Context, read: Callable[[], Iterator[Contents]], *, overwrite: bool = False
    ) -> None:
        self._context = context
        self._store = context.store
        self._read = read
        self._survey = Survey(self._store, overwrite=overwrite)
        self._survey.take(read())
        self._keyring = Keyring(context.settings.secret_key)
        self._rules = Rules(
            overwrite=overwrite,
            get_group=self._survey.get_group,
            can_read=lambda sealed: self._keyring.decrypt(sealed) is not None,
            names=self._survey.names,
        )

    def run(self, now: datetime, *, dry_run: bool) -> Iterator[Change]:
        """Give each change, after it is done or, in a dry run, instead."""
        applier = Applier(self._context, now)
        for page in self._read():
            made = plan(page, self._look_up(page), self._rules)
            if not dry_run:
                applier.apply(made)
            yield from made.changes

    def _look_up(self, page: Contents) -> Here:
        """Read what is there already of a page."""
        store, names = self._store, self._survey.names
        groups = [names.get(group.id, group.id) for group in page.groups]
        entities = [names.get(each.id, each.id) for each in page.entities]
        tasks = [moved.task.id for each in page.entities for moved in each.tasks]
        there = {entity.id: entity for entity in store.entities.list_by_ids(entities)}
        return Here(
            groups={group.id: group for group in store.groups.list_by_ids(groups)},
            entities=there,
            tasks={task.id: task for task in store.tasks.list_by_ids(tasks)},
            watched=store.tasks.list_by_entities(there.keys()),
            users={
                user.id: user for user in store.users.list_by_ids([user.id for user in page.users])
            },
            chats={
                (user.im, user.im_payload): found
                for user in page.users
                if (found := self._find_chat(user)) is not None
            },
            absent=self._find_absent(page),
            waiting=_find_waiting(store, page),
        )

    def _find_chat(self, user: User) -> User | None:
        # Under another key, a secret address has another name.
        secret = self._keyring.decrypt(user.sealed) if user.sealed else None
        return self._store.users.find_by_address(user.im, secret or user.im_payload)

    def _find_absent(self, page: Contents) -> frozenset[UUID]:
        survey, names = self._survey, self._survey.names
        wishes = [user.event_filter for user in page.users]
        entities = {each for wish in wishes for each in list_named(wish)}
        entities |= {waiting.event.entity for waiting in page.waiting}
        groups = {each for wish in wishes for each in wish.groups}
        groups |= {each.meta.group for each in page.entities if each.meta.group}
        entities = {names.get(each, each) for each in entities - survey.members.keys()}
        groups = {names.get(each, each) for each in groups - survey.groups}
        present = {group.id for group in self._store.groups.list_by_ids(list(groups))}
        absent = self._store.entities.find_missing(frozenset(entities)) if entities else set()
        return frozenset(absent | (groups - present))


def _find_waiting(store: Store, page: Contents) -> frozenset[str]:
    timers = (store.delayed.find(waiting.key) for waiting in page.waiting)
    keys = {timer.key for timer in timers if isinstance(timer, Timer)}
    events = store.events.list_by_ids([waiting.event.id for waiting in page.waiting])
    over = {str(event.id) for event in events if event.state != OutboxState.HELD}
    return frozenset(keys | over)
