"""An instance with one of everything, and the moving of it."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from stargazer import addresses, registration
from stargazer.keyring import Keyring
from stargazer.models import (
    Broadcast,
    BroadcastState,
    Entity,
    EventFilter,
    Group,
    Meta,
    Name,
    OutboxState,
    QuietHours,
    Rule,
    StoredEvent,
    Task,
    User,
    UserSettings,
    Watch,
)
from stargazer.moving import Import, open_text
from stargazer.moving.exporting import export
from stargazer.store.delayed import Timer

NOW = datetime(2026, 11, 25, 12, 30, 15, 123000, tzinfo=UTC)
KEY = "k" * 43 + "="
OTHER_KEY = "o" * 43 + "="
CHANNEL = {"channel_id": "UC" + "a" * 22}
KIND = "youtube/live_start"
WEBHOOK = "https://a.example/hook#0123456789abcdef"
#: What is the same when nothing has changed.
COLLECTIONS = (
    *("groups", "entities", "tasks", "users", "subscriptions", "memories", "broadcasts"),
    *("events", "delayed", "deliveries", "revisions"),
)


def name(text, language="en"):
    return Name(name={language: text}, default_language=language)


def make_user(im, address, **fields):
    sealed = addresses.seal(Keyring(SecretStr(KEY)), im, address)
    return User(
        id=registration.name_user(im, sealed.name),
        im=im,
        im_payload=sealed.name,
        sealed=sealed.sealed,
        **{"created_at": NOW, **fields},
    )


def fill(store):
    """Put one of everything into a database."""
    group = Group(name=name("Starlight"))
    store.groups.save(group)
    names = Name(name={"en": "Sora", "ja": "そら"}, default_language="ja")
    entity = Entity(meta=Meta(name=names, group=group.id))
    store.entities.save(entity)
    watch = Watch(looked_at=NOW, etag='"x"', failures=3, failed_at=NOW, last_error="why")
    tasks = [
        Task(entity=entity.id, kind="youtube", params=CHANNEL, created_at=NOW, watch=watch),
        Task(entity=entity.id, kind="bilibili", params={"uid": "7"}, created_at=NOW, paused=True),
    ]
    for task in tasks:
        store.tasks.save(task)
        store.entities.add_task(entity, task.id)
    window = {"since": NOW, "seen": {"1": NOW, "2": NOW - timedelta(days=1)}}
    store.memories.add_raw({tasks[1].id: {"account": "7", "window": window, "checked_at": None}})
    states = ("video", "upcoming", "ended")
    for number, state in enumerate(states):
        store.broadcasts.save(
            Broadcast(
                task=tasks[0].id,
                source_id=f"v{number}",
                state=BroadcastState(state),
                title="歌枠",
                scheduled_at=NOW + timedelta(hours=3),
                version=1,
            )
        )
    reminder = StoredEvent(
        kind="youtube/broadcast_reminder",
        entity=entity.id,
        fields={"video_id": "v1", "title": "歌枠", "url": "https://v", "scheduled_at": "soon"},
        task=tasks[0].id,
        source_id="v1@upcoming",
        happened_at=NOW,
        created_at=NOW,
        state=OutboxState.HELD,
        tags=("delay",),
    )
    store.events.add([reminder])
    store.delayed.put(Timer('"r"', reminder.id, NOW + timedelta(hours=2)), None)
    wish = EventFilter(
        entities=frozenset({entity.id}),
        groups=frozenset({group.id}),
        kinds=frozenset({KIND}),
        kinds_by_entity={entity.id: frozenset({KIND, "youtube/new_video"})},
        rules=(Rule(none_of=("spoiler", "/s(poil)+er/"), languages=frozenset({"ja", "en", "zh"})),),
    )
    settings = UserSettings(
        language="ja",
        timezone="Asia/Tokyo",
        quiet_hours=QuietHours(start="23:00", end="07:00"),
        silent_kinds=frozenset({KIND}),
        muted_until=NOW + timedelta(days=1),
    )
    users = [
        make_user("telegram", "-1001234567890/42", event_filter=wish, settings=settings),
        make_user("qq", "group:12345", paused="blocked", paused_at=NOW, name="猫"),
        make_user("webhook", WEBHOOK, event_filter=wish),
        make_user("web", "inbox"),
    ]
    for user in users:
        registration.add_user(store, user)
    return entity, group, users


@pytest.fixture
def filled(store):
    """Give a database with one of everything."""
    fill(store)
    return store


def write(store, form="json"):
    return "".join(f"{line}\n" for line in export(store, form))


def take_over(context, text, form=None, *, now=NOW, dry_run=False, overwrite=False):
    """Import a text; give what changed."""
    opened = open_text(text, form, now)
    return list(Import(context, opened.read, overwrite=overwrite).run(now, dry_run=dry_run))


def dump(store):
    """Give all documents, whatever their order."""
    return {each: sorted(map(repr, store.database[each].find({}))) for each in COLLECTIONS}


def empty(store):
    for each in COLLECTIONS:
        store.database[each].delete_many({})


@pytest.fixture
def keyed(make_context, store):
    """Give a context with the key that the addresses are encrypted with."""
    return make_context(secret_key=SecretStr(KEY))
