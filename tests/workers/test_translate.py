"""The middleware ``translate``, with a simulated DeepL."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from stargazer.errors import ThrottledError, TransientError
from stargazer.models import (
    Entity,
    EventFilter,
    Meta,
    Name,
    OutboxState,
    StoredEvent,
    User,
    UserSettings,
)
from stargazer.rendering import Translation, render
from workers.middlewares.contract import run
from workers.middlewares.translate import MIDDLEWARE, find_text

KIND = "youtube/new_video"
KEY = "simulated:fx"


@pytest.fixture
def settings(settings, simulator):
    simulator.set_credentials(deepl_keys=[KEY])
    return settings.model_copy(
        update={"deepl_key": SecretStr(KEY), "deepl_url": simulator.deepl_url}
    )


@pytest.fixture
def entity(store):
    entity = Entity(meta=Meta(name=Name(name={"en": "Aoi"}, default_language="en")))
    store.entities.save(entity)
    return entity.id


@pytest.fixture
def subscribe(store, entity):
    def subscribe(chat, language, *, translate=True):
        wish = EventFilter(entities=frozenset({entity}), kinds=frozenset({KIND}))
        wants = UserSettings(language=language, translate=translate)
        user = User(im="telegram", im_payload=chat, event_filter=wish, settings=wants)
        store.users.save(user)
        store.subscriptions.save_filter(user)

    return subscribe


@pytest.fixture
def treat(celery_app, context, store, entity):
    def treat(**fields):
        now = datetime.now(UTC)
        event = StoredEvent(
            kind=KIND,
            entity=entity,
            fields={"title": "新しい歌", "url": "https://v", **fields},
            tags=("translate",),
            happened_at=now,
            created_at=now,
        )
        store.events.save(event)
        run(celery_app, context, MIDDLEWARE, event.id, now)
        return store.events.find(event.id)

    return treat


TITLE = {"x-translate-fields": ["/title"], "x-translate-from": "ja"}


def count_calls(simulator):
    calls = simulator.journal(0, "deepl")
    return len([each for each in calls if each["status"] == 200])


def test_each_wanted_language_is_translated_into_once(treat, subscribe, simulator):
    for number in range(5):
        subscribe(f"zh{number}", "zh")
        subscribe(f"en{number}", "en")
        subscribe(f"ko{number}", "ko", translate=False)
    after = treat(**TITLE)
    assert set(after.fields["translations"]) == {"en", "zh"}
    assert after.fields["title"] == "新しい歌"
    assert all("新しい歌" in made["/title"] for made in after.fields["translations"].values())
    assert after.fields.keys() == {"title", "url", "translations"}
    assert (after.tags, after.state) == ((), OutboxState.OPEN)
    assert count_calls(simulator) == 2


def test_the_languages_may_be_said(treat, simulator):
    after = treat(**TITLE, **{"x-translate-to": ["en", "ko"]})
    assert set(after.fields["translations"]) == {"en", "ko"}
    one = treat(**TITLE, **{"x-translate-to": "en"})
    assert set(one.fields["translations"]) == {"en"}


@pytest.mark.parametrize(
    "fields",
    [TITLE, {**TITLE, "x-translate-to": "ja"}, {"x-translate-fields": ["/nothing"]}],
    ids=["nobody wants it", "it is in that language", "there is no text"],
)
def test_what_needs_no_translation_costs_none(treat, simulator, fields):
    after = treat(**fields)
    assert "translations" not in after.fields
    assert count_calls(simulator) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"x-translate-fields": []},
        {"x-translate-fields": "title"},
        {"x-translate-fields": [5]},
        {**TITLE, "x-translate-from": 5},
        {**TITLE, "x-translate-to": [5]},
    ],
    ids=str,
)
def test_a_wrong_parameter_lets_the_original_go_on(treat, fields):
    after = treat(**fields)
    assert (after.tags, after.state) == ((), OutboxState.OPEN)
    assert after.history[-1].what == "failed"
    assert "x-translate" in after.history[-1].detail


def test_trouble_is_tried_again_and_not_told(treat, simulator):
    simulator.add_fault("deepl", status=503)
    with pytest.raises((TransientError, ThrottledError)):
        treat(**TITLE, **{"x-translate-to": "en"})


@pytest.mark.parametrize(
    ("pointer", "text"),
    [
        ("/a", "x"),
        ("/b/c", "y"),
        ("/d/1", "z"),
        ("/e~1f/g~0h", "w"),
        ("/nope", None),
        ("/b", None),
        ("/d/9", None),
        ("/n", None),
        ("/blank", None),
    ],
)
def test_a_pointer_leads_to_a_text(pointer, text):
    fields = {
        "a": "x",
        "b": {"c": "y"},
        "d": ["", "z"],
        "e/f": {"g~h": "w"},
        "n": 5,
        "blank": " ",
    }
    assert find_text(fields, pointer) == text


def test_a_reader_sees_the_translation_with_the_original(treat, store, entity):
    after = treat(**TITLE, **{"x-translate-to": "en"})
    made = after.fields["translations"]["en"]["/title"]
    named = store.entities.find(entity)
    assert render(after, named, UserSettings(translate=True)).body[0] == Translation(
        made, "新しい歌"
    )
    assert render(after, named, UserSettings()).body[0] == "新しい歌"
