"""Whom a message may call besides showing up: nobody, everybody, or a role.

What calls people is a subscriber's own choice, and never what somebody has written in a title.
"""

import re
from collections.abc import Mapping
from re import Pattern
from typing import NamedTuple

EVERYBODY = "all"


class _Form(NamedTuple):
    pattern: Pattern[str]
    described: str


#: By chat app, for those that can call anybody.
_FORMS: Mapping[str, _Form] = {
    "discord": _Form(re.compile(r"\d{15,20}", re.ASCII), "the id of a role of its server"),
    "qq": _Form(re.compile(EVERYBODY), f"`{EVERYBODY}`"),
}


def check_mention(im: str, mention: str) -> None:
    """See to it that a chat app can call whom a subscriber wants called.

    :param mention: as in :class:`stargazer.models.UserSettings`; empty for nobody, anywhere.
    :raises ValueError: saying what would be right.
    """
    if not mention:
        return
    form = _FORMS.get(im)
    if form is None:
        raise ValueError(f"nobody can be called on {im}")
    if not form.pattern.fullmatch(mention):
        raise ValueError(f"expected {form.described} on {im}, or nothing")
