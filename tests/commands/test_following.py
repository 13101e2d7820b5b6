"""Of whom a chat wants to hear."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from stargazer.choosing import save_choices
from stargazer.commands.wording import say as write
from stargazer.kinds import USUAL_KINDS
from stargazer.models import EventFilter, Group, Name

LIVE = "youtube/live_start"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def suisei(add_entity):
    return add_entity("youtube", "twitter", en="Hoshimachi Suisei", ja="星街すいせい")


@pytest.fixture
def sora(add_entity):
    return add_entity("youtube", en="Tokino Sora", ja="ときのそら")


class TestFollowing:
    def test_the_first_one_registers_the_chat_with_the_usual_kinds(
        self, say, suisei, store, find_user
    ):
        reply = say("/follow すいせい", language="ja")
        user = find_user()
        assert user.event_filter == EventFilter(entities={suisei.id}, kinds=USUAL_KINDS)
        assert (user.name, user.settings.language) == ("Aki", "ja")
        assert user.settings.timezone == "Asia/Tokyo"
        assert [
            each.user for each in store.subscriptions.list_interested(suisei.id, None, LIVE)
        ] == [user.id]
        assert reply.text.startswith("星街すいせいをフォローしました。")
        assert "配信開始" in reply.text
        assert "新しいツイート" in reply.text
        # No account of hers could bring this.
        assert "Twitch" not in reply.text

    def test_what_was_chosen_already_stays(self, say, suisei, sora, store, find_user):
        say("/register")
        own = {suisei.id: frozenset({LIVE})}
        wish = EventFilter(entities={suisei.id}, kinds={"twitter/new_tweet"}, kinds_by_entity=own)
        user = find_user()
        save_choices(store, user, wish, user.settings, NOW)
        say("/follow ソラ")
        assert find_user().event_filter == wish.model_copy(
            update={"entities": frozenset({suisei.id, sora.id})}
        )

    @pytest.mark.usefixtures("suisei")
    def test_said_twice_it_is_done_once(self, say, find_user):
        say("/follow suisei")
        before = find_user()
        assert say("/follow suisei").text == write(
            "en", "followed_already", name="Hoshimachi Suisei"
        )
        assert find_user() == before

    def test_who_was_followed_for_nothing_is_followed_for_something(
        self, say, suisei, store, find_user
    ):
        say("/follow suisei")
        user = find_user()
        wish = user.event_filter.model_copy(update={"kinds_by_entity": {suisei.id: frozenset()}})
        save_choices(store, user, wish, user.settings, NOW)
        say("/follow suisei")
        assert find_user().event_filter.get_kinds(suisei.id, None) == USUAL_KINDS

    def test_several_are_offered_and_a_button_chooses(self, say, add_entity, find_user):
        luna, _ = add_entity(en="Hime Luna"), add_entity(ja="ルナ姫", en="Luna Hime")
        add_entity(en="Somebody else")
        reply = say("/follow luna")
        assert "· Hime Luna" in reply.text
        assert find_user() is None
        labels = {button.label: button.command for button in reply.buttons}
        assert set(labels) == {"Hime Luna", "Luna Hime (ルナ姫)"}
        assert all(len(command.encode()) <= 64 for command in labels.values())
        say(labels["Hime Luna"])
        assert find_user().event_filter.entities == {luna.id}

    def test_the_whole_name_of_one_is_no_question(self, say, add_entity, find_user):
        ame, _ = add_entity(en="Ame"), add_entity(en="Amelia")
        say("/follow AME")
        assert find_user().event_filter.entities == {ame.id}

    def test_a_few_of_very_many_are_offered(self, say, add_entity):
        for number in range(10):
            add_entity(en=f"Sister {number}")
        reply = say("/follow sister")
        assert len(reply.buttons) == 8
        assert reply.text.endswith(write("en", "more", count=2))

    @pytest.mark.usefixtures("suisei")
    @pytest.mark.parametrize("query", ["nobody", str(UUID(int=9)), "{name}", "x" * 5000])
    def test_who_is_not_watched_cannot_be_followed(self, say, find_user, query):
        assert say(f"/follow {query}").text == write("en", "found_nobody", query=query[:100])
        assert find_user() is None

    def test_nobody_is_asked_for_politely(self, say):
        assert say("/follow").text == write("en", "follow_how")


class TestUnfollowing:
    def test_who_is_not_wanted_any_more_is_not_told_of(self, say, suisei, sora, store, find_user):
        say("/follow suisei")
        say("/follow sora")
        assert say("取消订阅 星街").text == write("en", "unfollowed", name="Hoshimachi Suisei")
        assert find_user().event_filter.entities == {sora.id}
        assert list(store.subscriptions.list_interested(suisei.id, None, LIVE)) == []

    @pytest.mark.usefixtures("suisei")
    def test_a_button_that_is_pressed_twice_does_no_harm(self, say, find_user):
        [undo] = say("/follow suisei").buttons
        say(undo.command)
        assert say(undo.command).text == write("en", "not_followed", name="Hoshimachi Suisei")
        assert find_user().event_filter.entities == frozenset()

    def test_only_who_is_followed_is_searched(self, say, add_entity):
        luna, other = add_entity(en="Hime Luna"), add_entity(en="Luna Hime")
        say(f"/follow {luna.id}")
        assert say("/unfollow luna").text == write("en", "unfollowed", name="Hime Luna")
        say(f"/follow {luna.id}")
        say(f"/follow {other.id}")
        reply = say("/unfollow luna")
        assert [button.command for button in reply.buttons] == [
            f"/unfollow {other.id}",
            f"/unfollow {luna.id}",
        ]

    @pytest.mark.parametrize(
        ("text", "code"),
        [("/unfollow", "unfollow_how"), ("/unfollow nobody", "not_followed_query")],
    )
    def test_whom_is_asked_for(self, say, text, code):
        say("/register")
        assert say(text).text == write("en", code, query="nobody")

    def test_a_chat_that_is_not_registered_follows_nobody(self, say, find_user):
        assert say("/unfollow Sora").text == write("en", "not_registered")
        assert find_user() is None


class TestListing:
    def test_who_is_followed_can_be_unfollowed_by_a_button(self, say, suisei, sora):
        say("/follow suisei")
        say("/follow sora")
        reply = say("/list")
        assert reply.text == ("This chat follows 2:\n· Hoshimachi Suisei\n· Tokino Sora")
        assert [button.command for button in reply.buttons] == [
            f"/unfollow {suisei.id}",
            f"/unfollow {sora.id}",
        ]

    @pytest.mark.parametrize(
        ("page", "first", "count"),
        [("", "00", 20), ("2", "20", 20), ("3", "40", 1), ("99", "40", 1), ("x", "00", 20)],
    )
    def test_many_come_in_pages(self, say, add_entity, store, find_user, page, first, count):
        say("/register")
        entities = {add_entity(en=f"Sister {number:02}").id for number in range(41)}
        user = find_user()
        save_choices(store, user, EventFilter(entities=entities), user.settings, NOW)
        reply = say(f"/list {page}")
        unfollow = [button for button in reply.buttons if "unfollow" in button.command]
        assert unfollow[0].label.endswith(f"Sister {first}")
        assert len(unfollow) == count
        assert (len(reply.buttons) > count) == (count == 20)

    def test_who_is_not_watched_any_more_is_not_listed(self, say, suisei, store):
        say("/follow suisei")
        store.entities.delete(suisei.id)
        assert say("/list").text == write("en", "list_empty")


class TestAgencies:
    @pytest.fixture
    def agency(self, store, add_entity):
        """Give an agency with two members."""
        group = Group(name=Name(name={"en": "Hololive"}, default_language="en"))
        store.groups.save(group)
        for name in ("Aqua", "Sora"):
            add_entity("youtube", en=name, group=group.id)
        return group

    def test_all_of_it_are_followed_by_its_name(self, say, agency, find_user):
        assert say("/follow hololive").text.startswith("This chat now follows all of Hololive.")
        assert find_user().event_filter == EventFilter(groups={agency.id}, kinds=USUAL_KINDS)
        for name in ("hololive", "aqua"):
            assert "already" in say(f"/follow {name}").text
        reply = say("/list")
        assert reply.text == "This chat follows 1:\n· all of Hololive"
        assert [button.command for button in reply.buttons] == [f"/unfollow {agency.id}"]

    @pytest.mark.usefixtures("agency")
    def test_one_of_it_can_be_taken_out_and_back(self, say, find_user):
        say("/follow hololive")
        assert say("/unfollow aqua").text == write("en", "unfollowed", name="Aqua")
        assert len(find_user().event_filter.without_entities) == 1
        say("/follow aqua")
        assert find_user().event_filter.without_entities == frozenset()
        say("/unfollow hololive")
        assert find_user().event_filter.groups == frozenset()
        assert "Aqua" in say("/list").text
