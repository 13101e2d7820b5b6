"""What a Sender makes of what a chat app says."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import redis

from stargazer import chats
from stargazer.delivery import HORIZON, Sender
from stargazer.errors import (
    GoneError,
    MediaRefusedError,
    MovedError,
    PlatformError,
    RefusedError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.kinds import KINDS
from stargazer.models import (
    DeliveryState,
    Reason,
    User,
    UserSettings,
)
from stargazer.outcomes import PutOff
from stargazer.ratelimit import Limit, reserve
from stargazer.resending import resend
from stargazer.tallies import find_bucket


def test_what_the_chat_app_took_is_sent(scene):
    user = scene.add_user("1")
    assert scene.deliver() == []
    delivery = scene.find(user)
    assert delivery.state == DeliveryState.SENT
    assert (delivery.message_id, delivery.attempts) == ("message to 1", 1)
    assert delivery.finished_at is not None
    [(_, message, key, _)] = scene.chats.sent
    assert key == f"{scene.event.id}:{user.id}"
    assert message.headline == "🔴 Sora is live on YouTube"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, DeliveryState.SENT),
        (RefusedError("no"), DeliveryState.FAILED),
        (UnknownOutcomeError("late"), DeliveryState.UNKNOWN),
    ],
    ids=["sent", "failed", "unknown"],
)
def test_what_became_of_it_is_counted_for_the_operator(scene, read_tallies, error, state):
    event = scene.add_event(happened_at=datetime.now(UTC) - timedelta(seconds=30))
    user = scene.add_user("1", event=event)
    if error is not None:
        scene.chats.answers["1"].append(error)
    scene.deliver(user, event=event)
    counted = read_tallies()
    assert counted.deliveries == {("fake", state): 1}
    assert counted.ages.total() == (error is None)
    assert all(bucket >= find_bucket(30) for bucket in counted.ages)


def test_what_somebody_asks_for_again_makes_nothing_late(scene, read_tallies):
    user = scene.add_user("1")
    scene.deliver()
    resend(scene.store, scene.event.id, user.id, "root", datetime.now(UTC), force=True)
    scene.deliver()
    counted = read_tallies()
    assert counted.deliveries == {("fake", DeliveryState.SENT): 2}
    assert counted.ages.total() == 1


def test_each_user_hears_it_in_a_language_of_its_own(scene):
    scene.add_user("1", settings=UserSettings(language="ja"))
    scene.add_user("2", settings=UserSettings(language="zh-Hans"))
    scene.add_user("3", settings=UserSettings(language="ja"))
    scene.deliver()
    said = {address: message.headline for address, message, *_ in scene.chats.sent}
    assert said == {
        "1": "🔴 SoraがYouTubeで配信を開始しました",
        "2": "🔴 Sora 在 YouTube 开播了",
        "3": "🔴 SoraがYouTubeで配信を開始しました",
    }


def test_each_user_hears_it_with_a_sound_or_without(scene):
    scene.add_user("1", settings=UserSettings(silent_kinds=frozenset()))
    scene.add_user("2", settings=UserSettings(silent_kinds=frozenset(KINDS)))
    scene.deliver()
    said = {address: message.is_silent for address, message, *_ in scene.chats.sent}
    assert said == {"1": False, "2": True}


def test_what_is_sent_is_never_sent_again(scene):
    scene.add_user("1")
    scene.deliver()
    assert scene.deliver() == []
    assert scene.chats.addresses == ["1"]


def test_users_without_a_delivery_get_nothing(scene):
    user = User(im="fake", im_payload="1")
    scene.store.users.save(user)
    assert scene.deliver(user) == []
    assert scene.chats.sent == []


def test_passing_trouble_is_tried_again_with_growing_pauses_and_then_has_failed(scene):
    user = scene.add_user("1")
    scene.chats.answers["1"] = [TransientError("HTTP 502") for _ in range(5)]
    pauses = []
    for attempt in (1, 2):
        [put_off] = scene.deliver()
        pauses.append(put_off.seconds)
        delivery = scene.find(user)
        assert put_off.users == (user.id,)
        assert (delivery.state, delivery.claim) == (DeliveryState.PENDING, None)
        assert (delivery.attempts, delivery.reason) == (attempt, "HTTP 502")
        assert delivery.due_at > datetime.now(UTC) + timedelta(seconds=put_off.seconds)
    assert 1.5 <= pauses[0] <= 2.5
    assert 3.0 <= pauses[1] <= 5.0
    assert scene.deliver() == []
    delivery = scene.find(user)
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, 3)
    assert delivery.reason == "HTTP 502"
    assert len(scene.chats.sent) == 3


def test_what_succeeds_at_a_later_attempt_is_sent(scene):
    user = scene.add_user("1")
    scene.chats.answers["1"] = [TransientError("HTTP 502")]
    scene.deliver()
    scene.deliver()
    delivery = scene.find(user)
    assert (delivery.state, delivery.attempts) == (DeliveryState.SENT, 2)
    assert delivery.reason is None


def test_a_pause_too_long_for_the_broker_is_left_to_the_sweeper(scene, make_context):
    """A countdown near the visibility timeout would be delivered many times."""
    short = make_context(visibility_timeout=timedelta(seconds=4))
    user = scene.add_user("1")
    scene.chats.answers["1"] = [ThrottledError("slow down", 30.0)]
    assert Sender(short, scene.chats, 1).deliver(scene.event.id, [user.id]) == []
    delivery = scene.find(user)
    assert (delivery.state, delivery.claim) == (DeliveryState.PENDING, None)
    ahead = (delivery.due_at - datetime.now(UTC)).total_seconds()
    assert 28 < ahead <= 30


def test_a_throttled_chat_is_left_alone_and_the_others_are_not(scene):
    slow, other = scene.add_user("1"), scene.add_user("2")
    scene.chats.answers["1"] = [ThrottledError("slow down", 40.0)]
    assert scene.deliver() == [PutOff(scene.event.id, (slow.id,), 40.0)]
    assert scene.find(other).state == DeliveryState.SENT
    delivery = scene.find(slow)
    assert (delivery.state, delivery.claim, delivery.attempts) == (DeliveryState.PENDING, None, 0)

    event = scene.add_event()
    scene.add_delivery(slow, event)
    scene.add_delivery(other, event)
    # The other one waits behind the first, which has to wait itself.
    assert scene.deliver(event=event) == []
    assert scene.find(other, event).state == DeliveryState.SENT
    [put_off] = scene.deliver()
    assert put_off.users == (slow.id,)
    assert HORIZON < put_off.seconds <= 40.0
    assert scene.chats.addresses.count("1") == 1


def test_many_throttled_chats_mean_the_whole_bot(scene):
    users = [scene.add_user(str(number)) for number in range(3)]
    for user in users:
        scene.chats.answers[user.im_payload] = [ThrottledError("slow down", 40.0)]
    assert sum(len(put_off.users) for put_off in scene.deliver()) == 3
    other = scene.add_user("other")
    [put_off] = scene.deliver(other)
    assert put_off.seconds > HORIZON
    assert "other" not in scene.chats.addresses


def test_throttling_is_never_given_up(scene, settings):
    user = scene.add_user("1")
    tries = settings.delivery_attempts + 2
    scene.chats.answers["1"] = [ThrottledError("slow down", 0.01) for _ in range(tries)]
    for _ in range(tries):
        assert len(scene.deliver()) == 1
    assert scene.find(user).attempts == 0
    scene.deliver()
    assert scene.find(user).state == DeliveryState.SENT


def test_a_chat_that_moved_is_followed(scene):
    user = scene.add_user("-1")
    scene.chats.answers["-1"] = [MovedError("it is a supergroup now", "-1001")]
    assert scene.deliver() == [PutOff(scene.event.id, (user.id,), 0.0)]
    assert scene.store.users.find(user.id).im_payload == "-1001"
    assert scene.deliver() == []
    assert scene.chats.addresses == ["-1", "-1001"]
    assert scene.find(user).state == DeliveryState.SENT


def test_a_chat_that_is_gone_is_paused_with_the_reason(scene):
    user = scene.add_user("1")
    scene.chats.answers["1"] = [GoneError("bot was blocked by the user")]
    assert scene.deliver() == []
    delivery = scene.find(user)
    assert delivery.state == DeliveryState.FAILED
    assert delivery.reason == scene.store.users.find(user.id).paused
    assert delivery.reason == "bot was blocked by the user"

    event = scene.add_event()
    scene.add_delivery(user, event)
    scene.deliver(event=event)
    assert scene.find(user, event).state == DeliveryState.DROPPED
    assert scene.chats.addresses == ["1"]


def test_an_unknown_outcome_is_never_repeated(scene):
    user = scene.add_user("1")
    scene.chats.answers["1"] = [UnknownOutcomeError("no answer in time")]
    assert scene.deliver() == []
    assert scene.deliver() == []
    delivery = scene.find(user)
    assert (delivery.state, delivery.reason) == (DeliveryState.UNKNOWN, "no answer in time")
    assert scene.chats.addresses == ["1"]


@pytest.mark.parametrize(
    "error", [RefusedError, MediaRefusedError, PlatformError], ids=lambda error: error.__name__
)
def test_what_is_refused_has_failed_and_pauses_nobody(scene, error):
    user = scene.add_user("1")
    scene.chats.answers["1"] = [error("message is too long")]
    assert scene.deliver() == []
    delivery = scene.find(user)
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "message is too long")
    assert scene.store.users.find(user.id).paused is None


def test_a_paused_user_is_dropped_with_the_reason(scene):
    user = scene.add_user("1", paused="bot was kicked")
    other = scene.add_user("2")
    scene.deliver()
    delivery = scene.find(user)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DROPPED, 0)
    assert delivery.reason == "the chat is paused: bot was kicked"
    assert scene.find(other).state == DeliveryState.SENT


def test_a_removed_user_is_dropped(scene):
    user = scene.add_user("1")
    scene.store.users.delete(user.id)
    scene.deliver()
    delivery = scene.find(user)
    assert (delivery.state, delivery.reason) == (DeliveryState.DROPPED, "the user was removed")


def test_stale_news_are_dropped(scene):
    event = scene.add_event(happened_at=datetime.now(UTC) - timedelta(hours=4))
    user = scene.add_user("1", event)
    scene.deliver(event=event)
    assert scene.find(user, event).reason == "stale"
    assert scene.chats.sent == []


def test_deliveries_of_an_event_that_is_missing_are_dropped(scene):
    user = scene.add_user("1")
    scene.store.events.delete(scene.event.id)
    scene.deliver()
    assert scene.find(user).state == DeliveryState.DROPPED
    assert scene.chats.sent == []


def test_a_removed_entity_is_told_of_without_its_name(scene):
    scene.add_user("1")
    scene.store.entities.delete(scene.entity.id)
    scene.deliver()
    assert scene.chats.sent[0][1].headline == "🔴 ? is live on YouTube"


def test_a_delivery_in_another_hand_is_left_there(scene):
    user = scene.add_user("1")
    until = datetime.now(UTC) + timedelta(minutes=1)
    scene.store.deliveries.claim(
        [(scene.event.id, user.id)], "another worker", until, datetime.now(UTC)
    )
    assert scene.deliver() == []
    assert scene.chats.sent == []
    assert scene.find(user).claim == "another worker"


def test_senders_at_once_never_send_one_delivery_twice(scene):
    users = [scene.add_user(str(number)) for number in range(40)]
    senders = [Sender(scene.context, scene.chats, 4) for _ in range(4)]
    barrier = threading.Barrier(len(senders))

    def deliver(sender):
        barrier.wait(10)
        return sender.deliver(scene.event.id, [user.id for user in users])

    with ThreadPoolExecutor(len(senders)) as pool:
        assert list(pool.map(deliver, senders)) == [[]] * len(senders)
    assert sorted(scene.chats.addresses, key=int) == [user.im_payload for user in users]
    assert {scene.find(user).state for user in users} == {DeliveryState.SENT}


def test_without_redis_the_deliveries_are_given_back(scene, make_context, free_port):
    user = scene.add_user("1")
    lost = make_context(redis_url=f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(redis.ConnectionError):
        Sender(lost, scene.chats, 1).deliver(scene.event.id, [user.id])
    delivery = scene.find(user)
    assert (delivery.state, delivery.claim) == (DeliveryState.PENDING, None)
    assert scene.chats.sent == []
    scene.deliver()
    assert scene.find(user).state == DeliveryState.SENT


def test_messages_are_sent_at_the_pace_of_the_chat_app(scene):
    scene.chats.limits = (Limit("fake", 1, 0.1),)
    for number in range(4):
        scene.add_user(str(number))
    started = time.monotonic()
    scene.deliver()
    # However late a thread comes to its message, none is ahead of its slot.
    ahead = [at - started - 0.1 * number for number, (*_, at) in enumerate(scene.chats.sent)]
    assert len(ahead) == 4
    assert min(ahead) >= 0


def test_those_that_come_late_together_do_not_come_at_once(scene):
    shared = Limit("fake", 5, 0.4)
    scene.chats.limits = (shared,)
    scene.sender = Sender(scene.context, scene.chats, 1)
    slow, *_ = (scene.add_user(str(number)) for number in range(15))
    # The only thread is busy for as long as more than one slot of the others.
    scene.chats.slow = {slow.im_payload: 0.7}
    while put_off := scene.deliver():
        time.sleep(min(each.seconds for each in put_off))
    times = sorted(at for *_, at in scene.chats.sent)
    assert len(times) == 15
    spans = [later - earlier for earlier, later in zip(times, times[5:], strict=False)]
    assert min(spans) >= shared.period


def test_what_is_too_late_and_finds_no_slot_soon_is_put_off(scene):
    scene.chats.limits = (Limit("fake", 2, 30.0),)
    scene.sender = Sender(scene.context, scene.chats, 1)
    slow, late = scene.add_user("1"), scene.add_user("2")
    scene.chats.slow = {"1": 0.3}
    [put_off] = scene.deliver()
    assert scene.chats.addresses == [slow.im_payload]
    assert put_off.users == (late.id,)
    assert (scene.find(late).state, scene.find(late).code) == (DeliveryState.PENDING, Reason.PACE)


@pytest.mark.parametrize("answer", [None, TransientError("HTTP 502")], ids=["taken", "refused"])
def test_the_next_one_keeps_its_distance_from_one_that_took_long(scene, redis_client, answer):
    shared, own = scene.chats.limits[0], Limit("own", 1, 60.0)
    scene.chats.limits = (shared, own)
    scene.chats.slowness = 0.2
    scene.chats.answers["1"] = [answer]
    scene.add_user("1")
    scene.deliver()
    arrived = scene.chats.sent[0][3]
    # It may have arrived at any moment until its answer came.
    [wait] = reserve(redis_client, [(own,)], 0.0)
    assert time.monotonic() + wait >= arrived + scene.chats.slowness + own.period
    [wait] = reserve(redis_client, [(shared,)], 0.0)
    assert wait == 0.0


def test_what_cannot_be_sent_within_half_a_lease_is_put_off(scene, settings):
    """The lease of the test is two seconds, and half of it is for work."""
    scene.chats.limits = (Limit("fake", 1, 0.6),)
    users = [scene.add_user(str(number)) for number in range(4)]
    put_off = scene.deliver()
    states = [scene.find(user).state for user in users]
    assert states == [DeliveryState.SENT] * 2 + [DeliveryState.PENDING] * 2
    assert [user for each in put_off for user in each.users] == [users[2].id, users[3].id]
    assert all(scene.find(user).claim is None for user in users[2:])


def test_a_slot_that_cannot_be_used_is_left_to_others(scene):
    """Else every attempt would find the next one as far away, and nothing would ever be sent."""
    scene.chats.limits = (Limit("fake", 1, 1.5),)
    first, second = scene.add_user("1"), scene.add_user("2")
    [put_off] = scene.deliver()
    assert scene.find(first).state == DeliveryState.SENT
    [wait] = reserve(scene.context.redis, [scene.chats.limits], 0.0)
    assert wait <= put_off.seconds + 0.1
    assert put_off.users == (second.id,)


def test_who_sends_slowly_has_a_longer_lease(scene):
    """Nobody may take a Delivery whose answer is still to come, however late that is."""
    scene.sender = Sender(scene.context, scene.chats, 4, timedelta(seconds=100))
    user = scene.add_user("1")
    due = []

    def send(*_):
        due.append(scene.find(user).due_at)
        return ()

    scene.chats.send = send
    before = datetime.now(UTC)
    assert scene.deliver() == []
    # Half of two seconds for work, and then the longest message.
    assert timedelta(seconds=101) <= due[0] - before < timedelta(seconds=111)


def test_a_slot_beyond_the_horizon_is_not_waited_for(scene):
    scene.chats.limits = (Limit("fake", 1, 60.0),)
    first, second = scene.add_user("1"), scene.add_user("2")
    started = time.monotonic()
    [put_off] = scene.deliver()
    assert time.monotonic() - started < 5
    assert put_off.users == (second.id,)
    assert 55 < put_off.seconds < 61
    assert scene.find(first).state == DeliveryState.SENT


def test_what_waits_about_equally_long_is_put_off_together(scene):
    users = [scene.add_user(str(number)) for number in range(4)]
    for user, pause in zip(users, (30.1, 30.7, 50.0, 30.3), strict=True):
        scene.chats.answers[user.im_payload] = [ThrottledError("slow down", pause)]
    sooner, later = scene.deliver()
    assert (set(sooner.users), sooner.seconds) == ({users[0].id, users[1].id, users[3].id}, 30.7)
    assert (later.users, later.seconds) == ((users[2].id,), 50.0)


def test_a_mistake_of_ours_at_one_message_costs_the_others_nothing(scene):
    broken, throttled, fine = (scene.add_user(str(number)) for number in range(3))
    scene.chats.answers["0"] = [ZeroDivisionError()]
    scene.chats.answers["1"] = [ThrottledError("slow down", 30.0)]
    with pytest.raises(ZeroDivisionError):
        scene.deliver()
    assert scene.find(fine).state == DeliveryState.SENT
    assert scene.find(throttled).claim is None
    # Nobody knows whether it was sent, so that only the sweeper takes it, when its time is over.
    assert scene.find(broken).claim is not None


def test_an_event_id_that_nobody_knows_sends_nothing(scene):
    user = scene.add_user("1")
    assert scene.sender.deliver(uuid4(), [user.id]) == []
    assert scene.find(user).state == DeliveryState.PENDING


class TestBookkeeping:
    """All that is needed to say later what happened."""

    def test_each_error_is_remembered_with_its_time(self, scene):
        user = scene.add_user("1")
        began = datetime.now(UTC) - timedelta(seconds=1)
        scene.chats.answers["1"] = [TransientError("HTTP 502"), ThrottledError("slow", 0.01)]
        scene.deliver()
        waiting = scene.find(user)
        assert waiting.code is Reason.RETRY
        assert waiting.next_at > datetime.now(UTC)
        scene.deliver()
        assert scene.find(user).code is Reason.THROTTLED
        scene.deliver()
        sent = scene.find(user)
        assert (sent.state, sent.code, sent.reason) == (DeliveryState.SENT, None, None)
        said = [(attempt.code, attempt.detail) for attempt in sent.history]
        assert said == [(Reason.RETRY, "HTTP 502"), (Reason.THROTTLED, "slow")]
        assert all(began < attempt.at <= sent.finished_at for attempt in sent.history)

    def test_the_history_is_bounded_and_keeps_the_latest(self, scene):
        user = scene.add_user("1")
        scene.chats.answers["1"] = [ThrottledError(f"no {n}", 0.001) for n in range(15)]
        for _ in range(15):
            scene.deliver()
        history = scene.find(user).history
        assert [attempt.detail for attempt in history] == [f"no {n}" for n in range(5, 15)]

    @pytest.mark.parametrize(
        ("error", "state", "code"),
        [
            (RefusedError("x"), DeliveryState.FAILED, Reason.REFUSED),
            (GoneError("x"), DeliveryState.FAILED, Reason.GONE),
            (UnknownOutcomeError("x"), DeliveryState.UNKNOWN, Reason.NO_ANSWER),
        ],
        ids=lambda value: getattr(value, "value", type(value).__name__),
    )
    def test_what_is_given_up_says_why(self, scene, error, state, code):
        user = scene.add_user("1")
        scene.chats.answers["1"] = [error]
        scene.deliver()
        delivery = scene.find(user)
        assert (delivery.state, delivery.code, delivery.reason) == (state, code, "x")
        [attempt] = delivery.history
        assert (attempt.code, attempt.detail) == (code, "x")

    def test_an_end_of_attempts_is_no_end_of_news(self, scene):
        user = scene.add_user("1")
        scene.chats.answers["1"] = [TransientError("HTTP 502") for _ in range(3)]
        for _ in range(3):
            scene.deliver()
        assert scene.find(user).code is Reason.ATTEMPTS

    def test_what_would_be_stale_by_then_is_not_tried_again(self, scene):
        nearly = datetime.now(UTC) - timedelta(hours=3) + timedelta(seconds=1)
        event = scene.add_event(happened_at=nearly)
        user = scene.add_user("1", event)
        scene.chats.answers["1"] = [TransientError("HTTP 502")]
        assert scene.deliver(event=event) == []
        delivery = scene.find(user, event)
        assert (delivery.state, delivery.code) == (DeliveryState.FAILED, Reason.STALE)
        assert delivery.reason == "HTTP 502"

    def test_an_album_has_many_ids(self, scene):
        user = scene.add_user("1")
        scene.chats.send = lambda *_: ("7", "8", "9")
        scene.deliver()
        delivery = scene.find(user)
        assert (delivery.message_ids, delivery.message_id) == (("7", "8", "9"), "7")

    @pytest.mark.parametrize(
        ("spoil", "code"),
        [
            (lambda scene, _: scene.store.events.delete(scene.event.id), Reason.EVENT_REMOVED),
            (lambda scene, user: scene.store.users.delete(user.id), Reason.USER_REMOVED),
            (
                lambda scene, user: scene.store.users.pause(user.id, "x", datetime.now(UTC)),
                Reason.PAUSED,
            ),
        ],
        ids=["no event", "no user", "paused"],
    )
    def test_what_is_dropped_says_why(self, scene, spoil, code):
        user = scene.add_user("1")
        spoil(scene, user)
        scene.deliver()
        delivery = scene.find(user)
        assert (delivery.state, delivery.code) == (DeliveryState.DROPPED, code)


class TestAskedForAgain:
    def test_what_was_stale_is_sent_however_old_it_is(self, scene):
        event = scene.add_event(happened_at=datetime.now(UTC) - timedelta(days=4))
        user = scene.add_user("1", event)
        scene.deliver(event=event)
        assert scene.find(user, event).code is Reason.STALE
        resend(scene.store, event.id, user.id, "root", datetime.now(UTC))
        scene.chats.answers["1"] = [TransientError("HTTP 502")]
        scene.deliver(event=event)
        assert scene.find(user, event).code is Reason.RETRY
        scene.deliver(event=event)
        assert scene.find(user, event).state is DeliveryState.SENT

    def test_what_was_sent_is_sent_under_another_key(self, scene):
        """A chat app that takes one key once would not take it."""
        user = scene.add_user("1")
        scene.deliver()
        resend(scene.store, scene.event.id, user.id, "root", datetime.now(UTC), force=True)
        scene.deliver()
        first, second = (key for _, _, key, _ in scene.chats.sent)
        assert second == f"{first}:1"
        assert scene.deliver() == []
        assert len(scene.chats.sent) == 2


def test_a_chat_that_is_back_hears_how_much_it_missed(scene):
    user = scene.add_user("1")
    scene.chats.answers["1"] = [GoneError("blocked")]
    scene.deliver()
    event = scene.add_event()
    scene.add_delivery(user, event)
    scene.deliver(event=event)
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert chats.resume(scene.store, scene.store.users.find(user.id), later) == 2
    [notice] = scene.store.deliveries.list_waiting(user.id)
    scene.sender.deliver(notice.event, [user.id])
    [_, (_, message, *_)] = scene.chats.sent
    assert message.headline.startswith("2 messages were not sent while")
    assert scene.find(user, scene.store.events.find(notice.event)).state is DeliveryState.SENT
