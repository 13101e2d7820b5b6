"""What the collections of translation promise, over the real protocol."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from stargazer.store.translations import Translated, make_key

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def at_once(count, function):
    """Call a function from that many threads at the same moment; give what each call gave."""
    barrier = threading.Barrier(count)

    def call(_):
        barrier.wait(10)
        return function()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


class TestCharacters:
    def test_many_never_spend_more_than_there_is(self, store):
        spent = at_once(12, lambda: store.meters.spend("deepl", "2026-11", 10, 75))
        taken = sorted(each for each in spent if each is not None)
        assert taken == [10, 20, 30, 40, 50, 60, 70]
        assert store.meters.count("deepl", "2026-11") == 70

    def test_a_limit_is_reached_and_not_passed(self, store):
        assert store.meters.spend("deepl", "2026-11", 75, 75) == 75
        assert store.meters.spend("deepl", "2026-11", 1, 75) is None
        assert store.meters.spend("deepl", "2026-12", 1, 75) == 1
        assert store.meters.spend("baidu", "2026-11", 1, 75) == 1
        assert store.meters.spend("deepl", "2026-11", 10**6, 0) == 10**6 + 75

    def test_what_is_given_back_may_be_spent_again(self, store):
        store.meters.spend("deepl", "2026-11", 75, 75)
        store.meters.correct("deepl", "2026-11", -5)
        assert store.meters.spend("deepl", "2026-11", 5, 75) == 75

    @pytest.mark.parametrize("notice", ["is_low", "is_spent"])
    def test_one_of_many_has_to_say_it(self, store, notice):
        store.meters.spend("deepl", "2026-11", 1, 0)
        store.meters.spend("deepl", "2026-12", 1, 0)
        claimed = at_once(8, lambda: store.meters.claim_notice("deepl", "2026-11", notice))
        assert claimed.count(True) == 1
        assert store.meters.claim_notice("deepl", "2026-12", notice)


class TestTranslations:
    def test_what_is_kept_is_found(self, store):
        kept = {"a": Translated("あ", "en"), "b": Translated("い", "fr")}
        store.translations.save_all(kept, NOW)
        store.translations.save_all({"b": Translated("う", "fr")}, NOW)
        found = store.translations.find_all(["a", "b", "c"], NOW)
        assert found == {"a": Translated("あ", "en"), "b": Translated("う", "fr")}

    def test_what_is_used_stays_and_what_is_not_goes(self, store):
        kept = {"a": Translated("あ", "en"), "b": Translated("い", "en")}
        store.translations.save_all(kept, NOW)
        store.translations.find_all(["a"], NOW + 50 * DAY)
        store.translations.save_all({}, NOW + 90 * DAY)
        assert set(store.translations.find_all(["a", "b"], NOW + 90 * DAY)) == {"a"}

    def test_each_part_makes_another_key(self):
        keys = [
            make_key("deepl", "ja", "en", "text"),
            make_key("baidu", "ja", "en", "text"),
            make_key("deepl", None, "en", "text"),
            make_key("deepl", "ja", "ko", "text"),
            make_key("deepl", "ja", "en", "text "),
        ]
        assert len(set(keys)) == 5


class TestGlossaries:
    def test_an_id_is_found_by_languages_and_content(self, store):
        store.glossaries.save("ja:en", "one", "id1", NOW)
        store.glossaries.save("ja:en", "one", "id2", NOW)
        assert store.glossaries.find("ja:en", "one", NOW) == "id2"
        assert store.glossaries.find("ja:ko", "one", NOW) is None
        store.glossaries.delete("id2")
        assert store.glossaries.find("ja:en", "one", NOW) is None

    def test_what_another_worker_may_still_use_is_not_outdated(self, store):
        for digest in ("old", "used", "new"):
            store.glossaries.save("ja:en", digest, f"id of {digest}", NOW)
        store.glossaries.save("ja:ko", "old", "id of another", NOW)
        assert store.glossaries.list_outdated("ja:en", "new", NOW + DAY) == []
        store.glossaries.find("ja:en", "used", NOW + 2 * DAY)
        assert store.glossaries.list_outdated("ja:en", "new", NOW + 2 * DAY) == ["id of old"]
