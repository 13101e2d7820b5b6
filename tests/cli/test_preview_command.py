"""What ``stargazer preview`` and ``stargazer check`` say of messages."""

import json

import pytest

KIND = "youtube/live_start"


@pytest.mark.parametrize(
    ("im", "start"),
    [
        ("telegram", "<b>🔴 星野ソラがYouTubeで配信を開始しました</b>\n"),
        ("web", "🔴 星野ソラがYouTubeで配信を開始しました\n"),
        ("markdown", "**🔴 星野ソラがYouTubeで配信を開始しました**\n"),
    ],
)
def test_a_message_is_shown_in_the_form_of_a_chat_app(run, im, start):
    options = ("--language", "ja", "--timezone", "Asia/Tokyo", "--im", im)
    result = run("preview", KIND, *options)
    assert result.exit_code == 0
    assert result.output.startswith(start)
    assert "20:20 JST" in result.output


@pytest.mark.parametrize(("im", "first"), [("qq", "text"), ("discord", "rich")])
def test_json_is_shown_where_that_is_sent(run, im, first):
    result = run("preview", KIND, "--im", im)
    assert json.loads(result.output)[0]["type"] == first


def test_translations_are_shown_when_wanted(run):
    assert "Winter songs" not in run("preview", KIND).output
    assert "Winter songs" in run("preview", KIND, "--translate").output


@pytest.mark.parametrize("arguments", [("no/kind",), (KIND, "--language", "english")], ids=str)
def test_what_there_is_not_is_refused(run, arguments):
    result = run("preview", *arguments)
    assert result.exit_code == 2
    assert "Invalid value" in result.output


class TestOwnTemplates:
    @pytest.fixture
    def write(self, tmp_path, use_settings):
        def write(text):
            file = tmp_path / "en" / f"{KIND}.jinja"
            file.parent.mkdir(parents=True)
            file.write_text(text)
            use_settings(templates=str(tmp_path))
            return file

        return write

    def test_they_are_shown(self, run, write):
        write("{{ name }} is on!")
        assert run("preview", KIND).output.startswith("Hoshino Sora is on!\n")

    def test_they_are_counted_where_they_work(self, run, write):
        write("{{ name }} is on!")
        result = run("check")
        assert result.exit_code == 0
        assert "templates work: 1\n" in result.output

    def test_the_line_that_does_not_work_is_said(self, run, write):
        file = write("{{ name }}\n{{ nam }}")
        result = run("check")
        assert result.exit_code == 1
        assert f"templates {file}:2: 'nam' is undefined\n" in result.output

    def test_a_directory_that_is_none_is_said(self, run, use_settings, tmp_path):
        use_settings(templates=str(tmp_path / "none"))
        result = run("check")
        assert result.exit_code == 1
        assert "templates there is no directory" in result.output
