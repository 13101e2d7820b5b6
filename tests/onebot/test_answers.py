"""Whatever an adapter answers, it is one of the things that we know how to react to."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from stargazer.errors import (
    AwayError,
    GoneError,
    PlatformError,
    RefusedError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.http import Response
from stargazer.onebot.answers import read_answer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
RESULTS = st.fixed_dictionaries(
    {"retcode": JSON},
    optional={"status": st.sampled_from(["ok", "async", "failed"]) | JSON, "message": JSON},
)


def make_answer(status, body, **headers):
    return Response(status, CaseInsensitiveDict(headers), body)


@given(st.integers(100, 599), RESULTS | JSON, st.booleans())
def test_every_answer_is_understood(status, body, is_send):
    outcome = data = None
    try:
        data = read_answer(make_answer(status, json.dumps(body).encode()), is_send=is_send)
    except PlatformError as exc:
        outcome = exc.reason
    if outcome is None:
        assert body["status"] in ("ok", "async")
        assert data == body.get("data")
    else:
        assert 0 < len(outcome) < 400


@given(st.integers(100, 599), st.binary(max_size=20))
def test_what_cannot_be_read_may_have_been_sent_only_by_who_has_taken_it(status, body):
    with pytest.raises(PlatformError) as caught:
        read_answer(make_answer(status, body), is_send=True)
    is_open = 200 <= status < 300 or status == 504
    assert isinstance(caught.value, UnknownOutcomeError) is is_open


def test_a_question_may_be_asked_again():
    with pytest.raises(TransientError):
        read_answer(make_answer(200, b"<html>"), is_send=False)


@pytest.mark.parametrize(
    ("status", "error", "pause"),
    [(429, ThrottledError, 7.0), (503, AwayError, 7.0)],
    ids=["too fast", "away"],
)
def test_who_asks_for_a_pause_gets_it(status, error, pause):
    answer = make_answer(status, b"", **{"Retry-After": "7"})
    with pytest.raises(error) as caught:
        read_answer(answer, is_send=True)
    assert caught.value.retry_after == pause


@pytest.mark.parametrize(
    ("said", "error", "reason"),
    [
        (
            'EventChecker Failed: NTEvent x EventRet:\n{\n  "result": 110,\n  "errMsg": "移出"\n}',
            GoneError,
            "移出 (200)",
        ),
        (
            "Error: odd\n    at f (x.mjs:1:1)\n    at g (x.mjs:2:2)",
            RefusedError,
            "Error: odd (200)",
        ),
        ("", RefusedError, "the adapter does not say why (200)"),
    ],
    ids=["QQ's own words", "where it happened", "nothing"],
)
def test_the_reason_is_what_people_understand_of_it(said, error, reason):
    body = json.dumps({"status": "failed", "retcode": 200, "wording": said}).encode()
    with pytest.raises(error) as caught:
        read_answer(make_answer(200, body), is_send=True)
    assert str(caught.value) == reason
