"""Whom a subscriber may have called."""

import pytest

from stargazer.mentions import check_mention

ROLE = "165511591545143296"
ARABIC = ROLE.translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})


@pytest.mark.parametrize(
    ("im", "mention"),
    [("discord", ROLE), ("qq", "all"), ("discord", ""), ("telegram", ""), ("web", "")],
)
def test_what_a_chat_app_can_call_is_right(im, mention):
    check_mention(im, mention)


@pytest.mark.parametrize(
    ("im", "mention", "reason"),
    [
        ("discord", "all", "the id of a role"),
        ("discord", "@everyone", "the id of a role"),
        ("discord", "165", "the id of a role"),
        ("discord", ARABIC, "the id of a role"),
        ("qq", ROLE, "`all`"),
        ("telegram", ROLE, "nobody can be called on telegram"),
    ],
)
def test_what_it_cannot_is_told(im, mention, reason):
    with pytest.raises(ValueError, match=reason):
        check_mention(im, mention)
