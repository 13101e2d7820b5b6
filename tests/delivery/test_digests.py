"""What comes in quiet hours: it waits, and is told in one message when they are over."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer import digests
from stargazer.choosing import save_choices
from stargazer.models import DeliveryState, Reason, UserSettings
from stargazer.resending import resend
from stargazer.situations import explain_delivery
from stargazer.tallies import find_bucket

HOUR = timedelta(hours=1)


def now():
    return datetime.now(UTC)


def mute(scene, user, until):
    """Change until when a User hears of nothing; None: it hears again."""
    user = scene.store.users.find(user.id)
    settings = user.settings.model_copy(update={"muted_until": until})
    return save_choices(scene.store, user, user.event_filter, settings, now())


@pytest.fixture
def add_muted(scene):
    """Give a function that adds a User, muted, to whom some Events have come."""

    def add(count, **settings):
        reader = UserSettings(muted_until=now() + HOUR, **settings)
        events = [
            scene.add_event(
                fields={"title": f"Title {number}", "url": f"https://v.example/{number}"},
                happened_at=now() - timedelta(minutes=count - number),
            )
            for number in range(count)
        ]
        user = scene.add_user("1", event=scene.NOTHING, settings=reader)
        scene.fan_out(user, *events)
        for event in events:
            scene.deliver(user, event=event)
        assert scene.chats.sent == []
        return user, events

    return add


def test_what_was_wanted_later_makes_nothing_late(scene, add_muted, read_tallies):
    user, events = add_muted(2)
    mute(scene, user, None)
    for event in events:
        scene.deliver(user, event=event)
    counted = read_tallies()
    assert counted.deliveries["fake", DeliveryState.SENT] == 1
    assert max(counted.ages) < find_bucket(30)


def test_what_comes_meanwhile_waits_and_says_until_when(scene, add_muted):
    user, (event,) = add_muted(1)
    delivery = scene.find(user, event)
    assert (delivery.state, delivery.code) == (DeliveryState.PENDING, Reason.QUIET_HOURS)
    assert abs(delivery.next_at - user.settings.muted_until) < timedelta(seconds=1)
    assert (delivery.claim, delivery.attempts) == (None, 0)
    sentence = explain_delivery(scene.store, event.id, user.id)
    assert sentence.startswith("It waits for the end of the quiet hours of this chat, at ")


def test_all_of_it_comes_in_one_message_in_its_order(scene, add_muted):
    user, events = add_muted(3)
    mute(scene, user, None)
    scene.deliver(user, event=events[1])
    [(_, message, *_)] = scene.chats.sent
    assert message.headline == "🌅 While it was quiet: 3 messages"
    assert [line.partition(": ")[2] for line in message.body] == [
        f"Title {number}\nhttps://v.example/{number}" for number in range(3)
    ]
    for event in events:
        told = scene.find(user, event)
        assert (told.state, told.code) == (DeliveryState.DROPPED, Reason.QUIET_HOURS)
        sentence = explain_delivery(scene.store, event.id, user.id)
        assert sentence.startswith("Told in one message with others at ")
        assert sentence.endswith("as message message to 1.")
        scene.deliver(user, event=event)
    assert len(scene.chats.sent) == 1


def test_one_alone_is_told_as_always(scene, add_muted):
    user, (event,) = add_muted(1)
    mute(scene, user, None)
    scene.deliver(user, event=event)
    [(_, message, *_)] = scene.chats.sent
    assert message.headline == "🔴 Sora is live on YouTube"
    assert scene.find(user, event).state is DeliveryState.SENT


def test_what_has_become_old_by_waiting_is_told_with_its_time(scene, add_muted):
    user, (event,) = add_muted(1, timezone="Asia/Tokyo")
    happened_at = datetime(2026, 11, 24, 20, 5, tzinfo=UTC)
    scene.store.events.save(event.model_copy(update={"happened_at": happened_at}))
    mute(scene, user, None)
    scene.deliver(user, event=event)
    [(_, message, *_)] = scene.chats.sent
    assert message.headline == "🌅 While it was quiet: 1 message"
    assert message.body[0].startswith("05:05 🔴 Sora is live on YouTube: Title 0")


def test_what_may_wake_does_not_wait_behind_what_may_not(scene):
    night = {"start": "00:00", "end": "23:59"}, {"start": "23:59", "end": "00:00"}
    hours = night[now().time().replace(second=0, microsecond=0).strftime("%H:%M") == "23:59"]
    post = scene.add_event(kind="twitter/new_tweet")
    reader = UserSettings(quiet_hours=hours)
    user = scene.add_user("1", event=scene.NOTHING, settings=reader)
    scene.fan_out(user, post, scene.event)
    scene.deliver(user, event=post)
    assert [message.kind for _, message, *_ in scene.chats.sent] == ["youtube/live_start"]
    assert scene.find(user, post).code is Reason.QUIET_HOURS


def test_what_somebody_wants_again_does_not_wait(scene, add_muted):
    user, (event,) = add_muted(1)
    resend(scene.store, event.id, user.id, "root", now(), force=True)
    scene.deliver(user, event=event)
    assert scene.find(user, event).state is DeliveryState.SENT


def test_what_is_deferred_again_waits_for_the_new_end(scene, add_muted):
    user, (event,) = add_muted(1)
    later = now() + 3 * HOUR
    mute(scene, user, later)
    scene.deliver(user, event=event)
    assert scene.chats.sent == []
    assert abs(scene.find(user, event).next_at - later) < timedelta(seconds=1)


def test_who_is_paused_meanwhile_is_told_nothing(scene, add_muted):
    user, events = add_muted(2)
    mute(scene, user, None)
    scene.store.users.pause(user.id, "blocked", now())
    for event in events:
        scene.deliver(user, event=event)
    assert scene.chats.sent == []
    assert {scene.find(user, event).code for event in events} == {Reason.PAUSED}


class TestAWorkerThatDies:
    """At each step somebody else finishes what it began, and nothing is told twice."""

    def test_before_the_digest_was_written(self, scene, add_muted):
        user, events = add_muted(3)
        mute(scene, user, None)
        self.name_digest(scene, user, events)
        self.go_on(scene, user, events)

    def test_before_the_digest_had_a_delivery(self, scene, add_muted):
        user, events = add_muted(3)
        mute(scene, user, None)
        delivery = self.write(scene, user, events)
        scene.store.deliveries.collection.delete_one({"_id": f"{delivery.event}:{user.id}"})
        self.go_on(scene, user, events)

    def test_before_what_it_tells_of_was_closed(self, scene, add_muted):
        user, events = add_muted(3)
        mute(scene, user, None)
        self.write(scene, user, events)
        self.go_on(scene, user, events)

    def test_when_the_digest_was_sent_already(self, scene, add_muted):
        user, events = add_muted(3)
        mute(scene, user, None)
        delivery = self.write(scene, user, events)
        scene.sender.deliver(delivery.event, [user.id])
        self.go_on(scene, user, events)

    def test_when_half_of_it_was_closed_already(self, scene, add_muted):
        user, events = add_muted(3)
        mute(scene, user, None)
        delivery = self.write(scene, user, events[:2])
        scene.sender.deliver(delivery.event, [user.id])
        scene.deliver(user, event=events[2])
        headlines = sorted(message.headline for _, message, *_ in scene.chats.sent)
        assert headlines == ["🌅 While it was quiet: 2 messages", "🔴 Sora is live on YouTube"]

    def write(self, scene, user, events):
        deliveries = [scene.find(user, event) for event in events]
        return digests.write_digest(scene.store, user, deliveries, now())

    def name_digest(self, scene, user, events):
        delivery = self.write(scene, user, events)
        scene.store.events.collection.delete_one({"_id": str(delivery.event)})
        scene.store.deliveries.collection.delete_one({"_id": f"{delivery.event}:{user.id}"})

    def go_on(self, scene, user, events):
        for event in events:
            scene.deliver(user, event=event)
        for each in scene.store.deliveries.list_waiting(user.id):
            scene.sender.deliver(each.event, [user.id])
        [(_, message, *_)] = scene.chats.sent
        assert message.headline == "🌅 While it was quiet: 3 messages"
        assert {scene.find(user, event).state for event in events} == {DeliveryState.DROPPED}


def test_a_settings_change_while_it_is_put_off_is_not_missed(scene, add_muted):
    user, (event,) = add_muted(1)
    unmuted = mute(scene, user, None)
    scene.store.deliveries.collection.update_many({}, {"$set": {"next_at": None}})
    find = scene.store.users.list_by_ids
    answers = iter([[user]])
    scene.store.users.list_by_ids = lambda keys: next(answers, None) or find(keys)
    scene.deliver(user, event=event)
    assert scene.find(user, event).next_at <= now()
    assert unmuted.settings.muted_until is None


@pytest.mark.parametrize(
    ("language", "headline", "rest"),
    [
        ("en", "🌅 While it was quiet: 100 messages", "… and {} earlier"),
        ("ja", "🌅 おやすみ中の出来事:100 件", "…ほか {} 件"),
        ("zh", "🌅 免打扰期间有 100 条消息", "……以及更早的 {} 条"),
    ],
)
def test_of_too_many_the_newest_are_shown(scene, add_muted, language, headline, rest):
    user, events = add_muted(100, language=language)
    mute(scene, user, None)
    scene.deliver(user, event=events[0])
    [(_, message, *_)] = scene.chats.sent
    assert message.headline == headline
    shown = message.body[1:]
    assert message.body[0] == rest.format(100 - len(shown))
    assert 20 < len(shown) < 60
    assert message.body[-1].endswith("https://v.example/99")
    assert sum(map(len, message.body)) < 3000
