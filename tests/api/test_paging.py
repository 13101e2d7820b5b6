from types import SimpleNamespace

import pytest

from api.paging import Page, take_page

META = {"name": {"name": {"en": "Suisei"}, "default_language": "en"}}


@pytest.mark.parametrize(
    ("page", "default", "taken", "cursor"),
    [
        (Page(), 500, "abcde", None),
        (Page(), 2, "ab", "b"),
        (Page(), None, "abcde", None),
        (Page(limit=2), 500, "ab", "b"),
        (Page(limit=2, cursor="b"), 500, "cd", "d"),
        (Page(limit=2, cursor="d"), 500, "e", None),
        (Page(limit=5), 500, "abcde", None),
        (Page(cursor="c"), None, "de", None),
        (Page(cursor="z"), 500, "", None),
        (Page(cursor="bb", limit=1), 500, "c", "c"),
    ],
)
def test_a_page_is_taken_in_the_order_of_the_keys(page, default, taken, cursor):
    items = [SimpleNamespace(key=letter) for letter in "dbeca"]
    found, following = take_page(iter(items), lambda item: item.key, page, default)
    assert ("".join(item.key for item in found), following) == (taken, cursor)


@pytest.fixture
def crowd(call):
    wish = {"kinds": ["youtube/live_start"]}
    ids = [call("newEntity", {"meta": META})[1]["data"]["id"] for _ in range(5)]
    for number in range(5):
        call("newGroup", {"name": META["name"]})
        event_filter = {**wish, "entities": ids[:1]}
        user = {"im": "web", "im_payload": str(number), "event_filter": event_filter}
        assert call("addUser", user)[0] == 200
        account = {"kind": "youtube", "params": {"channel_id": "UC" + str(number) * 22}}
        assert call("addTask", {"entity_id": ids[0], **account})[0] == 200
    return ids


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("getEntities", "entities"),
        ("getTasks", "tasks"),
        ("getGroups", "groups"),
        ("getInterest", "users"),
        ("getAccounts", "accounts"),
        ("getSubscription", "entities"),
    ],
)
def test_walking_through_the_pages_gives_everything_once(call, client, crowd, method, name):
    params = {"entity_id": crowd[0], "kind": "youtube/live_start"}
    params = params if method == "getInterest" else {}
    if method == "getSubscription":
        user = {"im": "web", "im_payload": "0"}
        params["token"] = call("newSession", user)[1]["data"]["token"]

    def ask(**page):
        by = None if method == "getSubscription" else "root"
        status, answer = call(method, {**params, **page}, by=by)
        assert status == 200
        return answer["data"]

    whole = ask()
    assert whole["next_cursor"] is None
    assert len(whole[name]) == 5
    walked, cursor = [], None
    for _ in range(3):
        page = ask(limit=2, **({"cursor": cursor} if cursor else {}))
        walked += page[name]
        cursor = page["next_cursor"]
    assert cursor is None
    assert walked == whole[name]
