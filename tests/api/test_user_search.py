"""Finding chats."""

import pytest
from pydantic import SecretStr

from stargazer.models import User

KEY = "fl8hVBkBZqYTbJS8bVg7nkBFhdTHDVuMpjd9v6Yp7Yg="
WEBHOOK = "https://receiver.example/hook#a-secret-of-the-receiver"


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"secret_key": SecretStr(KEY)})


@pytest.fixture
def users(store):
    """Give four chats by what they are called."""
    given = [
        ("telegram", "-1001", "星見の部屋", None),
        ("telegram", "42", "Hoshimi Room", "the bot was blocked"),
        ("qq", "group:42", "ホシミ", None),
        ("web", "42", "", None),
    ]
    users = [User(im=im, im_payload=at, name=name, paused=why) for im, at, name, why in given]
    for user in users:
        store.users.save(user)
    return {user.name: user for user in users}


@pytest.fixture
def find(call):
    def find(**params):
        status, answer = call("getUsers", params, by="watcher")
        assert status == 200, answer
        return answer["data"]

    return find


def names(page):
    return {each["name"] for each in page["users"]}


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, {"星見の部屋", "Hoshimi Room", "ホシミ", ""}),
        ({"name": "部屋"}, {"星見の部屋"}),
        ({"name": "HOSHIMI r"}, {"Hoshimi Room"}),
        ({"name": "ほしみ"}, {"ホシミ"}),
        ({"im": "telegram"}, {"星見の部屋", "Hoshimi Room"}),
        ({"paused": True}, {"Hoshimi Room"}),
        ({"paused": False, "im": "telegram"}, {"星見の部屋"}),
        ({"im_payload": "42"}, {"Hoshimi Room", ""}),
        ({"im_payload": "42", "im": "web"}, {""}),
        ({"im_payload": "42", "paused": True}, {"Hoshimi Room"}),
        ({"im_payload": "43"}, set()),
        ({"name": "nobody"}, set()),
    ],
    # A set is written in another order by each process.
    ids=lambda value: ", ".join(sorted(value)) if isinstance(value, set) else str(value),
)
def test_chats_are_found_by_what_is_known_of_them(find, users, params, found):
    page = find(**params)
    assert names(page) == found
    assert page["next_cursor"] is None


def test_a_chat_whose_address_is_a_secret_is_found_by_it_and_does_not_show_it(call, find):
    added = call("addUser", {"im": "webhook", "im_payload": WEBHOOK})[1]["data"]
    for known in (WEBHOOK, added["im_payload"]):
        [user] = find(im_payload=known)["users"]
        assert user["id"] == added["id"]
        assert "secret" not in user["im_payload"]


@pytest.mark.parametrize("limit", [1, 3, 4])
def test_pages_hold_each_once_in_the_order_of_their_ids(find, users, limit):
    pages = [find(limit=limit)]
    while (cursor := pages[-1]["next_cursor"]) is not None:
        pages.append(find(limit=limit, cursor=cursor))
    found = [each["id"] for page in pages for each in page["users"]]
    assert found == sorted(str(user.id) for user in users.values())


@pytest.mark.parametrize("cursor", ["", "z", "-", "--", "0" * 9, "../.."])
def test_a_cursor_of_nobodys_making_is_refused(call, cursor):
    status, answer = call("getUsers", {"cursor": cursor})
    assert (status, answer["data"]["code"]) == (400, "invalid_parameters")
