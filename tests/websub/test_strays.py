"""Leases that are not as they should be, though nothing is wrong with each by itself."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from stargazer.models import Lease, LeaseState
from stargazer.websub.strays import find_misplaced, find_surplus

BASE_URL = "https://me.test"


def make_lease(token, account="a", kind="feed", state="verified", base_url=BASE_URL):
    return Lease(
        token=token,
        kind=kind,
        account=account,
        hub="https://hub.test/",
        topic="https://blog.test/feed",
        callback=f"{base_url}/push/{token}",
        secret="a secret",
        state=state,
        renew_at=datetime(2026, 11, 23, tzinfo=UTC),
    )


@given(
    st.permutations(range(8)),
    st.lists(st.sampled_from("ab"), min_size=8, max_size=8),
    st.lists(st.sampled_from(list(LeaseState)), min_size=8, max_size=8),
)
def test_each_account_keeps_the_same_one_in_whatever_order_they_are_read(order, accounts, states):
    leases = [make_lease(str(key), accounts[key], state=states[key]) for key in range(8)]
    surplus = {lease.token for lease in find_surplus(leases)}
    assert surplus == {lease.token for lease in find_surplus([leases[key] for key in order])}
    wanted = [lease for lease in leases if lease.state != LeaseState.REMOVED]
    kept = [lease for lease in wanted if lease.token not in surplus]
    assert sorted(lease.account for lease in kept) == sorted({each.account for each in wanted})
    valid = {lease.account for lease in wanted if lease.state == LeaseState.VERIFIED}
    assert {lease.account for lease in kept if lease.state == LeaseState.VERIFIED} == valid


def test_accounts_of_two_kinds_are_two_accounts():
    assert find_surplus([make_lease("1"), make_lease("2", kind="youtube")]) == []


def test_a_callback_is_ours_below_our_address_alone():
    others = ["https://me.test.example", "http://me.test", "https://me.test:8443", "https://me"]
    leases = [make_lease(str(key), base_url=url) for key, url in enumerate([BASE_URL, *others])]
    assert find_misplaced(leases, BASE_URL) == leases[1:]
    assert find_misplaced([make_lease("1", state="removed")], "https://other.test") == []
