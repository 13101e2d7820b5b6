"""The API and its pages, served to a browser, and somebody to be watched."""

from datetime import UTC, datetime, timedelta

import pytest

from api import create_app
from stargazer.accounts import new_session
from stargazer.models import Entity, EventFilter, Group, Meta, Name, Task, User, UserSettings
from stargazer.store.documents import insert_new, to_document


@pytest.fixture
def app(settings, store):
    app = create_app(settings)
    yield app
    app.extensions["stargazer.state"].close()
    app.extensions["stargazer"].close()


@pytest.fixture
def site(app, serve):
    """Give the address of the API and its pages."""
    return serve(app)


@pytest.fixture
def open_page(site, open_page):
    """Open pages as long as there is somebody to answer them."""
    return open_page


class Cast:
    """Who is watched: an agency of two, and one alone; and one chat."""

    def __init__(self, store):
        self._store = store
        self.agency = Group(name=make_name(en="Starlight", ja="スターライト"))
        store.groups.save(self.agency)
        self.sora = self.add("星野ソラ", "Hoshino Sora", "youtube", "twitter", group=self.agency.id)
        self.luna = self.add("月宮ルナ", "Tsukimiya Luna", "twitch", group=self.agency.id)
        self.aoi = self.add("青空アオイ", "Aozora Aoi", "youtube", "bilibili", "bililive")
        wish = EventFilter(kinds=frozenset({"youtube/live_start"}))
        settings = UserSettings(language="ja", timezone="Asia/Tokyo")
        self.user = User(
            im="telegram",
            im_payload="-1001",
            name="星見の部屋",
            event_filter=wish,
            settings=settings,
        )
        store.users.save(self.user)

    def add(self, ja, en, *kinds, group=None):
        """Have one more who is watched there."""
        params = {
            "youtube": {"channel_id": f"UC{len(en):022d}"},
            "twitter": {"id": en.split()[0].lower()},
            "bilibili": {"uid": "1"},
            "bililive": {"uid": "1"},
            "twitch": {"login": en.split()[0].lower()},
        }
        entity = Entity(meta=Meta(name=make_name(ja=ja, en=en), group=group))
        self._store.entities.save(entity)
        for kind in kinds:
            self._store.tasks.save(Task(entity=entity.id, kind=kind, params=params[kind]))
        return entity

    def add_many(self, count):
        """Have a crowd that is watched there, each of them on three platforms."""
        names = [
            make_name(ja=f"星野ソラ{each}号", en=f"Hoshino Sora {each}") for each in range(count)
        ]
        entities = [Entity(meta=Meta(name=name)) for name in names]
        tasks = [
            Task(entity=entity.id, kind=kind, params={param: f"{entity.id.hex:.22}"})
            for entity in entities
            for kind, param in (("youtube", "channel_id"), ("twitter", "id"), ("twitch", "login"))
        ]
        insert_new(self._store.entities.collection, [to_document(each) for each in entities])
        insert_new(self._store.tasks.collection, [to_document(each) for each in tasks])

    def give_token(self, lifetime=timedelta(minutes=10)):
        """Begin a Session of the chat."""
        return new_session(self._store, self.user.id, datetime.now(UTC), lifetime)[0]

    @property
    def wish(self):
        """What the chat wants to hear by now."""
        return self._store.users.find(self.user.id).event_filter

    @property
    def settings(self):
        """How it wants to hear it by now."""
        return self._store.users.find(self.user.id).settings


def make_name(**names):
    return Name(name=names, default_language="ja" if "ja" in names else "en")


@pytest.fixture
def cast(store):
    return Cast(store)
