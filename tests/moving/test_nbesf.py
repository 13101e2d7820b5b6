"""What nonebot-bison writes, in all its versions."""

import io
import json

import pytest

from stargazer.kinds import USUAL_KINDS
from stargazer.models import Entity, EventFilter, Meta, Task
from stargazer.moving import FileError, Outcome, nbesf
from tests.moving.conftest import NOW, dump, make_user, name, take_over

POSTS = {"bilibili/new_dynamic", "bilibili/new_video", "bilibili/forward_dynamic"}
YOUTUBE_FEED = "https://www.youtube.com/feeds/videos.xml?channel_id=UC" + "b" * 22
GROUP = {"platform_type": "QQ Group", "group_id": 123456}


def subscribe(platform="bilibili", target="7", categories=(), tags=(), title="猫又"):
    return {
        "categories": list(categories),
        "tags": list(tags),
        "target": {
            "target_name": title,
            "target": target,
            "platform_name": platform,
            "default_schedule_weight": 10,
        },
    }


def make_file(*subscriptions, target=None, version=3):
    pack = {"user_target": target or GROUP, "subs": list(subscriptions)}
    return {"version": version, "groups": [pack]}


def read(file):
    return nbesf.read(io.BytesIO(json.dumps(file).encode()), NOW)


@pytest.mark.parametrize(
    ("user", "address"),
    [
        ({"type": "group", "uid": 12345}, "group:12345"),
        ({"type": "private", "uid": 67890}, "private:67890"),
    ],
    ids=["group", "private"],
)
def test_version_1_has_numbers_on_qq(user, address):
    contents = read({"version": 1, "groups": [{"user": user, "subs": [subscribe()]}]})
    assert [(each.im, each.im_payload) for each in contents.users] == [("qq", address)]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("target", "chat"),
    [
        (GROUP, ("qq", "group:123456")),
        ({"platform_type": "QQ Private", "user_id": 67890}, ("qq", "private:67890")),
        ({"platform_type": "Telegram Common", "chat_id": -1001}, ("telegram", "-1001")),
        ({"platform_type": "Telegram Common", "chat_id": "@news"}, ("telegram", "@news")),
        (
            {"platform_type": "Telegram Forum", "chat_id": -1001, "message_thread_id": 5},
            ("telegram", "-1001/5"),
        ),
    ],
    ids=["qq group", "qq private", "telegram", "telegram channel", "telegram topic"],
)
def test_later_versions_have_targets(version, target, chat):
    [user] = read(make_file(subscribe(), target=target, version=version)).users
    assert (user.im, user.im_payload) == chat


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ({"platform_type": "Discord Channel", "channel_id": 99}, "make one in channel 99"),
        ({"platform_type": "Kaiheila Channel", "channel_id": "1"}, "'Kaiheila Channel'"),
        ({"platform_type": "QQ Group OpenID", "group_openid": "x", "bot_id": "1"}, "OpenID"),
        ({"platform_type": "QQ Group", "group_id": 1}, "expected private:NUMBER"),
        ({}, "nothing is sent to 'None'"),
    ],
    ids=["discord", "kaiheila", "open id", "no number", "nothing"],
)
def test_a_chat_that_cannot_be_reached_is_named(target, why):
    contents = read({"version": 3, "groups": [{"user_target": target, "subs": [subscribe()]}]})
    assert contents.users == ()
    [remark] = contents.remarks
    assert remark.is_lost
    assert remark.place == "groups.0"
    assert why in remark.reason


@pytest.mark.parametrize(
    ("subscription", "accounts", "kinds"),
    [
        (
            subscribe(),
            [("bilibili", "7"), ("bililive", "7")],
            POSTS | {"bililive/live_start"},
        ),
        (subscribe(categories=[3]), [("bilibili", "7")], {"bilibili/new_video"}),
        (subscribe(categories=[5, 3]), [("bilibili", "7")], POSTS - {"bilibili/new_dynamic"}),
        (subscribe(categories=[6]), [("bililive", "7")], {"bililive/live_start"}),
        (subscribe(categories=[1, 2, 4]), [("bilibili", "7")], {"bilibili/new_dynamic"}),
        (
            subscribe("bilibili-live"),
            [("bililive", "7")],
            {"bililive/live_start", "bililive/live_title", "bililive/live_end"},
        ),
        (subscribe("bilibili-live", categories=[1]), [("bililive", "7")], {"bililive/live_start"}),
        (
            subscribe("rss", "https://A.example/feed"),
            [("feed", "https://a.example/feed")],
            {"feed/new_entry"},
        ),
        (
            subscribe("rss", YOUTUBE_FEED),
            [("youtube", "UC" + "b" * 22)],
            {each for each in USUAL_KINDS if each.startswith("youtube/")} | {"feed/new_entry"},
        ),
    ],
    ids=[
        *("all posts", "videos", "videos and shares", "live of posts", "posts", "all of live"),
        *("starts", "feed", "a channel's feed"),
    ],
)
def test_what_it_watches_is_watched_here(subscription, accounts, kinds):
    contents = read(make_file(subscription))
    [entity] = contents.entities
    assert entity.meta.name.get_in("zh") == "猫又"
    found = [(moved.task.kind, *moved.task.params.values()) for moved in entity.tasks]
    assert found == accounts
    [user] = contents.users
    assert user.event_filter.get_kinds(entity.id, None) == kinds
    assert contents.remarks == ()


@pytest.mark.parametrize(
    ("subscription", "why", "is_lost"),
    [
        (subscribe("weibo", "1"), "nobody here watches weibo", True),
        (subscribe("bilibili", "name"), "'name' names no account there", True),
        (subscribe("rss", "ftp://a"), "'ftp://a' names no account there", True),
        (subscribe(categories=[1]), "one kind here", False),
        (subscribe(categories=[3, 9]), "there is no category 9 here", True),
        (subscribe(categories=[3], tags=["歌"]), "looked for as words", False),
        (subscribe(categories=[3], tags=["/(/"]), "none of them is", True),
        (subscribe(categories=[3], tags=["x" * 500]), "none of them is", True),
    ],
    ids=[
        *("weibo", "no number", "no feed", "part of posts", "no category", "tags"),
        *("a pattern", "a long tag"),
    ],
)
def test_what_is_lost_or_different_is_named_with_its_place(subscription, why, is_lost):
    [remark] = read(make_file(subscription)).remarks
    assert remark.place.startswith("groups.0.subs.0")
    assert why in remark.reason
    assert remark.is_lost is is_lost


def test_tags_become_a_rule_for_these_posts():
    contents = read(make_file(subscribe(tags=["歌", "游戏", "~广告"]), subscribe(target="8")))
    [first, _] = contents.entities
    [rule] = contents.users[0].event_filter.rules
    assert rule.entities == {first.id}
    assert rule.kinds == POSTS
    assert (rule.any_of, rule.none_of) == (("歌", "游戏"), ("广告",))


def test_who_has_the_same_tags_for_two_has_one_rule():
    contents = read(make_file(subscribe(tags=["歌"]), subscribe(target="8", tags=["歌"])))
    [rule] = contents.users[0].event_filter.rules
    assert rule.entities == {entity.id for entity in contents.entities}


def test_posts_and_live_room_of_one_account_are_one_entity():
    contents = read(make_file(subscribe(categories=[3]), subscribe("bilibili-live")))
    [entity] = contents.entities
    assert [moved.task.kind for moved in entity.tasks] == ["bilibili", "bililive"]
    [user] = contents.users
    assert len(user.event_filter.get_kinds(entity.id, None)) == 4


def test_cookies_are_left_out_and_said():
    file = make_file(subscribe()) | {"cookies": [{"site_name": "weibo.com", "content": "secret"}]}
    [remark] = read(file).remarks
    assert remark.place == "cookies"
    assert "secret" not in remark.reason


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "this is no JSON"),
        ("[]", "`version`: expected 1, 2 or 3"),
        ('{"version":4,"groups":[]}', "expected 1, 2 or 3, and found 4"),
        ('{"version":1,"groups":[{"user":{"type":"group"},"subs":[]}]}', "`groups.0.user.uid`"),
        ('{"version":2,"groups":[{"subs":[]}]}', "`groups.0.user_target`"),
        (
            '{"version":3,"groups":[{"user_target":{},"subs":[{"tags":[],"categories":["x"]}]}]}',
            "`groups.0.subs.0.categories.0`",
        ),
    ],
    ids=["no json", "a list", "version 4", "no number", "no target", "no category"],
)
def test_a_wrong_file_is_named_with_its_place(body, said):
    with pytest.raises(FileError) as caught:
        nbesf.read(io.BytesIO(body.encode()), NOW)
    assert said in str(caught.value)


def test_who_is_watched_already_is_found_by_its_account(store, context):
    entity = Entity(meta=Meta(name=name("Nekomata")))
    store.entities.save(entity)
    store.tasks.save(Task(entity=entity.id, kind="bililive", params={"uid": "7"}))
    text = json.dumps(make_file(subscribe()))
    changes = take_over(context, text)
    assert [(each.outcome, each.what) for each in changes] == [
        (Outcome.SAME, "entity"),
        (Outcome.ADDED, "task"),
        (Outcome.SAME, "task"),
        (Outcome.ADDED, "user"),
    ]
    [found] = store.entities.list_all()
    assert (found.id, found.meta) == (entity.id, entity.meta)
    assert len(found.tasks) == 1
    interested = store.subscriptions.list_interested(entity.id, None, "bililive/live_start")
    assert [each.im for each in interested] == ["qq"]
    before = dump(store)
    assert {each.outcome for each in take_over(context, text)} == {Outcome.SAME}
    assert dump(store) == before


def test_who_subscribes_already_hears_more(store, context):
    other = Entity(meta=Meta(name=name("Other")))
    store.entities.save(other)
    wish = EventFilter(entities=frozenset({other.id}), kinds=frozenset({"youtube/live_start"}))
    user = make_user("qq", "group:123456", event_filter=wish, name="ours")
    store.users.save(user)
    [changed] = [
        each
        for each in take_over(context, json.dumps(make_file(subscribe(categories=[3]))))
        if each.what == "user"
    ]
    assert (changed.outcome, changed.id) == (Outcome.CHANGED, user.id)
    after = store.users.find(user.id)
    assert (after.name, after.settings) == (user.name, user.settings)
    assert after.event_filter.get_kinds(other.id, None) == {"youtube/live_start"}
    [added] = after.event_filter.entities - {other.id}
    assert after.event_filter.get_kinds(added, None) == {"bilibili/new_video"}
