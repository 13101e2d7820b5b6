"""Baidu: signatures, lines and codes."""

from datetime import timedelta

import pytest
import responses

from stargazer.errors import (
    CredentialsError,
    PlatformError,
    QuotaError,
    RefusedError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.translation.baidu import Baidu, sign
from stargazer.translation.glossary import Glossary
from stargazer.translation.jobs import Job
from stargazer.translation.metering import Meter

API = "https://baidu.test"


@pytest.fixture
def ask(make_context, now):
    """Give a function that has texts translated into a language."""

    def ask(*texts, target="en", source=None, patience=20, **changes):
        context = make_context(**changes)
        meter = Meter(context.store.meters, context.settings.translation_budget)
        job = Job(texts, source, target, now, patience=patience)
        return Baidu(context, meter, Glossary()).ask(texts, job)

    return ask


def test_a_signature_is_as_baidu_publishes_it():
    signature = sign("2015063000000001", "apple", "1435660288", "12345678")
    assert signature == "f89f9594663708c1605f3d736d01d2d4"


class TestLines:
    def test_all_lines_go_in_one_call(self, ask, asked):
        replies = ask("やあ & 100%\n\n 空 \r\n⟦0⟧!", "空")
        assert [tuple(reply) for reply in replies] == [
            ("[en] やあ & 100%\n\n [en] 空 \r\n⟦0⟧!", "ja"),
            ("[en] 空", "ja"),
        ]
        assert asked("baidu") == [["やあ & 100%", "空"]]

    def test_a_call_has_a_largest(self, ask, asked):
        texts = [f"{number}{letter * 990}" for number, letter in enumerate("星空海山")]
        assert [reply.text for reply in ask(*texts)] == [f"[en] {text}" for text in texts]
        assert list(map(len, asked("baidu"))) == [2, 2]

    def test_a_line_that_no_call_can_hold_is_refused(self, ask, asked):
        with pytest.raises(RefusedError):
            ask("星" * 2001)
        assert asked("baidu") == []

    def test_a_wrong_number_of_lines_is_asked_one_by_one(self, ask, asked, simulator):
        simulator.add_fault("baidu", mangle=True, count=1)
        assert ask("one\ntwo")[0].text == "[en] one\n[en] two"
        assert asked("baidu") == [["one", "two"], ["one"], ["two"]]

    def test_a_line_that_is_never_answered_is_refused(self, ask, simulator):
        simulator.add_fault("baidu", mangle=True)
        with pytest.raises(RefusedError):
            ask("one\ntwo")

    @pytest.mark.parametrize(
        ("language", "code"),
        [("ja", "jp"), ("ko", "kor"), ("zh-Hans", "zh"), ("zh-Hant", "cht"), ("fr-CA", "fra")],
    )
    def test_a_language_is_named_as_baidu_does(self, ask, simulator, language, code):
        ask("hello", target=language, source="en-GB")
        [call] = simulator.journal(target="baidu")
        assert (call["source"], call["into"]) == ("en", code)

    def test_a_language_that_baidu_does_not_know_is_refused(self, ask, asked):
        with pytest.raises(RefusedError):
            ask("hello", target="eo")
        assert asked("baidu") == []


class TestFailures:
    @pytest.mark.parametrize(
        ("code", "error"),
        [
            (52001, TransientError),
            (52002, TransientError),
            (52003, CredentialsError),
            (54000, RefusedError),
            (54001, CredentialsError),
            (54004, QuotaError),
            (58000, CredentialsError),
            (58001, RefusedError),
            (58002, CredentialsError),
            (58003, CredentialsError),
            (90107, CredentialsError),
            (59999, RefusedError),
        ],
    )
    def test_a_code_decides(self, ask, simulator, store, code, error):
        simulator.add_fault("baidu", code=code)
        with pytest.raises(error) as caught:
            ask("hello")
        assert type(caught.value) is error
        assert len(simulator.journal(target="baidu")) == 1
        assert store.meters.count("baidu", "2026-11") == 0

    @pytest.mark.parametrize(("code", "pause"), [(54003, 1), (54005, 3)])
    def test_too_fast_is_told_with_the_pause(self, ask, simulator, code, pause):
        simulator.add_fault("baidu", code=code)
        with pytest.raises(ThrottledError) as caught:
            ask("hello", patience=1.5)
        assert caught.value.retry_after == pause

    def test_too_fast_is_waited_for_once(self, ask, simulator):
        simulator.add_fault("baidu", code=54003, count=1)
        assert ask("hello")[0].text == "[en] hello"
        first, second = simulator.journal(target="baidu")
        assert second["at"] - first["at"] >= 1

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ({"status": 502}, TransientError),
            ({"status": 429}, ThrottledError),
            ({"status": 404}, PlatformError),
            ({"drop": True, "accept": True}, UnknownOutcomeError),
            ({"delay": 1}, UnknownOutcomeError),
        ],
        ids=lambda value: str(value) if isinstance(value, dict) else None,
    )
    def test_no_answer_is_no_translation(self, ask, simulator, fault, error):
        simulator.add_fault("baidu", count=1, **fault)
        with pytest.raises(error) as caught:
            ask("hello", http_timeout=timedelta(seconds=0.2))
        assert type(caught.value) is error

    @pytest.mark.parametrize("body", ["", "<html>", "[]", '{"trans_result": [{}]}'])
    def test_nonsense_passes(self, ask, body):
        with responses.RequestsMock() as mocked:
            mocked.post(f"{API}/api/trans/vip/translate", body=body)
            with pytest.raises(TransientError):
                ask("hello", baidu_url=API)

    def test_success_may_have_a_code(self, ask):
        body = {"error_code": "52000", "from": "en", "trans_result": [{"dst": "b"}]}
        with responses.RequestsMock() as mocked:
            mocked.post(f"{API}/api/trans/vip/translate", json=body)
            assert ask("a", baidu_url=API)[0].text == "b"
