from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from stargazer.commands import Asker, answer
from stargazer.models import Entity, Meta, Name, Task

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PRIVATE = Asker(im="telegram", address="42", name="Aki", private_address="42", language="en")
GROUP = Asker(
    im="telegram",
    address="-100",
    name="Fans",
    private_address="42",
    is_group=True,
    is_admin=True,
    is_addressed=False,
    language="en",
    start_url="https://t.me/our_bot?start=group",
)


@pytest.fixture
def add_entity(store):
    """Give a function that lets somebody be watched, by names in their languages."""

    def add(*platforms, group=None, **names):
        entity = Entity(
            meta=Meta(name=Name(name=names, default_language=next(iter(names))), group=group),
            tasks=tuple(uuid4() for _ in platforms),
        )
        for key, kind in zip(entity.tasks, platforms, strict=True):
            store.tasks.save(Task(id=key, entity=entity.id, kind=kind, params={"id": "1"}))
        store.entities.save(entity)
        return entity

    return add


@pytest.fixture
def say(context, store):
    """Give a function that says something to us, and returns what is answered."""

    def speak(text, *, in_group=False, now=NOW, elsewhere=None, **changes):
        asker = replace(GROUP if in_group else PRIVATE, **changes)
        return answer(elsewhere or context, asker, text, now)

    return speak


@pytest.fixture
def find_user(store):
    """Give a function that reads a chat as it is now."""
    return lambda address="42": store.users.find_by_address("telegram", address)
