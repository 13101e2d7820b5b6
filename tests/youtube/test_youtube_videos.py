"""Asking YouTube's Data API what a video is."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import responses
from pydantic import SecretStr

from stargazer.errors import (
    CredentialsError,
    PayloadError,
    PlatformError,
    QuotaError,
    RefusedError,
    ThrottledError,
    TransientError,
)
from stargazer.models import BroadcastState, Marks
from stargazer.simulator.quota import DEFAULT_KEY
from stargazer.youtube import Purpose, YouTubeApi
from stargazer.youtube.videos import list_videos, parse_videos

API = "https://api.test/youtube"
KEY = "a-secret-key"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CHANNEL = "UC" + "a" * 22


@pytest.fixture
def fetch(make_context, store):
    """Give a function that asks what some videos are."""
    context = make_context(youtube_api_url=API, youtube_api_key=SecretStr(KEY))

    def fetch(ids=("v1",), now=NOW, purpose=Purpose.NEW):
        return list_videos(YouTubeApi(context, now), ids, purpose)

    return fetch


def answer_with(mocked, status=200, **kwargs):
    mocked.get(f"{API}/v3/videos", status=status, **kwargs)


def refuse(reason):
    return {"error": {"code": 403, "message": "No", "errors": [{"domain": "x", "reason": reason}]}}


@pytest.fixture
def mocked():
    with responses.RequestsMock() as mocked:
        yield mocked


class TestAsking:
    def test_the_key_is_in_a_header_and_not_in_the_url(self, mocked, fetch):
        answer_with(mocked, json={"items": []})
        assert fetch() == {}
        [call] = mocked.calls
        assert call.request.headers["X-Goog-Api-Key"] == KEY
        assert KEY not in call.request.url
        assert call.request.params == {
            "part": "snippet,liveStreamingDetails,status,contentDetails",
            "id": "v1",
        }

    @pytest.mark.parametrize(
        ("count", "sizes"),
        [(0, []), (1, [1]), (50, [50]), (51, [50, 1]), (120, [50, 50, 20])],
        ids=str,
    )
    def test_fifty_videos_are_asked_for_at_once(self, count, sizes, fetch):
        ids = [f"v{number}" for number in range(count)]
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
            answer_with(mocked, json={"items": []})
            fetch(ids)
            asked = [call.request.params["id"].split(",") for call in mocked.calls]
        assert [len(each) for each in asked] == sizes
        assert [video_id for each in asked for video_id in each] == ids

    def test_the_simulated_api_is_understood(self, make_context, simulator):
        at = datetime(2026, 11, 24, 12, tzinfo=UTC)
        end = at + timedelta(hours=1)
        simulator.set_channel(CHANNEL, title="Sora")
        for video_id, fields in {
            "video": {},
            "upcoming": {"scheduled_at": at},
            "live": {"scheduled_at": at, "started_at": at},
            "over": {"scheduled_at": at, "started_at": at, "ended_at": end},
            "hidden": {"privacy": "private"},
        }.items():
            simulator.set_video(video_id, channel_id=CHANNEL, title=video_id, **fields)
        context = make_context(
            youtube_api_url=simulator.youtube_url, youtube_api_key=SecretStr(DEFAULT_KEY)
        )
        ids = ["video", "upcoming", "live", "over", "hidden", "never"]
        found = list_videos(YouTubeApi(context, NOW), ids, Purpose.NEW)
        assert {video_id: sighting.state for video_id, sighting in found.items()} == {
            "video": BroadcastState.VIDEO,
            "upcoming": BroadcastState.UPCOMING,
            "live": BroadcastState.LIVE,
            "over": BroadcastState.ENDED,
        }
        over = found["over"]
        assert (over.scheduled_at, over.started_at, over.ended_at) == (at, at, end)
        assert (over.title, over.url) == ("over", "https://www.youtube.com/watch?v=over")
        assert over.picture


class TestRecorded:
    def test_videos(self, recorded):
        videos = parse_videos(recorded("youtube_data_api/videos_videos_info_multi.json"))
        assert len(videos) == 2
        first = videos[0]
        assert first.source_id == "D-lhorsDlUQ"
        assert first.title == "What are Actions on Google (Assistant on Air)"
        assert first.published_at == datetime(2019, 3, 21, 20, 37, 49, tzinfo=UTC)
        assert first.picture == "https://i.ytimg.com/vi/D-lhorsDlUQ/maxresdefault.jpg"
        assert {video.state for video in videos} == {BroadcastState.VIDEO}

    def test_a_stream_that_is_live(self, recorded):
        [video] = parse_videos(recorded("youtube_data_api/videos_live_2024-01-11.json"))
        assert (video.source_id, video.state) == ("c7_kqMFDE8c", BroadcastState.LIVE)
        assert video.scheduled_at == datetime(2024, 1, 11, 0, 5, tzinfo=UTC)
        assert video.started_at == datetime(2024, 1, 11, 0, 6, 8, tzinfo=UTC)
        assert (video.title, video.published_at, video.picture) == ("", None, None)

    def test_a_quota_that_is_gone(self, recorded, mocked, fetch):
        body = recorded("youtube_data_api/error_quota_exceeded.json")
        answer_with(mocked, 403, body=body)
        with pytest.raises(ThrottledError, match="quotaExceeded"):
            fetch()


class TestReading:
    @pytest.mark.parametrize(
        ("live", "state"),
        [
            (None, BroadcastState.VIDEO),
            ({}, BroadcastState.UPCOMING),
            ({"scheduledStartTime": "2026-11-23T12:00:00Z"}, BroadcastState.UPCOMING),
            ({"actualStartTime": "2026-11-23T12:00:00Z"}, BroadcastState.LIVE),
            ({"actualEndTime": "2026-11-23T12:00:00Z"}, BroadcastState.ENDED),
        ],
        ids=["no details", "a waiting room without a time", "upcoming", "live", "over"],
    )
    def test_the_details_tell_the_state(self, live, state):
        item = {"id": "v1"} | ({"liveStreamingDetails": live} if live is not None else {})
        [video] = parse_videos(json.dumps({"items": [item]}).encode())
        assert video.state == state

    @pytest.mark.parametrize(
        ("fields", "marks"),
        [
            ({}, Marks()),
            (
                {"liveStreamingDetails": {}, "status": {"uploadStatus": "uploaded"}},
                Marks(),
            ),
            (
                {"liveStreamingDetails": {}, "status": {"uploadStatus": "processed"}},
                Marks(premiere=True),
            ),
            (
                {"liveStreamingDetails": {}, "contentDetails": {"duration": "PT4M13S"}},
                Marks(premiere=True),
            ),
            ({"liveStreamingDetails": {}, "contentDetails": {"duration": "P0D"}}, Marks()),
            (
                {
                    "liveStreamingDetails": {"actualEndTime": "2026-11-23T12:00:00Z"},
                    "status": {"uploadStatus": "processed"},
                },
                Marks(),
            ),
            ({"snippet": {"title": "【メン限】歌"}}, Marks(members_only=True)),
            ({"snippet": {"title": "Members-only chat"}}, Marks(members_only=True)),
            ({"snippet": {"title": "All members sing"}}, Marks()),
            (
                {"contentDetails": {"regionRestriction": {"allowed": ["JP"]}}},
                Marks(allowed_in=("JP",)),
            ),
            (
                {"contentDetails": {"regionRestriction": {"allowed": []}}},
                Marks(allowed_in=()),
            ),
            (
                {"contentDetails": {"regionRestriction": {"blocked": ["DE", "CN"]}}},
                Marks(blocked_in=("DE", "CN")),
            ),
        ],
        ids=[
            "nothing",
            "stream",
            "premiere",
            "premiere by its length",
            "stream without a length",
            "over",
            "members in Japanese",
            "members in English",
            "no members",
            "allowed",
            "allowed nowhere",
            "blocked",
        ],
    )
    def test_the_marks_of_a_video(self, fields, marks):
        [video] = parse_videos(json.dumps({"items": [{"id": "v1", **fields}]}).encode())
        assert video.marks == marks

    def test_the_largest_picture_is_taken(self):
        thumbnails = {size: {"url": f"https://{size}"} for size in ("default", "high", "uhd")}
        item = {"id": "v1", "snippet": {"thumbnails": thumbnails}}
        [video] = parse_videos(json.dumps({"items": [item]}).encode())
        assert video.picture == "https://high"

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>",
            b"[]",
            b"null",
            b'{"items": {}}',
            b'{"items": [{}]}',
            b'{"items": [{"id": 5}]}',
            b'{"items": [{"id": "v1", "liveStreamingDetails": {"actualStartTime": "soon"}}]}',
            b'{"items": [{"id": "v1", "snippet": {"title": null}}]}',
            b'{"items": [{"id": "v1"}',
            b"\xff\xfe",
        ],
        ids=[
            "nothing",
            "a page",
            "a list",
            "null",
            "items of another type",
            "an item without id",
            "an id of another type",
            "a time in words",
            "no title",
            "cut off",
            "no UTF-8",
        ],
    )
    def test_garbage_is_refused(self, body):
        with pytest.raises(PayloadError):
            parse_videos(body)

    def test_an_answer_without_items_is_empty(self):
        assert parse_videos(b"{}") == []


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "reason", "error"),
        [
            (403, "quotaExceeded", QuotaError),
            (403, "dailyLimitExceeded", QuotaError),
            (403, "rateLimitExceeded", ThrottledError),
            (403, "userRateLimitExceeded", ThrottledError),
            (429, "rateLimitExceeded", ThrottledError),
            (429, "", ThrottledError),
            (400, "keyInvalid", CredentialsError),
            (400, "badRequest", RefusedError),
            (403, "accessNotConfigured", CredentialsError),
            (403, "forbidden", CredentialsError),
            (404, "", RefusedError),
            (500, "internalError", TransientError),
            (503, "backendError", TransientError),
            (502, "", TransientError),
        ],
        ids=lambda value: str(getattr(value, "__name__", value)),
    )
    def test_the_reason_decides(self, mocked, status, reason, error, fetch):
        answer_with(mocked, status, json=refuse(reason))
        with pytest.raises(PlatformError) as caught:
            fetch()
        assert type(caught.value) is error
        assert caught.value.reason == f"HTTP {status} {reason}".strip()
        assert KEY not in repr(caught.value)

    @pytest.mark.parametrize(
        "body", ["", "<html>", "[]", "null", '{"error": {}}', '{"error": {"errors": []}}']
    )
    def test_an_error_without_a_reason_is_judged_by_its_status(self, mocked, body, fetch):
        answer_with(mocked, 500, body=body)
        with pytest.raises(TransientError):
            fetch()

    def test_a_pause_that_is_asked_for_is_kept(self, mocked, fetch):
        answer_with(mocked, 429, json=refuse(""), headers={"Retry-After": "77"})
        with pytest.raises(ThrottledError) as caught:
            fetch()
        assert caught.value.retry_after == 77

    @pytest.mark.parametrize(
        ("now", "hours"),
        [
            (datetime(2026, 11, 23, 12, tzinfo=UTC), 20),
            (datetime(2026, 7, 1, 12, tzinfo=UTC), 19),
            (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), 1 / 60),
            (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), 24),
            # On 8 March 2026 the clock goes from 2:00 to 3:00, on 1 November from 2:00 to 1:00.
            (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), 23),
            (datetime(2026, 3, 8, 12, 0, tzinfo=UTC), 19),
            (datetime(2026, 3, 7, 12, 0, tzinfo=UTC), 20),
            (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), 25),
            (datetime(2026, 11, 1, 8, 30, tzinfo=UTC), 23.5),
            (datetime(2026, 11, 1, 9, 30, tzinfo=UTC), 22.5),
        ],
        ids=[
            "winter",
            "summer",
            "just before midnight",
            "midnight",
            "the short day",
            "the short day, later",
            "the day before the short one",
            "the long day",
            "the hour that comes twice",
            "the hour that comes twice, again",
        ],
    )
    def test_a_quota_that_is_gone_is_back_at_midnight_in_california(
        self, mocked, now, hours, fetch
    ):
        answer_with(mocked, 403, json=refuse("quotaExceeded"))
        with pytest.raises(ThrottledError) as caught:
            fetch(now=now)
        assert caught.value.retry_after == pytest.approx(hours * 3600)
