"""The life of a broadcast: stories of what was seen, and what was told of each."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stargazer.broadcasts import Sighting, compare, miss, next_look
from stargazer.models import Broadcast, BroadcastState, Marks, Task, Witness

CREATED = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BEFORE = CREATED - HOUR
AFTER = CREATED + HOUR
START = CREATED + 24 * HOUR
LOOK = CREATED + 48 * HOUR
TASK = Task(
    id=UUID(int=1),
    entity=UUID(int=2),
    kind="youtube",
    params={"channel_id": "UCstars"},
    created_at=CREATED,
)
NEW_VIDEO = "youtube/new_video"
SCHEDULED = "youtube/broadcast_scheduled"
RESCHEDULED = "youtube/broadcast_rescheduled"
LIVE_START = "youtube/live_start"
LIVE_END = "youtube/live_end"
CANCELLED = "youtube/broadcast_cancelled"
GONE = None


def see(state, **fields):
    values = {
        "source_id": "v3JMDEjXtLE",
        "title": "A title",
        "url": "https://www.youtube.com/watch?v=v3JMDEjXtLE",
        "published_at": AFTER,
    }
    return Sighting(state=BroadcastState(state), **{**values, **fields})


def unknown(**fields):
    return see("unknown", **fields)


def video(**fields):
    return see("video", **fields)


def upcoming(at=START, **fields):
    return see("upcoming", scheduled_at=at, **fields)


def live(at=START, **fields):
    return see("live", scheduled_at=START, started_at=at, **fields)


def ended(at=START + HOUR, **fields):
    return see("ended", scheduled_at=START, started_at=START, ended_at=at, **fields)


def tell(sightings, known=None, now=LOOK):
    """Give all events of a story, and what is known at its end.

    The looks are a minute apart; a number in between lets so many more minutes pass.
    """
    events, at = [], now
    for seen in sightings:
        if isinstance(seen, int):
            at += seen * MINUTE
            continue
        verdict = miss(TASK, known, at) if seen is GONE else compare(TASK, known, seen, at)
        known = verdict.known or known
        events += verdict.events
        at += MINUTE
    return events, known


def by(witness, sighting):
    return sighting._replace(witness=Witness(witness))


def just_ended(**fields):
    """See a stream that ended a moment ago, so that it may come back."""
    return ended(at=LOOK, **fields)


STORIES = {
    # The first look.
    "first look at an old entry of a feed is silent": ([unknown(published_at=BEFORE)], []),
    "first look at an old video is silent": ([video(published_at=BEFORE)], []),
    "first look at a stream scheduled before is silent": ([upcoming(published_at=BEFORE)], []),
    "first look at a stream that began before is silent": (
        [live(BEFORE, published_at=BEFORE)],
        [],
    ),
    "first look at a stream that was over before is silent": (
        [ended(BEFORE, published_at=BEFORE)],
        [],
    ),
    "first look at what was published at the very moment tells": (
        [video(published_at=CREATED)],
        [NEW_VIDEO],
    ),
    "first look at what was published a second before is silent": (
        [video(published_at=CREATED - timedelta(seconds=1))],
        [],
    ),
    "a witness that cannot tell since when is believed that it is new": (
        [unknown(published_at=None)],
        [NEW_VIDEO],
    ),
    # What is new.
    "new entry of a feed is a video": ([unknown()], [NEW_VIDEO]),
    "new video is told": ([video()], [NEW_VIDEO]),
    "new stream is told as scheduled": ([upcoming()], [SCHEDULED]),
    "new stream without a time is told as scheduled": ([upcoming(None)], [SCHEDULED]),
    "stream that nobody announced is told as live": ([live(AFTER)], [LIVE_START]),
    "stream published before that began after is told as live": (
        [live(AFTER, published_at=BEFORE)],
        [LIVE_START],
    ),
    "stream that was over when first seen is a video": ([ended()], [NEW_VIDEO]),
    "stream published before that ended after is a video": (
        [ended(AFTER, published_at=BEFORE)],
        [NEW_VIDEO],
    ),
    # What is understood later.
    "unknown that is a video is told once": ([unknown(), video()], [NEW_VIDEO]),
    "unknown that is upcoming is told as scheduled": (
        [unknown(), upcoming()],
        [NEW_VIDEO, SCHEDULED],
    ),
    "unknown that is live is told as live": ([unknown(), live()], [NEW_VIDEO, LIVE_START]),
    "unknown that is over is told once": ([unknown(), ended()], [NEW_VIDEO]),
    "old unknown that is a video stays silent": (
        [unknown(published_at=BEFORE), video(published_at=BEFORE)],
        [],
    ),
    "old unknown that goes live is told": (
        [unknown(published_at=BEFORE), live(published_at=BEFORE)],
        [LIVE_START],
    ),
    "stream scheduled before goes live": (
        [upcoming(published_at=BEFORE), live(published_at=BEFORE)],
        [LIVE_START],
    ),
    # The usual life.
    "upcoming goes live": ([upcoming(), live()], [SCHEDULED, LIVE_START]),
    "whole life": ([upcoming(), live(), ended()], [SCHEDULED, LIVE_START, LIVE_END]),
    "life from a feed's word on": (
        [unknown(), upcoming(), live(), ended()],
        [NEW_VIDEO, SCHEDULED, LIVE_START, LIVE_END],
    ),
    "premiere or stream that nobody saw live is a video": (
        [upcoming(), ended()],
        [SCHEDULED, NEW_VIDEO],
    ),
    "upcoming that turned into a video is a video": (
        [upcoming(), video()],
        [SCHEDULED, NEW_VIDEO],
    ),
    "same sighting again is silent": (
        [upcoming(), upcoming(), live(), live(), ended(), ended()],
        [SCHEDULED, LIVE_START, LIVE_END],
    ),
    # Other times.
    "moved by more than a minute": (
        [upcoming(), upcoming(START + 2 * MINUTE)],
        [SCHEDULED, RESCHEDULED],
    ),
    "moved forward": ([upcoming(), upcoming(START - HOUR)], [SCHEDULED, RESCHEDULED]),
    "moved by exactly a minute is silent": ([upcoming(), upcoming(START + MINUTE)], [SCHEDULED]),
    "moved by a minute and a second": (
        [upcoming(), upcoming(START + MINUTE + timedelta(seconds=1))],
        [SCHEDULED, RESCHEDULED],
    ),
    "creeping by less than a minute each is told when it adds up": (
        [upcoming(START + number * timedelta(seconds=40)) for number in range(4)],
        [SCHEDULED, RESCHEDULED],
    ),
    "there and back again is told twice": (
        [upcoming(), upcoming(START + HOUR), upcoming()],
        [SCHEDULED, RESCHEDULED, RESCHEDULED],
    ),
    "there, back and there again is told three times": (
        [upcoming(), upcoming(START + HOUR), upcoming(), upcoming(START + HOUR)],
        [SCHEDULED, RESCHEDULED, RESCHEDULED, RESCHEDULED],
    ),
    "moved stream that was scheduled before is told": (
        [upcoming(published_at=BEFORE), upcoming(START + HOUR, published_at=BEFORE)],
        [RESCHEDULED],
    ),
    "time that becomes known is no change of it": ([upcoming(None), upcoming()], [SCHEDULED]),
    "time that is lost is no change of it": ([upcoming(), upcoming(None)], [SCHEDULED]),
    "moved and gone live between two looks is live": (
        [upcoming(), live(START + HOUR)],
        [SCHEDULED, LIVE_START],
    ),
    # Late and lesser witnesses.
    "feed after the Data API changes nothing": ([upcoming(), unknown()], [SCHEDULED]),
    "feed while live changes nothing": ([live(), unknown(title="Another")], [LIVE_START]),
    "feed after the end changes nothing": ([ended(), unknown()], [NEW_VIDEO]),
    "live does not turn back into upcoming": ([live(), upcoming()], [LIVE_START]),
    "live does not start twice after a late witness": ([live(), upcoming(), live()], [LIVE_START]),
    "ended does not turn back into live": (
        [upcoming(), live(), ended(), live()],
        [SCHEDULED, LIVE_START, LIVE_END],
    ),
    "ended does not turn back into upcoming": ([ended(), upcoming()], [NEW_VIDEO]),
    "video does not turn into upcoming": ([video(), upcoming()], [NEW_VIDEO]),
    "video does not turn into live": ([video(), live()], [NEW_VIDEO]),
    "life told backwards is told once": ([ended(), live(), upcoming(), unknown()], [NEW_VIDEO]),
    "end that becomes a plain video is silent": ([live(), video()], [LIVE_START]),
    # What is no event.
    "new title of a video is silent": ([video(), video(title="Another")], [NEW_VIDEO]),
    "new title of a stream is silent": ([upcoming(), upcoming(title="Another")], [SCHEDULED]),
    "new title while live is silent": ([live(), live(title="Another")], [LIVE_START]),
    "new picture is silent": ([upcoming(), upcoming(picture="https://new")], [SCHEDULED]),
    # The end.
    "end that is minutes old is told at once": ([live(), ended()], [LIVE_START, LIVE_END]),
    "end of a moment ago is believed at the second word": (
        [live(), just_ended(), just_ended()],
        [LIVE_START, LIVE_END],
    ),
    "end of a moment ago is not believed at the first word": (
        [live(), just_ended()],
        [LIVE_START],
    ),
    "end of a stream whose start was history is told": (
        [live(BEFORE, published_at=BEFORE), ended()],
        [LIVE_END],
    ),
    "flap: said to be over, and live again": (
        [live(), just_ended(), live(), live()],
        [LIVE_START],
    ),
    "flap: gone, and live again": ([live(), GONE, live()], [LIVE_START]),
    "flap: gone twice, and live again within five minutes": (
        [live(), GONE, GONE, GONE, live()],
        [LIVE_START],
    ),
    "two flaps, each within five minutes": (
        [live(), GONE, GONE, GONE, live(), 30, GONE, GONE, GONE, live()],
        [LIVE_START],
    ),
    "live and then gone for over five minutes has ended": (
        [live(), GONE, GONE, GONE, GONE, GONE, GONE],
        [LIVE_START, LIVE_END],
    ),
    "live and gone for longer than anybody looked": (
        [live(), GONE, 60, GONE],
        [LIVE_START, LIVE_END],
    ),
    "gone once, however long ago, is no end": ([live(), GONE, 60], [LIVE_START]),
    "ended by being gone, then found again, starts no second time": (
        [live(), GONE, 10, GONE, live(), ended()],
        [LIVE_START, LIVE_END],
    ),
    "gone after its end is silent": ([live(), ended(), GONE, GONE], [LIVE_START, LIVE_END]),
    # Before the start.
    "gone once before the start is nothing yet": ([upcoming(), GONE], [SCHEDULED]),
    "gone once and there again is nothing": (
        [upcoming(), GONE, upcoming(), GONE, upcoming()],
        [SCHEDULED],
    ),
    "gone twice before the start is cancelled": ([upcoming(), GONE, GONE], [SCHEDULED, CANCELLED]),
    "gone for ever is cancelled once": (
        [upcoming(), GONE, GONE, GONE, GONE],
        [SCHEDULED, CANCELLED],
    ),
    "scheduled before anybody looked, and cancelled": (
        [upcoming(published_at=BEFORE), GONE, GONE],
        [CANCELLED],
    ),
    "cancelled and there again is scheduled again": (
        [upcoming(), GONE, GONE, upcoming()],
        [SCHEDULED, CANCELLED, SCHEDULED],
    ),
    "cancelled twice is told twice": (
        [upcoming(), GONE, GONE, upcoming(), GONE, GONE],
        [SCHEDULED, CANCELLED, SCHEDULED, CANCELLED],
    ),
    "cancelled and live all the same": (
        [upcoming(), GONE, GONE, live()],
        [SCHEDULED, CANCELLED, LIVE_START],
    ),
    "cancelled and a video in the end": (
        [upcoming(), GONE, GONE, video()],
        [SCHEDULED, CANCELLED, NEW_VIDEO],
    ),
    "a late feed does not bring back what is cancelled": (
        [upcoming(), GONE, GONE, by("feed", unknown())],
        [SCHEDULED, CANCELLED],
    ),
    "a deleted video is silent": ([video(), GONE, GONE], [NEW_VIDEO]),
    "what nobody understood and is gone is silent": ([unknown(), GONE, GONE], [NEW_VIDEO]),
    # Witnesses.
    "pushed, then in the feed, then listed": (
        [by("push", upcoming()), by("feed", upcoming()), by("uploads", upcoming())],
        [SCHEDULED],
    ),
    "pushed three times": ([by("push", video())] * 3, [NEW_VIDEO]),
    "push after the look that we made ourselves": (
        [live(), by("push", live()), by("push", unknown())],
        [LIVE_START],
    ),
    "premiere is scheduled, begins and ends": (
        [
            upcoming(marks=Marks(premiere=True)),
            live(marks=Marks(premiere=True)),
            ended(),
        ],
        [SCHEDULED, LIVE_START, LIVE_END],
    ),
    "short is a video": ([video(marks=Marks(short=True))], [NEW_VIDEO]),
}


@pytest.mark.parametrize(("sightings", "kinds"), STORIES.values(), ids=STORIES)
def test_a_story_is_told_as(sightings, kinds):
    events, _ = tell(sightings)
    assert [event.kind for event in events] == kinds
    assert len({event.id for event in events}) == len(events)


@pytest.mark.parametrize(
    ("sightings", "kind", "fields"),
    [
        ([unknown()], NEW_VIDEO, {"published_at": AFTER.isoformat()}),
        ([unknown(published_at=None)], NEW_VIDEO, {"published_at": LOOK.isoformat()}),
        ([ended(AFTER)], NEW_VIDEO, {"published_at": AFTER.isoformat()}),
        ([ended(AFTER + HOUR)], NEW_VIDEO, {"published_at": (AFTER + HOUR).isoformat()}),
        ([upcoming()], SCHEDULED, {"scheduled_at": START.isoformat()}),
        ([upcoming(None)], SCHEDULED, {"scheduled_at": None}),
        (
            [upcoming(), upcoming(START + HOUR)],
            RESCHEDULED,
            {
                "scheduled_at": (START + HOUR).isoformat(),
                "scheduled_before": START.isoformat(),
            },
        ),
        ([live(AFTER)], LIVE_START, {"started_at": AFTER.isoformat()}),
        ([live(None)], LIVE_START, {"started_at": LOOK.isoformat()}),
        (
            [video(picture="https://i.ytimg.com/1.jpg")],
            NEW_VIDEO,
            {
                "published_at": AFTER.isoformat(),
                "picture": "https://i.ytimg.com/1.jpg",
            },
        ),
        (
            [live(), ended()],
            LIVE_END,
            {"started_at": START.isoformat(), "ended_at": (START + HOUR).isoformat()},
        ),
        (
            [live(), GONE, 10, GONE],
            LIVE_END,
            {"started_at": START.isoformat(), "ended_at": (LOOK + MINUTE).isoformat()},
        ),
        ([upcoming(), GONE, GONE], CANCELLED, {"scheduled_at": START.isoformat()}),
        (
            [video(marks=Marks(members_only=True, allowed_in=("JP",), blocked_in=("DE",)))],
            NEW_VIDEO,
            {
                "published_at": AFTER.isoformat(),
                "members_only": True,
                "allowed_in": ["JP"],
                "blocked_in": ["DE"],
            },
        ),
        (
            [upcoming(marks=Marks(premiere=True)), live()],
            LIVE_START,
            {"started_at": START.isoformat(), "premiere": True},
        ),
    ],
    ids=[
        "video",
        "video of unknown age",
        "video of a stream just over",
        "video of a stream that ended later than it was published",
        "scheduled",
        "scheduled without a time",
        "rescheduled",
        "live",
        "live without a time",
        "with a picture",
        "ended",
        "ended by being gone",
        "cancelled",
        "with marks",
        "premiere",
    ],
)
def test_an_event_says(sightings, kind, fields):
    event = tell(sightings)[0][-1]
    common = {
        "video_id": "v3JMDEjXtLE",
        "title": "A title",
        "url": "https://www.youtube.com/watch?v=v3JMDEjXtLE",
        "witness": "videos",
    }
    assert (event.kind, event.fields) == (kind, common | fields)
    assert (event.entity, event.task) == (TASK.entity, TASK.id)


@pytest.mark.parametrize(
    ("sightings", "happened_at"),
    [
        ([video()], AFTER),
        ([ended(AFTER + HOUR)], AFTER + HOUR),
        ([upcoming()], AFTER),
        ([upcoming(), upcoming(START + HOUR)], LOOK + MINUTE),
        ([live(START)], START),
        ([upcoming(), ended()], START + HOUR),
    ],
    ids=["video", "stream over", "scheduled", "rescheduled", "live", "premiere over"],
)
def test_an_event_knows_when_it_happened(sightings, happened_at):
    assert tell(sightings)[0][-1].happened_at == happened_at


@pytest.mark.parametrize(
    ("known_by", "seen"),
    [
        ([], unknown()),
        ([], upcoming()),
        ([], live()),
        ([unknown()], upcoming()),
        ([upcoming()], live()),
        ([upcoming()], ended()),
        ([upcoming()], upcoming(START + HOUR)),
    ],
    ids=["video", "scheduled", "live", "understood", "started", "over", "rescheduled"],
)
def test_a_crash_between_outbox_and_save_makes_the_same_event_again(known_by, seen):
    _, known = tell(known_by)
    first = compare(TASK, known, seen, LOOK)
    again = compare(TASK, known, seen, LOOK + HOUR)
    assert [event.id for event in first.events] == [event.id for event in again.events] != []


def test_a_crash_between_two_moves_hides_neither():
    """The move to 13:00 was told and not remembered; then it moved to 14:00."""
    _, known = tell([upcoming()])
    told = compare(TASK, known, upcoming(START + HOUR), LOOK).events
    later = compare(TASK, known, upcoming(START + 2 * HOUR), LOOK).events
    assert told[0].id != later[0].id


def test_the_ids_stay_what_they_are_from_one_version_of_us_to_the_next():
    events, _ = tell([unknown(), upcoming(), upcoming(START + HOUR), live()])
    assert [str(event.id) for event in events] == [
        "1cfe1226-f1c9-57b3-9d57-b9b5fb12e12e",
        "35a53c2a-3818-55bc-90c0-0295ef72b1cf",
        "52dc4cc7-70a2-5fbf-b9a5-9636c186e24d",
        "d940eb57-ced1-580d-a26c-9e34870255b3",
    ]


def test_two_tasks_tell_of_the_same_video_each():
    other = TASK.model_copy(update={"id": UUID(int=3)})
    assert (
        compare(TASK, None, video(), LOOK).events[0].id
        != compare(other, None, video(), LOOK).events[0].id
    )


def test_nothing_new_is_not_written():
    _, known = tell([unknown(), upcoming(), live()])
    for seen in (live(), upcoming(), unknown(title="Another")):
        assert compare(TASK, known, seen, LOOK).known is None


def test_each_write_is_one_version_further():
    known = None
    for version, seen in enumerate([unknown(), upcoming(), live(), ended()], 1):
        known = compare(TASK, known, seen, LOOK).known
        assert known.version == version


def test_a_silent_first_look_is_remembered():
    events, known = tell([upcoming(published_at=BEFORE)])
    assert events == []
    assert known == Broadcast(
        task=TASK.id,
        source_id="v3JMDEjXtLE",
        state=BroadcastState.UPCOMING,
        title="A title",
        scheduled_at=START,
        seen_at={"videos:upcoming": LOOK},
        version=1,
    )


@pytest.mark.parametrize(
    ("sightings", "title"),
    [
        ([upcoming(), upcoming(title="Another")], "Another"),
        ([upcoming(), live(title="")], "A title"),
        ([upcoming(), unknown(title="Older")], "A title"),
    ],
    ids=["edited", "missing", "of a lesser witness"],
)
def test_the_title_that_is_remembered_is(sightings, title):
    assert tell(sightings)[1].title == title


def test_a_time_within_the_tolerance_does_not_move_what_is_remembered():
    """Else a stream could creep away a minute at a time, and nobody would be told."""
    _, known = tell([upcoming(), upcoming(START + MINUTE)])
    assert known.scheduled_at == START


TIMES = st.sampled_from([None, BEFORE, AFTER, START, START + HOUR, START + 2 * HOUR])
SIGHTINGS = st.builds(
    see,
    st.sampled_from([state.value for state in BroadcastState if state != "cancelled"]),
    title=st.sampled_from(["", "A title", "Another"]),
    published_at=TIMES,
    scheduled_at=TIMES,
    started_at=TIMES,
    ended_at=TIMES,
)


def test_who_saw_it_first_and_who_confirmed_it_is_remembered():
    _, known = tell([by("push", upcoming()), by("feed", upcoming()), by("videos", live())])
    assert known.seen_at == {
        "push:upcoming": LOOK,
        "feed:upcoming": LOOK + MINUTE,
        "videos:live": LOOK + 2 * MINUTE,
    }


def test_two_answers_of_the_same_moment_are_one_miss():
    _, known = tell([upcoming()])
    first = miss(TASK, known, LOOK)
    second = miss(TASK, first.known, LOOK + timedelta(seconds=5))
    assert (second.known, second.events) == (None, ())


@settings(deadline=None)
@given(st.lists(st.one_of(SIGHTINGS, st.just(GONE), st.integers(1, 20)), max_size=14))
def test_whatever_comes_and_goes_no_start_is_told_after_an_end(story):
    events, _ = tell([unknown(published_at=BEFORE), *story])
    kinds = [event.kind for event in events]
    assert kinds.count(LIVE_START) <= 1
    assert kinds.count(LIVE_END) <= 1
    if LIVE_END in kinds:
        assert LIVE_START not in kinds[kinds.index(LIVE_END) :]
    assert len({event.id for event in events}) == len(events)


@settings(deadline=None)
@given(st.lists(SIGHTINGS, max_size=12), st.data())
def test_whatever_comes_in_whatever_order_starts_at_most_once(sightings, data):
    repeated = sightings + data.draw(
        st.lists(st.sampled_from(sightings or [unknown()]), max_size=6)
    )
    story = data.draw(st.permutations(repeated))
    events, known = tell(story)
    for kind in (LIVE_START, NEW_VIDEO, SCHEDULED):
        assert len({event.id for event in events if event.kind == kind}) <= 1
    assert all(event.happened_at >= CREATED for event in events)
    assert tell(story) == (events, known)


@settings(deadline=None)
@given(st.lists(SIGHTINGS, min_size=1, max_size=8), st.integers(0, 7))
def test_a_crash_anywhere_makes_no_event_that_is_not_made_without_it(story, crash):
    events, _ = tell(story)
    known = None
    ids = set()
    for number, sighting in enumerate(story):
        verdict = compare(TASK, known, sighting, LOOK + number * MINUTE)
        ids |= {event.id for event in verdict.events}
        if number == crash:
            verdict = compare(TASK, known, sighting, LOOK + number * MINUTE)
            ids |= {event.id for event in verdict.events}
        known = verdict.known or known
    assert ids == {event.id for event in events}


class TestReminders:
    """Each says until when one waits, or that it waits no more."""

    LEAD = 30 * MINUTE

    def remind(self, *sightings, now=LOOK - 30 * HOUR):
        known, said = None, []
        for number, seen in enumerate(sightings):
            at, leads = now + number * MINUTE, (self.LEAD,)
            verdict = (
                miss(TASK, known, at, leads)
                if seen is GONE
                else compare(TASK, known, seen, at, leads)
            )
            known = verdict.known or known
            for event in verdict.events:
                if event.kind == "youtube/broadcast_reminder":
                    assert event.tags == ("delay",)
                    at = event.fields.get("x-delay-at")
                    is_cancel = event.fields.get("x-delay-cancel", False)
                    said.append("cancel" if is_cancel else datetime.fromtimestamp(at, UTC))
        return said

    @pytest.mark.parametrize(
        ("sightings", "said"),
        [
            ([upcoming()], [START - LEAD]),
            ([upcoming(), upcoming(title="Another")], [START - LEAD]),
            ([unknown(), upcoming()], [START - LEAD]),
            ([upcoming(), upcoming(START + HOUR)], [START - LEAD, START + HOUR - LEAD]),
            ([upcoming(), live()], [START - LEAD, "cancel"]),
            ([upcoming(), GONE, GONE], [START - LEAD, "cancel"]),
            ([upcoming(), GONE, upcoming()], [START - LEAD]),
            ([upcoming(), GONE, GONE, upcoming()], [START - LEAD, "cancel", START - LEAD]),
            ([upcoming(), ended()], [START - LEAD, "cancel"]),
            ([live()], []),
            ([video()], []),
            ([upcoming(published_at=BEFORE)], [START - LEAD]),
        ],
        ids=[
            "scheduled",
            "another title",
            "first unknown",
            "moved",
            "starts early",
            "cancelled",
            "missed once",
            "cancelled and there again",
            "over before anybody looked",
            "live unannounced",
            "a video",
            "scheduled before it was watched",
        ],
    )
    def test_what_waits(self, sightings, said):
        assert self.remind(*sightings) == said

    def test_one_whose_time_is_over_is_not_made(self):
        assert self.remind(upcoming(), now=START - 10 * MINUTE) == []

    def test_moved_so_near_that_there_is_no_time_ends_the_one_that_waits(self):
        now = START - HOUR
        assert self.remind(upcoming(), upcoming(now + 10 * MINUTE), now=now) == [
            START - self.LEAD,
            "cancel",
        ]

    def test_what_is_over_is_not_cancelled(self):
        seen = upcoming()
        known = compare(TASK, None, seen, START - HOUR, (self.LEAD,)).known
        late = compare(TASK, known, live(), START, (self.LEAD,))
        assert [event.kind for event in late.events] == [LIVE_START]

    def test_all_of_one_lead_have_one_id_to_wait_under(self):
        known, ids = None, set()
        for seen in (upcoming(), upcoming(START + HOUR), live()):
            verdict = compare(TASK, known, seen, LOOK - 30 * HOUR, (self.LEAD, HOUR))
            known = verdict.known
            ids |= {
                event.fields["x-delay-id"] for event in verdict.events if event.tags == ("delay",)
            }
        assert len(ids) == 2


def make(state, **fields):
    return Broadcast(task=TASK.id, source_id="v", state=BroadcastState(state), **fields)


@pytest.mark.parametrize(
    ("known", "wait"),
    [
        (make("upcoming", scheduled_at=LOOK + 900 * 24 * HOUR), 24 * HOUR),
        (make("upcoming", scheduled_at=LOOK + 30 * HOUR), 6 * HOUR),
        (make("upcoming", scheduled_at=LOOK + 25 * HOUR), HOUR),
        (make("upcoming", scheduled_at=LOOK + 5 * HOUR), HOUR),
        (make("upcoming", scheduled_at=LOOK + 20 * MINUTE), 5 * MINUTE),
        (make("upcoming", scheduled_at=LOOK + 14 * MINUTE), 3 * MINUTE),
        (make("upcoming", scheduled_at=LOOK + 6 * MINUTE), MINUTE),
        (make("upcoming", scheduled_at=LOOK + 5 * MINUTE), 0.25 * MINUTE),
        (make("upcoming", scheduled_at=LOOK), 0.25 * MINUTE),
        (make("upcoming", scheduled_at=LOOK - 59 * MINUTE), 0.25 * MINUTE),
        (make("upcoming", scheduled_at=LOOK - 2 * HOUR), MINUTE),
        (make("upcoming", scheduled_at=LOOK - 5 * HOUR), 5 * MINUTE),
        (make("upcoming", scheduled_at=LOOK - 24 * HOUR), HOUR),
        (make("upcoming", scheduled_at=LOOK - 900 * 24 * HOUR), 6 * HOUR),
        (make("upcoming"), 15 * MINUTE),
        (make("upcoming", scheduled_at=LOOK + 30 * HOUR, misses=1), 0.5 * MINUTE),
        (make("live", started_at=LOOK), MINUTE),
        (make("live", started_at=LOOK, misses=1), 0.5 * MINUTE),
        (make("ended"), None),
        (make("cancelled"), None),
        (make("video"), None),
        (make("unknown"), 2 * MINUTE),
    ],
    ids=[
        "in years",
        "tomorrow, not beyond a day before",
        "in a day",
        "today",
        "soon, not beyond a quarter of an hour before",
        "in the last quarter",
        "in the last quarter, not beyond five minutes before",
        "about to start",
        "now",
        "late",
        "very late",
        "hours late",
        "a day late",
        "forgotten",
        "without a time",
        "doubted",
        "live",
        "live and doubted",
        "ended",
        "cancelled",
        "video",
        "unknown",
    ],
)
def test_how_long_until_the_next_look(known, wait):
    at = next_look(known, LOOK)
    assert at == (None if wait is None else LOOK + wait)


@pytest.mark.parametrize(
    ("published_at", "is_told"),
    [(CREATED, True), (CREATED - timedelta(seconds=1), False)],
    ids=["in the second in which the account was added", "a second before"],
)
def test_platforms_tell_whole_seconds(published_at, is_told):
    task = TASK.model_copy(update={"created_at": CREATED + timedelta(milliseconds=53)})
    verdict = compare(task, None, video(published_at=published_at), LOOK)
    assert bool(verdict.events) is is_told
