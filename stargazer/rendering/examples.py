"""An example of each kind of Event: for the documents, the preview, the check and the tests."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from stargazer.models import Entity, Event, Fields, Meta, Name

#: When the examples happen.
NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
ENTITY = Entity(
    id=UUID("00000000-0000-4000-8000-000000000001"),
    meta=Meta(
        name=Name(
            name={"ja": "星野ソラ", "en": "Hoshino Sora", "zh": "星野空"}, default_language="ja"
        )
    ),
)
_SONGS = {
    "title": "【歌枠】冬のうたを歌うよ!",
    "translations": {
        "en": {"/title": "[Singing] Winter songs!"},
        "zh": {"/title": "【歌回】来唱冬天的歌吧!"},
    },
}
_VIDEO = {
    "video_id": "dQw4w9WgXcQ",
    "url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "picture": "https://i.ytimg.com/vi/dQw4w9WgXcQ/maxresdefault.jpg",
    "author": "Sora Ch. 星野ソラ",
    **_SONGS,
}
_STARTED = "2026-11-24T11:20:00+00:00"
_OVER = {
    "started_at": "2026-11-24T09:12:00+00:00",
    "ended_at": "2026-11-24T11:25:00+00:00",
}
_BILIBILI = {
    "title": "【杂谈】晚上好!",
    "url": "https://live.bilibili.com/1000",
    "picture": "https://i0.hdslb.com/bfs/live/cover.jpg",
    "author": "星野空Official",
    "category": "虚拟Singer",
    "started_at": _STARTED,
    "translations": {
        "en": {"/title": "[Chat] Good evening!"},
        "ja": {"/title": "【雑談】こんばんは!"},
    },
}
_TWITCH = {
    **_SONGS,
    "url": "https://www.twitch.tv/hoshinosora",
    "picture": "https://static-cdn.jtvnw.net/previews-ttv/live_user_hoshinosora-1280x720.jpg",
    "author": "hoshinosora",
    "category": "Music",
    "started_at": _STARTED,
}
_TWEET = {
    "text": "今夜8時から歌枠です!\nきてね〜 #星野ソラ",
    "url": "https://x.com/hoshinosora/status/1990000000000000000",
    "author": "星野ソラ🌟",
    "published_at": "2026-11-24T11:00:00+00:00",
    "pictures": [
        "https://pbs.twimg.com/media/example1.jpg",
        "https://pbs.twimg.com/media/example2.jpg",
    ],
    "translations": {
        "en": {"/text": "Singing stream from 8 tonight!\nCome and listen~ #星野ソラ"},
        "zh": {"/text": "今晚8点开始歌回!\n快来听吧~ #星野ソラ"},
    },
}
_POST = {
    "text": "今晚八点见!",
    "url": "https://t.bilibili.com/1000000000000000000",
    "author": "星野空Official",
    "published_at": "2026-11-24T11:00:00+00:00",
    "pictures": ["https://i0.hdslb.com/bfs/new_dyn/example.jpg"],
    "translations": {
        "en": {"/text": "See you at 8 tonight!"},
        "ja": {"/text": "今夜8時に会いましょう!"},
    },
}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "youtube/new_video": {**_VIDEO, "published_at": "2026-11-24T11:00:00+00:00"},
    "youtube/broadcast_scheduled": {**_VIDEO, "scheduled_at": "2026-11-26T12:00:00+00:00"},
    "youtube/broadcast_rescheduled": {
        **_VIDEO,
        "scheduled_before": "2026-11-24T12:00:00+00:00",
        "scheduled_at": "2026-11-24T13:30:00+00:00",
    },
    "youtube/broadcast_reminder": {**_VIDEO, "scheduled_at": "2026-11-24T12:00:00+00:00"},
    "youtube/broadcast_cancelled": {**_VIDEO, "scheduled_at": "2026-11-24T12:00:00+00:00"},
    "youtube/live_start": {**_VIDEO, "started_at": _STARTED},
    "youtube/live_end": {**_VIDEO, **_OVER},
    "twitter/new_tweet": {
        **_TWEET,
        "quoted": {
            "author": "月宮ルナ",
            "text": "ソラちゃんとの歌コラボ、楽しみ!",
            "url": "https://x.com/tsukimiyaluna/status/1989999999999999999",
            "pictures": [],
        },
    },
    "twitter/retweet": {
        "text": "新衣装、公開しました!",
        "url": "https://x.com/hoshinosora/status/1990000000000000001",
        "author": "星野ソラ🌟",
        "published_at": "2026-11-24T11:00:00+00:00",
        "original": {
            "author": "月宮ルナ",
            "text": "新衣装、公開しました!",
            "url": "https://x.com/tsukimiyaluna/status/1989999999999999998",
            "pictures": ["https://pbs.twimg.com/media/example3.jpg"],
        },
        "translations": {
            "en": {"/text": "My new outfit is here!"},
            "zh": {"/text": "新衣装公开了!"},
        },
    },
    "bilibili/new_dynamic": _POST,
    "bilibili/forward_dynamic": {
        "text": "恭喜恭喜!",
        "url": "https://t.bilibili.com/1000000000000000001",
        "author": "星野空Official",
        "published_at": "2026-11-24T11:00:00+00:00",
        "original": {
            "author": "月宫露娜Official",
            "text": "粉丝突破十万啦,谢谢大家!",
            "url": "https://t.bilibili.com/1000000000000000002",
            "pictures": ["https://i0.hdslb.com/bfs/new_dyn/example2.jpg"],
        },
        "translations": {
            "en": {
                "/text": "Congratulations!",
                "/original/text": "More than 100,000 followers, thank you all!",
            },
            "ja": {
                "/text": "おめでとう!",
                "/original/text": "フォロワー10万人突破、みんなありがとう!",
            },
        },
    },
    "bilibili/new_video": {
        "title": "【星野空】冬日之歌【翻唱】",
        "text": "",
        "url": "https://www.bilibili.com/video/BV1xx411c7mD",
        "author": "星野空Official",
        "pictures": ["https://i0.hdslb.com/bfs/archive/example.jpg"],
        "published_at": "2026-11-24T11:00:00+00:00",
        "translations": {
            "en": {"/title": "[Hoshino Sora] Song of winter [Cover]"},
            "ja": {"/title": "【星野ソラ】冬の歌【歌ってみた】"},
        },
    },
    "bililive/live_start": _BILIBILI,
    "bililive/live_title": {
        **_BILIBILI,
        "title_before": "【杂谈】马上开始",
        "category_before": "虚拟Singer",
    },
    "bililive/live_end": {**_BILIBILI, **_OVER},
    "twitch/live_start": _TWITCH,
    "twitch/live_title": {
        **_TWITCH,
        "title_before": "【雑談】ちょっとだけ話そう",
        "category_before": "Just Chatting",
    },
    "twitch/live_end": {**_TWITCH, **_OVER},
    "feed/new_entry": {
        "title": "1stアルバム発売のお知らせ",
        "text": "星野ソラの1stアルバムが12月24日に発売されます。",
        "url": "https://hoshinosora.example/news/1",
        "published_at": "2026-11-24T11:00:00+00:00",
        "translations": {
            "en": {
                "/title": "The first album is coming",
                "/text": "Hoshino Sora's first album is out on December 24.",
            },
            "zh": {
                "/title": "首张专辑发售通知",
                "/text": "星野空的首张专辑将于12月24日发售。",
            },
        },
    },
}


def make_example(kind: str, **changes: Any) -> Event:
    """Make the example of a kind; for a kind that is not ours, an Event with but a title.

    :param changes: other fields, or other values of them.
    """
    fields: Fields = dict(EXAMPLES.get(kind) or {"title": _SONGS["title"], "url": _VIDEO["url"]})
    return Event(id=UUID(int=0), kind=kind, entity=ENTITY.id, fields=fields | changes)
