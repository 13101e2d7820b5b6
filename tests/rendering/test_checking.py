"""Templates of an operator are tried before anybody is told by them."""

import re
from pathlib import Path

import pytest

from stargazer.errors import ConfigurationError
from stargazer.models import UserSettings
from stargazer.rendering.checking import check_templates, list_templates
from stargazer.rendering.examples import NOW, make_example
from stargazer.rendering.page import Facts, Page
from stargazer.rendering.templates import BUILTIN
from stargazer.rendering.times import Clock

DOCUMENT = Path(__file__).parents[2] / "docs" / "rendering.md"
EVENT = make_example("foreign/kind")
CLOCK = Clock("en", "UTC", NOW)


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write


def test_ours_work():
    assert check_templates(str(BUILTIN)) == []


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("en/youtube/live_start.jinja", "{{ name }}\n{% if %}", "2: Expected an expression"),
        ("en/youtube/live_start.jinja", "{{ name }}\n\n{{ titel }}", "3: 'titel' is undefined"),
        ("en/twitter/retweet.jinja", "{{ name }}\n{{ original.author }}", "2: 'None' has no"),
        ("en/youtube/live_start.jinja", '{{ tell("titel") }}', "1: there is no field 'titel'"),
        (
            "en/youtube/live_end.jinja",
            "a{% if premiere %}\n{{ 1 / 0 }}{% endif %}",
            "2: division by zero",
        ),
        ("en/youtube/live_end.jinja", "", "1: a template must write a line"),
        ("en/event.jinja", "{% if what == 'Live now' %}{{ x }}{% endif %}a", "1: 'x' is undefined"),
        ("live_end.jinja", "a", " belongs into a folder of its language"),
        ("english/event.jinja", "a", " 'english' is no language"),
        ("en/event.jinja", b"\xff", " 'utf-8' codec can't decode"),
    ],
    ids=[
        "syntax",
        "typo",
        "absent",
        "field",
        "variant",
        "empty",
        "any",
        "place",
        "folder",
        "bytes",
    ],
)
def test_what_is_wrong_is_said_with_its_line(write, tmp_path, name, text, problem):
    file = write(name, text)
    [said] = check_templates(str(tmp_path))
    assert said.startswith(f"{file}:{problem}")


def test_what_works_is_not_spoken_of(write, tmp_path):
    write("fr/youtube/live_start.jinja", "{{ name }} en direct\n{{ tell('title') }}")
    write("en/foreign/kind.jinja", "{{ name }} did it")
    write("en/_piece.jinja", "")
    write("en/readme.txt", "{{")
    assert check_templates(str(tmp_path)) == []
    assert len(list_templates(str(tmp_path))) == 3


def test_what_the_documentation_shows_works(write, tmp_path):
    text = DOCUMENT.read_text(encoding="utf-8")
    [example] = re.findall(r"```jinja\n(.+?)```", text, re.DOTALL)
    write("en/youtube/live_start.jinja", example)
    write("en/twitch/live_start.jinja", example)
    assert check_templates(str(tmp_path)) == []


def test_the_documentation_names_all_that_a_template_may():
    _, _, text = DOCUMENT.read_text(encoding="utf-8").partition("### Variables")
    text = text.partition("## The fields")[0]
    cells = re.findall(r"^\| (.+?) \|", text, re.MULTILINE)
    names = {name for cell in cells for name in re.findall(r"`(\w+)", cell)}
    assert names == set(Page(Facts(EVENT), "", "", UserSettings(), CLOCK).variables) - {"video_id"}


def test_a_directory_that_is_none_is_said(tmp_path):
    with pytest.raises(ConfigurationError, match="there is no directory"):
        check_templates(str(tmp_path / "none"))
