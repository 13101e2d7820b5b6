"""The file of names."""

import pytest

from stargazer.errors import ConfigurationError
from stargazer.translation.glossary import read_glossary

TABLE = """\
# our names
ja\ten\tzh-Hans\tzh-Hant

星街すいせい\tHoshimachi Suisei\t星街彗星
ときのそら\tTokino Sora\t时乃空\t時乃空
白上フブキ\tShirakami Fubuki
"""


@pytest.fixture
def read(tmp_path):
    """Give a function that reads a file of that content."""

    def read(content):
        path = tmp_path / "names.tsv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_glossary(str(path))

    return read


def test_no_file_is_no_names():
    assert read_glossary("").names == ()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("zh", "星街彗星"),
        ("zh-Hans", "星街彗星"),
        ("zh-CN", "星街彗星"),
        ("zh-Hant", "星街すいせい"),
        ("en-GB", "Hoshimachi Suisei"),
        ("ja", "星街すいせい"),
        ("ko", "星街すいせい"),
        ("fr", "Hoshimachi Suisei"),
    ],
)
def test_a_name_takes_the_form_of_the_target(read, target, expected):
    assert read(TABLE).list_forms(target)["星街すいせい"] == expected


def test_a_pair_has_the_names_with_a_form_in_both(read):
    assert read(TABLE).list_pairs("ja", "zh-Hant") == {"ときのそら": "時乃空"}


def test_a_file_may_come_from_a_spreadsheet_of_windows(read):
    glossary = read(b"\xef\xbb\xbfja\ten\r\n\xe6\x98\x9f\xe8\xa1\x97\tHoshimachi\t\r\n"[:-3])
    assert glossary.names == ({"ja": "星街", "en": "Hoshimachi"},)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("name\ten\n", "line 1: 'name' is no language"),
        ("zh\tzh-Hans\n", "line 1: two columns for zh-Hans"),
        ("#\n\nja\ten\na\tb\tc\n", "line 4: 3 cells, but 2 languages"),
        ("ja\ten\n空\tSora\n", "line 2: '空' is too short"),
        ("ja\ten\nそら\tSora\nソラ\tSora\n", "line 3: 'Sora' is in line 2, too"),
        ("ja\ten\nそら\tSo<ra\n", "line 2: 'So<ra' has a character"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(read, content, problem):
    with pytest.raises(ConfigurationError) as caught:
        read(content)
    assert str(caught.value).startswith("STARGAZER_GLOSSARY: ")
    assert problem in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match=r"cannot read .*nowhere"):
        read_glossary(str(tmp_path / "nowhere"))
