import pytest

from stargazer.simulator.markup import MarkupError, parse_html, utf16_length


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain", "plain"),
        ("<b>bold <i>both</i></b>", "bold both"),
        ('<a href="https://a.example/?q=1&amp;r=2">link</a>', "link"),
        ("<a href='x'>link</a>", "link"),
        ("<blockquote expandable>long</blockquote>", "long"),
        ('<span class="tg-spoiler">s</span>', "s"),
        ('<tg-emoji emoji-id="5">🌟</tg-emoji>', "🌟"),
        ("<B>upper</b>", "upper"),
        ("<b>short end</>", "short end"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2 &quot;&#33;&#x21;", '1 < 2 && 3 > 2 "!!'),
        ("AT&T &nbsp; &copy;", "AT&T &nbsp; &copy;"),
        ("2 > 1", "2 > 1"),
        ("&amp;lt;", "&lt;"),
    ],
    ids=lambda value: value[:20],
)
def test_markup_is_taken_off(text, plain):
    assert parse_html(text) == plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("星<p>x</p>", 'Unsupported start tag "p" at byte offset 3'),
        ("1 < 2 > 1", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x>link</a>', "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b>x</b y>", "Unclosed end tag at byte offset 4"),
    ],
    ids=lambda value: value[:20],
)
def test_broken_markup_is_refused(text, message):
    with pytest.raises(MarkupError) as caught:
        parse_html(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), ("abc", 3), ("星", 1), ("🌟", 2), ("\ud83c", 1)], ids=ascii
)
def test_length_is_counted_in_utf16(text, length):
    assert utf16_length(text) == length
