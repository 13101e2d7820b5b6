"""What a subscriber may wish: agencies, rules, quiet hours; and who is told then."""

from uuid import UUID, uuid4

import pytest

KIND, POST = "youtube/live_start", "twitter/new_tweet"


@pytest.fixture
def add_group(call):
    def add(name="Agency"):
        params = {"name": {"name": {"en": name}, "default_language": "en"}}
        return call("newGroup", params)[1]["data"]["id"]

    return add


@pytest.fixture
def add_entity(call):
    def add(group=None, name="Aoi"):
        meta = {"name": {"name": {"en": name}, "default_language": "en"}, "group": group}
        return call("newEntity", {"meta": meta})[1]["data"]["id"]

    return add


@pytest.fixture
def user(call):
    return call("addUser", {"im": "telegram", "im_payload": "1"}, by="bot")[1]["data"]["id"]


@pytest.fixture
def choose(call, user):
    token = call("newSession", {"user_id": user}, by="bot")[1]["data"]["token"]

    def choose(name, **params):
        status, answer = call(name, {**params, "token": token}, by=None)
        assert status == 200, answer
        return answer["data"]

    return choose


@pytest.fixture
def is_told(call):
    """Give a function that asks who is told, in both ways, and compares."""

    def is_told(entity, kind=KIND):
        found = call("getInterest", {"entity_id": entity, "kind": kind})[1]["data"]["users"]
        index = call("getUserIndex", {"im": "telegram"})[1]["data"]["index"]
        chats = [each["im_payload"] for each in found]
        assert index.get(entity, {}).get(kind, []) == chats
        return bool(chats)

    return is_told


def test_an_agency_is_followed_with_whoever_joins_it(call, choose, add_group, add_entity, is_told):
    agency = add_group()
    first, other = add_entity(agency), add_entity()
    choose("updateSubscription", add_groups=[agency], kinds=[KIND])
    assert is_told(first)
    assert not is_told(other)
    assert is_told(add_entity(agency))
    names = {"name": {"en": "Aoi"}, "default_language": "en"}
    call("updateEntity", {"entity_id": other, "meta": {"name": names, "group": agency}})
    assert is_told(other)
    call("updateEntity", {"entity_id": first, "meta": {"name": names}})
    assert not is_told(first)


def test_one_of_an_agency_may_be_left_out_and_come_back(choose, add_group, add_entity, is_told):
    agency = add_group()
    kept, gone = add_entity(agency), add_entity(agency)
    choose("updateSubscription", add_groups=[agency], kinds=[KIND])
    choose("updateSubscription", remove=[gone])
    assert (is_told(kept), is_told(gone)) == (True, False)
    rows = choose("getSubscription")["entities"]
    assert {row["entity_id"]: row["chosen"] for row in rows} == {kept: True, gone: False}
    assert {row["with_group"] for row in rows} == {True}
    choose("updateSubscription", add=[{"entity_id": gone}])
    assert is_told(gone)
    choose("updateSubscription", remove=[gone])
    choose("updateSubscription", add_groups=[agency])
    assert is_told(gone)
    choose("updateSubscription", remove_groups=[agency])
    assert (is_told(kept), is_told(gone)) == (False, False)


def test_one_of_an_agency_may_have_kinds_of_its_own(choose, add_group, add_entity, is_told):
    agency = add_group()
    usual, special = add_entity(agency), add_entity(agency)
    wish = {"groups": [agency], "kinds": [KIND], "kinds_by_entity": {special: [POST]}}
    choose("updateSetting", event_filter=wish)
    assert [is_told(special), is_told(special, POST)] == [False, True]
    assert [is_told(usual), is_told(usual, POST)] == [True, False]


def test_an_agency_that_is_removed_is_not_wished_for_any_more(call, choose, add_group):
    agency = add_group()
    choose("updateSubscription", add_groups=[agency], kinds=[KIND])
    assert call("delGroup", {"group_id": agency})[0] == 200
    assert choose("getSettings")["event_filter"]["groups"] == []


def test_a_rule_for_somebody_who_is_gone_does_not_become_one_for_all(
    call, choose, add_entity, store, user
):
    gone, kept = add_entity(), add_entity()
    rules = [
        {"entities": [gone], "none_of": ["a"]},
        {"entities": [gone, kept], "none_of": ["b"]},
        {"none_of": ["c"]},
    ]
    choose("updateSetting", event_filter={"entities": [gone], "kinds": [KIND], "rules": rules})
    assert call("delEntity", {"entity_id": gone})[0] == 200
    left = store.users.find(UUID(user)).event_filter.rules
    assert [(rule.entities, rule.none_of) for rule in left] == [
        ({UUID(kept)}, ("b",)),
        (frozenset(), ("c",)),
    ]


def test_quiet_hours_are_set_and_end(choose):
    hours = {"start": "23:00", "end": "07:00"}
    until = "2030-01-01T00:00:00Z"
    settings = choose("updateSetting", quiet_hours=hours, muted_until=until)["settings"]
    assert settings["quiet_hours"] == {"start": "23:00:00", "end": "07:00:00"}
    assert settings["muted_until"] == until
    assert KIND in settings["waking_kinds"]
    settings = choose("updateSetting", language="ja", waking_kinds=[])["settings"]
    assert settings["quiet_hours"] is not None
    assert settings["waking_kinds"] == []
    settings = choose("updateSetting", quiet_hours=None, muted_until=None)["settings"]
    assert (settings["quiet_hours"], settings["muted_until"]) == (None, None)


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"quiet_hours": {"start": "07:00", "end": "07:00"}}, "quiet_hours"),
        ({"quiet_hours": {"start": "25:00", "end": "07:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"start": "23:00:30", "end": "07:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"start": "23:00"}}, "quiet_hours.end"),
        ({"muted_until": "2030-01-01T00:00:00"}, "muted_until"),
        ({"waking_kinds": ["no/kind"]}, "waking_kinds"),
        ({"event_filter": {"groups": [str(uuid4())]}}, "event_filter.groups"),
        ({"event_filter": {"rules": [{}]}}, "event_filter.rules.0"),
        ({"event_filter": {"rules": [{"none_of": ["/(/"]}]}}, "event_filter.rules.0.none_of.0"),
        ({"event_filter": {"rules": [{"any_of": [" "]}]}}, "event_filter.rules.0.any_of.0"),
        ({"event_filter": {"rules": [{"any_of": ["x" * 201]}]}}, "event_filter.rules.0.any_of.0"),
        ({"event_filter": {"rules": [{"languages": ["ja", "?"]}]}}, "event_filter.rules.0"),
    ],
)
def test_what_makes_no_sense_is_refused_and_named(call, user, params, path):
    token = call("newSession", {"user_id": user}, by="bot")[1]["data"]["token"]
    status, answer = call("updateSetting", {**params, "token": token}, by=None)
    assert status == 400
    assert f"`{path}" in " ".join(answer["data"]["error"])
