"""The simulated DeepL and Baidu, seen from outside."""

import hashlib

import pytest

KEY = {"Authorization": "DeepL-Auth-Key simulated-key:fx"}
BAIDU = "/baidu/api/trans/vip/translate"


@pytest.fixture
def deepl(web):
    """Give a function that has texts translated."""

    def ask(*texts, headers=KEY, **fields):
        body = {"text": texts, "target_lang": "EN-US", **fields}
        return web.post("/deepl/v2/translate", json=body, headers=headers)

    return ask


@pytest.fixture
def baidu(web):
    """Give a function that has a query translated, rightly signed."""

    def ask(query, key="simulated-key", **fields):
        signed = f"simulated-app{query}1{key}".encode()
        form = {"q": query, "from": "auto", "to": "en", "appid": "simulated-app", "salt": "1"}
        form["sign"] = hashlib.md5(signed).hexdigest()
        answer = web.post(BAIDU, data=form | fields)
        return answer.json if answer.status_code == 200 else answer.status_code

    return ask


def fail(web, **fault):
    assert web.post("/control/faults", json=fault).status_code == 200


class TestDeepL:
    def test_a_text_is_marked_with_its_target_and_keeps_its_tags(self, deepl):
        answer = deepl('やあ<x id="0"/>', "hi", tag_handling="xml").json
        assert answer["translations"] == [
            {
                "detected_source_language": "JA",
                "text": '[EN-US] やあ<x id="0"/>',
                "billed_characters": 2,
            },
            {"detected_source_language": "EN", "text": "[EN-US] hi", "billed_characters": 2},
        ]

    @pytest.mark.parametrize(
        "headers",
        [{}, {"Authorization": "DeepL-Auth-Key other"}, {"Authorization": "Bearer simulated-key"}],
        ids=["none", "another", "another scheme"],
    )
    def test_without_the_right_key_nothing_is_told(self, deepl, headers):
        assert deepl("hi", headers=headers).status_code == 403

    @pytest.mark.parametrize("target", ["EN", "PT", "klingon", ""])
    def test_a_target_must_be_exact(self, deepl, target):
        assert deepl("hi", target_lang=target).status_code == 400

    def test_more_than_fifty_texts_are_too_many(self, deepl):
        assert deepl(*["hi"] * 51).status_code == 400

    def test_what_was_translated_counts(self, web, deepl):
        web.put("/control/limits", json={"deepl_characters": 5})
        assert deepl("four").status_code == 200
        assert deepl("two").status_code == 456
        usage = web.get("/deepl/v2/usage", headers=KEY).json
        assert usage == {"character_count": 4, "character_limit": 5}

    def test_a_glossary_is_for_its_pair(self, web, deepl):
        pair = {"source_lang": "JA", "target_lang": "EN", "entries_format": "tsv"}
        body = {"name": "n", "dictionaries": [{**pair, "entries": "星\tHoshi"}]}
        made = web.post("/deepl/v3/glossaries", json=body, headers=KEY)
        key = made.json["glossary_id"]
        assert made.status_code == 201
        answer = deepl("星だ", source_lang="JA", glossary_id=key)
        assert answer.json["translations"][0]["text"] == "[EN-US] Hoshiだ"
        assert deepl("星だ", glossary_id=key).status_code == 400
        assert web.delete(f"/deepl/v3/glossaries/{key}", headers=KEY).status_code == 204
        assert deepl("星だ", source_lang="JA", glossary_id=key).status_code == 404

    def test_tags_get_lost_on_demand(self, web, deepl):
        fail(web, target="deepl", mangle=True, count=1)
        for expected in ("[EN-US] a", "[EN-US] a<x/>"):
            answer = deepl("a<x/>", tag_handling="xml").json
            assert answer["translations"][0]["text"] == expected

    @pytest.mark.parametrize("status", [403, 429, 456, 500, 503])
    def test_faults_are_told_as_deepl_does(self, web, deepl, status):
        fail(web, target="deepl", status=status, retry_after=7)
        answer = deepl("hi")
        assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
        assert "message" in answer.json

    def test_other_keys_may_be_the_right_ones(self, web, deepl):
        web.put("/control/credentials", json={"deepl_keys": ["other"]})
        assert deepl("hi").status_code == 403
        other = {"Authorization": "DeepL-Auth-Key other"}
        assert deepl("hi", headers=other).status_code == 200


class TestBaidu:
    def test_each_line_is_answered(self, baidu):
        assert baidu("おは\nhi") == {
            "from": "jp",
            "to": "en",
            "trans_result": [
                {"src": "おは", "dst": "[en] おは"},
                {"src": "hi", "dst": "[en] hi"},
            ],
        }

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"q": ""}, "54000"),
            ({"salt": "2"}, "54001"),
            ({"appid": "other"}, "52003"),
            ({"to": "klingon"}, "58001"),
        ],
        ids=["nothing asked", "wrong sign", "unknown app", "unknown language"],
    )
    def test_what_is_wrong_has_a_code(self, baidu, fields, code):
        assert baidu("hi", **fields)["error_code"] == code

    def test_a_query_has_a_longest(self, baidu):
        assert baidu("a" * 6001)["error_code"] == "54005"

    def test_codes_come_on_demand(self, web, baidu):
        fail(web, target="baidu", code=54003, count=1)
        assert baidu("hi") == {"error_code": "54003", "error_msg": "INVALID ACCESS LIMIT"}
        assert "trans_result" in baidu("hi")

    def test_a_line_gets_lost_on_demand(self, web, baidu):
        fail(web, target="baidu", mangle=True)
        assert len(baidu("a\nb")["trans_result"]) == 1

    def test_a_fault_of_its_server_is_no_code(self, web, baidu):
        fail(web, target="baidu", status=502)
        assert baidu("hi") == 502

    def test_other_apps_may_be_the_right_ones(self, web, baidu):
        web.put("/control/credentials", json={"baidu_apps": {"simulated-app": "new"}})
        assert baidu("hi")["error_code"] == "54001"
        assert "trans_result" in baidu("hi", key="new")

    @pytest.mark.parametrize(
        "fault",
        [
            {"target": "telegram", "code": 54003},
            {"target": "telegram", "mangle": True},
            {"target": "deepl", "code": 54003},
        ],
        ids=["code elsewhere", "mangled chat", "code of DeepL"],
    )
    def test_a_fault_of_a_translator_is_for_translators(self, web, fault):
        assert web.post("/control/faults", json=fault).status_code == 400


def test_no_key_is_in_the_journal(web, deepl, baidu):
    deepl("hi")
    baidu("hi")
    assert "simulated-key" not in web.get("/control/journal").text
