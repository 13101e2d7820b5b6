"""The page on which a subscriber chooses, in Chromium."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer.kinds import USUAL_KINDS
from stargazer.models import (
    Delivery,
    DeliveryState,
    EventFilter,
    Reason,
    Rule,
    StoredEvent,
)

#: Bytes of everything that a first visit loads, as they come over the wire.
MOST_WEIGHT = 150_000
MANY = 500
ROMANISED = {
    "すいせい": "suisei",
    "しゅーな": "shuna",
    "きょうこ": "kyoko",
    "ちょっぱー": "choppa",
    "まっちゃ": "matcha",
    "ふぁるこん": "farukon",
    "じゅんじ": "junji",
    "ゆうき": "yuki",
    "おおつき": "otsuki",
    "a星b": "a星b",
}


@pytest.fixture
def visit(open_page, site, cast):
    """Give a function that opens the page with a link from the chat."""

    def visit(token=None, **device):
        page = open_page(f"{site}/settings/#{token or cast.give_token()}", **device)
        page.locator("#chat").wait_for()
        return page

    return visit


@pytest.fixture
def wait_until_saved(visit):
    def wait(page):
        page.locator("#word[data-how=saved]").wait_for()

    return wait


def follow(page, name):
    page.get_by_role("switch", name=name).locator("visible=true").click()


class TestLink:
    def test_it_says_whose_settings_these_are_and_how_long_it_lasts(self, visit):
        page = visit()
        assert page.locator("#chat").inner_text() == "星見の部屋 の設定"
        assert page.locator("#lasts").inner_text() == "このリンクはあと 9 分 有効です"

    def test_its_token_leaves_the_address_and_goes_with_the_tab(self, visit, open_page, site):
        page = visit()
        assert page.url == f"{site}/settings/"
        page.reload()
        page.locator(".card").first.wait_for()
        other = open_page(f"{site}/settings/")
        assert other.locator("#closed-title").inner_text() == "This page needs your link"

    @pytest.mark.parametrize("why", ["expired", "revoked", "foreign"])
    def test_one_that_does_not_hold_says_how_to_get_another(
        self, why, open_page, site, cast, store, forgive
    ):
        token = "f" * 43 if why == "foreign" else cast.give_token()
        if why == "expired":
            token = cast.give_token(timedelta(seconds=-1))
        if why == "revoked":
            store.sessions.delete_of_user(cast.user.id)
        page = open_page(f"{site}/settings/#{token}")
        page.get_by_role("heading", name="This link is over").wait_for()
        assert "Send a new link" in page.locator("#closed-text").inner_text()
        assert page.locator("#open").is_hidden()
        forgive(page, 403)

    def test_one_that_ends_meanwhile_saves_nothing_more(self, visit, cast, store, forgive):
        page = visit()
        store.sessions.delete_of_user(cast.user.id)
        follow(page, "青空アオイ")
        page.get_by_role("heading", name="このリンクは無効になりました").wait_for()
        assert not cast.wish.entities
        forgive(page, 403)

    def test_a_new_one_may_be_opened_in_the_same_tab(self, visit, site, cast, store, forgive):
        page = visit()
        store.sessions.delete_of_user(cast.user.id)
        follow(page, "青空アオイ")
        page.locator("#closed").wait_for()
        page.goto(f"{site}/settings/#{cast.give_token()}")
        page.locator(".card").first.wait_for()
        forgive(page, 403)


class TestWhom:
    @pytest.mark.parametrize(
        "question",
        ["あおい", "アオイ", "ｱｵｲ", "aozora", "AOZORA aoi", "青空", "あおぞら", "青空 aoi"],
        ids=[
            *("hiragana", "katakana", "halfwidth", "romanised", "two words", "kanji"),
            *("the reading of kanji", "two scripts"),
        ],
    )
    def test_is_found_in_any_script(self, visit, question):
        page = visit()
        page.locator("#search").fill(question)
        shown = page.locator(".card .first").locator("visible=true")
        assert shown.all_inner_texts() == ["青空アオイ"]

    def test_kana_is_written_in_letters(self, visit):
        script = "(kana) => import('./romaji.js').then(({ romanise }) => kana.map(romanise))"
        assert visit().evaluate(script, list(ROMANISED)) == list(ROMANISED.values())

    def test_nobody_of_that_name_is_said(self, visit):
        page = visit()
        page.locator("#search").fill("ミコ")
        assert "ミコ" in page.locator("#nothing").inner_text()

    def test_one_is_followed_and_that_undone(self, visit, cast, wait_until_saved):
        page = visit()
        follow(page, "青空アオイ")
        wait_until_saved(page)
        assert cast.wish.entities == {cast.aoi.id}
        assert cast.wish.kinds == {"youtube/live_start"}
        page.get_by_role("button", name="元に戻す").click()
        page.get_by_text("元に戻しました").wait_for()
        assert not cast.wish.entities
        assert not page.get_by_role("switch", name="青空アオイ").is_checked()

    def test_an_agency_is_followed_but_for_one(self, visit, cast, wait_until_saved):
        page = visit()
        section = page.get_by_role("region", name="スターライト")
        section.get_by_role("switch", name="事務所全員").click()
        wait_until_saved(page)
        assert cast.wish.groups == {cast.agency.id}
        follow(page, "月宮ルナ")
        page.get_by_text("月宮ルナ のフォローをやめました · 保存しました").wait_for()
        assert cast.wish.without_entities == {cast.luna.id}
        assert section.locator(".group-head .hint").inner_text() == "1 / 2"

    def test_everybody_is_followed_at_once(self, visit, cast, wait_until_saved):
        page = visit()
        page.get_by_role("switch", name="全員", exact=True).click()
        wait_until_saved(page)
        assert cast.wish.groups == {cast.agency.id}
        assert cast.wish.entities == {cast.aoi.id}

    def test_it_shows_where_they_are(self, visit):
        page = visit()
        card = page.locator(".card", has_text="青空アオイ")
        assert card.locator(".places span").all_inner_texts() == [
            "YouTube",
            "bilibili",
            "bilibili live",
        ]

    def test_what_others_wrote_is_no_markup(self, visit, cast):
        cast.add("<img src=x onerror=alert(1)>", "<b>Bold</b>")
        page = visit()
        assert page.get_by_text("<img src=x onerror=alert(1)>").is_visible()
        assert page.locator(".card img, .card b").count() == 0


class TestKinds:
    def test_are_the_usual_ones_for_who_has_chosen_none(self, visit, cast, store, wait_until_saved):
        store.users.save(cast.user.model_copy(update={"event_filter": EventFilter()}))
        page = visit()
        follow(page, "青空アオイ")
        wait_until_saved(page)
        assert cast.wish.kinds == USUAL_KINDS
        follow(page, "月宮ルナ")
        page.get_by_text("月宮ルナ をフォローしました · 保存しました").wait_for()
        assert cast.wish.kinds == USUAL_KINDS

    def test_are_chosen_for_everybody(self, visit, cast, wait_until_saved):
        page = visit()
        page.locator(".everybody summary").click()
        page.locator(".everybody input[value='twitter/new_tweet']").click()
        wait_until_saved(page)
        assert cast.wish.kinds == {"youtube/live_start", "twitter/new_tweet"}

    def test_are_chosen_for_one_and_given_back(self, visit, cast, wait_until_saved):
        page = visit()
        follow(page, "青空アオイ")
        card = page.locator(".card", has_text="青空アオイ")
        card.locator("summary").click()
        assert card.locator(".kind input[value^=twitch]").count() == 0
        card.locator("input[value='bilibili/new_video']").click()
        wait_until_saved(page)
        wanted = {"youtube/live_start", "bilibili/new_video"}
        page.get_by_text("青空アオイ の通知内容を変更しました · 保存しました").wait_for()
        assert cast.wish.kinds_by_entity == {cast.aoi.id: wanted}
        card.get_by_role("button", name="全員と同じ").click()
        page.locator(".back").locator("visible=true").wait_for(state="detached")
        page.locator("#word[data-how=saved]").wait_for()
        assert not cast.wish.kinds_by_entity


class TestHow:
    @pytest.fixture
    def page(self, visit):
        page = visit()
        page.get_by_role("tab", name="通知の設定").click()
        return page

    def test_language(self, page, cast, wait_until_saved):
        page.locator("#language").select_option("zh")
        wait_until_saved(page)
        assert page.get_by_role("tab", name="通知方式").is_visible()
        assert page.locator("html").get_attribute("lang") == "zh-Hans"
        assert cast.settings.language == "zh"

    def test_time_zone_of_the_device(self, page, cast, wait_until_saved):
        page.get_by_role("button", name="この端末の Europe/Berlin を使う").click()
        wait_until_saved(page)
        assert cast.settings.timezone == "Europe/Berlin"

    def test_translation(self, page, cast, wait_until_saved):
        page.get_by_role("switch", name="翻訳").click()
        wait_until_saved(page)
        assert cast.settings.translate

    def test_quiet_hours_and_what_may_wake(self, page, cast, wait_until_saved):
        page.get_by_role("switch", name="おやすみ時間").click()
        wait_until_saved(page)
        page.get_by_label("開始").fill("22:30")
        page.get_by_text("おやすみ時間:22:30 から 07:00 まで · 保存しました").wait_for()
        quiet = cast.settings.quiet_hours
        assert (f"{quiet.start:%H:%M}", f"{quiet.end:%H:%M}") == ("22:30", "07:00")
        page.locator(".quiet summary").click()
        page.locator(".quiet input[value='twitch/live_start']").click()
        page.get_by_text("おやすみ時間中の通知を変更しました · 保存しました").wait_for()
        assert cast.settings.waking_kinds == {"youtube/live_start", "bililive/live_start"}

    def test_words_to_leave_out_beside_other_rules(self, visit, cast, store, wait_until_saved):
        rule = Rule(media=True)
        store.users.save(
            cast.user.model_copy(
                update={"event_filter": cast.wish.model_copy(update={"rules": (rule,)})}
            )
        )
        page = visit()
        page.get_by_role("tab", name="通知の設定").click()
        page.get_by_label("除外する言葉").fill("ネタバレ\n spoiler")
        page.get_by_label("除外する言葉").blur()
        wait_until_saved(page)
        assert cast.wish.rules == (rule, Rule(none_of=("ネタバレ", "spoiler")))

    def test_a_word_that_is_refused_is_said_and_undone(self, page, cast, forgive):
        page.get_by_label("除外する言葉").fill("/(/")
        page.get_by_label("除外する言葉").blur()
        page.locator("#word[data-how=refused]").wait_for()
        page.get_by_role("button", name="元に戻す").click()
        page.locator("#word[data-how=saved]").wait_for()
        assert page.get_by_label("除外する言葉").input_value() == ""
        assert not cast.wish.rules
        forgive(page, 400)

    def test_a_message_that_changes_when_a_stream_ends(self, page, cast, wait_until_saved):
        page.get_by_role("switch", name="配信が終わったらメッセージを書き換える").click()
        wait_until_saved(page)
        assert cast.settings.edit_live

    def test_mute_and_its_end(self, page, cast, wait_until_saved):
        page.get_by_role("button", name="8 時間").click()
        wait_until_saved(page)
        left = cast.settings.muted_until - datetime.now(UTC)
        assert timedelta(hours=7, minutes=55) < left <= timedelta(hours=8)
        page.get_by_role("button", name="ミュートを解除").click()
        page.get_by_text("ミュートを解除しました · 保存しました").wait_for()
        assert cast.settings.muted_until is None


class TestMessages:
    @pytest.fixture
    def tell(self, store, cast):
        def tell(number, **fields):
            at = datetime.now(UTC) - timedelta(minutes=number)
            event = StoredEvent(
                kind="youtube/live_start",
                entity=cast.sora.id,
                fields={"video_id": f"v{number}", "title": "歌枠", "url": "https://v.test/1"},
                happened_at=at,
                created_at=at,
            )
            store.events.save(event)
            delivery = Delivery(
                event=event.id, user=cast.user.id, im="telegram", created_at=at, due_at=at, **fields
            )
            store.deliveries.add([delivery])

        return tell

    def test_the_last_say_why_they_came_or_did_not(self, visit, tell):
        tell(1, state=DeliveryState.SENT, finished_at=datetime.now(UTC), message_ids=("7",))
        tell(
            2,
            state=DeliveryState.DROPPED,
            finished_at=datetime.now(UTC),
            code=Reason.FILTER,
            reason="rule 1: it says 'spoiler'",
        )
        page = visit()
        page.get_by_role("tab", name="メッセージ").click()
        rows = page.locator(".history li")
        rows.nth(1).wait_for()
        assert "星野ソラ" in rows.nth(0).inner_text()
        assert "送信済み" in rows.nth(0).inner_text()
        assert "spoiler" in rows.nth(1).inner_text()

    def test_each_kind_has_an_example_in_ones_language(self, visit):
        page = visit()
        page.get_by_role("tab", name="メッセージ").click()
        page.locator(".bubble").first.wait_for()
        assert page.locator(".bubble").count() == page.evaluate(
            "fetch('/v1/getEventKinds', {method: 'POST', body: '{}',"
            " headers: {'Content-Type': 'application/json'}})"
            ".then((answer) => answer.json()).then(({data}) => data.kinds.length)"
        )
        assert "配信を開始しました" in page.locator(".bubbles").inner_text()


class TestEverybody:
    @pytest.mark.parametrize(
        ("language", "scheme"), [("en", "light"), ("ja", "dark"), ("zh", "light")]
    )
    def test_it_reads_well_on_a_small_phone(
        self, visit, cast, store, language, scheme, is_wide, find_violations
    ):
        settings = cast.settings.model_copy(update={"language": language})
        wish = cast.wish.model_copy(update={"entities": frozenset({cast.aoi.id})})
        changes = {"settings": settings, "event_filter": wish}
        store.users.save(cast.user.model_copy(update=changes))
        page = visit(width=320, height=640, scheme=scheme)
        for tab in page.get_by_role("tab").all():
            tab.click()
            page.locator("main section").locator("visible=true").first.wait_for()
            for summary in page.locator("summary").locator("visible=true").all():
                summary.click()
            assert not is_wide(page)
            assert find_violations(page) == []

    def test_it_is_used_by_keyboard_alone(self, visit, cast, wait_until_saved):
        page = visit()
        press = page.keyboard.press
        press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        press("Enter")
        assert page.locator("#chat").is_visible()
        press("Tab")
        page.keyboard.type("aozora")
        for _ in range(4):
            press("Tab")
        assert page.evaluate("document.activeElement.closest('.card').innerText").startswith("青")
        press("Space")
        wait_until_saved(page)
        assert cast.wish.entities == {cast.aoi.id}
        page.get_by_role("tab", name="フォロー").focus()
        press("ArrowRight")
        assert page.locator("#how").is_visible()
        assert page.evaluate("document.activeElement.id") == "tab-how"

    def test_many_are_light_and_soon_there(self, visit, cast):
        cast.add_many(MANY)
        paints, weights = [], []
        for _ in range(3):
            page = visit(width=390, height=800)
            assert page.locator(".card").count() == MANY + 3
            paints.append(
                page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            )
            sizes = page.evaluate("performance.getEntries().map((each) => each.transferSize ?? 0)")
            weights.append(sum(sizes))
        assert max(weights) < MOST_WEIGHT
        assert min(paints) < 1000


def test_one_that_loses_its_connection_says_so_and_saves_later(visit, cast, wait_until_saved):
    page = visit()
    page.context.set_offline(True)
    follow(page, "青空アオイ")
    page.locator("#word[data-how=lost]").wait_for()
    page.context.set_offline(False)
    page.get_by_role("button", name="もう一度").click()
    wait_until_saved(page)
    assert cast.wish.entities == {cast.aoi.id}
    page.said[:] = [text for text in page.said if "ERR_INTERNET_DISCONNECTED" not in text]
