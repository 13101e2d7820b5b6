"""Calling the actions of an adapter.

Source: https://github.com/botuniverse/onebot-11/tree/master/api
"""

from datetime import timedelta
from typing import Any

from stargazer.addresses.qq import Chat
from stargazer.context import Context
from stargazer.errors import AwayError, OfflineError, PlatformError, TransientError
from stargazer.onebot.answers import AWAY_PAUSE, read_answer
from stargazer.rendering.forms.onebot import Segment

KIND = "qq"
ALARM = "qq:adapter"
#: How often it is looked at.
LOOK_SPAN = timedelta(minutes=1)
#: Seconds that a picture may take: QQ looks at each before it lets it through.
SEND_TIMEOUT = 45.0
#: Seconds for what the adapter knows by itself.
_ASK_TIMEOUT = 5.0
_LEADERS = {"owner", "admin"}


class OneBot:
    """One adapter, with one QQ account."""

    def __init__(self, context: Context) -> None:
        settings = context.settings
        self._http = context.local_http
        self._base_url = settings.qq_url
        token = settings.qq_token.get_secret_value()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(
        self,
        chat: Chat,
        segments: list[Segment],
        *,
        by_group: int | None = None,
        timeout: float = SEND_TIMEOUT,
    ) -> tuple[str, ...]:
        """Send one message.

        :param by_group: the group that both are in, for a person who may be no friend.
        :param timeout: seconds.
        :returns: its id, where the adapter gives one.
        :raises PlatformError: as :func:`stargazer.onebot.answers.read_answer` does; with an
            AwayError for whatever kept the adapter from hearing of it.
        """
        action = "send_group_msg" if chat.is_group else "send_private_msg"
        parameters = {"group_id" if chat.is_group else "user_id": chat.number, "message": segments}
        if by_group is not None:
            parameters["group_id"] = by_group
        data = self._call(action, parameters, is_send=True, timeout=timeout)
        number = data.get("message_id") if isinstance(data, dict) else None
        # Whatever its answer lacks, it was taken: no error may repeat it.
        return () if number is None else (str(number),)

    def look(self) -> None:
        """See that the adapter is there, and its account online.

        :raises PlatformError: when not.
        """
        data = self._ask("get_status", {})
        if isinstance(data, dict) and data.get("online") is False:
            raise OfflineError("the QQ account is not online", AWAY_PAUSE)

    def may_call_all(self, group: int) -> bool:
        """Tell whether the account may call everybody in a group today; what is unknown is no."""
        try:
            data = self._ask("get_group_at_all_remain", {"group_id": group})
        except PlatformError:
            return self._leads(group)
        if not isinstance(data, dict):
            return False
        left = ("remain_at_all_count_for_group", "remain_at_all_count_for_uin")
        return data.get("can_at_all") is True and all(data.get(each, 0) > 0 for each in left)

    def _leads(self, group: int) -> bool:
        try:
            own = self._ask("get_login_info", {})
            who = {"group_id": group, "user_id": own["user_id"]}
            member = self._ask("get_group_member_info", who)
            return member["role"] in _LEADERS
        except (PlatformError, KeyError, TypeError):
            return False

    def _ask(self, action: str, parameters: dict[str, Any]) -> Any:
        return self._call(action, parameters, is_send=False, timeout=_ASK_TIMEOUT)

    def _call(
        self, action: str, parameters: dict[str, Any], *, is_send: bool, timeout: float
    ) -> Any:
        if not self._base_url:
            raise AwayError("STARGAZER_QQ_URL is not set", AWAY_PAUSE)
        try:
            answer = self._http.post(
                f"{self._base_url}/{action}",
                json=parameters,
                headers=self._headers,
                repeatable=not is_send,
                timeout=timeout,
            )
        except TransientError as exc:
            raise AwayError(f"the adapter cannot be reached: {exc.reason}", AWAY_PAUSE) from None
        return read_answer(answer, is_send=is_send)
