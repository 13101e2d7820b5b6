"""``stargazer frontend``."""

import pytest
from click.testing import CliRunner

from stargazer.cli import main
from stargazer.frontend import list_files


def run(*words):
    return CliRunner().invoke(main, ["frontend", "export", *words])


def test_all_files_are_written_and_written_again(tmp_path):
    for _ in range(2):
        result = run(str(tmp_path), "--api", "https://a.example/x/")
        assert result.exit_code == 0
        assert result.output == f"{len(list(list_files())) + 1} files in {tmp_path / 'settings'}\n"
    page = (tmp_path / "settings/index.html").read_text("utf-8")
    assert 'content="https://a.example/x"' in page
    assert "connect-src https://a.example;" in page
    assert "<footer>\n  </footer>" in page
    for path in list_files():
        assert (tmp_path / "settings" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("url", ["a.example", "ftp://a.example", ""])
def test_an_api_that_is_no_address_is_refused(tmp_path, url):
    result = run(str(tmp_path), "--api", url)
    assert result.exit_code == 2
    assert "such as https://stargazer.example.org" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "settings").write_text("a file")
    result = run(str(tmp_path), "--api", "https://a.example")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: cannot write into {tmp_path}: ")
