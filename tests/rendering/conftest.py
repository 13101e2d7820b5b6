import pytest

from stargazer.models import UserSettings
from stargazer.rendering import render
from stargazer.rendering.examples import ENTITY, NOW, make_example

ZONES = {"en": "Europe/Berlin", "ja": "Asia/Tokyo", "zh": "Asia/Shanghai"}


@pytest.fixture
def show():
    """Give a function that renders the example of a kind, with other fields, for a reader."""

    def show(
        kind="youtube/broadcast_reminder",
        *,
        entity=ENTITY,
        event=None,
        directory="",
        fields=None,
        **reader,
    ):
        settings = {"timezone": ZONES.get(reader.get("language", "en"), "UTC")} | reader
        event = event or make_example(kind, **(fields or {}))
        return render(event, entity, UserSettings(**settings), now=NOW, directory=str(directory))

    return show
