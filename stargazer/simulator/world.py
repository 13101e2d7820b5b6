"""The channels, videos and subscriptions of the simulated YouTube."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from stargazer.simulator.nouns import Channel, Noun, Subscription, Video
from stargazer.simulator.statefile import StateFile


class World:
    """State that every thread may read and change; what it hands out is frozen.

    :param state_file: where changes are kept for the next start; None forgets them.
    """

    def __init__(self, state_file: StateFile | None = None) -> None:
        self._lock = threading.RLock()
        self._channels: dict[str, Channel] = {}
        self._videos: dict[str, Video] = {}
        self._uploads: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._subscriptions: defaultdict[str, dict[tuple[str, str], Subscription]]
        self._subscriptions = defaultdict(dict)
        self._state_file: StateFile | None = None
        if state_file is not None:
            for change in state_file.read():
                self._replay(change)
            state_file.rewrite(self._changes())
            self._state_file = state_file

    def save_channel(self, channel: Channel) -> None:
        """Add or replace a channel."""
        with self._lock:
            self._channels[channel.id] = channel
            self._keep("channel", channel)

    def find_channel(self, channel_id: str) -> Channel | None:
        """Find a channel by its id."""
        return self._channels.get(channel_id)

    def get_channel(self, channel_id: str) -> Channel:
        """Return a channel by its id.

        :raises KeyError: when there is none; never for the channel of a known video.
        """
        return self._channels[channel_id]

    def find_channel_by_handle(self, handle: str) -> Channel | None:
        """Find a channel by its handle, with or without ``@``, in any case."""
        wanted = handle.removeprefix("@").casefold()
        with self._lock:
            for channel in self._channels.values():
                if channel.handle and channel.handle.removeprefix("@").casefold() == wanted:
                    return channel
        return None

    def find_channel_by_username(self, username: str) -> Channel | None:
        """Find a channel by the name that its user had before there were handles."""
        with self._lock:
            found = (each for each in self._channels.values() if each.username == username)
            return next(found, None)

    def save_video(self, video: Video) -> None:
        """Add or replace a video.

        A channel that is not known yet comes to be, with its id for a title.
        """
        with self._lock:
            if video.channel_id not in self._channels:
                self.save_channel(Channel(id=video.channel_id, title=video.channel_id))
            self._forget_upload(video.id)
            self._videos[video.id] = video
            self._uploads[video.channel_id][video.id] = None
            self._keep("video", video)

    def find_video(self, video_id: str) -> Video | None:
        """Find a video by its id, whoever may see it."""
        return self._videos.get(video_id)

    def remove_video(self, video_id: str) -> Video | None:
        """Forget a video and return it as it was; None when there is none."""
        with self._lock:
            self._forget_upload(video_id)
            video = self._videos.pop(video_id, None)
            if video is not None:
                self._keep("video_gone", video)
            return video

    def list_public_videos(self, channel_id: str) -> list[Video]:
        """List a channel's public videos, the newest first."""
        with self._lock:
            videos = [self._videos[video_id] for video_id in self._uploads.get(channel_id, ())]
        public = (video for video in videos if video.privacy == "public")
        return sorted(public, key=lambda video: (video.published_at, video.id), reverse=True)

    def save_subscription(self, subscription: Subscription) -> None:
        """Add or renew a subscription."""
        with self._lock:
            self._subscriptions[subscription.channel_id][subscription.key] = subscription
            self._keep("subscription", subscription)

    def remove_subscription(self, subscription: Subscription) -> None:
        """Forget a subscription, if there is one."""
        with self._lock:
            found = self._subscriptions[subscription.channel_id].pop(subscription.key, None)
            if found is not None:
                self._keep("subscription_gone", found)

    def list_subscriptions(self, channel_id: str | None = None) -> list[Subscription]:
        """List the subscriptions to one channel or to all, also those that have expired."""
        with self._lock:
            if channel_id is not None:
                return list(self._subscriptions.get(channel_id, {}).values())
            return [one for found in self._subscriptions.values() for one in found.values()]

    def find_subscription(self, channel_id: str, key: tuple[str, str]) -> Subscription | None:
        """Find a subscription as it is now, by what :attr:`Subscription.key` returned."""
        return self._subscriptions.get(channel_id, {}).get(key)

    def _forget_upload(self, video_id: str) -> None:
        known = self._videos.get(video_id)
        if known is not None:
            self._uploads[known.channel_id].pop(video_id, None)

    def _keep(self, kind: str, noun: Noun) -> None:
        if self._state_file is not None:
            self._state_file.append({kind: noun.model_dump(mode="json")})

    def _changes(self) -> Iterator[dict[str, Any]]:
        for channel in self._channels.values():
            yield {"channel": channel.model_dump(mode="json")}
        for video in self._videos.values():
            yield {"video": video.model_dump(mode="json")}
        for subscription in self.list_subscriptions():
            yield {"subscription": subscription.model_dump(mode="json")}

    def _replay(self, change: dict[str, Any]) -> None:
        ((kind, fields),) = change.items()
        match kind:
            case "channel":
                self.save_channel(Channel.model_validate(fields))
            case "video":
                self.save_video(Video.model_validate(fields))
            case "video_gone":
                self.remove_video(fields["id"])
            case "subscription":
                self.save_subscription(Subscription.model_validate(fields))
            case "subscription_gone":
                self.remove_subscription(Subscription.model_validate(fields))
