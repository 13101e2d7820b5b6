"""Who is asked, who is spared, what it costs, and what comes of it."""

import json
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
import responses
from pydantic import SecretStr

from stargazer import metrics
from stargazer.errors import (
    ConfigurationError,
    PlatformError,
    RefusedError,
    ThrottledError,
    TransientError,
)
from stargazer.logs import JsonFormatter
from stargazer.translation import Translation

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def translator(make):
    return make()


@pytest.fixture
def events(caplog):
    """Give a function that lists what was logged as that event."""
    caplog.set_level(logging.INFO)
    return lambda name: [each for each in caplog.records if each.getMessage() == name]


@pytest.fixture
def count(simulator):
    """Give a function that tells how often a provider was asked anything."""
    return lambda target: len(simulator.journal(target=target))


def get_count(counter, *labels):
    return counter.labels(*labels)._value.get()


class TestTexts:
    def test_all_texts_come_back_in_order(self, translator, now):
        texts = ["やあ #tag https://a.test/b", "", "hello\nthere", "やあ #tag https://a.test/b"]
        assert translator.translate(texts, None, "zh", now) == Translation(
            (
                "[ZH-HANS] やあ #tag https://a.test/b",
                "",
                "[ZH-HANS] hello\n[ZH-HANS] there",
                "[ZH-HANS] やあ #tag https://a.test/b",
            ),
            "deepl",
            "ja",
        )

    @pytest.mark.parametrize(
        ("text", "source", "target"),
        [
            ("", None, "ja"),
            (" \n\u3000", None, "ja"),
            ("https://youtu.be/abc #タグ @name 🎉👩‍👩‍👧🇯🇵 12:30!", None, "en"),
            ("hello", "en-GB", "en"),
            ("你好", "zh-CN", "zh-Hans"),
            ("こんにちは", None, "ja"),
            ("我们开始直播", None, "zh"),
            ("안녕하세요", None, "ko"),
        ],
    )
    def test_what_needs_no_translation_costs_nothing(
        self, translator, count, now, text, source, target
    ):
        assert translator.translate([text], source, target, now).texts == (text,)
        assert count("deepl") == count("baidu") == 0

    def test_what_proves_to_be_in_the_target_language_stays_as_it_is(self, translator, now):
        assert translator.translate(["hello"], None, "en", now) == Translation(
            ("hello",), "deepl", "en"
        )

    def test_one_script_of_chinese_is_not_the_other(self, translator, now):
        assert translator.translate(["我们"], "zh-Hans", "zh-Hant", now).texts == (
            "[ZH-HANT] 我们",
        )

    def test_white_space_around_stays(self, translator, now):
        assert translator.translate(["\n hi \n"], None, "ja", now).texts == ("\n [JA] hi \n",)

    @pytest.mark.parametrize("provider", ["deepl", "baidu"])
    def test_what_must_survive_does(self, make, now, provider):
        text = "見て→https://youtu.be/a?b=1&c=2を <@suisei_hosimati>さん👩‍👩‍👧🇯🇵"
        text += " & #星街すいせい ⟦0⟧\r\n\n 1️⃣ https://a.test\nまた"
        [found] = make(translators=(provider,)).translate([text], "ja", "en", now).texts
        assert found.replace("[EN-US] ", "").replace("[en] ", "") == text

    @pytest.mark.parametrize("text", ["見て #a さん @b、また\n #c", "(「#a」)やあ"])
    def test_what_comes_back_without_its_tokens_is_done_piece_by_piece(
        self, make, simulator, now, text
    ):
        simulator.add_fault("deepl", mangle=True)
        [found] = make().translate([text], "ja", "en", now).texts
        assert found.replace("[EN-US] ", "") == text
        assert "[EN-US]" in found

    def test_only_what_was_broken_is_done_again(self, translator, simulator, asked, now):
        simulator.add_fault("deepl", mangle=True, count=1)
        texts = ["one #a two", "three"]
        assert translator.translate(texts, None, "ja", now).texts == (
            "[JA] one #a [JA] two",
            "[JA] three",
        )
        assert asked("deepl") == [['one <x id="0"/> two', "three"], ["one", "two"]]

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (lambda line: line.upper().replace("⟦", "[").replace("⟧", "]"), "ONE #a TWO\n#b"),
            (lambda line: f"{line}⟧", None),
        ],
        ids=["mangles tokens", "makes tokens up"],
    )
    def test_no_broken_text_is_given_out(self, make, now, answer, expected):
        def translate(request):
            lines = parse_qs(request.body)["q"][0].split("\n")
            return 200, {}, json.dumps({"trans_result": [{"dst": answer(line)} for line in lines]})

        translator = make(translators=("baidu",), baidu_url="https://baidu.test")
        with responses.RequestsMock() as mocked:
            mocked.add_callback("POST", "https://baidu.test/api/trans/vip/translate", translate)
            if expected is None:
                with pytest.raises(RefusedError):
                    translator.translate(["one #a two\n#b"], "en", "ja", now)
            else:
                found = translator.translate(["one #a two\n#b"], "en", "ja", now)
                assert found.texts == (expected,)


class TestNames:
    @pytest.mark.parametrize("provider", ["deepl", "baidu"])
    @pytest.mark.parametrize("source", ["ja", None])
    def test_a_name_takes_its_form(self, make, glossary, now, provider, source):
        translator = make(translators=(provider,), glossary=glossary)
        text = "星街すいせいとときのそらだ #星街すいせい"
        [found] = translator.translate([text], source, "zh-Hans", now).texts
        assert found.partition("] ")[2] == "星街彗星とときのそらだ #星街すいせい"

    def test_deepl_gets_a_glossary_where_the_source_is_known(self, make, glossary, asked, now):
        make(glossary=glossary).translate(["星街すいせいだ"], "ja", "en", now)
        make(glossary=glossary).translate(["星街すいせいだ"], None, "en", now)
        assert asked("deepl") == [
            ["星街すいせいだ"],
            ['<x id="0">Hoshimachi Suisei</x>だ'],
        ]

    def test_a_name_alone_costs_nothing(self, make, glossary, count, now):
        translator = make(glossary=glossary)
        assert translator.translate(["星街すいせい!"], "ja", "en", now).texts == (
            "Hoshimachi Suisei!",
        )
        assert count("deepl") == 0

    def test_another_form_is_another_translation(self, make, tmp_path, now):
        path = tmp_path / "other.tsv"
        for form in ("Suisei", "Comet"):
            path.write_text(f"ja\ten\n星街すいせい\t{form}\n", encoding="utf-8")
            translator = make(glossary=str(path), translators=("baidu",))
            assert translator.translate(["星街すいせいだ"], None, "en", now).texts == (
                f"[en] {form}だ",
            )

    def test_a_wrong_file_is_told_at_the_start(self, make, tmp_path):
        (tmp_path / "names").write_text("nonsense\n", encoding="utf-8")
        with pytest.raises(ConfigurationError, match="line 1"):
            make(glossary=str(tmp_path / "names"))


class TestOrder:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, ("deepl", "baidu")),
            ({"translators": ("baidu", "deepl", "baidu")}, ("baidu", "deepl")),
            ({"translators": ("baidu",)}, ("baidu",)),
            ({"deepl_key": SecretStr("")}, ("baidu",)),
            ({"baidu_appid": ""}, ("deepl",)),
            ({"baidu_key": SecretStr("")}, ("deepl",)),
        ],
    )
    def test_the_settings_say_who_is_asked(self, make, now, changes, expected):
        translator = make(**changes)
        assert translator.providers == expected
        assert translator.translate(["hello"], None, "ja", now).provider == expected[0]

    def test_without_anybody_it_is_refused(self, make, now):
        with pytest.raises(RefusedError):
            make(translators=("deepl",), deepl_key=SecretStr("")).translate(
                ["hello"], None, "ja", now
            )

    @pytest.mark.parametrize(
        "fault",
        [
            *({"status": status} for status in (400, 403, 413, 429, 456, 500, 503)),
            {"drop": True},
            {"delay": 1, "count": 1},
        ],
        ids=str,
    )
    def test_when_one_cannot_the_next_one_does(self, make, simulator, now, fault):
        simulator.add_fault("deepl", **fault)
        translator = make(http_timeout=timedelta(seconds=0.3))
        assert translator.translate(["やあ"], None, "zh", now) == Translation(
            ("[zh] やあ",), "baidu", "ja"
        )

    @pytest.mark.parametrize(
        ("deepl", "baidu", "error"),
        [
            ({"status": 500}, {"code": 54004}, TransientError),
            ({"drop": True}, {"code": 54004}, TransientError),
            ({"status": 400}, {"code": 52001}, TransientError),
            ({"status": 456}, {"code": 54004}, ThrottledError),
            ({"status": 400}, {"code": 54004}, ThrottledError),
            ({"status": 400}, {"code": 58001}, RefusedError),
        ],
    )
    def test_when_nobody_can_it_is_said_when_to_try_again(
        self, translator, simulator, now, deepl, baidu, error
    ):
        simulator.add_fault("deepl", **deepl)
        simulator.add_fault("baidu", **baidu)
        with pytest.raises(error) as caught:
            translator.translate(["hello"], None, "ja", now)
        assert type(caught.value) is error

    def test_the_first_pause_to_end_counts(self, translator, simulator, now):
        simulator.add_fault("deepl", status=429, retry_after=40)
        simulator.add_fault("baidu", code=54004)
        for later, left in ((0, 40), (10, 30)):
            with pytest.raises(ThrottledError) as caught:
                translator.translate(["hello"], None, "ja", now + later * SECOND)
            assert caught.value.retry_after == left


class TestPauses:
    @pytest.mark.parametrize(
        ("fault", "seconds"),
        [
            ({"status": 429, "retry_after": 7}, 7),
            ({"status": 500}, 10),
            ({"status": 403}, 3600),
            ({"status": 456}, 3600),
        ],
        ids=str,
    )
    def test_who_pauses_is_not_asked(self, make, simulator, count, now, fault, seconds):
        simulator.add_fault("deepl", count=1, **fault)
        moments = (now, now + SECOND, now + (seconds - 1) * SECOND)
        for number, moment in enumerate(moments):
            # Another worker knows it, too.
            found = make().translate([f"text {number}x"], None, "ja", moment)
            assert found.provider == "baidu"
        assert count("deepl") == 1
        assert make().translate(["text"], None, "ja", now + seconds * SECOND).provider == "deepl"

    def test_a_refusal_is_no_reason_to_pause(self, translator, simulator, now):
        simulator.add_fault("deepl", status=400, count=1)
        assert translator.translate(["hello"], None, "ja", now).provider == "baidu"
        assert translator.translate(["hello you"], None, "ja", now).provider == "deepl"

    def test_deepl_is_asked_for_its_quota_first(self, translator, simulator, now):
        simulator.set_limits(deepl_characters=0)
        for hours, expected in ((0, "baidu"), (1.1, "baidu"), (1.2, "baidu"), (2.3, "baidu")):
            found = translator.translate([f"text {hours}x"], None, "ja", now + hours * HOUR)
            assert found.provider == expected
        simulator.set_limits(deepl_characters=1000)
        assert translator.translate(["text"], None, "ja", now + 3.4 * HOUR).provider == "deepl"
        methods = [call["method"] for call in simulator.journal(target="deepl")]
        assert methods == ["translate", "usage", "usage", "usage", "translate"]

    def test_an_empty_balance_of_baidus_is_tried_again_after_an_hour(
        self, make, simulator, count, now
    ):
        translator = make(translators=("baidu",))
        simulator.add_fault("baidu", code=54004, count=1)
        for minutes in (0, 59):
            with pytest.raises(ThrottledError):
                translator.translate(["hello"], None, "ja", now + timedelta(minutes=minutes))
        assert count("baidu") == 1
        assert translator.translate(["hello"], None, "ja", now + HOUR).provider == "baidu"

    def test_a_wrong_key_is_an_error_once_a_pause(self, make, simulator, events, now):
        simulator.set_credentials(deepl_keys=["another"])
        for minutes in (0, 1, 59, 61, 62):
            make().translate([f"text {minutes}x"], None, "ja", now + timedelta(minutes=minutes))
        told = events("translator_paused")
        assert [(each.levelname, each.provider, each.reason) for each in told] == [
            ("ERROR", "deepl", "credentials")
        ] * 2

    def test_trouble_is_told_once_and_is_no_error(self, make, simulator, events, now):
        simulator.add_fault("deepl", status=500)
        for _ in range(2):
            make().translate(["hello"], None, "ja", now)
        assert [each.levelname for each in events("translator_paused")] == ["WARNING"]


class TestCache:
    def test_the_same_text_is_paid_once(self, make, asked, now):
        for texts in (["one", "two"], ["two", "three"], ["three", "one"]):
            found = make().translate(texts, None, "ja", now)
            assert found.texts == tuple(f"[JA] {text}" for text in texts)
            assert (found.provider, found.source) == ("deepl", "en")
        assert asked("deepl") == [["one", "two"], ["three"]]

    @pytest.mark.parametrize(
        ("source", "target"), [("en", "ja"), (None, "ko")], ids=["source", "target"]
    )
    def test_other_languages_are_another_translation(self, translator, count, now, source, target):
        translator.translate(["hello"], None, "ja", now)
        translator.translate(["hello"], source, target, now)
        assert count("deepl") == 2

    def test_a_pause_does_not_matter_for_what_is_known(self, translator, simulator, now):
        translator.translate(["hello"], None, "ja", now)
        simulator.add_fault("deepl", status=500)
        assert translator.translate(["other"], None, "ja", now).provider == "baidu"
        assert translator.translate(["hello"], None, "ja", now).provider == "deepl"

    def test_it_is_paid_again_after_90_days_without_use(self, make, count, now):
        day = timedelta(days=1)
        for days, paid in ((0, 1), (80, 1), (160, 1), (251, 2)):
            # Whatever else is translated cleans up.
            make().translate([f"text {days}x"], None, "ko", now + days * day)
            make(translators=("baidu",)).translate(["hello"], None, "ja", now + days * day)
            found = count("baidu")
            assert found == paid


class TestBudget:
    def test_it_is_counted_by_month_and_provider(self, translator, store, now):
        before = get_count(metrics.translated_characters, "deepl")
        translator.translate(["hello #tag"], None, "ja", now)
        assert store.meters.count("deepl", "2026-11") == len("hello ")
        assert store.meters.count("deepl", "2026-12") == 0
        assert store.meters.count("baidu", "2026-11") == 0
        assert get_count(metrics.translated_characters, "deepl") == before + len("hello ")

    def test_at_80_percent_it_is_said_once(self, make, events, now):
        for text, told in (("a" * 79, 0), ("b", 1), ("c", 1)):
            make(translation_budget=100).translate([text], None, "ja", now)
            assert len(events("translation_budget_low")) == told
        [record] = events("translation_budget_low")
        assert (record.levelname, record.provider, record.month) == ("WARNING", "deepl", "2026-11")

    def test_what_is_spent_is_spent_until_the_month_is_over(self, make, events, count):
        translator = make(translation_budget=10)
        late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
        assert translator.translate(["12345678 a"], None, "ja", late).provider == "deepl"
        assert translator.translate(["b"], None, "ja", late).provider == "baidu"
        assert count("deepl") == 1
        with pytest.raises(ThrottledError) as caught:
            translator.translate(["23456789 abc"], None, "ja", late)
        assert caught.value.retry_after == 1800
        assert {each.provider for each in events("translation_budget_spent")} == {"deepl", "baidu"}
        december = datetime(2026, 12, 1, tzinfo=UTC)
        assert translator.translate(["c"], None, "ja", december).provider == "deepl"

    def test_a_raised_budget_counts_within_the_hour(self, make, now):
        poor, rich = make(translation_budget=1), make(translation_budget=100)
        with pytest.raises(ThrottledError):
            poor.translate(["hello"], None, "ja", now)
        assert rich.translate(["hello"], None, "ja", now + HOUR).provider == "deepl"

    def test_without_a_budget_there_is_no_end(self, make, now):
        translator = make(translation_budget=0)
        assert translator.translate(["hello " * 1000], None, "ja", now).provider == "deepl"

    def test_calls_are_counted_by_outcome(self, translator, simulator, now):
        ok = get_count(metrics.translations, "deepl", "ok")
        quota = get_count(metrics.translations, "deepl", "quota")
        translator.translate(["hello"], None, "ja", now)
        simulator.add_fault("deepl", status=456)
        translator.translate(["hello you"], None, "ja", now)
        assert get_count(metrics.translations, "deepl", "ok") == ok + 1
        assert get_count(metrics.translations, "deepl", "quota") == quota + 1


def test_nobody_waits_longer_than_the_patience(make, simulator, now):
    simulator.add_fault("deepl", delay=3, count=1)
    simulator.add_fault("baidu", delay=3, count=1)
    began = datetime.now(UTC)
    with pytest.raises(TransientError):
        make(http_timeout=timedelta(seconds=0.3)).translate(["hello"], None, "ja", now)
    assert datetime.now(UTC) - began < timedelta(seconds=2.5)


def test_no_secret_and_no_text_is_in_logs_or_errors(make, simulator, caplog, now):
    caplog.set_level(logging.DEBUG, logger="stargazer")
    faults = [{"status": status} for status in (400, 403, 429, 456, 500)] + [{"drop": True}]
    said = ""
    for number, fault in enumerate(faults):
        simulator.clear_faults()
        simulator.add_fault("deepl", **fault)
        simulator.add_fault("baidu", code=(52001, 52003, 54001, 54004, 58000, 58002)[number])
        with pytest.raises(PlatformError) as caught:
            make().translate(["a private text"], None, "ja", now + number * 2 * HOUR)
        said += f"{caught.value!r} {caught.value.reason} {caught.value.__cause__!r}"
    ours = [each for each in caplog.records if each.name.startswith("stargazer")]
    assert ours
    said += json.dumps([JsonFormatter().format(each) for each in ours])
    for secret in ("simulated-key", "simulated-app", "private"):
        assert secret not in said
