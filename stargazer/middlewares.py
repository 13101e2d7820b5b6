"""Our own middlewares: their tags, what they are asked for, and how often they look again."""

import re
from collections.abc import Sequence
from datetime import timedelta

from stargazer.models import Fields

DELAY = "delay"
LIVE_CHECK = "youtube-live-check"
TRANSLATE = "translate"
#: Each has a queue of its name.
TAGS = (DELAY, LIVE_CHECK, TRANSLATE)
SCAN_SPANS = {DELAY: timedelta(seconds=10), LIVE_CHECK: timedelta(seconds=5)}
#: Languages by their codes; what platforms say beside them, such as `und` or `zxx`, is none.
_CODE = re.compile(r"[a-z]{2}(-[A-Za-z]{2,4})?")


def ask_for_translation(fields: Fields, names: Sequence[str], language: str = "") -> Fields:
    """Give the parameters with which ``translate`` treats an Event that has this tag.

    The language stays in the field ``language`` when the translator is done: rules look at it.

    :param names: of the fields that hold texts, such as ``title`` or ``original/text``; those that
        are empty are left out.
    :param language: of the texts; what is no language's code is found out by the translator.
    :returns: empty when there is no text.
    """
    texts = [f"/{name}" for name in names if str(_find(fields, name) or "").strip()]
    if not texts:
        return {}
    wish: Fields = {"x-translate-fields": texts}
    if not _CODE.fullmatch(language):
        return wish
    return {**wish, "x-translate-from": language, "language": language}


def _find(fields: Fields, path: str) -> object:
    value: object = fields
    for name in path.split("/"):
        value = value.get(name) if isinstance(value, dict) else None
    return value
