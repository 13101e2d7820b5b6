"""What an adapter answers, and how to react to it. All pure.

OneBot leaves numbers and texts of what went wrong to its implementations. These are those of
NapCat and LuckyLilliaBot, which pass on what QQ itself says, most of it in Chinese.

Sources: https://github.com/botuniverse/onebot-11/blob/master/communication/http.md
and https://github.com/NapNeko/NapCatQQ/issues
"""

import json
import re
from http import HTTPStatus
from typing import Any, NoReturn

from stargazer.errors import (
    AwayError,
    CredentialsError,
    GoneError,
    OfflineError,
    PlatformError,
    RefusedError,
    ShutOutError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.http import Response

Json = dict[str, Any]

#: Seconds that everything waits while the adapter or its account is away.
AWAY_PAUSE = 10.0
#: Seconds; an operator who has put the token right does not wait for longer.
CREDENTIALS_PAUSE = 60.0
_TOO_FAST_PAUSE = 60.0
_LONGEST_REASON = 300


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


#: Before there was anything to send.
_UNSENT = _any_of("下载", "download", "richmediaservice")
_TIMED_OUT = _any_of("timeout", "timed out", "超时")
_GONE = _any_of(
    "移出", "被踢", "不在该群", "不在此群", "不是群成员", "群不存在", "解散", "not in the group"
)
_SHUT_OUT = _any_of(
    *("禁言", "muted", "shut up", "临时会话"),
    *("为好友", "不是好友", "非好友", "not (a )?friend", "无法获取用户信息", "拉黑"),
)
_OFFLINE = _any_of(
    "不在线", "未登录", "离线", "重新登录", "登录已失效", "offline", "not (online|logged in)"
)
_TOO_FAST = _any_of("频繁", "too (fast|frequent)")
#: What QQ itself answers with: removed from the group; no friend, no such chat allowed, muted.
_RESULT = re.compile(r'"result":\s*(-?\d+)')
_GONE_RESULTS = {110}
_SHUT_OUT_RESULTS = {16, 103, 120}
_WORDS = re.compile(r'"errMsg":\s*"(.+?)"')


def read_answer(answer: Response, *, is_send: bool) -> Any:
    """Read what an adapter answers to an action.

    :param is_send: whether it was to send something; then what cannot be read may have been sent.
    :returns: its ``data``.
    :raises AwayError: when nobody gets anything at the moment.
    :raises CredentialsError: when the token is not the right one.
    :raises ShutOutError: when this chat gets nothing at the moment.
    :raises GoneError: when we are no member any more.
    :raises RefusedError: when it will never be accepted; for something with pictures, as it is.
    :raises UnknownOutcomeError: when it may have been sent.
    """
    status, body = answer.status, _parse(answer.body)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise CredentialsError("the adapter does not accept STARGAZER_QQ_TOKEN", CREDENTIALS_PAUSE)
    if body is not None and "retcode" in body:
        # Some give the number as an HTTP status, too.
        return _read_result(body)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_ACCEPTABLE):
        reason = f"HTTP {status}: there is no OneBot adapter at STARGAZER_QQ_URL"
        raise AwayError(reason, CREDENTIALS_PAUSE)
    if status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE):
        pause = answer.retry_after or AWAY_PAUSE
        raise AwayError(f"HTTP {status}: the adapter does not answer", pause)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ThrottledError(f"HTTP {status}", answer.retry_after or _TOO_FAST_PAUSE)
    if status == HTTPStatus.GATEWAY_TIMEOUT or answer.is_success:
        _raise_unreadable(status, is_send=is_send)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TransientError(f"HTTP {status}")
    raise RefusedError(f"HTTP {status}")


def _parse(body: bytes) -> Json | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _raise_unreadable(status: int, *, is_send: bool) -> NoReturn:
    reason = f"HTTP {status} with an answer that cannot be read"
    raise UnknownOutcomeError(reason) if is_send else TransientError(reason)


def _read_result(answer: Json) -> Any:
    # `async` has been accepted, and nothing more will be said of it.
    if answer.get("status") in ("ok", "async"):
        return answer.get("data")
    raise _classify(answer)


def _classify(answer: Json) -> PlatformError:
    said = next(
        (str(answer[name]) for name in ("wording", "message", "msg") if answer.get(name)), ""
    )
    # Some add where in their code it happened.
    said = re.split(r"\n\s*at ", said)[0].strip()[:_LONGEST_REASON]
    code = str(answer.get("retcode"))[:20]
    reason = f"{_find_words(said) or 'the adapter does not say why'} ({code})"
    results = {int(number) for number in _RESULT.findall(said)}
    if _UNSENT.search(said):
        return RefusedError(reason)
    if _TIMED_OUT.search(said):
        return UnknownOutcomeError(reason)
    if results & _GONE_RESULTS or _GONE.search(said):
        return GoneError(reason)
    if results & _SHUT_OUT_RESULTS or _SHUT_OUT.search(said):
        return ShutOutError(reason)
    if _OFFLINE.search(said):
        return OfflineError(reason, AWAY_PAUSE)
    if _TOO_FAST.search(said):
        return ThrottledError(reason, _TOO_FAST_PAUSE)
    return RefusedError(reason)


def _find_words(said: str) -> str:
    """Give what people understand of it."""
    words = _WORDS.search(said)
    return words[1] if words else " ".join(said.split())
