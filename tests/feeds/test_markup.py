"""Plain text out of HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stargazer.feeds.markup import LONGEST_TEXT, list_pictures, strip_markup

BASE = "https://site.example/blog/"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain & simple", "plain & simple"),
        ("1 < 2", "1 < 2"),
        ("a&amp;b &lt;c&gt; &#x6b4c; &nbsp;d", "a&b <c> 歌 d"),
        ("<p>One</p>\n<p>two</p>", "One\n\ntwo"),
        ("One<br>two<br/>three", "One\ntwo\nthree"),
        ("one\n  two", "one two"),
        ("<ul><li>one<li>two</ul>end", "• one\n• two\n\nend"),
        ("<script>alert(1)</script><style>p{}</style>Hi", "Hi"),
        ("<svg onload=alert(1)><text>x</text></svg>Hi<iframe src=x>y</iframe>", "Hi"),
        ("<!-- not this -->Hi", "Hi"),
        ('<a href="https://a.example/x">here</a>', "here (https://a.example/x)"),
        ('<a href="https://a.example/x">https://a.example/x</a>', "https://a.example/x"),
        ('<a href="https://a.example/long">a.example/lo…</a>', "a.example/lo…"),
        ('<a href="https://a.example/@x">@x</a> <a href="https://a.example/t">#t</a>', "@x #t"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ("<h1>Head</h1>text", "Head\n\ntext"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("<b>unclosed <i>and crossed</b> tags", "unclosed and crossed tags"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ("right\u202eto left\u2066 x\u0000y", "rightto left xy"),
    ],
)  # fmt: skip
def test_what_is_left(html, text):
    assert strip_markup(html) == text


def test_thousands_of_elements_within_each_other_are_no_matter():
    assert strip_markup("<div>" * 10_000 + "deep") == "deep"


def test_a_long_text_is_cut():
    assert len(strip_markup("<p>" + "ha " * LONGEST_TEXT)) <= LONGEST_TEXT


@given(st.text(st.sampled_from("<>/abp &;#\"'=\n!-"), max_size=80))
def test_no_element_and_no_script_survives(html):
    text = strip_markup(f"<p>{html}</p><script>evil</script>") if html else ""
    assert "<script>evil" not in text or "script" in html


@pytest.mark.parametrize(
    ("html", "pictures"),
    [
        ("<p>none</p>", []),
        ('<img src="/a.png">', ["https://site.example/a.png"]),
        ('<IMG SRC="a.png"><img src="a.png">', [f"{BASE}a.png"]),
        ('<img src="https://count.example/x" width="1" height="1">', []),
        ('<img src="https://count.example/x" height="0">', []),
        ('<img><img src=""><img src="data:image/gif;base64,x"><img src="http://[">', []),
    ],
    ids=["none", "relative", "twice", "a counter", "unseen", "of nowhere"],
)
def test_pictures(html, pictures):
    assert list_pictures(html, BASE) == pictures
