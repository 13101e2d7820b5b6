"""The address of a Discord webhook: its URL, or just its id and token.

Source: https://docs.discord.com/developers/resources/webhook
"""

import re

_ADDRESS = re.compile(
    r"(?:https://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/api(?:/v\d{1,2})?/webhooks/)?"
    r"(?P<id>\d{15,20})/(?P<token>[\w-]{20,100})/?(?:\?thread_id=(?P<thread>\d{15,20}))?",
    re.ASCII,
)


def parse(given: str) -> tuple[str, str]:
    """Read an address.

    :returns: a name without the token, and the address: ``id/token``, for a thread with
        ``?thread_id=`` behind it.
    :raises ValueError: when it is none.
    """
    match = _ADDRESS.fullmatch(given)
    if match is None:
        raise ValueError(
            "expected a webhook's URL, as in https://discord.com/api/webhooks/ID/TOKEN,"
            " and ?thread_id=ID behind it for a thread"
        )
    webhook, token, thread = match.group("id", "token", "thread")
    if thread is None:
        return webhook, f"{webhook}/{token}"
    return f"{webhook}/{thread}", f"{webhook}/{token}?thread_id={thread}"
