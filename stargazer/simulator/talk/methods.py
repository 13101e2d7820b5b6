"""The Bot API's methods about what people say.

Source: https://core.telegram.org/bots/api#getting-updates
"""

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import urlsplit

from stargazer.simulator.calls import Call, RefusedError, bad_request
from stargazer.simulator.talk.mailbox import ConflictError, Webhook

Json = dict[str, Any]
_MOST_UPDATES = 100
_LONGEST_WAIT = 50
_LONGEST_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
_MENU_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LONGEST_DESCRIPTION = 256
_MOST_COMMANDS = 100
_LONGEST_DATA = 64
_ADMIN: Mapping[str, Any] = {"can_be_edited": False, "is_anonymous": False}


def get_updates(call: Call) -> list[Json]:
    """Give what was said, or wait until something is."""
    limit = min(max(_read_number(call, "limit", _MOST_UPDATES), 1), _MOST_UPDATES)
    timeout = min(max(_read_number(call, "timeout", 0), 0), _LONGEST_WAIT)
    mailbox = call.bot.mailbox
    if "allowed_updates" in call.params:
        mailbox.allowed = _read_list(call, "allowed_updates")
    try:
        return mailbox.fetch(_read_number(call, "offset", 0), limit, timeout)
    except ConflictError as exc:
        raise RefusedError(HTTPStatus.CONFLICT, f"Conflict: {exc}") from None


def set_webhook(call: Call) -> Literal[True]:
    """Have what is said pushed."""
    url, secret = str(call.params.get("url", "")), str(call.params.get("secret_token", ""))
    if not url:
        return delete_webhook(call)
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not _LONGEST_SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    if "allowed_updates" in call.params:
        call.bot.mailbox.allowed = _read_list(call, "allowed_updates")
    webhook = Webhook(url=url, secret=secret, connections=_read_number(call, "max_connections", 40))
    call.bot.mailbox.set_webhook(webhook, drop=_read_flag(call, "drop_pending_updates"))
    for update in call.bot.mailbox.list_waiting():
        call.bots.postman.bring(call.bot.mailbox, update)
    return True


def delete_webhook(call: Call) -> Literal[True]:
    """Have nothing pushed any more."""
    call.bot.mailbox.set_webhook(None, drop=_read_flag(call, "drop_pending_updates"))
    return True


def get_webhook_info(call: Call) -> Json:
    """Tell where what is said is pushed to."""
    mailbox = call.bot.mailbox
    webhook = mailbox.webhook
    return {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(mailbox.list_waiting()),
        **({"max_connections": webhook.connections} if webhook else {}),
        **({"allowed_updates": list(mailbox.allowed)} if mailbox.allowed else {}),
        **mailbox.last_error,
    }


def answer_callback_query(call: Call) -> Literal[True]:
    """Let the button that was pressed stop spinning."""
    text = call.params.get("text")
    if not call.bots.phones.answer(str(call.params.get("callback_query_id", "")), {"text": text}):
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    return True


def get_chat_member(call: Call) -> Json:
    """Tell what somebody is in a chat."""
    chat_id, user_id = call.read_chat(), _read_number(call, "user_id", 0)
    if user_id <= 0:
        raise bad_request("invalid user_id specified")
    user = {"id": user_id, "is_bot": False, "first_name": f"User {user_id}"}
    if user_id in call.bots.find_chat(chat_id).admins:
        return {"status": "administrator", "user": user, **_ADMIN}
    return {"status": "member", "user": user}


def set_my_commands(call: Call) -> Literal[True]:
    """Have the commands shown in a menu."""
    commands = _read_list(call, "commands")
    if len(commands) > _MOST_COMMANDS:
        raise bad_request("too many commands specified")
    for each in commands:
        if not isinstance(each, dict) or not _MENU_COMMAND.fullmatch(str(each.get("command"))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(each.get("description", ""))) <= _LONGEST_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    call.bots.phones.menus[str(call.params.get("language_code", ""))] = commands
    return True


def get_my_commands(call: Call) -> list[Json]:
    """Tell which commands the menu shows."""
    return call.bots.phones.menus.get(str(call.params.get("language_code", "")), [])


def read_markup(call: Call) -> Json:
    """Return the buttons of a message, as the field that shows them; empty: there are none."""
    markup = call.params.get("reply_markup")
    if isinstance(markup, str):
        markup = _parse(markup, "reply_markup")
    if not markup:
        return {}
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("object expected as reply markup")
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            raise bad_request("can't parse inline keyboard button: Text must be non-empty")
        if "url" in button:
            _check_url(str(button["url"]))
        elif not 1 <= len(str(button.get("callback_data", "")).encode()) <= _LONGEST_DATA:
            raise bad_request("BUTTON_DATA_INVALID", limit="callback_data")
    return {"reply_markup": {"inline_keyboard": rows}}


#: By their names in small letters.
METHODS: Mapping[str, Callable[[Call], Any]] = {
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "answercallbackquery": answer_callback_query,
    "getchatmember": get_chat_member,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
}


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    # An address that only this machine understands is no address for a phone.
    if parts.scheme not in ("http", "https", "tg") or "." not in (parts.hostname or ""):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if parts.hostname == "127.0.0.1":
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _read_number(call: Call, name: str, default: int) -> int:
    given = call.params.get(name, default)
    try:
        return int(str(given))
    except ValueError:
        raise bad_request(f"can't parse {name}: expected a number") from None


def _read_flag(call: Call, name: str) -> bool:
    return str(call.params.get(name, "")).lower() == "true"


def _read_list(call: Call, name: str) -> list[Any]:
    given = call.params.get(name)
    given = _parse(given, name) if isinstance(given, str) else given
    if not isinstance(given, list):
        raise bad_request(f"can't parse {name}: expected an array")
    return given


def _parse(written: str, name: str) -> Any:
    try:
        return json.loads(written)
    except ValueError:
        raise bad_request(f"can't parse {name}: it is no JSON") from None
