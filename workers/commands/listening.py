"""Seeing to it that what is said to the Telegram bot reaches us."""

import hashlib
import json
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import kombu.exceptions
from celery.signals import worker_ready

from stargazer.alarms import end_alarm, raise_alarm
from stargazer.app import StargazerTask, app
from stargazer.commands.wording import LANGUAGES, get_descriptions
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.errors import PayloadError, PlatformError, ThrottledError
from stargazer.settings import load_settings
from stargazer.telegram import Bot
from stargazer.telegram.listening import (
    LISTEN_SPAN,
    LONGEST_WAIT,
    POLL_SPAN,
    Mode,
    choose_mode,
    is_set,
    make_webhook,
)
from stargazer.telegram.updates import (
    IM,
    WANTED,
    is_known,
    keep_update,
    read_update,
    remember,
)
from stargazer.turns import Turn

log = logging.getLogger(__name__)

_DAY = 86_400
#: So many updates come at once.
_MOST = 100
#: Seconds, after which it is asked again where something does not let us ask.
_PAUSE = 5.0
_ALARM = f"{IM}:updates"
_PAUSED = "stargazer:telegram:poll:paused"


@worker_ready.connect(weak=False)
def _begin(sender: Any, **_: Any) -> None:
    """Listen at once when a worker that serves us starts, and not only at the next tick."""
    is_ours = "commands" in sender.app.amqp.queues.consume_from
    if is_ours and choose_mode(load_settings()) is not Mode.OFF:
        with suppress(kombu.exceptions.OperationalError):
            app.send_task("commands.listen", (False,), expires=LISTEN_SPAN.total_seconds())


@app.task(name="commands.listen", bind=True)
def listen(self: StargazerTask, is_tick: bool = True) -> None:  # noqa: FBT001, FBT002 - Celery passes it by its place
    """Tell Telegram where to push, and what our menu is, where it does not know.

    :param is_tick: whether a beat asks for it, of which there may be more than one.
    """
    context = self.context
    mode = choose_mode(context.settings)
    if mode is Mode.OFF:
        return
    if is_tick and not take_tick(context.redis, "commands.listen", LISTEN_SPAN):
        return
    bot = Bot(context)
    try:
        set_up(context, bot, mode)
        show_menu(context, bot)
    except PlatformError as exc:
        log.warning("listening_failed", extra={"mode": mode.value, "error": exc.reason})


@app.task(name="commands.poll", bind=True)
def poll(self: StargazerTask) -> None:
    """Ask for what was said, and go on asking."""
    context = self.context
    if choose_mode(context.settings) is not Mode.POLL:
        return
    wait = min(LONGEST_WAIT, context.settings.longest_countdown)
    with Turn(context.redis, f"{IM}:poll", wait + timedelta(seconds=15)) as is_ours:
        if not is_ours or context.redis.exists(_PAUSED):
            return
        goes_on = fetch(context, Bot(context), wait)
    if goes_on:
        # At once: whoever speaks now does not wait for the next tick.
        app.send_task("commands.poll", expires=POLL_SPAN.total_seconds())


def fetch(context: Context, bot: Bot, wait: timedelta) -> bool:
    """Ask once for what was said, and keep it until it is answered.

    :param wait: how long Telegram may wait until something is said.
    :returns: whether it may be asked again at once.
    """
    parameters: dict[str, Any] = {
        "timeout": int(wait.total_seconds()),
        "limit": _MOST,
        "allowed_updates": list(WANTED),
    }
    key = f"stargazer:telegram:offset:{bot.id}"
    if (offset := context.redis.get(key)) is not None:
        # What comes before it is confirmed by asking for it, and sent no more.
        parameters["offset"] = int(offset)
    silence = wait + context.settings.http_timeout
    try:
        updates = bot.call(
            "getUpdates", parameters, repeatable=True, timeout=silence.total_seconds()
        )
    except PlatformError as exc:
        _pause(context, exc)
        return False
    end_alarm(context.store, _ALARM, datetime.now(UTC), kind=IM)
    updates = updates if isinstance(updates, list) else []
    now = datetime.now(UTC)
    for place, update in enumerate(updates):
        # Each a little later than the one before, so that their order shows.
        take(context, bot, update, now + place * timedelta(milliseconds=1))
    numbers = [number for each in updates if (number := _get_number(each)) is not None]
    if numbers:
        # Only now. A bot to which nothing is said for a week may count from anywhere again.
        context.redis.set(key, max(numbers) + 1, ex=_DAY)
    return True


def take(context: Context, bot: Bot, update: object, now: datetime) -> None:
    """Keep an update until it is answered, and have it answered."""
    body = json.dumps(update).encode()
    try:
        push = keep_update(read_update(body), body, bot.id, now)
    except PayloadError as exc:
        log.error("update_unreadable", extra={"error": str(exc)})
        return
    if push is None or is_known(context.redis, push):
        return
    context.store.pushes.insert(push)
    try:
        app.send_task("commands.receive", (str(push.id),))
    except kombu.exceptions.OperationalError:
        # The sweeper brings it.
        log.warning("publish_failed", extra={"push": push.id})
    remember(context.redis, push)


def set_up(context: Context, bot: Bot, mode: Mode) -> None:
    """Let Telegram push, or let it stop that.

    :raises PlatformError: when it does not.
    """
    info = bot.call("getWebhookInfo", {}, repeatable=True)
    info = info if isinstance(info, dict) else {}
    if mode is Mode.POLL:
        if info.get("url"):
            log.warning("webhook_removed")
            bot.call("deleteWebhook", {"drop_pending_updates": False}, repeatable=True)
        return
    webhook = make_webhook(context.settings)
    key = f"stargazer:telegram:webhook:{bot.id}"
    # It does not say with what secret it comes.
    if not is_set(info, webhook) or not _is_done(context, key, webhook):
        bot.call("setWebhook", webhook, repeatable=True)
        _note_done(context, key, webhook)
        log.info("webhook_set")
    elif info.get("last_error_message"):
        said = str(info["last_error_message"])[:200]
        log.warning("webhook_failing", extra={"error": said, "at": info.get("last_error_date")})


def show_menu(context: Context, bot: Bot) -> None:
    """Have the commands shown to people, in their languages.

    :raises PlatformError: when that does not succeed.
    """
    menus = {language: get_descriptions(language) for language in LANGUAGES}
    key = f"stargazer:telegram:menu:{bot.id}"
    if _is_done(context, key, menus):
        return
    for code, descriptions in {"": menus[LANGUAGES[0]], **menus}.items():
        commands = [
            {"command": name, "description": description}
            for name, description in descriptions.items()
        ]
        language = {"language_code": code} if code else {}
        bot.call("setMyCommands", {"commands": commands, **language}, repeatable=True)
    _note_done(context, key, menus)


def _pause(context: Context, error: PlatformError) -> None:
    pause = error.retry_after if isinstance(error, ThrottledError) else _PAUSE
    log.warning("updates_unavailable", extra={"error": error.reason, "for": pause})
    context.redis.set(_PAUSED, 1, px=int(pause * 1000))
    if isinstance(error, ThrottledError):
        reason = f"what is said to the Telegram bot is not heard: {error.reason}"
        raise_alarm(context.store, _ALARM, reason, datetime.now(UTC), kind=IM)


def _get_number(update: object) -> int | None:
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) else None


def _is_done(context: Context, key: str, wish: object) -> bool:
    return context.redis.get(key) == _fingerprint(wish)


def _note_done(context: Context, key: str, wish: object) -> None:
    context.redis.set(key, _fingerprint(wish), ex=_DAY)


def _fingerprint(wish: object) -> bytes:
    return hashlib.sha256(json.dumps(wish, sort_keys=True).encode()).hexdigest().encode()
