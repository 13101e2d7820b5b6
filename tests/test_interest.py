"""What a User's rules keep out, and who is interested at all."""

from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stargazer.interest import Subject, check_word, find_obstacle, list_interested
from stargazer.models import Entity, Event, EventFilter, Meta, Name, Rule, User

KIND, OTHER_KIND = "twitter/new_tweet", "youtube/new_video"
ENTITY = UUID(int=1)
NAME = Name(name={"en": "Aoi"}, default_language="en")


def make_subject(kind=KIND, **fields):
    return Subject(Event(kind=kind, entity=ENTITY, fields=fields))


@pytest.mark.parametrize(
    ("rule", "fields", "passes"),
    [
        ({"none_of": ["spoiler"]}, {"text": "No Spoilers here"}, False),
        ({"none_of": ["SPOILER"]}, {"text": "nothing"}, True),
        ({"none_of": ["歌枠"]}, {"title": "【歌枠】"}, False),
        ({"none_of": ["ABC"]}, {"text": "\uff21\uff42\uff23"}, False),
        ({"none_of": ["straße"]}, {"text": "STRASSE"}, False),
        ({"none_of": ["giveaway"]}, {"text": "x", "quoted": {"text": "Giveaway!"}}, False),
        ({"none_of": ["giveaway"]}, {"text": "x", "original": {"text": "Giveaway!"}}, False),
        ({"none_of": ["minecraft"]}, {"title": "x", "category": "Minecraft"}, False),
        ({"none_of": ["/^rt @/"]}, {"text": "RT @somebody"}, False),
        ({"none_of": ["/^rt @/"]}, {"text": "not RT @somebody"}, True),
        ({"none_of": ["/"]}, {"text": "and/or"}, False),
        ({"any_of": ["sing", "/歌(枠|回)/"]}, {"title": "【歌回】"}, True),
        ({"any_of": ["sing", "dance"]}, {"title": "talk"}, False),
        ({"any_of": ["sing"]}, {}, False),
        ({"any_of": ["sing"]}, {"text": 7}, False),
        ({"languages": ["ja"]}, {"text": "こんにちは"}, True),
        ({"languages": ["ja"]}, {"text": "안녕하세요"}, False),
        ({"languages": ["ja"]}, {"text": "Hello"}, True),
        ({"languages": ["ja"]}, {"text": "Hello", "language": "en"}, False),
        ({"languages": ["zh"]}, {"text": "x", "language": "zh-Hant"}, True),
        ({"languages": ["zh-Hans"]}, {"text": "x", "language": "zh-Hant"}, False),
        ({"languages": ["en"]}, {"text": "x", "language": "en-GB"}, True),
        ({"media": True}, {"text": "x"}, False),
        ({"media": True}, {"pictures": ["https://a.example/1.png"]}, True),
        ({"media": True}, {"pictures": []}, False),
        ({"media": False}, {"video_previews": ["https://a.example/1.png"]}, False),
        ({"shorts": False}, {"short": True}, False),
        ({"shorts": False}, {"video_id": "a"}, True),
        ({"shorts": True}, {"video_id": "a"}, False),
        ({"kinds": [OTHER_KIND], "none_of": ["x"]}, {"text": "x"}, True),
        ({"kinds": [KIND], "none_of": ["x"]}, {"text": "x"}, False),
        ({"entities": [UUID(int=2)], "none_of": ["x"]}, {"text": "x"}, True),
        ({"entities": [ENTITY], "none_of": ["x"]}, {"text": "x"}, False),
    ],
)
def test_a_rule_keeps_out_what_it_says(rule, fields, passes):
    obstacle = find_obstacle([Rule(**rule)], make_subject(**fields))
    assert (obstacle is None) is passes


def test_each_rule_has_to_let_it_pass_and_the_first_that_does_not_is_named():
    rules = [Rule(media=False), Rule(none_of=["spoiler"]), Rule(any_of=["sing"])]
    assert find_obstacle(rules, make_subject(text="a SPOILER")) == "rule 2: it says 'spoiler'"
    assert find_obstacle(rules, make_subject(text="I sing")) is None


def test_without_rules_all_passes():
    assert find_obstacle([], make_subject(text="x")) is None


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        (" ", "a word is empty"),
        ("/(/", "is no pattern"),
        (r"/(a)\1/", "is no pattern"),
        ("/(?=a)/", "is no pattern"),
        ("/((a{1,100}){1,100}){1,10}/", "is no pattern"),
        ("/\\p{L}{1000}/", "is no pattern"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(word, complaint):
    with pytest.raises(ValueError, match=complaint):
        check_word(word)


def test_a_pattern_that_would_backtrack_takes_no_time():
    subject = make_subject(text="a" * 100_000)
    assert find_obstacle([Rule(none_of=["/(a+)+$x/"])], subject) is None


def test_a_pattern_that_nobody_can_read_any_more_keeps_nothing_out():
    assert find_obstacle([Rule(none_of=["/(/"])], make_subject(text="(")) is None


class TestWhoIsInterested:
    @pytest.fixture
    def add_entity(self, store):
        def add(group=None):
            entity = Entity(meta=Meta(name=NAME, group=group))
            store.entities.save(entity)
            return entity

        return add

    def test_a_group_is_followed_as_its_members_come_and_go(self, store, add_entity):
        agency, other = uuid4(), uuid4()
        first, second = add_entity(agency), add_entity(other)
        wish = EventFilter(groups={agency}, kinds={KIND})
        user = User(im="web", im_payload="a", event_filter=wish)
        store.subscriptions.save_filter(user)

        def interested(entity):
            return {each.user for each in list_interested(store, entity.id, KIND)}

        assert interested(first) == {user.id}
        assert interested(second) == set()
        moved = second.model_copy(update={"meta": Meta(name=NAME, group=agency)})
        store.entities.save_meta(moved)
        assert interested(second) == {user.id}
        store.entities.save_meta(first.model_copy(update={"meta": Meta(name=NAME)}))
        assert interested(first) == set()

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(data=st.data())
    def test_what_is_read_is_what_is_wished(self, store, data):
        """The rows of a User say of each Entity and kind what its filter says, whatever it was."""
        ids = [UUID(int=number) for number in range(1, 5)]
        groups = [UUID(int=100), UUID(int=101)]
        some = st.frozensets(st.sampled_from(ids))
        kinds = st.frozensets(st.sampled_from([KIND, OTHER_KIND]))
        wish = EventFilter(
            entities=data.draw(some),
            groups=data.draw(st.frozensets(st.sampled_from(groups))),
            without_entities=data.draw(some),
            kinds=data.draw(kinds),
            kinds_by_entity=data.draw(st.dictionaries(st.sampled_from(ids), kinds)),
        )
        user = User(id=UUID(int=7), im="web", im_payload="a", event_filter=wish)
        store.subscriptions.save_filter(user)
        entity = data.draw(st.sampled_from(ids))
        group = data.draw(st.sampled_from([None, *groups]))
        for kind in (KIND, OTHER_KIND):
            wanted = kind in wish.get_kinds(entity, group)
            found = list(store.subscriptions.list_interested(entity, group, kind))
            assert {each.user for each in found} == ({user.id} if wanted else set())
            page = store.subscriptions.list_users(entity, group, kind, None, None, 10)
            assert page == ([user.id] if wanted else [])
