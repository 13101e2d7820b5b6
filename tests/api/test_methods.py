import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from stargazer.interest import list_interested
from stargazer.models import User, UserSettings

CHANNEL = "UC" + "a" * 22
META = {"name": {"name": {"en": "Suisei", "ja": "すいせい"}, "default_language": "ja"}}


def account(letter="a"):
    return {"kind": "youtube", "params": {"channel_id": "UC" + letter * 22}}


@pytest.fixture
def entity(call):
    status, answer = call("addEntity", {"meta": META})
    assert status == 200
    return answer["data"]["id"]


@pytest.fixture
def user(call):
    return call("addUser", {"im": "telegram", "im_payload": "-100", "name": "Fans"}, by="bot")[1][
        "data"
    ]["id"]


@pytest.fixture
def token(call, user):
    return call("newSession", {"user_id": user}, by="bot")[1]["data"]["token"]


def error(answer):
    return answer["data"]["code"], " ".join(answer["data"]["error"])


def test_an_entity_is_added_with_its_accounts_and_listed(call, store, redis_client):
    params = {"meta": META, "tasks": [account("a"), account("b")]}
    _, answer = call("newEntity", params)
    added = answer["data"]
    assert [task["params"]["channel_id"][2] for task in added["tasks"]] == ["a", "b"]
    assert call("getEntities", by="reader")[1]["data"] == {
        "entities": [added],
        "next_cursor": None,
    }
    stored = store.entities.find(UUID(added["id"]))
    assert [str(task) for task in stored.tasks] == [task["id"] for task in added["tasks"]]
    due = dict(redis_client.zrange("stargazer:due:youtube", 0, -1, withscores=True))
    assert {key.decode() for key in due} == {task["id"] for task in added["tasks"]}
    assert all(at <= time.time() for at in due.values())


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({}, "`meta`"),
        ({"meta": {"name": {"name": {}, "default_language": "en"}}}, "`meta.name.name`"),
        ({"meta": {"name": {"name": {"en": "x"}, "default_language": "de"}}}, "`meta.name`"),
        ({"meta": {**META, "x": 1}}, "`meta.x`"),
        ({"meta": META, "tasks": [{"kind": "nope", "params": {}}]}, "`tasks.0.kind`"),
        ({"meta": META, "tasks": [account(), account()]}, "`tasks.1`"),
        ({"meta": META, "tasks": [{"kind": "youtube"}]}, "`tasks.0`"),
        ({"meta": META, "tasks": [{"kind": "youtube", "address": "x"}]}, "`tasks.0`"),
        ({"meta": META, "tasks": [account(), {"address": "x"}]}, "`tasks.1.address`"),
    ],
)
def test_an_entity_that_is_none_is_refused_whole(call, params, path):
    status, answer = call("addEntity", params)
    assert status == 400
    assert path in error(answer)[1]
    assert call("getEntities")[1]["data"]["entities"] == []


def test_an_entity_of_an_unknown_group_is_refused(call):
    status, answer = call("addEntity", {"meta": {**META, "group": str(uuid4())}})
    assert (status, error(answer)[0]) == (404, "group_not_found")


def test_a_task_is_added_and_due_at_once(call, entity, store, redis_client):
    status, answer = call("addTask", {"entity_id": entity, **account()})
    assert status == 200
    task = answer["data"]
    assert task.items() >= {**account(), "entity_id": entity, "paused": False}.items()
    assert redis_client.zscore("stargazer:due:youtube", task["id"]) <= time.time()
    assert store.entities.find(UUID(entity)).tasks == (UUID(task["id"]),)


def test_the_same_account_twice_is_a_conflict_and_changes_nothing(call, entity, store):
    call("add_task", {"entity_id": entity, **account()})
    status, answer = call("addTask", {"entity_id": entity, **account()})
    assert (status, error(answer)[0]) == (409, "task_exists")
    assert len(list(store.tasks.list_all())) == 1


def test_two_entities_may_share_an_account(call, entity):
    other = call("addEntity", {"meta": META})[1]["data"]["id"]
    assert call("addTask", {"entity_id": entity, **account()})[0] == 200
    assert call("addTask", {"entity_id": other, **account()})[0] == 200


def test_a_task_of_an_unknown_entity_is_not_found(call):
    missing = str(uuid4())
    status, answer = call("addTask", {"entity_id": missing, **account()})
    assert status == 404
    assert error(answer) == (
        "entity_not_found",
        f"Not Found Cannot find entity with ID `{missing}`",
    )


def test_a_task_joins_an_entity_that_the_predecessor_stored(call, store):
    old = uuid4()
    store.entities.collection.insert_one({"id": old, "meta": META, "tasks": []})
    assert call("addTask", {"entity_id": str(old), **account()})[0] == 200
    (entity,) = call("getEntities")[1]["data"]["entities"]
    assert entity["id"] == str(old)
    assert len(entity["tasks"]) == len(store.entities.find(old).tasks) == 1


@pytest.mark.parametrize("channel", ["UC" + "a" * 21, CHANNEL + "a", "@handle", " ", 5])
def test_what_is_no_channel_id_is_refused(call, entity, channel):
    params = {"entity_id": entity, "kind": "youtube", "params": {"channel_id": channel}}
    status, answer = call("addTask", params)
    assert status == 400
    assert "`params.channel_id`" in error(answer)[1]


def test_a_user_is_added_once_per_address(call, user):
    status, answer = call("addUser", {"im": "telegram", "im_payload": "-100"}, by="bot")
    assert (status, error(answer)[0]) == (409, "user_exists")
    assert call("addUser", {"im": "web", "im_payload": "-100"}, by="bot")[0] == 200


def test_an_address_that_its_user_left_may_be_used_again(call, user, store):
    store.users.move(UUID(user), "-200")
    status, answer = call("addUser", {"im": "telegram", "im_payload": "-100"}, by="bot")
    assert status == 200
    assert answer["data"]["id"] != user


def test_a_user_may_come_with_its_choices(call, entity, store):
    params = {
        "im": "web",
        "im_payload": "alice",
        "name": "Alice",
        "avatar": "https://example.org/a.png",
        "event_filter": {"entities": [entity], "kinds": ["youtube/live_start"]},
        "settings": {"language": "zh", "timezone": "Asia/Shanghai"},
    }
    status, answer = call("addUser", params, by="bot")
    assert status == 200
    more = {"groups": [], "without_entities": [], "kinds_by_entity": {}, "rules": []}
    params["event_filter"] |= more
    more = {
        "translate": False,
        "mention": "",
        "silent_kinds": None,
        "edit_live": False,
        "quiet_hours": None,
        "muted_until": None,
    }
    params["settings"] |= {**more, "waking_kinds": answer["data"]["settings"]["waking_kinds"]}
    assert answer["data"] == {
        "id": answer["data"]["id"],
        "paused": None,
        "paused_at": None,
        "created_at": answer["data"]["created_at"],
        **params,
    }
    asked = {"entity_id": entity, "kind": "youtube/live_start"}
    (found,) = call("getInterest", asked, by="reader")[1]["data"]["users"]
    assert found == {
        "id": answer["data"]["id"],
        "im": "web",
        "im_payload": "alice",
        "name": "Alice",
    }


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"im": "icq"}, "`im`"),
        ({"im_payload": ""}, "`im_payload`"),
        ({"im_payload": 5}, "`im_payload`"),
        ({"settings": {"timezone": "Mars/Base"}}, "`settings.timezone`"),
        ({"settings": {"timezone": "../etc/passwd"}}, "`settings.timezone`"),
        ({"settings": {"language": "english"}}, "`settings.language`"),
        ({"settings": {"mention": "@everyone"}}, "`settings.mention`"),
        ({"settings": {"mention": "all"}}, "`settings.mention`: nobody can be called on web"),
        ({"event_filter": {"kinds": ["youtube/nope"]}}, "'youtube/nope'"),
        ({"event_filter": {"entities": [str(uuid4())]}}, "`event_filter.entities`"),
    ],
)
def test_a_user_that_is_none_is_refused(call, store, change, path):
    status, answer = call("addUser", {"im": "web", "im_payload": "a", **change}, by="bot")
    assert status == 400
    assert path in error(answer)[1]
    assert list(store.users.list_all()) == []


@pytest.mark.parametrize("named", ["user_id", "address"])
def test_a_session_is_given_for_a_user(call, user, settings, named, store):
    params = {"user_id": user} if named == "user_id" else {"im": "telegram", "im_payload": "-100"}
    status, answer = call("newSession", params, by="bot")
    assert status == 200
    lifetime = settings.session_lifetime.total_seconds()
    assert answer["data"]["valid_until"] == pytest.approx(time.time() + lifetime, abs=5)
    assert answer["data"]["token"] not in str(list(store.sessions.collection.find()))


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"im": "web"}, 400),
        ({"user_id": str(uuid4()), "im": "web", "im_payload": "x"}, 400),
        ({"user_id": str(uuid4())}, 404),
        ({"im": "web", "im_payload": "x"}, 404),
    ],
)
def test_a_session_needs_one_user_that_exists(call, params, status):
    assert call("newSession", params, by="bot")[0] == status


@pytest.mark.parametrize("where", ["header", "body"])
def test_a_user_changes_its_own_settings(call, client, entity, token, user, store, where):
    store.users.pause(UUID(user), "blocked", datetime.now(UTC))
    chosen = {"entities": [entity], "kinds": ["youtube/live_start", "youtube/new_video"]}
    params = {"event_filter": chosen, "language": "ja", "timezone": "Asia/Tokyo"}
    headers = {"Authorization": f"Bearer {token}"} if where == "header" else {}
    body = params if where == "header" else {**params, "token": token}
    response = client.post("/v1/updateSetting", json=body, headers=headers)
    assert response.status_code == 200
    stored = store.users.find(UUID(user))
    assert stored.settings == UserSettings(language="ja", timezone="Asia/Tokyo")
    assert stored.paused == "blocked"
    assert [row.user for row in list_interested(store, UUID(entity), chosen["kinds"][0])]

    only_language = {"language": "zh"}
    assert call(
        "updateSetting", only_language, by=None, headers={"Authorization": f"Bearer {token}"}
    )
    stored = store.users.find(UUID(user))
    assert stored.settings.timezone == "Asia/Tokyo"
    assert stored.event_filter.kinds == set(chosen["kinds"])


def test_a_user_chooses_what_makes_no_sound_and_takes_it_back(call, token, user, store):
    def choose(**params):
        headers = {"Authorization": f"Bearer {token}"}
        assert call("updateSetting", params, by=None, headers=headers)[0] == 200
        settings = store.users.find(UUID(user)).settings
        return settings.silent_kinds, settings.edit_live

    assert choose(silent_kinds=["youtube/live_start"]) == ({"youtube/live_start"}, False)
    assert choose(edit_live=True) == ({"youtube/live_start"}, True)
    assert choose(silent_kinds=[], edit_live=None) == (frozenset(), True)
    assert choose(silent_kinds=None, edit_live=False) == (None, False)


def test_a_kind_tells_whether_it_makes_a_sound(call):
    kinds = call("getEventKinds", {}, by=None)[1]["data"]["kinds"]
    silent = {each["kind"] for each in kinds if each["silent"]}
    assert "youtube/live_end" in silent
    assert "youtube/live_start" not in silent


@pytest.mark.parametrize(
    "address", ["42", "-100", "-1001234567890", "-1001234567890/42", "42/7", "@channel", "@name/7"]
)
def test_a_chat_on_telegram_may_be_a_topic(call, address):
    answer = call("addUser", {"im": "telegram", "im_payload": address}, by="bot")
    assert (answer[0], answer[1]["data"]["im_payload"]) == (200, address)


@pytest.mark.parametrize(
    "address",
    ["x", "0", "-1/", "-1/x", "-1/0", "-1/2/3", "/7", "@a", "https://t.me/name", "\uff11"],
)
def test_an_address_on_telegram_has_to_be_one(call, address):
    status, answer = call("addUser", {"im": "telegram", "im_payload": address}, by="bot")
    assert status == 400
    assert "`im_payload`" in error(answer)[1]


def test_unknown_kinds_and_entities_are_named(call, token):
    missing = str(uuid4())
    headers = {"Authorization": f"Bearer {token}"}
    filters = ({"kinds": ["nope/x"]}, {"entities": [missing]})
    named = ("nope/x", missing)
    for event_filter, name in zip(filters, named, strict=True):
        status, answer = call(
            "updateSetting", {"event_filter": event_filter}, by=None, headers=headers
        )
        assert status == 400
        assert name in error(answer)[1]


def test_a_session_is_over_when_its_time_is(call, client, token, store):
    store.sessions.collection.delete_many({})
    status, answer = call(
        "updateSetting", {}, by=None, headers={"Authorization": f"Bearer {token}"}
    )
    assert (status, error(answer)[0]) == (403, "wrong_credentials")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, {}, 401),
        ({}, {"token": 5}, 401),
        ({"Authorization": "Bearer nope"}, {}, 403),
        ({}, {"token": "nope"}, 403),
        ({"Authorization": "Basic cm9vdDpjb3JyZWN0IGhvcnNl"}, {}, 403),
    ],
)
def test_settings_need_a_session(client, headers, body, status):
    response = client.post("/v1/updateSetting", json=body, headers=headers)
    assert response.status_code == status


def test_interest_is_by_chat_app_and_leaves_paused_users_out(call, entity, store):
    wish = {"entities": [entity], "kinds": ["youtube/new_video"]}
    for im, payload in (("telegram", "1"), ("telegram", "2"), ("web", "3")):
        call("addUser", {"im": im, "im_payload": payload, "event_filter": wish})
    paused: User = store.users.find_by_address("telegram", "2")
    store.users.pause(paused.id, "blocked", datetime.now(UTC))

    def ask(**params):
        answer = call("getInterest", {"entity_id": entity, **params}, by="reader")[1]
        return {user["im_payload"] for user in answer["data"]["users"]}

    assert ask(kind="youtube/new_video") == {"1", "3"}
    assert ask(kind="youtube/new_video", im="web") == {"3"}
    assert ask(kind="youtube/live_start") == set()


def test_interest_in_what_does_not_exist_is_refused(call, entity):
    missing = {"entity_id": str(uuid4()), "kind": "youtube/new_video"}
    assert call("getInterest", missing)[0] == 404
    assert call("getInterest", {"entity_id": entity, "kind": "nope"})[0] == 400
