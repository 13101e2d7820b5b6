"""The actions of the simulated adapter, answered in NapCat's words.

Sources: https://github.com/botuniverse/onebot-11/tree/master/api and what users of NapCat show of
its answers at https://github.com/NapNeko/NapCatQQ/issues
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Response, request

from stargazer.simulator.exchange import Exchange, Note
from stargazer.simulator.onebot.messages import (
    calls_all,
    count_pictures,
    find_problems,
    may_call_all,
)
from stargazer.simulator.onebot.world import OneBotWorld
from stargazer.simulator.simulation import Simulation

Json = dict[str, Any]
#: Said also of what did arrive, and by a fault only of that.
TIMED_OUT = 1200
_FAILED = 200
_BAD_REQUEST = 1400
_WHERE = (
    "NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg"
    " ListenerName:NodeIKernelMsgListener/onMsgInfoListUpdate EventRet:\n"
)
_TIMEOUT = f'Timeout: {_WHERE}{{\n    "result": 0,\n    "errMsg": ""\n}}\n'


class RefusedError(Exception):
    """An action fails, with this number and text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class Actions:
    """Answers to calls."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._world: OneBotWorld = simulation.onebot
        self._journal = simulation.journal
        self._exchange = Exchange("qq", simulation.faults, simulation.journal, _refuse)
        self._actions: dict[str, Callable[[Json, Note], Any]] = {
            "send_private_msg": self._send_private,
            "send_group_msg": self._send_group,
            "get_status": lambda *_: {"online": self._world.account.online, "good": True},
            "get_login_info": lambda *_: {
                "user_id": self._world.account.number,
                "nickname": "Stargazer",
            },
            "get_group_list": lambda *_: [
                {"group_id": number, "group_name": f"Group {number}"}
                for number in self._world.list_groups()
            ],
            "get_group_member_info": self._get_member,
            "get_group_at_all_remain": self._get_calls,
        }

    def answer(self, action: str) -> Response:
        """Answer one call."""
        parameters = request.get_json(silent=True)
        note = Note(
            {"action": action, "parameters": parameters, "message_id": None, "delivered": False}
        )
        return self._exchange.answer(note, lambda: self._act(action, parameters, note))

    def _act(self, action: str, parameters: object, note: Note) -> Response:
        token = self._world.account.token
        if token and request.headers.get("Authorization") != f"Bearer {token}":
            return _json({"message": "token verify failed!"}, HTTPStatus.FORBIDDEN)
        if not isinstance(parameters, dict):
            return Response("Invalid JSON", HTTPStatus.BAD_REQUEST)
        known = self._actions.get(action)
        if known is None:
            return _fail(_FAILED, f"不支持的Api {action}")
        if note.code is not None and note.code != TIMED_OUT:
            return _fail(note.code, f"simulated error {note.code}")
        try:
            data = known(parameters, note)
        except RefusedError as exc:
            return _fail(exc.code, exc.text)
        if note.code == TIMED_OUT:
            return _fail(TIMED_OUT, _TIMEOUT)
        return _json({"status": "ok", "retcode": 0, "data": data, "message": "", "wording": ""})

    def _send_private(self, parameters: Json, note: Note) -> Json:
        number = _read_number(parameters, "user_id")
        if not self._world.is_friend(number):
            self._check_temporary(number, parameters.get("group_id"))
        return self._take(parameters, note)

    def _check_temporary(self, number: int, by_group: object) -> None:
        group = self._world.find_group(by_group) if isinstance(by_group, int) else None
        if group is None or number not in group.members:
            raise RefusedError(_FAILED, _say(16, "请先添加对方为好友"))
        if not group.temporary:
            raise RefusedError(_FAILED, _say(103, "该群不允许临时会话"))

    def _send_group(self, parameters: Json, note: Note) -> Json:
        number = _read_number(parameters, "group_id")
        group = self._world.find_group(number)
        if group is None:
            raise RefusedError(_FAILED, _say(110, "你已被移出该群"))
        if group.muted:
            self._journal.count_limit_break("qq_muted")
            raise RefusedError(_FAILED, _say(120, "你已被管理员禁言"))
        if not calls_all(parameters.get("message")):
            return self._take(parameters, note)
        if not may_call_all(group):
            self._journal.count_limit_break("qq_call")
            raise RefusedError(_FAILED, _say(1, "@全体成员次数已用完"))
        sent = self._take(parameters, note)
        self._world.save_group(number, group.model_copy(update={"calls": group.calls - 1}))
        return sent

    def _take(self, parameters: Json, note: Note) -> Json:
        message = parameters.get("message")
        problems = list(find_problems(message))
        for problem in problems:
            self._journal.count_limit_break(f"qq_{problem}")
        if problems:
            raise RefusedError(_BAD_REQUEST, f"message: {', '.join(problems)}")
        account = self._world.account
        if not account.online:
            raise RefusedError(TIMED_OUT, _TIMEOUT)
        if account.pictures_refused and count_pictures(message):
            raise RefusedError(TIMED_OUT, _say(-1, "rich media transfer failed"))
        # QQ takes it all the same, and the account is gone one day.
        limits = self._simulation.limits
        if self._world.is_too_fast(limits.qq_per_minute, limits.qq_burst):
            self._journal.count_limit_break("qq_pace")
        number = self._world.make_id()
        note.fields |= {"message_id": number, "delivered": True}
        note.delivered = 1
        return {"message_id": number}

    def _get_member(self, parameters: Json, _note: Note) -> Json:
        number, user = _read_number(parameters, "group_id"), _read_number(parameters, "user_id")
        group = self._world.find_group(number)
        is_own = user == self._world.account.number
        if group is None or not (is_own or user in group.members):
            raise RefusedError(_FAILED, f"群({number})成员{user}不存在")
        return {
            "group_id": number,
            "user_id": user,
            "nickname": f"User {user}",
            "role": group.role if is_own else "member",
        }

    def _get_calls(self, parameters: Json, _note: Note) -> Json:
        group = self._world.find_group(_read_number(parameters, "group_id"))
        if not self._world.account.counts_calls or group is None:
            raise RefusedError(_FAILED, "不支持的Api get_group_at_all_remain")
        return {
            "can_at_all": may_call_all(group),
            "remain_at_all_count_for_group": group.calls,
            "remain_at_all_count_for_uin": group.calls,
        }


def _read_number(parameters: Json, name: str) -> int:
    given = parameters.get(name)
    if isinstance(given, bool) or not str(given).isdecimal():
        raise RefusedError(_BAD_REQUEST, f"Key: {name}, Message: Expected number")
    return int(str(given))


def _say(result: int, text: str) -> str:
    said = json.dumps({"result": result, "errMsg": text}, ensure_ascii=False, indent=4)
    return f"EventChecker Failed: {_WHERE}{said}\n"


def _fail(code: int, text: str) -> Response:
    return _json(
        {"status": "failed", "retcode": code, "data": None, "message": text, "wording": text}
    )


def _json(body: Json, status: int = HTTPStatus.OK) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/json")


def _refuse(status: int, _retry_after: float | None) -> Response:
    return Response("", status)
