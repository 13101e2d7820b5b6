import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest

from stargazer.simulator.resources import format_duration

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
FEED = "/youtube/feeds/videos.xml?channel_id=UCstars"
ALL_PARTS = "snippet,liveStreamingDetails,status,contentDetails"
KEY = {"X-Goog-Api-Key": "simulated-key"}


@pytest.fixture
def set_video(web):
    def put(video_id, **fields):
        body = {"channel_id": "UCstars", "title": f"Title of {video_id}"} | fields
        answer = web.put(f"/control/videos/{video_id}?push=0", json=body)
        assert answer.status_code == 200, answer.text

    return put


@pytest.fixture
def get(web):
    def ask(resource, **query):
        return web.get(f"/youtube/v3/{resource}", query_string=query, headers=KEY)

    return ask


def test_a_feed_has_the_fifteen_newest(web, set_video):
    for day in range(1, 21):
        set_video(f"v{day}", published_at=f"2026-11-{day:02d}T00:00:00Z")
    set_video("hidden", published_at="2026-11-30T00:00:00Z", privacy="unlisted")
    answer = web.get(FEED)
    assert answer.mimetype == "text/xml"
    feed = ET.fromstring(answer.data)
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert ids == [f"yt:video:v{day}" for day in range(20, 5, -1)]


def test_an_entry_of_a_feed_has_its_media(web, set_video):
    set_video("v1", title="Stars & <friends>", description="line one\nline two")
    group = ET.fromstring(web.get(FEED).data).find(f"{ATOM}entry/{MEDIA}group")
    assert group.findtext(f"{MEDIA}title") == "Stars & <friends>"
    assert group.findtext(f"{MEDIA}description") == "line one\nline two"
    assert "/vi/v1/" in group.find(f"{MEDIA}thumbnail").get("url")
    assert group.find(f"{MEDIA}community/{MEDIA}statistics").get("views") == "0"


def test_a_feed_that_has_not_changed_is_not_sent_again(web, set_video):
    set_video("v1")
    first = web.get(FEED)
    seen = {"If-None-Match": first.headers["ETag"]}
    again = web.get(FEED, headers=seen)
    assert (again.status_code, again.data) == (304, b"")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert web.get(FEED, headers=since).status_code == 304
    set_video("v1", title="Changed")
    assert web.get(FEED, headers=seen).status_code == 200


def test_an_unknown_channel_has_no_feed(web):
    assert web.get(FEED).status_code == 404


@pytest.mark.parametrize("status", [404, 500])
def test_a_feed_is_out_of_order_on_demand(web, set_video, status):
    set_video("v1")
    web.post("/control/faults", json={"target": "feed", "status": status, "count": 1})
    assert [web.get(FEED).status_code for _ in range(2)] == [status, 200]


def test_the_api_is_out_of_order_on_demand(web, get):
    fault = {"target": "api", "status": 403, "retry_after": 5, "count": 1}
    web.post("/control/faults", json=fault)
    answer = get("videos", part="id", id="v1")
    assert answer.json["error"]["errors"][0]["reason"] == "rateLimitExceeded"
    assert answer.headers["Retry-After"] == "5"
    assert get("videos", part="id", id="v1").status_code == 200


def test_only_the_parts_asked_for_are_shown(get, set_video):
    set_video("v1")
    set_video("v2", privacy="private")
    answer = get("videos", part="id,snippet", id="v1,v2,v3").json
    assert answer["kind"] == "youtube#videoListResponse"
    assert answer["pageInfo"] == {"totalResults": 1, "resultsPerPage": 1}
    (item,) = answer["items"]
    assert set(item) == {"kind", "etag", "id", "snippet"}
    assert item["snippet"]["liveBroadcastContent"] == "none"
    assert item["snippet"]["channelTitle"] == "UCstars"


SCHEDULED, STARTED, ENDED = (f"2026-11-23T{hour}:00:00Z" for hour in (10, 11, 13))


@pytest.mark.parametrize(
    ("fields", "live", "duration", "upload", "times"),
    [
        ({}, "none", "PT4M13S", "processed", None),
        (
            {"scheduled_at": SCHEDULED},
            "upcoming",
            "P0D",
            "uploaded",
            {"scheduledStartTime": SCHEDULED},
        ),
        (
            {"scheduled_at": SCHEDULED, "started_at": STARTED},
            "live",
            "P0D",
            "uploaded",
            {"scheduledStartTime": SCHEDULED, "actualStartTime": STARTED},
        ),
        (
            {"scheduled_at": SCHEDULED, "started_at": STARTED, "ended_at": ENDED},
            "none",
            "PT2H",
            "processed",
            {
                "scheduledStartTime": SCHEDULED,
                "actualStartTime": STARTED,
                "actualEndTime": ENDED,
            },
        ),
        (
            {"scheduled_at": SCHEDULED, "duration": "PT5M"},
            "upcoming",
            "PT5M",
            "processed",
            {"scheduledStartTime": SCHEDULED},
        ),
    ],
    ids=["video", "upcoming", "live", "ended", "premiere"],
)
def test_a_video_shows_where_in_its_life_it_is(
    get, set_video, fields, live, duration, upload, times
):
    set_video("v1", **fields)
    (item,) = get("videos", part=ALL_PARTS, id="v1").json["items"]
    assert item["snippet"]["liveBroadcastContent"] == live
    assert item["contentDetails"]["duration"] == duration
    assert item["status"]["uploadStatus"] == upload
    details = item.get("liveStreamingDetails")
    if details is not None:
        details = {name: value for name, value in details.items() if name.endswith("Time")}
    assert details == times


def test_a_video_changes_only_in_what_is_given(web, get, set_video):
    set_video("v1", scheduled_at=SCHEDULED, description="kept")
    web.put("/control/videos/v1", json={"scheduled_at": None, "title": "New"})
    (item,) = get("videos", part=ALL_PARTS, id="v1").json["items"]
    assert item["snippet"]["title"] == "New"
    assert item["snippet"]["description"] == "kept"
    assert "liveStreamingDetails" not in item


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ({"part": "id"}, 400, "missingRequiredParameter"),
        ({"id": "v1"}, 400, "required"),
        ({"part": "id,surprise", "id": "v1"}, 400, "unknownPart"),
        ({"part": "id", "id": ",".join(map(str, range(51)))}, 400, "invalidFilters"),
    ],
    ids=["no ids", "no part", "unknown part", "51 ids"],
)
def test_a_wrong_request_is_refused_as_google_does(get, query, status, reason):
    answer = get("videos", **query)
    error = answer.json["error"]
    assert (answer.status_code, error["code"]) == (status, status)
    assert error["errors"][0]["reason"] == reason
    assert error["errors"][0]["message"] == error["message"]


def test_fifty_ids_are_not_too_many(get):
    assert get("videos", part="id", id=",".join(map(str, range(50)))).json["items"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 403), ("&key=wrong", 400), ("&key=simulated-key", 200)],
    ids=["no key", "wrong key", "right key"],
)
def test_a_right_key_is_needed(web, query, status):
    assert web.get(f"/youtube/v3/videos?part=id&id=v1{query}").status_code == status


def test_other_keys_can_be_made_right(web):
    web.put("/control/credentials", json={"api_keys": ["mine"]})
    answers = [web.get(f"/youtube/v3/videos?part=id&id=v&key={key}") for key in ("mine", "wrong")]
    assert [answer.status_code for answer in answers] == [200, 400]


def test_quota_is_spent_by_calls_that_fail_too(web, get):
    web.put("/control/limits", json={"quota_units": 2})
    assert get("videos").status_code == 400
    assert get("videos", part="id", id="v1").status_code == 200
    answer = get("videos", part="id", id="v1")
    assert answer.status_code == 403
    assert answer.json["error"]["errors"][0]["reason"] == "quotaExceeded"
    assert answer.json["error"]["errors"][0]["domain"] == "youtube.quota"
    web.put("/control/limits", json={"quota_units": None})
    assert get("videos", part="id", id="v1").status_code == 200


@pytest.mark.parametrize(
    "query",
    [{"id": "UCstars"}, {"forHandle": "@Stars"}, {"forHandle": "stars"}],
    ids=["id", "handle", "handle without @"],
)
def test_a_channel_is_found(web, get, query):
    web.put("/control/channels/UCstars", json={"title": "Stars", "handle": "@stars"})
    (item,) = get("channels", part="snippet,contentDetails", **query).json["items"]
    assert item["id"] == "UCstars"
    assert item["snippet"]["title"] == "Stars"
    assert item["snippet"]["customUrl"] == "@stars"
    assert item["contentDetails"]["relatedPlaylists"]["uploads"] == "UUstars"


def test_an_unknown_channel_is_absent(get):
    assert get("channels", part="id", id="UCstars").json["items"] == []
    assert get("channels", part="id", forHandle="@stars").json["items"] == []


def test_uploads_come_in_pages_the_newest_first(get, set_video):
    for day in range(1, 6):
        set_video(f"v{day}", published_at=f"2026-11-0{day}T00:00:00Z")
    seen, token = [], ""
    while token is not None:
        page = get(
            "playlistItems",
            part="contentDetails",
            playlistId="UUstars",
            maxResults=2,
            pageToken=token,
        ).json
        assert page["pageInfo"] == {"totalResults": 5, "resultsPerPage": 2}
        seen += [item["contentDetails"]["videoId"] for item in page["items"]]
        token = page.get("nextPageToken")
    assert seen == ["v5", "v4", "v3", "v2", "v1"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"playlistId": "UUnobody"}, 404),
        ({"playlistId": "UUstars", "pageToken": "?"}, 400),
        ({"playlistId": "UUstars", "pageToken": "LTU="}, 400),
        ({"playlistId": "UUstars", "maxResults": "51"}, 400),
        ({}, 400),
    ],
    ids=["unknown", "wrong token", "token before the start", "too many", "no filter"],
)
def test_a_playlist_that_cannot_be_shown_is_an_error(get, set_video, query, status):
    set_video("v1")
    assert get("playlistItems", part="snippet", **query).status_code == status


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "P0D"), (59, "PT59S"), (3723, "PT1H2M3S"), (86400, "P1D"), (90000, "P1DT1H")],
)
def test_spans_are_written_as_the_api_does(seconds, written):
    assert format_duration(timedelta(seconds=seconds)) == written


def test_a_new_video_is_published_now(get, set_video):
    set_video("v1")
    (item,) = get("videos", part="snippet", id="v1").json["items"]
    published = datetime.fromisoformat(item["snippet"]["publishedAt"])
    assert abs(datetime.now(UTC) - published) < timedelta(minutes=1)
