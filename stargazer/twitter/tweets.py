"""What X answers: tweets, and what belongs to them, in both dialects of its fields. Pure.

Source: https://docs.x.com/x-api/fundamentals/data-dictionary
"""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from stargazer.errors import PayloadError
from stargazer.models import Time

_PHOTO = "photo"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


def _either(legacy: str, new: str) -> Any:
    """Read a field by the name that it has now, or by the one that it had."""
    return AliasChoices(legacy, new)


class User(_Part):
    """An account."""

    id: str
    username: str
    name: str = ""
    protected: bool = False


class _Url(_Part):
    url: str
    expanded_url: str = ""
    media_key: str | None = None


class _Entities(_Part):
    urls: tuple[_Url, ...] = ()


class _Note(_Part):
    text: str
    entities: _Entities = _Entities()


class _Reference(_Part):
    type: str
    id: str


class _Attachments(_Part):
    media_keys: tuple[str, ...] = ()


class _Tweet(_Part):
    id: str
    text: str = ""
    author_id: str = ""
    created_at: Time | None = None
    lang: str = ""
    possibly_sensitive: bool = False
    entities: _Entities = _Entities()
    attachments: _Attachments = _Attachments()
    note: _Note | None = Field(None, validation_alias=_either("note_tweet", "note_post"))
    references: tuple[_Reference, ...] = Field(
        (), validation_alias=_either("referenced_tweets", "referenced_posts")
    )
    history: tuple[str, ...] = Field(
        (), validation_alias=_either("edit_history_tweet_ids", "edit_history_post_ids")
    )


class _Media(_Part):
    media_key: str
    type: str = ""
    url: str = ""
    preview_image_url: str = ""


class _Includes(_Part):
    users: tuple[User, ...] = ()
    media: tuple[_Media, ...] = ()
    tweets: tuple[_Tweet, ...] = Field((), validation_alias=_either("tweets", "posts"))


class _Meta(_Part):
    next_token: str | None = None


class _Answer(_Part):
    data: tuple[_Tweet, ...] = ()
    includes: _Includes = _Includes()
    meta: _Meta = _Meta()


class Quote(NamedTuple):
    """Somebody else's tweet inside of one."""

    author: str
    text: str
    url: str
    pictures: tuple[str, ...]


class Tweet(NamedTuple):
    """A tweet, with its text as people read it.

    :ivar item_id: of its first version, which an edit keeps.
    :ivar form: ``tweet``, ``retweet``, ``quote`` or ``reply``.
    :ivar other: what it passes on or quotes, if that came along.
    :ivar language: as X takes it to be; some of its codes are no languages.
    """

    item_id: str
    tweet_id: str
    author_id: str
    published_at: datetime | None
    form: str
    text: str
    pictures: tuple[str, ...]
    video_previews: tuple[str, ...]
    other: Quote | None
    language: str
    is_sensitive: bool


class Page(NamedTuple):
    """An answer.

    :ivar tweets: the newest last.
    :ivar billed: how many posts are paid for.
    """

    tweets: tuple[Tweet, ...]
    billed: int
    next_token: str | None


def parse_page(body: bytes) -> Page:
    """Read a timeline.

    :raises PayloadError: when it is none.
    """
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError as exc:
        raise PayloadError(f"not a timeline: {exc.error_count()} errors") from None
    reader = _Reader(answer.includes)
    tweets = sorted(
        (reader.read(tweet) for tweet in answer.data), key=lambda each: int(each.tweet_id)
    )
    return Page(tuple(tweets), len(answer.data), answer.meta.next_token)


class _Reader:
    def __init__(self, includes: _Includes) -> None:
        self._users: Mapping[str, User] = {user.id: user for user in includes.users}
        self._media: Mapping[str, _Media] = {each.media_key: each for each in includes.media}
        self._tweets: Mapping[str, _Tweet] = {tweet.id: tweet for tweet in includes.tweets}

    def read(self, tweet: _Tweet) -> Tweet:
        form, other_id = _name_form(tweet.references)
        other = self._quote(self._tweets[other_id]) if other_id in self._tweets else None
        media = self._list_media(tweet)
        text = _write(tweet)
        if form == "retweet" and other is not None:
            # Its own text is cut off.
            text = other.text
        return Tweet(
            item_id=(tweet.history or (tweet.id,))[0],
            tweet_id=_check_id(tweet.id),
            author_id=tweet.author_id,
            published_at=tweet.created_at,
            form=form,
            text=text,
            pictures=tuple(each.url for each in media if each.type == _PHOTO and each.url),
            video_previews=tuple(
                each.preview_image_url
                for each in media
                if each.type != _PHOTO and each.preview_image_url
            ),
            other=other,
            language=tweet.lang,
            is_sensitive=tweet.possibly_sensitive,
        )

    def _quote(self, tweet: _Tweet) -> Quote:
        user = self._users.get(tweet.author_id)
        name = user.username if user else "i"
        pictures = (each.url or each.preview_image_url for each in self._list_media(tweet))
        return Quote(
            author=(user.name or user.username) if user else "",
            text=_write(tweet),
            url=f"https://x.com/{name}/status/{tweet.id}",
            pictures=tuple(filter(None, pictures)),
        )

    def _list_media(self, tweet: _Tweet) -> list[_Media]:
        return [self._media[key] for key in tweet.attachments.media_keys if key in self._media]


def _name_form(references: Sequence[_Reference]) -> tuple[str, str]:
    by_type = {reference.type: reference.id for reference in references}
    for kind, form in (("retweeted", "retweet"), ("replied_to", "reply"), ("quoted", "quote")):
        if kind in by_type:
            # A reply may quote as well.
            return form, by_type.get("quoted", "") if form == "reply" else by_type[kind]
    return "tweet", ""


def _write(tweet: _Tweet) -> str:
    """Give the whole text, with the addresses that people know."""
    note = tweet.note
    text, urls = (note.text, note.entities.urls) if note else (tweet.text, tweet.entities.urls)
    own = tweet.attachments.media_keys
    for each in sorted(urls, key=lambda url: -len(url.url)):
        is_media = each.media_key is not None or (
            bool(own) and each.expanded_url.rpartition("/")[0].endswith(("/photo", "/video"))
        )
        text = text.replace(each.url, "" if is_media else each.expanded_url or each.url)
    return html.unescape(text).strip()


def _check_id(key: str) -> str:
    if not key.isdecimal():
        raise PayloadError("a tweet's id is no number")
    return key
