"""The methods of the Bot API that the simulator knows.

Source: https://core.telegram.org/bots/api#available-methods
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from stargazer.simulator.bots import Bot, Written
from stargazer.simulator.calls import Call, RefusedError, bad_request, read_caption
from stargazer.simulator.talk import methods as talk

# Supergroups and channels have ids below this, older groups above.
_SUPERGROUPS = -1_000_000_000_000


def get_me(call: Call) -> dict[str, Any]:
    """Tell who the bot is."""
    return show_bot(call.bot) | {"can_join_groups": True, "can_read_all_group_messages": False}


def get_chat(call: Call) -> dict[str, Any]:
    """Tell what a chat is."""
    return show_chat(call.read_chat()) | {"accent_color_id": 0, "max_reaction_count": 11}


def send_message(call: Call) -> dict[str, Any]:
    """Send a text."""
    chat_id = call.read_chat()
    topic = call.read_topic(chat_id)
    content = {"text": call.read_text(), **talk.read_markup(call)}
    if topic is not None:
        content["message_thread_id"] = topic
    call.bot.pace(chat_id, call.limits)
    return _deliver(call, chat_id, [content])[0]


def send_photo(call: Call) -> dict[str, Any]:
    """Send a photo, with a caption or without."""
    chat_id = call.read_chat()
    call.read_topic(chat_id)
    content = _show_photo(call, chat_id, call.params, "photo")
    call.bot.pace(chat_id, call.limits)
    return _deliver(call, chat_id, [content])[0]


def send_media_group(call: Call) -> list[dict[str, Any]]:
    """Send an album, each item of which is a message."""
    chat_id = call.read_chat()
    call.read_topic(chat_id)
    media = call.read_media()
    call.note.fields["photo"] = media[0].get("media")
    call.note.fields["photos"] = [item.get("media") for item in media]
    contents = [_show_item(call, chat_id, *each) for each in enumerate(media, 1)]
    call.bot.pace(chat_id, call.limits, amount=len(contents))
    return _deliver(call, chat_id, contents)


def edit_message_text(call: Call) -> dict[str, Any]:
    """Change the text of a message; it is paced as a new one is."""
    chat_id = call.read_chat()
    message_id = call.read_message_id("edit")
    text = call.read_text()
    _rewrite(call, chat_id, message_id, "text")
    call.note.fields["message_id"] = message_id
    edited = {"edit_date": int(time.time()), "text": text, **talk.read_markup(call)}
    call.bots.phones.show(chat_id, message_id, edited)
    return _show_message(call.bot, chat_id, message_id, edited)


def edit_message_caption(call: Call) -> dict[str, Any]:
    """Change the caption of a photo; it is paced as a new message is."""
    chat_id = call.read_chat()
    message_id = call.read_message_id("edit")
    caption = read_caption(call.params)
    _rewrite(call, chat_id, message_id, "caption")
    call.note.fields["message_id"] = message_id
    edited = {"edit_date": int(time.time()), "caption": caption}
    return _show_message(call.bot, chat_id, message_id, edited)


def delete_message(call: Call) -> Literal[True]:
    """Take a message back."""
    message_id = call.read_message_id("delete")
    call.bot.delete_message(call.read_chat(), message_id)
    call.bots.phones.hide(call.read_chat(), message_id)
    call.note.fields["message_id"] = message_id
    return True


# Telegram does not care for the case of a method's name.
METHODS: Mapping[str, Callable[[Call], Any]] = {
    "getme": get_me,
    "getchat": get_chat,
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "sendmediagroup": send_media_group,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "deletemessage": delete_message,
    **talk.METHODS,
}


def show_bot(bot: Bot) -> dict[str, Any]:
    """Show a bot as Telegram shows a user."""
    return {
        "id": bot.id,
        "is_bot": True,
        "first_name": "Simulated bot",
        "username": f"simulated_{bot.id}_bot",
    }


def show_chat(chat_id: int) -> dict[str, Any]:
    """Show a chat, which is private or a group by its number."""
    if chat_id > 0:
        return {"id": chat_id, "type": "private", "first_name": f"User {chat_id}"}
    kind = "supergroup" if chat_id < _SUPERGROUPS else "group"
    return {"id": chat_id, "type": kind, "title": f"Group {-chat_id}"}


def _deliver(
    call: Call, chat_id: int, contents: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    items = call.read_media() if len(contents) > 1 else [call.params]
    message_ids = call.bot.number(chat_id, len(contents))
    for message_id, item in zip(message_ids, items, strict=True):
        call.bot.write(chat_id, message_id, _read_written(item, call.params))
    call.note.delivered = len(contents)
    call.note.fields.update(message_id=message_ids[0], delivered=True)
    for message_id, content in zip(message_ids, contents, strict=True):
        call.bots.phones.show(chat_id, message_id, content)
    if len(contents) > 1:
        call.note.fields["message_ids"] = message_ids
    return [
        _show_message(call.bot, chat_id, message_id, content)
        for message_id, content in zip(message_ids, contents, strict=True)
    ]


def _rewrite(call: Call, chat_id: int, message_id: int, part: str) -> None:
    """Put another text or caption in the place of the one that is there."""
    written = Written(part, _read_written(call.params, call.params).content)
    before = call.bot.find_written(chat_id, message_id)
    if before is not None and before.part != part:
        raise bad_request(f"there is no {part} in the message to edit")
    if before == written:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly"
            " the same as a current content and reply markup of the message"
        )
    call.bot.pace(chat_id, call.limits)
    call.bot.write(chat_id, message_id, written)


def _read_written(item: Mapping[str, Any], params: Mapping[str, Any]) -> Written:
    part = "text" if "text" in item else "caption"
    return Written(part, json.dumps([item.get(part), params.get("reply_markup")], default=str))


def _show_item(call: Call, chat_id: int, place: int, item: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return _show_photo(call, chat_id, item, "media")
    except RefusedError as exc:
        said = exc.description.removeprefix("Bad Request: ")
        if exc.limit is not None or said.startswith(("can't parse", "not enough rights")):
            raise
        # Telegram says which one it was.
        failed = f'failed to send message #{place} with the error message "{said}"'
        raise bad_request(failed) from exc


def _show_message(
    bot: Bot, chat_id: int, message_id: int, content: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "from": show_bot(bot),
        "chat": show_chat(chat_id),
        "date": int(time.time()),
        **content,
    }


def _show_photo(call: Call, chat_id: int, item: Mapping[str, Any], field: str) -> dict[str, Any]:
    caption = read_caption(item)
    given = item.get(field)
    if field == "media" and not given:
        raise bad_request("can't parse media: an item has no media")
    upload = str(given).removeprefix("attach://") if field == "media" else field
    file_id = call.read_photo(given, upload, chat_id)
    size = {"file_id": file_id, "file_unique_id": file_id, "width": 1280, "height": 720}
    return {"photo": [size], "caption": caption} if caption else {"photo": [size]}
