import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from werkzeug.security import generate_password_hash

from stargazer import accounts
from stargazer.errors import ForbiddenError, TooManyCallsError
from stargazer.models import Account


@pytest.mark.parametrize("text", ["api", "api:", "api:wr", "nope:ro", "", "api:rw:x", "API:rw"])
def test_what_is_no_permission_is_refused(text):
    with pytest.raises(ValueError, match="no permission"):
        accounts.parse_permission(text)


def test_permissions_are_read_and_the_higher_level_counts():
    assert accounts.parse_permissions(["api:rw", "mq:ro", "api:ro"]) == {"api": "rw", "mq": "ro"}
    assert str(accounts.parse_permission("api:rw")) == "api:rw"


@pytest.mark.parametrize(
    ("granted", "needed", "allowed"),
    [
        ("rw", "rw", True),
        ("rw", "ro", True),
        ("ro", "ro", True),
        ("ro", "rw", False),
        (None, "ro", False),
        ("nonsense", "ro", False),
    ],
)
def test_rw_includes_ro(granted, needed, allowed):
    account = Account(username="x", hash="", permissions={"api": granted} if granted else {})
    assert accounts.is_allowed(account, accounts.Permission("api", needed)) is allowed


# The processor's time, as the machine may be busy with something else.
def measure(store, username, password):
    began = time.thread_time()
    try:
        accounts.check_password(store, username, password)
        return True, time.thread_time() - began
    except ForbiddenError:
        return False, time.thread_time() - began


def test_a_right_password_costs_its_time_once_and_is_forgotten_with_the_account(store):
    name = uuid4().hex
    store.accounts.save(Account(username=name, hash=accounts.hash_password("a"), permissions={}))
    assert store.accounts.find(name).hash.startswith("pbkdf2:sha256:1000000$")
    right, slow = measure(store, name, "a")
    assert right
    right, fast = measure(store, name, "a")
    assert right
    assert fast < slow / 5
    assert not measure(store, name, "b")[0]
    store.accounts.save(Account(username=name, hash=accounts.hash_password("b"), permissions={}))
    assert not measure(store, name, "a")[0]
    store.accounts.delete(name)
    assert not measure(store, name, "b")[0]


def test_an_unknown_name_costs_what_a_wrong_password_does(store):
    name = uuid4().hex
    store.accounts.save(Account(username=name, hash=accounts.hash_password("a"), permissions={}))
    wrong = min(measure(store, name, "x")[1] for _ in range(3))
    unknown = min(measure(store, "nobody", "x")[1] for _ in range(3))
    assert 0.5 < unknown / wrong < 2


def test_a_session_is_found_by_its_token_until_its_time_is_over(store):
    user, now = uuid4(), datetime.now(UTC)
    token, session = accounts.new_session(store, user, now, timedelta(minutes=10))
    assert store.sessions.find(token, now).user == user
    assert store.sessions.find(token, session.valid_until) is None
    later = now + timedelta(hours=1)
    accounts.new_session(store, user, later, timedelta(minutes=10))
    assert store.sessions.collection.count_documents({}) == 1


def test_more_than_ten_wrong_passwords_a_minute_have_to_wait(store, time_machine):
    name = uuid4().hex
    store.accounts.save(Account(username=name, hash=accounts.hash_password("a"), permissions={}))

    def guess(username, password, address):
        try:
            accounts.check_password(store, username, password, address)
        except ForbiddenError:
            return "wrong"
        except TooManyCallsError as exc:
            return "wait" if 0 < exc.retry_after <= 60 else exc.retry_after
        return "right"

    for number in range(10):
        assert guess(name, "x", f"10.0.0.{number}") == "wrong"
    # For the account, from wherever, even if it were right; and for nobody else.
    assert guess(name, "a", "10.0.0.99") == "wait"
    assert guess("nobody", "x", "10.0.0.99") == "wrong"
    for number in range(10):
        assert guess(f"nobody-{number}", "x", "10.0.1.1") == "wrong"
    assert guess("another", "x", "10.0.1.1") == "wait"
    assert guess("another", "x", "10.0.1.2") == "wrong"
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=61))
    assert guess(name, "a", "10.0.1.1") == "right"


def test_who_was_right_a_moment_ago_does_not_wait_for_those_who_guess(store):
    name = uuid4().hex
    store.accounts.save(Account(username=name, hash=accounts.hash_password("a"), permissions={}))
    accounts.check_password(store, name, "a", "10.0.0.1")
    for _ in range(10):
        assert not measure(store, name, "x")[0]
    assert accounts.check_password(store, name, "a", "10.0.0.1").username == name


def test_a_hash_of_the_past_is_made_stronger_when_its_password_comes(store):
    name = uuid4().hex
    weak = generate_password_hash("a", "pbkdf2:sha256:1000")
    store.accounts.save(Account(username=name, hash=weak, permissions={"api": "ro"}))
    assert not measure(store, name, "x")[0]
    assert store.accounts.find(name).hash == weak
    assert measure(store, name, "a")[0]
    stronger = store.accounts.find(name)
    assert stronger.hash.startswith("pbkdf2:sha256:1000000$")
    assert stronger.permissions == {"api": "ro"}
    assert measure(store, name, "a")[0]


def test_a_weak_hash_does_not_answer_faster_than_an_unknown_name(store):
    name = uuid4().hex
    weak = generate_password_hash("a", "pbkdf2:sha256:1000")
    store.accounts.save(Account(username=name, hash=weak, permissions={}))
    wrong = min(measure(store, name, "x")[1] for _ in range(3))
    unknown = min(measure(store, "nobody", "x")[1] for _ in range(3))
    assert 0.5 < unknown / wrong < 2


def test_those_who_come_at_once_pay_once(store):
    name = uuid4().hex
    store.accounts.save(Account(username=name, hash=accounts.hash_password("a"), permissions={}))
    began = time.process_time()
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: accounts.check_password(store, name, "a"), range(16)))
    spent = time.process_time() - began
    assert {account.username for account in found} == {name}
    alone = time.process_time()
    accounts.hash_password("a")
    assert spent < 5 * (time.process_time() - alone)


def test_a_login_counts_until_its_time_is_over_however_often_it_was_seen(store):
    account = Account(username=uuid4().hex, hash="x", permissions={"api": "ro"})
    store.accounts.save(account)
    token, login = accounts.new_login(store, account, datetime.now(UTC), timedelta(minutes=10))
    before = login.valid_until - timedelta(milliseconds=1)
    assert accounts.find_login(store, token, before) == account
    assert accounts.find_login(store, token, login.valid_until) is None


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda account, store: store.accounts.delete(account.username), None),
        (lambda account, store: _change(store, account, hash="y"), None),
        (lambda account, store: _change(store, account, permissions={}), {}),
    ],
    ids=["removed", "other-password", "other-permissions"],
)
def test_a_login_that_was_seen_follows_its_account_at_once(store, change, left):
    account = Account(username=uuid4().hex, hash="x", permissions={"api": "ro"})
    store.accounts.save(account)
    now = datetime.now(UTC)
    token, _ = accounts.new_login(store, account, now, timedelta(minutes=10))
    assert accounts.find_login(store, token, now) == account
    change(account, store)
    found = accounts.find_login(store, token, now)
    assert (found and found.permissions) == left


def _change(store, account, **changes):
    assert store.accounts.replace(account, account.model_copy(update=changes))
