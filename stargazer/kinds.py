"""The registry of Event kinds: what happened, what is told of it, and how long it is news."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from stargazer.models import Fields


class Kind(NamedTuple):
    """A kind of Event.

    :ivar fields: the fields that each of its Events has.
    :ivar titles: what it is called, by language.
    :ivar stale_after: an Event older than this is recorded, counted, and not sent.
    :ivar stale_at: the field with the time from which on it is no news, however young.
    """

    name: str
    fields: tuple[str, ...]
    titles: Mapping[str, str]
    stale_after: timedelta
    stale_at: str | None = None

    def find_missing(self, fields: Fields) -> list[str]:
        """Name the fields that an Event of this kind lacks."""
        return [name for name in self.fields if name not in fields]


_VIDEO = ("video_id", "title", "url")

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "youtube/new_video",
            (*_VIDEO, "published_at"),
            {"en": "New video", "ja": "新しい動画", "zh": "新视频"},
            timedelta(days=3),
        ),
        Kind(
            "youtube/broadcast_scheduled",
            (*_VIDEO, "scheduled_at"),
            {"en": "Stream scheduled", "ja": "配信予定", "zh": "直播预定"},
            timedelta(days=1),
        ),
        Kind(
            "youtube/broadcast_rescheduled",
            (*_VIDEO, "scheduled_at", "scheduled_before"),
            {"en": "Stream rescheduled", "ja": "配信時間の変更", "zh": "直播改期"},
            timedelta(days=1),
        ),
        Kind(
            "youtube/broadcast_reminder",
            (*_VIDEO, "scheduled_at"),
            {"en": "Starts soon", "ja": "まもなく開始", "zh": "即将开播"},
            timedelta(hours=12),
            stale_at="scheduled_at",
        ),
        Kind(
            "youtube/live_start",
            (*_VIDEO, "started_at"),
            {"en": "Live now", "ja": "配信開始", "zh": "开播"},
            timedelta(hours=3),
        ),
        Kind(
            "youtube/live_end",
            (*_VIDEO, "started_at", "ended_at"),
            {"en": "Stream ended", "ja": "配信終了", "zh": "直播结束"},
            timedelta(hours=6),
        ),
        Kind(
            "youtube/broadcast_cancelled",
            (*_VIDEO, "scheduled_at"),
            {"en": "Stream cancelled", "ja": "配信中止", "zh": "直播取消"},
            timedelta(days=1),
        ),
        Kind(
            "twitter/new_tweet",
            ("text", "url", "published_at"),
            {"en": "New tweet", "ja": "新しいツイート", "zh": "新推文"},
            timedelta(days=1),
        ),
        Kind(
            "twitter/retweet",
            ("text", "url", "published_at"),
            {"en": "Retweeted", "ja": "リツイート", "zh": "转推"},
            timedelta(days=1),
        ),
        Kind(
            "bilibili/new_dynamic",
            ("text", "url", "published_at"),
            {"en": "New post", "ja": "bilibiliの新しい投稿", "zh": "新动态"},
            timedelta(days=1),
        ),
        Kind(
            "bilibili/forward_dynamic",
            ("text", "url", "published_at"),
            {"en": "Shared a post", "ja": "bilibiliでシェア", "zh": "转发动态"},
            timedelta(days=1),
        ),
        Kind(
            "bilibili/new_video",
            ("title", "url", "published_at"),
            {"en": "New video on bilibili", "ja": "bilibiliの新しい動画", "zh": "B站新视频"},
            timedelta(days=3),
        ),
        Kind(
            "bililive/live_start",
            ("title", "url", "started_at"),
            {"en": "Live on bilibili", "ja": "bilibili配信開始", "zh": "B站开播"},
            timedelta(hours=3),
        ),
        Kind(
            "bililive/live_title",
            ("title", "title_before", "url"),
            {
                "en": "New title on bilibili",
                "ja": "bilibili配信タイトル変更",
                "zh": "B站直播标题变更",
            },
            timedelta(hours=1),
        ),
        Kind(
            "bililive/live_end",
            ("title", "url", "started_at", "ended_at"),
            {"en": "bilibili stream ended", "ja": "bilibili配信終了", "zh": "B站下播"},
            timedelta(hours=6),
        ),
        Kind(
            "twitch/live_start",
            ("title", "url", "started_at"),
            {"en": "Live on Twitch", "ja": "Twitch配信開始", "zh": "Twitch 开播"},
            timedelta(hours=3),
        ),
        Kind(
            "twitch/live_title",
            ("title", "title_before", "url", "category"),
            {
                "en": "New title on Twitch",
                "ja": "Twitch配信タイトル変更",
                "zh": "Twitch 直播标题变更",
            },
            timedelta(hours=1),
        ),
        Kind(
            "twitch/live_end",
            ("title", "url", "started_at", "ended_at"),
            {"en": "Twitch stream ended", "ja": "Twitch配信終了", "zh": "Twitch 下播"},
            timedelta(hours=6),
        ),
        Kind(
            "feed/new_entry",
            ("title", "text", "url", "published_at"),
            {"en": "New post", "ja": "新しい記事", "zh": "新文章"},
            timedelta(days=3),
        ),
    )
}

#: What a chat hears that has said whom to follow, and not yet of what: beginnings, plans and what
#: is new; no ends and titles, nothing that is said a second time, and nothing of others' making.
USUAL_KINDS = frozenset(KINDS) - {
    "youtube/broadcast_reminder",
    "youtube/live_end",
    "twitter/retweet",
    "bilibili/forward_dynamic",
    "bililive/live_title",
    "bililive/live_end",
    "twitch/live_title",
    "twitch/live_end",
}
