"""What Twitch pushes to us: a stream is on, a stream is off.

Source: https://dev.twitch.tv/docs/eventsub/eventsub-reference
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import celery
from pydantic import BaseModel, ConfigDict, ValidationError

from stargazer.context import Context
from stargazer.errors import PayloadError, PlatformError
from stargazer.lives import Live
from stargazer.models import Push, Time
from stargazer.twitch import Twitch, TwitchChannel, TwitchUser
from workers.sources.contract import Known, look
from workers.sources.twitch.watch import KIND, WATCHER, Sight, TwitchMemory

log = logging.getLogger(__name__)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Subscription(_Part):
    type: str


class _Event(_Part):
    broadcaster_user_id: str
    broadcaster_user_login: str
    broadcaster_user_name: str = ""
    id: str = ""
    type: str = ""
    started_at: Time | None = None


class Notification(_Part):
    """A push about an account.

    :ivar event: with the stream's ``id`` and ``started_at`` when one is on.
    """

    subscription: _Subscription
    event: _Event

    @property
    def tells_nothing(self) -> bool:
        """Whether it is about something else than a live stream, such as a rerun."""
        if self.subscription.type == "stream.offline":
            return False
        is_on = self.subscription.type == "stream.online" and self.event.type == "live"
        return not (is_on and self.event.id and self.event.started_at)


def parse_notification(body: bytes) -> Notification:
    """Read a push.

    :raises PayloadError: when it is none about an account.
    """
    try:
        return Notification.model_validate_json(body)
    except ValidationError as exc:
        raise PayloadError(f"not a notification: {exc.error_count()} errors") from None


def take_push(context: Context, app: celery.Celery, push: Push, now: datetime) -> None:
    """Tell what follows from a push; one that is none is logged and dropped."""
    try:
        told = parse_notification(push.body)
    except PayloadError as exc:
        log.warning("push_unreadable", extra={"account": push.account, "error": str(exc)})
        return
    if told.tells_nothing:
        log.info("push_ignored", extra={"account": push.account, "type": told.event.type})
        return
    keys = context.store.memories.list_by_account(told.event.broadcaster_user_id)
    # The same number may name somebody else's account on another platform.
    found = context.store.tasks.list_by_ids(keys)
    tasks = [task for task in found if task.kind == KIND and not task.paused]

    def see(
        context: Context, known: Sequence[Known[TwitchMemory]], _now: datetime
    ) -> Mapping[UUID, Sight | PlatformError]:
        sight = _see(context, told, now)
        return {
            each.task.id: sight._replace(checked_at=each.memory.checked_at)
            for each in known
            if each.memory
        }

    look(context, app, replace(WATCHER, fetch=see), tasks, now, pushed=True)


def _see(context: Context, told: Notification, now: datetime) -> Sight:
    event = told.event
    user = TwitchUser(
        id=event.broadcaster_user_id,
        login=event.broadcaster_user_login,
        display_name=event.broadcaster_user_name,
    )
    settle = context.settings.twitch_settle
    if event.started_at is None:
        return Sight(user, None, now, settle)
    channel = _find_channel(context, user.id)
    live = Live(
        source_id=event.id,
        started_at=event.started_at,
        title=channel.title,
        category=channel.game_name,
    )
    return Sight(user, live, now, settle, language=channel.broadcaster_language)


def _find_channel(context: Context, user_id: str) -> TwitchChannel:
    """Ask for the title, which a push leaves out; the start is told without it rather than late."""
    try:
        found = Twitch(context.http, context.settings).list_channels([user_id])
    except (PlatformError, PayloadError) as exc:
        log.warning("title_unknown", extra={"kind": KIND, "account": user_id, "error": str(exc)})
        found = []
    return found[0] if found else TwitchChannel(broadcaster_id=user_id)
