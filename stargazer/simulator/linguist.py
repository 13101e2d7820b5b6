"""What the simulated translators know: keys, glossaries, and a language of their own making."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

DEFAULT_KEY = "simulated-key:fx"
DEFAULT_APPS = {"simulated-app": "simulated-key"}
_SCRIPTS = {
    "JA": re.compile(r"[\u3041-\u30ff]"),
    "KO": re.compile(r"[\uac00-\ud7a3]"),
    "ZH": re.compile(r"[\u4e00-\u9fff]"),
}


@dataclass(frozen=True)
class GlossaryTable:
    """One dictionary of DeepL's.

    :ivar entries: term to its translation.
    """

    name: str
    source: str
    target: str
    entries: Mapping[str, str]


class Linguist:
    """The translators' memory.

    :ivar deepl_keys: the right ones.
    :ivar baidu_apps: what each app signs with.
    """

    def __init__(self) -> None:
        self.deepl_keys = frozenset({DEFAULT_KEY})
        self.baidu_apps: Mapping[str, str] = DEFAULT_APPS
        self.glossaries: dict[str, GlossaryTable] = {}
        self._lock = threading.Lock()
        self._spent = 0

    @property
    def spent(self) -> int:
        """How many characters DeepL has translated."""
        return self._spent

    def spend(self, characters: int, limit: int | None) -> bool:
        """Take characters of the account; false when so many were not left.

        :param limit: of the account; None is without end.
        """
        with self._lock:
            if limit is not None and self._spent + characters > limit:
                return False
            self._spent += characters
            return True

    def refill(self) -> None:
        """Give back what was spent."""
        with self._lock:
            self._spent = 0

    def add_glossary(self, glossary: GlossaryTable) -> str:
        """Keep a glossary and return its id."""
        key = str(uuid4())
        self.glossaries[key] = glossary
        return key


def detect(text: str) -> str:
    """Tell the language by its script, in DeepL's codes; what has none of its own is English."""
    return next((code for code, script in _SCRIPTS.items() if script.search(text)), "EN")


def translate(text: str, target: str) -> str:
    """Give a translation that anybody can check."""
    return f"[{target}] {text}"
