"""DeepL, by its own library and against the simulator."""

from datetime import timedelta

import pytest
import responses
from pydantic import SecretStr

from stargazer.errors import (
    CredentialsError,
    PlatformError,
    QuotaError,
    RefusedError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.translation.deepl import DeepL
from stargazer.translation.glossary import Glossary, read_glossary
from stargazer.translation.jobs import Job
from stargazer.translation.metering import Meter

API = "https://deepl.test"


@pytest.fixture
def make_deepl(make_context):
    def make(names=None, **changes):
        context = make_context(**changes)
        meter = Meter(context.store.meters, context.settings.translation_budget)
        return DeepL(context, meter, names or Glossary())

    return make


@pytest.fixture
def ask(make_deepl, now):
    """Give a function that has texts translated into a language."""

    def ask(*texts, target="zh-Hans", source=None, deepl=None, **changes):
        deepl = deepl or make_deepl(**changes)
        return deepl.ask(texts, Job(texts, source, target, now))

    return ask


class TestTexts:
    def test_all_texts_go_in_one_call_and_come_back_in_order(self, ask, asked):
        replies = ask("hello", "やあ")
        assert [tuple(reply) for reply in replies] == [
            ("[ZH-HANS] hello", "en"),
            ("[ZH-HANS] やあ", "ja"),
        ]
        assert asked("deepl") == [["hello", "やあ"]]

    @pytest.mark.parametrize(
        ("target", "code"),
        [
            *(("en", "EN-US"), ("en-GB", "EN-GB"), ("pt", "PT-BR"), ("pt-PT", "PT-PT")),
            *(("zh-Hans", "ZH-HANS"), ("zh-Hant", "ZH-HANT"), ("ja", "JA"), ("fr-CA", "FR")),
        ],
    )
    def test_a_language_is_named_as_deepl_does(self, ask, target, code):
        assert ask("hello", target=target)[0].text == f"[{code}] hello"

    def test_a_source_that_is_known_is_told(self, ask, simulator):
        ask("hello", source="zh-Hant", target="en")
        assert simulator.journal(target="deepl")[0]["source"] == "ZH"

    def test_many_texts_go_in_several_calls(self, ask, asked):
        texts = [f"text {number}" for number in range(60)]
        assert [reply.text for reply in ask(*texts)] == [f"[ZH-HANS] {text}" for text in texts]
        assert list(map(len, asked("deepl"))) == [50, 10]

    def test_long_texts_go_in_several_calls(self, ask, asked):
        texts = [letter * 15_000 for letter in "星空海"]
        assert len(ask(*texts, target="en")) == 3
        assert list(map(len, asked("deepl"))) == [1, 1, 1]

    def test_a_text_that_no_call_can_hold_is_refused(self, ask, asked):
        with pytest.raises(RefusedError):
            ask("星" * 30_000)
        assert asked("deepl") == []

    def test_the_key_says_which_server(self, make_context, now):
        for key, host in (("k:fx", "https://api-free.deepl.com"), ("k", "https://api.deepl.com")):
            context = make_context(deepl_url="", deepl_key=SecretStr(key))
            deepl = DeepL(context, Meter(context.store.meters, 0), Glossary())
            body = {"text": "b", "detected_source_language": "EN", "billed_characters": 1}
            with responses.RequestsMock() as mocked:
                mocked.post(f"{host}/v2/translate", json={"translations": [body]})
                [reply] = deepl.ask(["a"], Job(["a"], None, "ja", now))
                sent = mocked.calls[0].request.headers["Authorization"]
            assert (reply.text, sent) == ("b", f"DeepL-Auth-Key {key}")


class TestFailures:
    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (400, RefusedError),
            (403, CredentialsError),
            (404, RefusedError),
            (413, RefusedError),
            (429, ThrottledError),
            (456, QuotaError),
            (500, TransientError),
            (503, TransientError),
        ],
    )
    def test_what_deepl_says_decides_and_is_asked_once(self, ask, simulator, status, error):
        simulator.add_fault("deepl", status=status)
        with pytest.raises(error) as caught:
            ask("hello")
        assert type(caught.value) is error
        assert len(simulator.journal(target="deepl")) == 1

    @pytest.mark.parametrize(("asked_for", "pause"), [(None, 5), (3, 3), (9000, 60)])
    def test_a_pause_is_short(self, ask, simulator, asked_for, pause):
        simulator.add_fault("deepl", status=429, retry_after=asked_for)
        with pytest.raises(ThrottledError) as caught:
            ask("hello")
        assert caught.value.retry_after == pause

    @pytest.mark.parametrize("fault", [{"drop": True}, {"delay": 1}], ids=["drop", "silence"])
    def test_silence_may_have_cost_something(self, ask, simulator, fault, store):
        simulator.add_fault("deepl", count=1, **fault)
        with pytest.raises(UnknownOutcomeError):
            ask("hello", http_timeout=timedelta(seconds=0.2))
        assert store.meters.count("deepl", "2026-11") == 5

    def test_an_error_costs_nothing(self, ask, simulator, store):
        simulator.add_fault("deepl", status=500)
        with pytest.raises(TransientError):
            ask("hello")
        assert store.meters.count("deepl", "2026-11") == 0

    def test_a_deepl_that_is_away_passes(self, ask, free_port):
        with pytest.raises(TransientError):
            ask("hello", deepl_url=f"http://127.0.0.1:{free_port()}")

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "<html>",
            "[]",
            '{"translations": [{"text": "a"}]}',
            '{"translations": []}',
            '{"translations": [null]}',
            '{"translations": 1}',
        ],
    )
    def test_nonsense_passes(self, ask, body):
        with responses.RequestsMock() as mocked:
            mocked.post(f"{API}/v2/translate", body=body)
            with pytest.raises(TransientError):
                ask("hello", deepl_url=API)

    def test_without_time_nobody_is_asked(self, make_deepl, asked, now):
        with pytest.raises(TransientError):
            make_deepl().ask(["hello"], Job(["hello"], None, "ja", now, patience=0.5))
        assert asked("deepl") == []

    def test_no_error_tells_a_secret_or_a_text(self, ask, simulator):
        for status in (400, 403, 418, 429, 456, 500):
            simulator.add_fault("deepl", status=status, count=1)
            with pytest.raises(PlatformError) as caught:
                ask("a private text")
            said = f"{caught.value!r} {caught.value.__cause__!r}"
            assert "simulated-key" not in said
            assert "private" not in said


@pytest.mark.parametrize(("limit", "expected"), [(5, False), (6, True), (None, True)])
def test_deepl_tells_whether_anything_is_left(make_deepl, ask, simulator, now, limit, expected):
    ask("hello")
    simulator.set_credentials(deepl_keys=["simulated-key:fx"])
    with responses.RequestsMock() as mocked:
        used = {"character_count": 5} | ({} if limit is None else {"character_limit": limit})
        mocked.get(f"{API}/v2/usage", json=used)
        assert make_deepl(deepl_url=API).has_quota(Job([], None, "ja", now)) is expected


class TestGlossaries:
    @pytest.fixture
    def names(self, glossary):
        return read_glossary(glossary)

    @pytest.fixture
    def methods(self, simulator):
        return lambda: [call["method"] for call in simulator.journal(target="deepl")]

    def test_a_glossary_is_made_once_for_a_pair(self, make_deepl, ask, names, methods):
        for _ in range(2):
            [reply] = ask("星街すいせいだ", source="ja", deepl=make_deepl(names))
            assert reply.text == "[ZH-HANS] 星街彗星だ"
        assert methods() == ["add_glossary", "translate", "translate"]

    def test_what_a_glossary_knows_is_no_token(self, make_deepl, names, now):
        job = Job(["星街すいせいとときのそら"], "ja", "zh-Hans", now)
        parts = list(make_deepl(names).choose_names(job).split(job.texts[0]))
        assert parts == ["星街すいせいと", ("ときのそら", True), ""]

    @pytest.mark.parametrize(
        ("text", "source"),
        [("星街すいせいだ", None), ("やあ", "ja"), ("ときのそらだ", "ja")],
        ids=["no source", "no name", "a name without a pair"],
    )
    def test_none_is_made_in_vain(self, make_deepl, ask, names, methods, text, source):
        ask(text, source=source, deepl=make_deepl(names))
        assert methods() == ["translate"]

    def test_one_that_is_gone_is_made_anew(self, make_deepl, ask, names, methods, simulator):
        ask("星街すいせい!", source="ja", deepl=make_deepl(names))
        deepl = make_deepl(names)
        [key] = [each["glossary"] for each in deepl._context.store.glossaries.collection.find()]
        deepl._context.http.delete(
            f"{simulator.deepl_url}/v3/glossaries/{key}",
            headers={"Authorization": "DeepL-Auth-Key simulated-key:fx"},
        )
        [reply] = ask("星街すいせいだ", source="ja", deepl=deepl)
        assert reply.text == "[ZH-HANS] 星街彗星だ"
        assert methods()[-3:] == ["translate", "add_glossary", "translate"]

    def test_an_outdated_one_is_removed(self, make_deepl, ask, names, methods, now):
        ask("星街すいせいだ", source="ja", deepl=make_deepl(names))
        other = Glossary(({"ja": "星街すいせい", "zh-Hans": "彗星"},))
        for days, expected in ((0, "[ZH-HANS] 彗星だ"), (3, "[ZH-HANS] 星だ")):
            deepl = make_deepl(other)
            job = Job(["星街すいせいだ"], "ja", "zh-Hans", now + timedelta(days=days))
            assert deepl.ask(job.texts, job)[0].text == expected
            other = Glossary(({"ja": "星街すいせい", "zh-Hans": "星"},))
        assert methods().count("delete_glossary") == 2
        assert deepl._context.store.glossaries.collection.count_documents({}) == 1

    @pytest.mark.parametrize("status", [400, 456, 500])
    def test_without_a_glossary_names_are_tokens(self, make_deepl, names, simulator, now, status):
        deepl = make_deepl(names)
        simulator.add_fault("deepl", status=status, count=1)
        job = Job(["星街すいせいだ"], "ja", "zh-Hans", now)
        assert list(deepl.choose_names(job).split(job.texts[0]))[1] == ("星街彗星", True)
        deepl.ask(["星街すいせいだ"], job)
        assert [call["method"] for call in simulator.journal(target="deepl")] == [
            "add_glossary",
            "translate",
        ]

    def test_one_that_is_not_taken_is_done_without(self, make_deepl, names, simulator, now):
        deepl = make_deepl(names)
        job = Job(["星街すいせいだ"], "ja", "zh-Hans", now)
        deepl.choose_names(job)
        simulator.add_fault("deepl", status=400, count=1)
        with pytest.raises(TransientError):
            deepl.ask(job.texts, job)
        assert list(deepl.choose_names(job).split(job.texts[0]))[1] == ("星街彗星", True)
        deepl.ask(job.texts, job)
        assert simulator.journal(target="deepl")[-1]["glossary"] is None

    @pytest.mark.parametrize("status", [403, 429])
    def test_a_pause_counts_here_too(self, make_deepl, names, simulator, now, status):
        simulator.add_fault("deepl", status=status)
        with pytest.raises(ThrottledError):
            make_deepl(names).choose_names(Job(["星街すいせいだ"], "ja", "zh-Hans", now))
