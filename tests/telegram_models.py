"""Requests to Telegram's Bot API, judged by what python-telegram-bot knows of it.

Its methods name the parameters and their types, and its classes the fields of what is nested.
"""

import inspect
import json
import types
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import telegram
import telegram._bot
import telegram._utils.types
from telegram import Bot, TelegramObject

# The library's own, which never reach Telegram.
_OURS = {"self", "read_timeout", "write_timeout", "connect_timeout", "pool_timeout", "api_kwargs"}
_NAMES = {**vars(telegram), **vars(telegram._utils.types), **vars(telegram._bot)}


def find_problems(
    method: str, parameters: Mapping[str, Any], files: Sequence[str] = ()
) -> list[str]:
    """Name what is wrong with a request; empty when it is as it should be.

    :param method: as in the URL, such as ``sendMessage``.
    :param parameters: as in the JSON body; of a form they are strings, which may hold JSON.
    :param files: the names under which files are uploaded.
    """
    function = getattr(Bot, method, None)
    if function is None:
        return [f"there is no method {method}"]
    known = {
        name: parameter
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in _OURS
    }
    hints = _read_hints(method)
    problems = [f"{method}: no parameter {name}" for name in parameters if name not in known]
    problems += [
        f"{method}: {name} is missing"
        for name, parameter in known.items()
        if parameter.default is inspect.Parameter.empty and name not in {*parameters, *files}
    ]
    for name, value in parameters.items():
        if name in known:
            given = _read_form(value, hints[name]) if files else value
            problems += _judge(given, hints[name], f"{method}.{name}")
    attached = json.dumps(dict(parameters))
    problems += [
        f"{method}: nothing refers to the upload {name}"
        for name in files
        if name not in known and f"attach://{name}" not in attached
    ]
    return problems


@cache
def _read_hints(method: str) -> Mapping[str, Any]:
    return get_type_hints(getattr(Bot, method), _NAMES)


def _read_form(value: str, hint: Any) -> Any:
    """Give a form's value the type that it stands for."""
    if str in _list_choices(hint):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _judge(value: Any, hint: Any, where: str) -> list[str]:
    choices = _list_choices(hint)
    if value is None:
        return [f"{where} is null, and should be left out"]
    if isinstance(value, dict):
        objects = [each for each in choices if _is_object(each)]
        found = [_judge_object(value, each, where) for each in objects]
        return min(found, key=len) if found else [f"{where} should be no object"]
    if isinstance(value, list):
        items = [get_args(each)[0] for each in choices if get_origin(each) is not None]
        if not items:
            return [f"{where} should be no list"]
        return [
            problem
            for place, item in enumerate(value)
            for problem in _judge(item, items[0], f"{where}[{place}]")
        ]
    plain = tuple(each for each in choices if each in (int, float, str, bool))
    # To Python a bool is an int, to Telegram it is none.
    if type(value) in plain or (type(value) is int and float in plain):
        return []
    return [f"{where} is {value!r}, expected {hint}"]


def _judge_object(value: Mapping[str, Any], kind: type[TelegramObject], where: str) -> list[str]:
    known = inspect.signature(kind.__init__).parameters
    # Each such class sets its type itself.
    unknown = [name for name in value if name not in known and name != "type"]
    missing = [
        name
        for name, parameter in known.items()
        if name not in {"self", "api_kwargs", "filename"}
        and parameter.default is inspect.Parameter.empty
        and parameter.kind is not inspect.Parameter.VAR_KEYWORD
        and name not in value
    ]
    problems = [f"{where}: {kind.__name__} has no {name}" for name in unknown]
    problems += [f"{where}: {kind.__name__} lacks {name}" for name in missing]
    hints = get_type_hints(kind.__init__, {**_NAMES, **vars(inspect.getmodule(kind))})
    for name, each in value.items():
        if name in hints:
            problems += _judge(each, hints[name], f"{where}.{name}")
    # It is named after its type, as InputMediaPhoto is a "photo".
    if "type" in value and "type" not in known and not _is_named(kind, value["type"]):
        problems.append(f"{where}: {kind.__name__} has another type than {value['type']!r}")
    return problems


def _list_choices(hint: Any) -> list[Any]:
    if get_origin(hint) in (Union, types.UnionType):
        return [choice for each in get_args(hint) for choice in _list_choices(each)]
    return [hint]


def _is_named(kind: type[TelegramObject], name: object) -> bool:
    return isinstance(name, str) and kind.__name__.lower().endswith(name.replace("_", ""))


def _is_object(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, TelegramObject)
