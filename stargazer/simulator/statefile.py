"""A file from which a restarted simulator learns what it knew."""

import json
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


class StateFile:
    """One JSON document per line, each a change, appended as it happens.

    Appending keeps the cost of a change the same however much there is to remember, and a process
    that is killed loses nothing but the line it was writing.
    """

    def __init__(self, path: Path) -> None:
        """Remember where; nothing is read or written yet."""
        self._path = path
        self._lock = threading.Lock()

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield every change, the oldest first; nothing when there is no file.

        :raises ValueError: when a line other than the last is not JSON.
        """
        if not self._path.exists():
            return
        *lines, rest = self._path.read_text(encoding="utf-8").split("\n")
        # A line without its newline was being written when the process died.
        del rest
        for line in lines:
            yield json.loads(line)

    def rewrite(self, changes: Iterable[dict[str, Any]]) -> None:
        """Replace all changes by those that still matter."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        successor = self._path.with_suffix(".new")
        successor.touch(mode=0o600)
        successor.write_text("".join(map(_to_line, changes)), encoding="utf-8")
        successor.replace(self._path)

    def append(self, change: dict[str, Any]) -> None:
        """Add one change and give it to the operating system."""
        # Subscriptions have secrets, and touch() in rewrite() made the file private.
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(_to_line(change))


def _to_line(change: dict[str, Any]) -> str:
    return json.dumps(change, separators=(",", ":")) + "\n"
