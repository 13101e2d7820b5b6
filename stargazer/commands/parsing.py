"""What was typed, as a command: ``/follow 星街``, ``/follow@our_bot 星街``, ``订阅 星街``. Pure."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Name(StrEnum):
    """The commands."""

    START = "start"
    HELP = "help"
    REGISTER = "register"
    SETTINGS = "settings"
    LIST = "list"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    MUTE = "mute"
    UNREGISTER = "unregister"


class Command(NamedTuple):
    """A command.

    :ivar name: None: there is none of the name that was given.
    :ivar argument: all that comes after it, without spaces around it.
    :ivar bot: whom it is for, as in ``/list@our_bot``, in small letters; empty: whoever hears it.
    :ivar is_bare: whether there is no slash before it.
    """

    name: Name | None
    argument: str = ""
    bot: str = ""
    is_bare: bool = False


#: What changes what a chat hears: in a group only its admins may.
CHANGES = frozenset(
    {
        Name.REGISTER,
        Name.SETTINGS,
        Name.FOLLOW,
        Name.UNFOLLOW,
        Name.MUTE,
        Name.UNREGISTER,
    }
)
#: What may be typed instead, with a slash or without.
ALIASES: Mapping[str, Name] = {
    **{name.value: name for name in Name},
    "subscribe": Name.FOLLOW,
    "unsubscribe": Name.UNFOLLOW,
    "开始": Name.START,
    "帮助": Name.HELP,
    "幫助": Name.HELP,
    "菜单": Name.HELP,
    "选单": Name.HELP,
    "選單": Name.HELP,
    "注册": Name.REGISTER,
    "註冊": Name.REGISTER,
    "注销": Name.UNREGISTER,
    "註銷": Name.UNREGISTER,
    "设置": Name.SETTINGS,
    "设定": Name.SETTINGS,
    "設定": Name.SETTINGS,
    "列表": Name.LIST,
    "订阅列表": Name.LIST,
    "訂閱列表": Name.LIST,
    "订阅": Name.FOLLOW,
    "訂閱": Name.FOLLOW,
    "关注": Name.FOLLOW,
    "關注": Name.FOLLOW,
    "取消订阅": Name.UNFOLLOW,
    "取消訂閱": Name.UNFOLLOW,
    "取消关注": Name.UNFOLLOW,
    "取消關注": Name.UNFOLLOW,
    "退订": Name.UNFOLLOW,
    "退訂": Name.UNFOLLOW,
    "静音": Name.MUTE,
    "靜音": Name.MUTE,
    "免打扰": Name.MUTE,
    "ヘルプ": Name.HELP,
    "登録": Name.REGISTER,
    "登録解除": Name.UNREGISTER,
    "一覧": Name.LIST,
    "フォロー": Name.FOLLOW,
    "フォロー解除": Name.UNFOLLOW,
    "ミュート": Name.MUTE,
}


def parse(text: str) -> Command | None:
    """Read what was typed.

    :returns: None for what is no command: no slash before it, and not one of our words.
    """
    words = unicodedata.normalize("NFKC", text).split(maxsplit=1)
    if not words:
        return None
    has_slash = words[0].startswith("/")
    word, _, bot = words[0].lstrip("/").casefold().partition("@")
    name = ALIASES.get(word)
    if name is None and not (has_slash and word):
        return None
    argument = words[1].strip() if len(words) > 1 else ""
    return Command(name, argument, bot, is_bare=not has_slash)


def needs_admin(text: str) -> bool:
    """Tell whether only an admin may have this done in a group; False for what is no command."""
    command = parse(text)
    return command is not None and command.name in CHANGES
