"""Writes what is made from the registry of methods and committed: ``make generate``."""

from collections.abc import Mapping
from pathlib import Path

import api.methods  # noqa: F401 - methods register
from api.clientcode import write_methods
from api.openapi import write_document

ROOT = Path(__file__).parents[1]


def generate() -> Mapping[Path, str]:
    """Give each file with what belongs into it."""
    return {
        ROOT / "docs" / "openapi.json": write_document(),
        ROOT / "stargazer" / "client" / "methods.py": write_methods(),
    }


def main() -> None:
    """Write them."""
    for path, text in generate().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
