"""The operator's page, in Chromium."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer.accounts import hash_password
from stargazer.models import (
    Account,
    Delivery,
    DeliveryState,
    Reason,
    StoredEvent,
)

PASSWORD = "correct horse"
VIEWS = ("overview", "entities", "users", "events", "sources", "workers", "dead", "moving")
MAY = {"api": "rw", "admin": "rw", "coordinator": "rw"}


@pytest.fixture(scope="session")
def password_hash():
    return hash_password(PASSWORD)


@pytest.fixture
def add_account(store, password_hash):
    def add(username, **permissions):
        store.accounts.save(Account(username=username, hash=password_hash, permissions=permissions))
        return username

    return add


@pytest.fixture
def sign_in():
    def sign_in(page, username, password=PASSWORD):
        page.get_by_label("Name", exact=True).fill(username)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()

    return sign_in


@pytest.fixture
def visit(open_page, site, cast, add_account, sign_in):
    """Give a function that opens a view as an operator."""

    def visit(place="overview", permissions=MAY, **device):
        page = open_page(f"{site}/operator/#/{place}", **device)
        sign_in(page, add_account("operator", **permissions))
        page.locator("#nav").wait_for(state="attached")
        page.locator("main h1").wait_for()
        return page

    return visit


@pytest.fixture
def told(store, cast):
    """Have an Event, and what became of it for the chat."""
    at = datetime.now(UTC) - timedelta(minutes=5)
    event = StoredEvent(
        kind="youtube/live_start",
        entity=cast.sora.id,
        fields={
            "video_id": "v1",
            "title": "歌枠 <b>",
            "url": "https://v.test/1",
            "started_at": at.isoformat(),
        },
        happened_at=at,
        created_at=at,
        state="done",
    )
    store.events.save(event)
    delivery = Delivery(
        event=event.id,
        user=cast.user.id,
        im="telegram",
        created_at=at,
        due_at=at,
        finished_at=at,
        state=DeliveryState.FAILED,
        code=Reason.REFUSED,
        reason="the chat app refused it",
    )
    store.deliveries.add([delivery])
    return delivery


def confirm(page):
    page.locator("#confirm-yes").click()


class TestSigningIn:
    def test_a_wrong_password_is_said_and_the_right_one_lets_in(
        self, open_page, site, add_account, sign_in, forgive
    ):
        page = open_page(f"{site}/operator")
        sign_in(page, add_account("operator", **MAY), "wrong")
        page.get_by_text("No account has this name and this password.").wait_for()
        forgive(page, 403)
        sign_in(page, "operator")
        page.get_by_role("heading", name="Overview").wait_for()
        assert page.url == f"{site}/operator/#/overview"

    def test_it_lasts_for_the_tab_and_until_signing_out(self, visit):
        page = visit()
        page.reload()
        page.get_by_role("heading", name="Overview").wait_for()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("heading", name="Sign in").wait_for()
        assert page.evaluate("sessionStorage.length") == 0
        assert page.context.cookies() == []

    def test_who_is_no_operator_is_told_so(self, visit):
        page = visit(permissions={"api": "rw"})
        page.get_by_role("heading", name="Not for this account").wait_for()

    def test_who_only_reads_is_offered_no_change(self, visit, cast):
        page = visit(f"entities/{cast.sora.id}", permissions={"admin": "ro"})
        page.get_by_role("heading", name="Accounts").wait_for()
        page.get_by_text("youtube", exact=False).first.wait_for()
        assert page.get_by_role("button", name="Pause").count() == 0
        assert page.get_by_role("button", name="Remove").count() == 0

    def test_a_login_that_is_over_leaves_what_is_on_the_screen(
        self, visit, store, sign_in, forgive
    ):
        page = visit("users")
        # A new password ends all logins.
        store.accounts.save(
            Account(username="operator", hash=hash_password("another"), permissions=MAY)
        )
        page.get_by_label("Find").fill("星見")
        page.get_by_text("Your login is over").wait_for()
        sign_in(page, "operator", "another")
        page.get_by_role("link", name="星見の部屋").wait_for()
        forgive(page, 403)


class TestEverybody:
    @pytest.mark.usefixtures("told")
    @pytest.mark.parametrize("view", VIEWS)
    def test_each_view_reads_well_on_a_small_phone(self, visit, view, is_wide, find_violations):
        scheme = "dark" if VIEWS.index(view) % 2 else "light"
        page = visit(view, width=320, height=640, scheme=scheme)
        page.locator(f".view-{view} > *").first.wait_for()
        assert not is_wide(page)
        assert find_violations(page) == []

    @pytest.mark.parametrize("of", ["entity", "user", "event"])
    def test_each_thing_reads_well_on_a_small_phone(
        self, visit, cast, told, of, is_wide, find_violations
    ):
        place = {
            "entity": f"entities/{cast.sora.id}",
            "user": f"users/{cast.user.id}",
            "event": f"events/{told.event}",
        }[of]
        page = visit(place, width=320, height=640, scheme="dark")
        page.locator(".panel").nth(1).wait_for()
        assert not is_wide(page)
        assert find_violations(page) == []

    def test_it_is_used_by_keyboard_alone(self, visit):
        page = visit()
        page.locator("#skip").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.get_by_role("link", name="Users").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Users").wait_for()


class TestThings:
    def test_a_vtuber_is_added_by_pasted_addresses(self, visit, store):
        page = visit("entities/new")
        page.locator("main [name=name]").fill("Suisei")
        page.get_by_label("Accounts").fill("https://www.twitch.tv/suisei_twitch")
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_role("heading", name="Suisei").wait_for()
        tasks = [task.params for task in store.tasks.list_all()]
        assert {"login": "suisei_twitch"} in tasks

    def test_an_account_is_paused_and_resumed(self, visit, cast, store):
        page = visit(f"entities/{cast.luna.id}")
        page.get_by_role("button", name="Pause").click()
        confirm(page)
        page.get_by_role("button", name="Resume").wait_for()
        [task] = [each for each in store.tasks.list_all() if each.entity == cast.luna.id]
        assert task.paused
        page.get_by_role("button", name="Resume").click()
        page.get_by_role("button", name="Pause").wait_for()

    def test_a_chat_is_found_and_given_a_link(self, visit, site):
        page = visit("users")
        page.get_by_label("Find").fill("星見")
        page.get_by_role("link", name="星見の部屋").click()
        page.get_by_role("button", name="Make a link to its settings").click()
        link = page.get_by_label("Link to the chat's settings").input_value()
        page.goto(link.replace(link.partition("/settings")[0], site))
        page.locator("#chat").wait_for()
        assert "星見の部屋" in page.locator("#chat").inner_text()

    def test_an_event_shows_its_whole_way_and_is_sent_again(self, visit, told, store):
        page = visit(f"events/{told.event}")
        page.get_by_role("link", name="星見の部屋").wait_for()
        assert page.get_by_text("歌枠 <b>").first.is_visible()
        assert page.get_by_text("the chat app refused it").first.is_visible()
        page.get_by_role("button", name="Send again").click()
        page.get_by_text("Sending it again: done").wait_for()
        assert store.deliveries.find(*told.key).state is DeliveryState.PENDING

    def test_an_export_is_taken_over_after_a_look(self, visit, cast, store, tmp_path):
        page = visit("moving")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
        path = tmp_path / "stargazer.jsonl"
        download.value.save_as(path)
        store.entities.delete(cast.luna.id)
        page.locator("input[type=file]").set_input_files(path)
        page.get_by_role("button", name="See what would change").click()
        page.get_by_text("would be added").first.wait_for()
        assert store.entities.find(cast.luna.id) is None
