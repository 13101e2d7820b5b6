"""What the nouns accept, and that they stay as they are."""

import re
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from stargazer.models import (
    Broadcast,
    BroadcastState,
    EventFilter,
    Name,
    SourceEvent,
    StoredEvent,
    Task,
    User,
    UserSettings,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOKYO = timezone(timedelta(hours=9))
TASK = Task(id=UUID(int=1), entity=UUID(int=2), kind="youtube", params={"channel_id": "UC1"})


class TestNames:
    NAME = Name(name={"en": "Sora", "ja": "そら", "zh-Hant": "空"}, default_language="ja")

    @pytest.mark.parametrize(
        ("language", "name"),
        [
            ("en", "Sora"),
            ("en-GB", "Sora"),
            ("zh-Hant", "空"),
            ("zh", "そら"),
            ("zh-Hans", "そら"),
            ("fr", "そら"),
        ],
    )
    def test_a_name_is_given_in_the_nearest_language(self, language, name):
        assert self.NAME.get_in(language) == name

    @pytest.mark.parametrize(
        "values",
        [
            {"name": {}, "default_language": "en"},
            {"name": {"en": "Sora"}, "default_language": "ja"},
            {"name": {"english": "Sora"}, "default_language": "english"},
            {"name": {"EN": "Sora"}, "default_language": "EN"},
            {"name": {"en": ""}, "default_language": "en"},
            {"name": {"en": "a" * 201}, "default_language": "en"},
            {"name": {"en": "Sora"}},
        ],
        ids=[
            "none",
            "not in the default language",
            "a language in words",
            "in capitals",
            "empty",
            "too long",
            "no default",
        ],
    )
    def test_what_is_no_name_is_refused(self, values):
        with pytest.raises(ValidationError):
            Name.model_validate(values)


class TestTimes:
    @pytest.mark.parametrize(
        "given",
        [
            NOW,
            NOW.replace(tzinfo=None),
            NOW.astimezone(TOKYO),
            "2026-11-23T12:00:00Z",
            "2026-11-23T21:00:00+09:00",
            "2026-11-23T12:00:00",
            1795435200,
        ],
        ids=["UTC", "of no zone", "elsewhere", "Z", "offset", "without zone", "UNIX seconds"],
    )
    def test_every_time_is_aware_and_in_utc(self, given):
        task = Task(entity=uuid4(), kind="youtube", params={}, created_at=given)
        assert task.created_at == NOW
        assert task.created_at.tzinfo is UTC

    def test_what_is_made_without_a_time_is_made_now(self):
        before = datetime.now(UTC)
        assert before <= User(im="web", im_payload="1").created_at <= datetime.now(UTC)


class TestEvents:
    def test_the_same_thing_seen_again_has_the_same_id(self):
        one = SourceEvent.from_source(TASK, "v1", "youtube/new_video", NOW, {"title": "one"})
        two = SourceEvent.from_source(TASK, "v1", "youtube/new_video", NOW + timedelta(1), {})
        assert one.id == two.id

    @pytest.mark.parametrize(
        "other",
        [
            (TASK, "v2", "youtube/new_video"),
            (TASK, "v1", "youtube/live_start"),
            (TASK.model_copy(update={"id": uuid4()}), "v1", "youtube/new_video"),
        ],
        ids=["another thing", "another kind", "another task"],
    )
    def test_something_else_has_another_id(self, other):
        one = SourceEvent.from_source(TASK, "v1", "youtube/new_video", NOW, {})
        assert SourceEvent.from_source(*other, NOW, {}).id != one.id

    def test_an_event_of_a_source_knows_where_it_is_from(self):
        event = SourceEvent.from_source(TASK, "v1", "youtube/new_video", NOW, {"title": "one"})
        assert (event.entity, event.task, event.source_id) == (TASK.entity, TASK.id, "v1")
        stored = StoredEvent(**event.model_dump(), created_at=NOW)
        assert stored.id == event.id
        assert isinstance(event, SourceEvent)


class TestValues:
    @pytest.mark.parametrize(
        "model",
        [TASK, User(im="web", im_payload="1"), EventFilter(), UserSettings()],
        ids=lambda model: type(model).__name__,
    )
    def test_nothing_can_be_changed(self, model):
        name = next(iter(type(model).model_fields))
        with pytest.raises(ValidationError, match="frozen"):
            setattr(model, name, None)

    def test_what_another_version_of_us_wrote_is_read(self):
        broadcast = Broadcast.model_validate(
            {"task": str(uuid4()), "source_id": "v1", "state": "live", "colour": "red"}
        )
        assert broadcast.state is BroadcastState.LIVE

    def test_each_thing_has_an_id_of_its_own(self):
        assert len({User(im="web", im_payload="1").id for _ in range(100)}) == 100

    @pytest.mark.parametrize("language", ["", "e", "english", "EN", "en_GB", "en-", "en-x-long"])
    def test_a_language_has_a_form(self, language):
        with pytest.raises(ValidationError, match=re.escape("pattern")):
            UserSettings(language=language)
