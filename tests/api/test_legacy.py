"""The predecessor's clients call as they always did."""

import pytest

META = {"name": {"name": {"en": "Suisei"}, "default_language": "en"}}
CHAT = {"im": "telegram", "im_payload": "-100"}


@pytest.fixture
def user(call):
    return call("add_user", {**CHAT, "name": "Fans"}, by="bot")[1]["data"]["id"]


@pytest.mark.parametrize("by_id", [True, False])
def test_what_is_asked_for_may_stand_in_a_query(call, user, by_id):
    query = {"user_id": user} if by_id else CHAT
    status, answer = call("get_user", {"query": query}, by="bot")
    assert (status, answer["data"]["id"]) == (200, user)
    status, answer = call("new_token", {"query": query}, by="bot")
    assert status == 200
    assert set(answer["data"]) == {"token", "valid_until", "url"}


def test_a_query_is_for_the_old_names_only(call, user):
    status, answer = call("getUser", {"query": CHAT}, by="bot")
    assert status == 400
    assert any("`query`" in said for said in answer["data"]["error"])


@pytest.mark.parametrize("query", [5, None, [], "x", {"nonsense": 1}])
def test_a_query_that_is_none_is_named(call, query):
    status, answer = call("get_user", {"query": query}, by="bot")
    assert (status, answer["data"]["code"]) == (400, "invalid_parameters")


def test_a_bots_life(call, user):
    entity = call("add_entity", {"meta": META})[1]["data"]["id"]
    token = call("new_token", CHAT, by="bot")[1]["data"]["token"]
    me = call("auth_user", {"user_id": user, "token": token}, by=None)[1]["data"]
    assert me["user"]["id"] == user
    wish = {"entities": [entity], "kinds": ["youtube/live_start"]}
    status, _ = call("update_setting", {"token": token, "event_filter": wish}, by=None)
    assert status == 200
    asked = {"entity_id": entity, "kind": "youtube/live_start"}
    (found,) = call("get_interest", asked, by="bot")[1]["data"]["users"]
    assert found["im_payload"] == "-100"
    assert call("del_user", {"query": {"user_id": user}}, by="bot")[0] == 200
    assert call("auth_user", {"token": token}, by=None)[0] == 403
