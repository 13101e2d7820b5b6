"""Why somebody heard of an Event, or did not: every case, in every language."""

import string
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from stargazer.explanations import Explanation, Situation, explain
from stargazer.models import (
    Attempt,
    Delivery,
    DeliveryState,
    EventFilter,
    OutboxState,
    Reason,
    Step,
    StoredEvent,
    User,
)
from stargazer.sentences import SENTENCES, say
from stargazer.situations import explain_delivery

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KIND = "youtube/live_start"
ENTITY, OTHER = UUID(int=1), UUID(int=2)
PENDING, SENT, FAILED = DeliveryState.PENDING, DeliveryState.SENT, DeliveryState.FAILED
DROPPED, UNKNOWN = DeliveryState.DROPPED, DeliveryState.UNKNOWN
WISH = EventFilter(entities=frozenset({ENTITY}), kinds=frozenset({KIND}))


def make_event(state=OutboxState.DONE, *steps, **fields):
    values = {"kind": KIND, "entity": ENTITY, "fields": {}, "happened_at": NOW - 20 * SECOND}
    values |= {"created_at": NOW - 8 * SECOND, "state": state, "history": steps}
    return StoredEvent(**{**values, **fields})


def make_step(what, detail=""):
    return Step(at=NOW, by="delay", what=what, detail=detail)


def make_user(**fields):
    return User(**{"im": "telegram", "im_payload": "1", "event_filter": WISH, **fields})


EVENT, USER = make_event(), make_user()


def make_delivery(state, code=None, **fields):
    values = {"event": EVENT.id, "user": USER.id, "im": "telegram", "state": state}
    values |= {"created_at": NOW, "due_at": NOW, "code": code, "attempts": 2}
    if state is not PENDING:
        values["finished_at"] = NOW
    return Delivery(**{**values, **fields})


def make_pending(code=None, **fields):
    return Situation(EVENT, USER, make_delivery(PENDING, code, **fields))


def tell_together(digest):
    """Give what is known of something that came in quiet hours, and of what tells of it."""
    delivery = make_delivery(DROPPED, Reason.QUIET_HOURS, reason="in a digest", digest=digest.event)
    return Situation(EVENT, USER, delivery, digest=digest)


LATER = {"next_at": NOW + SECOND, "reason": "HTTP 502"}
AHEAD = make_delivery(PENDING, event=UUID(int=7))
RESENT = Attempt(at=NOW, code=Reason.RESENT, detail="root")

CASES = {
    "no_event": (
        Situation(None, USER, None),
        "There is no such event.",
    ),
    "no_user": (Situation(EVENT, None, None), "There is no such user."),
    "event_held": (
        Situation(make_event(OutboxState.HELD, make_step("held", "until T")), USER, None),
        "The middleware delay holds the event since 2026-11-25 12:00:00 UTC: until T.",
    ),
    "event_away": (
        Situation(make_event(OutboxState.AWAY, make_step("sent_away")), USER, None),
        "The event is with somebody else's middleware, delay, since 2026-11-25 12:00:00 UTC.",
    ),
    "event_queued": (
        Situation(make_event(OutboxState.OPEN, tags=("a", "translate")), USER, None),
        "The event waits for the middleware translate since 2026-11-25 11:59:52 UTC.",
    ),
    "event_ready": (
        Situation(make_event(OutboxState.OPEN), USER, None),
        "The event is about to be given to all who want it.",
    ),
    "event_swallowed": (
        Situation(make_event(OutboxState.SWALLOWED, make_step("cancelled")), USER, None),
        (
            "The middleware delay ended the event at 2026-11-25 12:00:00 UTC (cancelled): nobody "
            "hears of it."
        ),
    ),
    "event_dead": (
        Situation(make_event(OutboxState.DEAD, make_step("dead", "no x-delay-at")), USER, None),
        "The event could not go on at 2026-11-25 12:00:00 UTC, because of delay: no x-delay-at.",
    ),
    "event_stale": (
        Situation(make_event(OutboxState.STALE), USER, None),
        "The event was no news any more when it was ready, so that nobody heard of it.",
    ),
    "entity_not_wanted": (
        Situation(make_event(entity=OTHER), USER, None),
        "This chat is not subscribed to whom the event is about.",
    ),
    "kind_not_wanted": (
        Situation(make_event(kind="youtube/new_video"), USER, None),
        "This chat does not want events of the kind youtube/new_video.",
    ),
    "not_wanted_then": (
        Situation(EVENT, USER, None),
        "This chat did not want such events at the time, 2026-11-25 11:59:52 UTC.",
    ),
    "sent": (
        Situation(None, USER, make_delivery(SENT, message_ids=("7", "8"))),
        "Sent at 2026-11-25 12:00:00 UTC, as message 7, 8.",
    ),
    "sent_after": (
        Situation(EVENT, None, make_delivery(SENT, message_ids=("7",))),
        (
            "Sent at 2026-11-25 12:00:00 UTC, 20 s after it happened and 8 s after it became "
            "known, as message 7."
        ),
    ),
    "unknown": (
        Situation(EVENT, USER, make_delivery(UNKNOWN, Reason.NO_ANSWER, reason="timed out.")),
        (
            "telegram did not answer at 2026-11-25 12:00:00 UTC (timed out): it may have arrived, "
            "and is not sent again by itself."
        ),
    ),
    "failed_attempts": (
        Situation(EVENT, USER, make_delivery(FAILED, Reason.ATTEMPTS, reason="HTTP 502")),
        "Given up at 2026-11-25 12:00:00 UTC after 2 attempts; the last error was: HTTP 502.",
    ),
    "failed_stale": (
        Situation(EVENT, USER, make_delivery(FAILED, Reason.STALE, reason="HTTP 502")),
        (
            "Given up at 2026-11-25 12:00:00 UTC after 2 attempts, for it would have been no news "
            "any more; the last error was: HTTP 502."
        ),
    ),
    "failed_refused": (
        Situation(EVENT, USER, make_delivery(FAILED, Reason.REFUSED, reason="too long")),
        "telegram refused it at 2026-11-25 12:00:00 UTC: too long.",
    ),
    "failed_gone": (
        Situation(EVENT, USER, make_delivery(FAILED, Reason.GONE, reason="blocked")),
        "The chat could not be reached at 2026-11-25 12:00:00 UTC, and is paused since: blocked.",
    ),
    "failed_other": (
        Situation(EVENT, USER, make_delivery(FAILED, reason="of an older version")),
        "It failed at 2026-11-25 12:00:00 UTC: of an older version.",
    ),
    "dropped_stale": (
        Situation(EVENT, USER, make_delivery(DROPPED, Reason.STALE)),
        "Not sent, for at 2026-11-25 12:00:00 UTC it was no news any more.",
    ),
    "dropped_paused": (
        Situation(EVENT, USER, make_delivery(DROPPED, Reason.PAUSED, reason="paused: kicked")),
        "Not sent at 2026-11-25 12:00:00 UTC: paused: kicked.",
    ),
    "dropped_user_removed": (
        Situation(EVENT, None, make_delivery(DROPPED, Reason.USER_REMOVED)),
        "Not sent, for the user was removed at 2026-11-25 12:00:00 UTC.",
    ),
    "dropped_event_removed": (
        Situation(None, USER, make_delivery(DROPPED, Reason.EVENT_REMOVED)),
        "Not sent, for the event was removed before its turn at 2026-11-25 12:00:00 UTC.",
    ),
    "dropped_filter": (
        Situation(EVENT, USER, make_delivery(DROPPED, Reason.FILTER, reason="word: spoiler")),
        "Not sent, for a filter of this chat held it back: word: spoiler.",
    ),
    "dropped_quiet_hours": (
        Situation(EVENT, USER, make_delivery(DROPPED, Reason.QUIET_HOURS, reason="in a digest")),
        "Not sent by itself, for it came in the quiet hours of this chat: in a digest.",
    ),
    "in_digest": (
        tell_together(make_delivery(SENT, message_ids=("9",))),
        (
            "Told in one message with others at 2026-11-25 12:00:00 UTC, after the quiet hours of "
            "this chat, as message 9."
        ),
    ),
    "in_digest_pending": (
        tell_together(make_delivery(PENDING)),
        (
            "It came in the quiet hours of this chat; the one message that tells of all of it is "
            "on its way."
        ),
    ),
    "in_digest_failed": (
        tell_together(make_delivery(FAILED, Reason.REFUSED, reason="too long")),
        (
            "It came in the quiet hours of this chat; the one message that was to tell of all of "
            "it failed at 2026-11-25 12:00:00 UTC: too long."
        ),
    ),
    "in_digest_dropped": (
        tell_together(make_delivery(DROPPED, Reason.PAUSED, reason="paused: kicked")),
        (
            "It came in the quiet hours of this chat; the one message that was to tell of all of "
            "it was not sent at 2026-11-25 12:00:00 UTC: paused: kicked."
        ),
    ),
    "in_digest_unknown": (
        tell_together(make_delivery(UNKNOWN, Reason.NO_ANSWER, reason="timed out")),
        (
            "It came in the quiet hours of this chat; telegram did not answer at 2026-11-25 "
            "12:00:00 UTC to the one message that tells of all of it (timed out): it may have "
            "arrived."
        ),
    ),
    "dropped_other": (
        Situation(EVENT, USER, make_delivery(DROPPED, reason="of an older version")),
        "Not sent at 2026-11-25 12:00:00 UTC: of an older version.",
    ),
    "waits": (make_pending(), "On its way; it should arrive within seconds."),
    "waits_in_hand": (make_pending(claim="worker"), "It is being sent right now."),
    "waits_paused": (
        Situation(EVENT, make_user(paused="kicked"), make_delivery(PENDING)),
        "Not sent yet, and it will not be while the chat is paused: kicked.",
    ),
    "waits_for_pace": (
        make_pending(Reason.PACE, **LATER),
        "It waits for its turn at the pace of telegram, at 2026-11-25 12:00:01 UTC.",
    ),
    "waits_throttled": (
        make_pending(Reason.THROTTLED, **LATER),
        "telegram asked for a pause (HTTP 502); it is tried again at 2026-11-25 12:00:01 UTC.",
    ),
    "waits_for_retry": (
        make_pending(Reason.RETRY, **LATER),
        "Attempt 2 failed (HTTP 502); it is tried again at 2026-11-25 12:00:01 UTC.",
    ),
    "waits_for_quiet_hours": (
        make_pending(Reason.QUIET_HOURS, **LATER),
        "It waits for the end of the quiet hours of this chat, at 2026-11-25 12:00:01 UTC.",
    ),
    "waits_behind": (
        make_pending()._replace(ahead=AHEAD),
        (
            "It waits for an earlier message to the same chat, event "
            "00000000-0000-0000-0000-000000000007."
        ),
    ),
    "waits_behind_until": (
        make_pending()._replace(ahead=AHEAD.model_copy(update=LATER)),
        (
            "It waits for an earlier message to the same chat, event "
            "00000000-0000-0000-0000-000000000007, which is tried again at 2026-11-25 12:00:01 UTC."
        ),
    ),
    "waits_resent": (
        make_pending(Reason.RESENT, history=(RESENT,)),
        "root asked for it to be sent again; it should arrive within seconds.",
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_each_case_is_said_in_a_sentence(code):
    situation, sentence = CASES[code]
    explanation = explain(situation)
    assert explanation.code == code
    assert say(explanation, "en", "UTC") == sentence


def test_there_is_a_case_for_each_sentence():
    assert CASES.keys() == SENTENCES["en"].keys()


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_each_language_says_the_same(language):
    def list_values(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english = SENTENCES["en"]
    assert SENTENCES[language].keys() == english.keys()
    for code, text in SENTENCES[language].items():
        assert list_values(text) == list_values(english[code]), code
        assert say(explain(CASES[code][0]), language, "UTC")


@pytest.mark.parametrize("state", DeliveryState)
@pytest.mark.parametrize("code", [None, *Reason])
def test_no_state_and_reason_is_without_words(state, code):
    """Not even those that do not belong together."""
    situation = Situation(EVENT, USER, make_delivery(state, code))
    assert say(explain(situation), "en", "UTC")


@pytest.mark.parametrize("state", OutboxState)
def test_no_state_of_an_event_is_without_words(state):
    assert say(explain(Situation(make_event(state), USER, None)), "en", "UTC")


def test_times_are_those_of_the_reader():
    explanation = Explanation("waits_for_quiet_hours", {"at": NOW})
    assert "2026-11-25 21:00:00 JST" in say(explanation, "ja-JP", "Asia/Tokyo")
    assert "2026-11-25 12:00:00 UTC" in say(explanation, "xx", "Nowhere/At_All")


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(milliseconds=340), "340 ms"),
        (119 * SECOND, "119 s"),
        (150 * SECOND, "2 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=3), "3 d"),
    ],
    ids=str,
)
def test_spans_are_as_people_say_them(span, said):
    values = {"at": NOW, "age": span, "took": span, "messages": "7"}
    assert f" {said} after it happened" in say(Explanation("sent_after", values), "en", "UTC")


class TestReading:
    @pytest.fixture
    def add(self, store):
        store.users.save(USER)

        def add(number, **fields):
            event = make_event(id=UUID(int=number))
            store.events.save(event)
            at = NOW + number * SECOND
            delivery = make_delivery(
                **{"state": PENDING, "event": event.id, "created_at": at, **fields}
            )
            store.deliveries.add([delivery])
            return event.id

        return add

    def test_what_is_ahead_is_what_is_pending_and_came_earlier(self, store, add):
        add(1, state=SENT)
        first, second, third = add(2), add(3), add(4)
        for event in (second, third):
            assert str(first) in explain_delivery(store, event, USER.id)
        assert explain_delivery(store, first, USER.id).startswith("On its way")

    def test_what_steps_aside_is_not_ahead(self, store, add):
        add(2, code=Reason.ASIDE, **LATER)
        assert explain_delivery(store, add(3), USER.id).startswith("On its way")

    def test_the_users_own_language_is_spoken_where_no_other_is_asked_for(self, store, add):
        settings = USER.settings.model_copy(update={"language": "zh"})
        store.users.save(USER.model_copy(update={"settings": settings}))
        event = add(2)
        assert explain_delivery(store, event, USER.id) == SENTENCES["zh"]["waits"]
        assert explain_delivery(store, event, USER.id, "ja") == SENTENCES["ja"]["waits"]
