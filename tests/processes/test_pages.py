"""A fan and an operator at their pages, while everything runs: what is chosen there is told."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer.accounts import hash_password
from stargazer.models import Account, Entity, Group, Meta, Name

pytestmark = [pytest.mark.processes, pytest.mark.timeout(150)]

FAN = 4242


def name(ja, en):
    return Name(name={"ja": ja, "en": en}, default_language="ja")


@pytest.fixture
def system(make_system):
    system = make_system(telegram_updates="poll", youtube_poll_interval=15)
    system.start("redis", "mongo", "simulator")
    system.simulator.wait_until_ready(30)
    list(system.store.create_indexes())
    system.start("web", "beat", "sources", "pipeline", "delivery", "commands")
    system.wait_until_open()
    return system


@pytest.fixture
def stars(system):
    """Have an agency of two, and two alone, of whom one publishes."""
    watched = system.follow([], [])
    agency = Group(name=name("スターライト", "Starlight"))
    system.store.groups.save(agency)
    aoi = watched.model_copy(update={"meta": Meta(name=name("青空アオイ", "Aozora Aoi"))})
    luna = Entity(meta=Meta(name=name("月宮ルナ", "Tsukimiya Luna")))
    members = [
        Entity(meta=Meta(name=name(*each), group=agency.id))
        for each in (("星野ソラ", "Hoshino Sora"), ("桜庭ミコ", "Sakuraba Miko"))
    ]
    for entity in (aoi, luna, *members):
        system.store.entities.save(entity)
    return {"aoi": aoi, "luna": luna, "agency": agency}


@pytest.fixture
def ask_for_link(system):
    """Give a function that has the fan ask the bot for the settings."""
    talk = system.simulator.talk

    def ask():
        before = len(talk.messages(FAN))
        talk.say(FAN, "/settings", language_code="ja", first_name="星見")
        system.wait_for("a link", lambda: len(talk.messages(FAN)) > before)
        return talk.messages(FAN)[-1]["text"].rpartition(" ")[2]

    return ask


def choose(page):
    """Follow two and an agency, and be left alone for an hour that is far off."""
    saved = page.locator("#word[data-how=saved]")
    for typed, found in (("あおい", "青空アオイ"), ("ﾙﾅ", "月宮ルナ")):
        page.locator("#search").fill(typed)
        page.locator(".card").locator("visible=true").get_by_role("switch").click()
        saved.get_by_text(f"{found} をフォローしました").wait_for()
    page.locator("#search").fill("")
    region = page.get_by_role("region", name="スターライト")
    region.get_by_role("switch", name="事務所全員").click()
    saved.get_by_text("スターライト をフォローしました").wait_for()
    page.get_by_role("tab", name="通知の設定").click()
    page.get_by_role("switch", name="おやすみ時間").click()
    saved.wait_for()
    far = datetime.now(UTC) + timedelta(hours=12)
    page.get_by_label("終了").fill(f"{far + timedelta(hours=1):%H:%M}")
    saved.get_by_text(f"{far + timedelta(hours=1):%H:%M} まで").wait_for()
    page.get_by_label("開始").fill(f"{far:%H:%M}")
    saved.get_by_text(f"{far:%H:%M} から").wait_for()


def enter(system, open_page):
    """Sign in as an operator."""
    permissions = {"admin": "rw", "api": "rw", "coordinator": "rw"}
    account = Account(
        username="operator", hash=hash_password("correct horse"), permissions=permissions
    )
    system.store.accounts.save(account)
    page = open_page(f"http://127.0.0.1:{system.settings.web_port}/operator/")
    page.get_by_label("Name", exact=True).fill("operator")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Overview").wait_for()
    return page


def send_again(page, user):
    """Send the latest message of a chat once more."""
    page.get_by_role("link", name="Users").click()
    page.get_by_label("Find").fill(user.name)
    page.get_by_role("link", name=user.name).click()
    page.get_by_role("button", name="Send again").first.click()
    page.locator("#confirm-yes").click()
    page.get_by_text("Sending it again: done").wait_for()


def pause(page, entity):
    """Let an account be watched no more for now."""
    page.goto(f"{page.url.partition('#')[0]}#/entities/{entity.id}")
    page.get_by_role("button", name="Pause").click()
    page.locator("#confirm-yes").click()
    page.get_by_role("button", name="Resume").wait_for()


def test_what_is_chosen_on_the_page_is_told_in_the_chat(system, stars, ask_for_link, open_page):
    page = open_page(ask_for_link(), locale="ja-JP", width=390)
    page.locator("#chat").wait_for()
    choose(page)
    user = system.store.users.find_by_address("telegram", str(FAN))
    assert user.event_filter.entities == {stars["aoi"].id, stars["luna"].id}
    assert user.event_filter.groups == {stars["agency"].id}

    system.publish_video("chosen")
    system.wait_for("the message", lambda: "Video chosen" in str(system.list_delivered()))
    page.get_by_role("tab", name="メッセージ").click()
    told = page.locator(".history li", has_text="青空アオイ")
    told.wait_for()
    assert "送信済み" in told.inner_text()

    office = enter(system, open_page)
    send_again(office, user)
    system.wait_for(
        "the same message once more",
        lambda: str(system.list_delivered()).count("Video chosen") == 2,
    )
    pause(office, stars["aoi"])
    system.publish_video("unseen")
    system.wait_for(
        "the push, and whatever comes of it",
        lambda: len(system.list_push_statuses()) >= 2 and not any(system.store.pushes.list_all()),
    )
    titles = [event.fields["title"] for event in system.store.events.list_all()]
    assert titles == ["Video chosen"]
