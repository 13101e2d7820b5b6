"""What each collection promises, over the real protocol and from several threads at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer.models import (
    Account,
    Broadcast,
    BroadcastState,
    Delivery,
    DeliveryState,
    EventFilter,
    Lease,
    LeaseState,
    OutboxState,
    Reason,
    Session,
    StoredEvent,
    Task,
    User,
)
from stargazer.store.deliveries import Change, Deliveries
from stargazer.store.delivery_pages import Query
from stargazer.store.subscriptions import Subscriber
from stargazer.store.tokens import hash_token

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def at_once(count, function):
    """Call a function from that many threads at the same moment; give what each call gave."""
    barrier = threading.Barrier(count)

    def call(number):
        barrier.wait(10)
        return function(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def make_event(**fields):
    values = {"kind": "feed/new_entry", "entity": uuid4(), "fields": {}}
    return StoredEvent(**{**values, "happened_at": NOW, "created_at": NOW, **fields})


def make_delivery(event=None, **fields):
    values = {"event": event or uuid4(), "user": uuid4(), "im": "telegram"}
    return Delivery(**{**values, "created_at": NOW, "due_at": NOW, **fields})


def make_broadcast(**fields):
    values = {"task": uuid4(), "source_id": "v3JMDEjXtLE", "state": BroadcastState.UPCOMING}
    return Broadcast(**{**values, "version": 1, **fields})


def make_lease(token, **fields):
    urls = {"hub": "https://hub", "topic": "https://topic", "callback": f"https://me/{token}"}
    values = {"kind": "youtube", "account": "UC1", "secret": "s", "renew_at": NOW}
    return Lease(token=token, **{**urls, **values, **fields})


def test_indexes_are_created_once_and_again_without_harm(store):
    names = list(store.create_indexes())
    assert list(store.create_indexes()) == names
    for collection in ("deliveries", "events", "subscriptions", "tasks", "users"):
        present = set(store.database[collection].index_information()) - {"_id_"}
        assert len(present) == sum(name.startswith(f"{collection}.") for name in names) > 0


def test_each_test_has_a_database_of_its_own(store):
    assert store.database.name.startswith("test_")
    assert store.database["events"].count_documents({}) == 0


class TestEvents:
    def test_an_event_added_twice_is_one(self, store):
        first, second = make_event(), make_event()
        assert store.events.add([first]) == [first]
        assert store.events.add([second, first]) == [second]
        assert store.events.add([second, first]) == []
        assert len(list(store.events.list_all())) == 2

    def test_an_event_twice_in_one_batch_is_one(self, store):
        event = make_event()
        assert store.events.add([event, event]) == [event]

    def test_an_event_added_from_everywhere_at_once_is_new_to_one(self, store):
        events = [make_event() for _ in range(20)]
        added = at_once(4, lambda _: store.events.add(events))
        assert sorted(event.id for each in added for event in each) == sorted(
            event.id for event in events
        )

    def test_what_an_event_has_become_is_not_undone_by_adding_it_again(self, store):
        event = make_event()
        store.events.add([event])
        store.events.mark_published([event.id], NOW)
        store.events.finish(event.id, OutboxState.DONE, 3)
        store.events.add([event])
        found = store.events.find(event.id)
        assert (found.state, found.deliveries) == (OutboxState.DONE, 3)
        assert (found.published_at, found.publications) == (NOW, 1)

    def test_open_ones_are_listed_by_their_last_publication(self, store):
        written, early, late, done = (
            make_event(created_at=NOW + number * SECOND) for number in range(4)
        )
        store.events.add([late, done, written, early])
        store.events.mark_published([early.id], NOW + 10 * SECOND)
        store.events.mark_published([late.id], NOW + 20 * SECOND)
        store.events.finish(done.id, OutboxState.DONE, 0)

        def list_ids(before, limit):
            return [event.id for event in store.events.list_open(before, limit)]

        assert list_ids(NOW + 60 * SECOND, 10) == [written.id, early.id, late.id]
        assert list_ids(NOW + 60 * SECOND, 2) == [written.id, early.id]
        assert list_ids(NOW + 10 * SECOND, 10) == [written.id, early.id]
        assert list_ids(NOW - SECOND, 10) == []

    def test_the_latest_come_newest_first(self, store):
        events = [make_event(created_at=NOW + number * SECOND) for number in range(4)]
        store.events.add(events)
        assert store.events.list_latest(2) == [events[3], events[2]]


class TestDeliveries:
    def test_a_delivery_added_twice_is_one(self, store):
        event = uuid4()
        first, second = make_delivery(event), make_delivery(event)
        assert store.deliveries.add([first]) == [first]
        assert store.deliveries.add([second, first]) == [second]
        assert store.deliveries.find(event, first.user) == first
        assert store.deliveries.find(uuid4(), first.user) is None
        assert len(store.deliveries.list_of_event(event)) == 2

    def test_claimers_at_once_share_without_overlap(self, store):
        event = uuid4()
        deliveries = [make_delivery(event) for _ in range(60)]
        store.deliveries.add(deliveries)
        users = [delivery.user for delivery in deliveries]
        until = NOW + 60 * SECOND

        def claim(number):
            # Each asks for another half first, so that all of them get something.
            begin = number * 15
            return [
                each.user
                for part in (users[begin : begin + 30], users)
                for each in store.deliveries.claim(
                    [(event, user) for user in part], f"claimer {number}", until, NOW
                ).taken
                if each.user in set(users)
            ]

        shares = [set(share) for share in at_once(3, claim)]
        assert set.union(*shares) == set(users)
        assert sum(len(share) for share in shares) == len(users)
        for each in store.deliveries.list_of_event(event):
            assert each.due_at == until
            assert each.user in shares[int(each.claim.split()[1])]

    def test_a_claim_comes_in_the_order_given_and_leaves_out_the_finished(self, store):
        event = uuid4()
        pending = [make_delivery(event) for _ in range(3)]
        finished = make_delivery(event, state=DeliveryState.SENT)
        store.deliveries.add([*pending, finished])
        users = [each.user for each in (pending[2], finished, pending[0], pending[1])]
        keys = [(event, user) for user in (*users, uuid4())]
        claim = store.deliveries.claim(keys, "me", NOW, NOW)
        assert [each.key for each in claim.taken] == [keys[0], keys[2], keys[3]]
        assert claim.over == [keys[1], keys[4]]
        another = store.deliveries.claim(keys, "another", NOW + SECOND, NOW)
        assert another == ([], [keys[1], keys[4]])

    def test_what_a_dead_hand_holds_is_taken_by_one_other(self, store):
        pending, finished = make_delivery(), make_delivery(state=DeliveryState.SENT)
        store.deliveries.add([pending, finished])
        keys = [pending.key, finished.key]
        store.deliveries.claim(keys, "dead", NOW, NOW - SECOND)
        until, later = NOW + 60 * SECOND, NOW + SECOND

        def claim(number):
            return store.deliveries.claim(keys, str(number), until, later)

        [taken] = [each for claim in at_once(4, claim) for each in claim.taken]
        found = store.deliveries.find(*pending.key)
        assert (taken.key, taken.claim, found.due_at) == (pending.key, found.claim, until)

    def test_what_is_reached_for_twice_is_taken_once(self, store):
        delivery = make_delivery()
        store.deliveries.add([delivery])
        claim = store.deliveries.claim([delivery.key] * 3, "me", NOW + SECOND, NOW)
        assert [each.key for each in claim.taken] == [delivery.key]

    def test_what_is_finished_stays_as_it_is(self, store):
        sent, pending = make_delivery(), make_delivery()
        store.deliveries.add([sent, pending])
        fields = {"state": DeliveryState.SENT, "message_ids": ("7",), "finished_at": NOW}
        store.deliveries.record([Change(sent.event, sent.user, fields)])
        failed = {"state": DeliveryState.FAILED, "reason": "no", "attempts": 1}
        store.deliveries.record([Change(each.event, each.user, failed) for each in (sent, pending)])
        assert store.deliveries.find(sent.event, sent.user) == sent.model_copy(update=fields)
        assert store.deliveries.find(pending.event, pending.user) == pending.model_copy(
            update=failed
        )

    def test_no_change_is_recorded_without_harm(self, store):
        store.deliveries.record([])

    def test_what_is_overdue_is_taken_oldest_first(self, store):
        old, older, foreign, early, sent = (
            make_delivery(created_at=NOW - SECOND, claim="dead"),
            make_delivery(created_at=NOW - 2 * SECOND),
            make_delivery(im="web"),
            make_delivery(due_at=NOW + SECOND),
            make_delivery(state=DeliveryState.SENT),
        )
        store.deliveries.add([old, older, foreign, early, sent])
        again = NOW + 60 * SECOND

        def take(now, limit):
            return [
                each.user for each in store.deliveries.take_overdue({"telegram": now}, again, limit)
            ]

        assert take(NOW, 1) == [older.user]
        assert take(NOW, 10) == [old.user]
        assert take(NOW, 10) == []
        found = store.deliveries.find(old.event, old.user)
        assert (found.claim, found.due_at) == (None, again)
        # What was taken once is overdue again when its new time has come.
        assert take(again - SECOND, 10) == [early.user]
        assert take(again, 10) == [older.user, old.user, early.user]

    def test_sweepers_at_once_never_get_the_same_one(self, store):
        deliveries = [make_delivery() for _ in range(40)]
        store.deliveries.add(deliveries)
        again = NOW + 60 * SECOND
        taken = at_once(
            4, lambda _: store.deliveries.take_overdue({"telegram": NOW}, again, len(deliveries))
        )
        users = [each.user for share in taken for each in share]
        assert sorted(users) == sorted(each.user for each in deliveries)

    def test_a_sweeper_leaves_what_is_finished_while_it_looks(self, store):
        delivery = make_delivery()
        store.deliveries.add([delivery])

        class FinishedAfterFind:
            """The collection, in which a worker is done just after the sweeper has read."""

            update_one = store.deliveries.collection.update_one

            def find(self, query, **options):
                found = list(store.deliveries.collection.find(query, **options))
                done = Change(delivery.event, delivery.user, {"state": DeliveryState.SENT})
                store.deliveries.record([done])
                return found

        sweeper = Deliveries(FinishedAfterFind())
        assert sweeper.take_overdue({"telegram": NOW}, NOW + SECOND, 10) == []
        assert store.deliveries.find(delivery.event, delivery.user).due_at == NOW

    def test_what_nobody_has_in_hand_may_count_as_overdue(self, store):
        event = uuid4()
        free = make_delivery(event, due_at=NOW + 60 * SECOND)
        held = make_delivery(event, due_at=NOW + 60 * SECOND, claim="me")
        store.deliveries.add([free, held])
        taken = store.deliveries.take_overdue(
            {"telegram": NOW}, NOW + SECOND, 10, with_unclaimed=True
        )
        assert [each.user for each in taken] == [free.user]

    def test_what_waits_for_a_moment_of_its_own_stays_as_it_is(self, store):
        later = NOW + 60 * SECOND
        store.deliveries.add([make_delivery(due_at=later, next_at=NOW + SECOND)])
        again = NOW + SECOND
        taken = store.deliveries.take_overdue({"telegram": NOW}, again, 10, with_unclaimed=True)
        assert taken == []

    def test_what_a_dead_hand_holds_is_taken_wherever_it_stands(self, store):
        user = uuid4()
        first = make_delivery(user=user, created_at=NOW - 3 * SECOND, due_at=NOW + SECOND)
        held = make_delivery(user=user, created_at=NOW - 2 * SECOND, claim="dead")
        store.deliveries.add([first, held])
        taken = store.deliveries.take_overdue({"telegram": NOW}, NOW + 60 * SECOND, 10)
        assert [each.key for each in taken] == [held.key]

    def test_of_each_user_the_first_is_taken(self, store):
        user, other = uuid4(), uuid4()
        first, second, aside = (
            make_delivery(user=user, created_at=NOW - 3 * SECOND),
            make_delivery(user=user, created_at=NOW - 2 * SECOND),
            make_delivery(
                user=user, created_at=NOW - 4 * SECOND, next_at=NOW - SECOND, code=Reason.ASIDE
            ),
        )
        held = make_delivery(user=other, created_at=NOW - 3 * SECOND, due_at=NOW + SECOND)
        behind = make_delivery(user=other, created_at=NOW - 2 * SECOND)
        store.deliveries.add([second, aside, first, behind, held])

        def take():
            again = NOW + 60 * SECOND
            return store.deliveries.take_overdue({"telegram": NOW}, again, 10)

        for each in (first, second, aside):
            assert [taken.key for taken in take()] == [each.key]
            store.deliveries.record([Change(*each.key, {"state": DeliveryState.SENT})])
        assert take() == []

    @pytest.mark.parametrize("limit", [1, 2, 3, 20])
    @pytest.mark.parametrize("since", [None, NOW - 3600 * SECOND, NOW - 864_000 * SECOND])
    @pytest.mark.parametrize("with_hint", [True, False], ids=["hint", "range"])
    def test_pages_reach_across_any_gap(self, store, limit, since, with_hint):
        ages = (0, 1, 1, 599, 601, 3600, 3600, 90_000, 864_000, 9_000_000)
        deliveries = [make_delivery(created_at=NOW - age * SECOND) for age in ages]
        store.deliveries.add(deliveries)
        found, before = store.deliveries.list_page(Query(since=since), None, limit)
        while before is not None:
            # Without the hint each page is looked for by its range.
            before = before if with_hint else before._replace(passed=None)
            page, before = store.deliveries.list_page(Query(since=since), before, limit)
            assert page
            found += page
        wanted = [each for each in deliveries if since is None or each.created_at >= since]
        assert sorted(each.key for each in found) == sorted(each.key for each in wanted)
        times = [each.created_at for each in found]
        assert times == sorted(times, reverse=True)

    def test_they_are_counted_by_state(self, store):
        assert store.deliveries.count_by_state() == {}
        states = [DeliveryState.SENT, DeliveryState.SENT, DeliveryState.FAILED]
        store.deliveries.add([make_delivery(state=state) for state in states])
        assert store.deliveries.count_by_state() == {"sent": 2, "failed": 1}

    @pytest.mark.parametrize(("limit", "count"), [(1, 1), (3, 3), (10, 5)])
    def test_counting_those_in_a_state_stops_where_it_is_enough(self, store, limit, count):
        store.deliveries.add([make_delivery() for _ in range(5)])
        store.deliveries.add([make_delivery(state=DeliveryState.SENT) for _ in range(5)])
        assert store.deliveries.count_in_state(DeliveryState.PENDING, limit) == count
        assert store.deliveries.count_in_state(DeliveryState.FAILED, limit) == 0


class TestUsers:
    def test_the_paused_are_found_whoever_paused_them(self, store):
        users = [User(im="web", im_payload=str(n)) for n in range(3)]
        store.users.save(users[0])
        store.users.insert(users[1])
        store.users.save(users[2].model_copy(update={"paused": "by hand", "paused_at": NOW}))
        store.users.pause(users[0].id, "blocked", NOW)
        assert {user.id for user in store.users.list_paused(9)} == {users[0].id, users[2].id}
        assert [store.users.count_paused(limit) for limit in (1, 9)] == [1, 2]
        store.users.resume(store.users.find(users[0].id))
        assert [user.id for user in store.users.list_paused(9)] == [users[2].id]

    def test_those_of_before_are_found_after_the_next_start(self, store):
        users = [User(im="web", im_payload=str(n)) for n in range(2)]
        for user in users:
            store.users.save(user)
        store.users.pause(users[0].id, "blocked", NOW)
        store.users.collection.update_many({}, {"$unset": {"is_paused": ""}})
        store.users.collection.drop_index("is_paused_1")
        assert store.users.count_paused(9) == 0
        list(store.create_indexes())
        assert [user.id for user in store.users.list_paused(9)] == [users[0].id]


class TestBroadcasts:
    def test_a_version_is_written_on_top_of_the_one_before_only(self, store):
        first = make_broadcast()
        second = first.model_copy(update={"version": 2, "state": BroadcastState.LIVE})
        assert store.broadcasts.save(second) is False
        assert store.broadcasts.save(first) is True
        assert store.broadcasts.save(first) is False
        assert store.broadcasts.save(second) is True
        assert store.broadcasts.save(second) is False
        assert store.broadcasts.list_known(first.task, ["v3JMDEjXtLE", "other"]) == {
            "v3JMDEjXtLE": second
        }

    @pytest.mark.parametrize("version", [1, 2])
    def test_of_writers_at_once_one_wins(self, store, version):
        first = make_broadcast()
        if version == 2:
            store.broadcasts.save(first)

        def save(number):
            changes = {"title": str(number), "version": version}
            return store.broadcasts.save(first.model_copy(update=changes))

        results = at_once(4, save)
        assert sorted(results) == [False, False, False, True]
        known = store.broadcasts.list_known(first.task, ["v3JMDEjXtLE"])
        assert known["v3JMDEjXtLE"].title == str(results.index(True))

    def test_they_are_listed_by_state_and_by_task(self, store):
        task = uuid4()
        by_state = {
            state: make_broadcast(task=task, source_id=state.value, state=state)
            for state in BroadcastState
        }
        for each in [*by_state.values(), make_broadcast(state=BroadcastState.LIVE)]:
            store.broadcasts.save(each)
        assert len(store.broadcasts.list_in_state(BroadcastState.LIVE)) == 2
        assert {each.state for each in store.broadcasts.list_open_of_task(task)} == {
            BroadcastState.UNKNOWN,
            BroadcastState.UPCOMING,
            BroadcastState.LIVE,
        }
        store.broadcasts.delete_of_task(task)
        assert store.broadcasts.list_open_of_task(task) == []
        assert len(store.broadcasts.list_in_state(BroadcastState.LIVE)) == 1


class TestSubscriptions:
    def test_rows_follow_the_filter(self, store):
        kept, removed, added = uuid4(), uuid4(), uuid4()

        def save(entities, kinds):
            chosen = EventFilter(entities=entities, kinds=kinds)
            changed = user.model_copy(update={"event_filter": chosen})
            store.subscriptions.save_filter(changed)
            # Writing the rows again does no harm.
            store.subscriptions.save_filter(changed)

        def list_interested(entity, kind="youtube/live_start"):
            return list(store.subscriptions.list_interested(entity, None, kind))

        user = User(im="telegram", im_payload="-1001")
        row = [Subscriber(user.id, "telegram")]
        save({kept, removed}, {"youtube/live_start"})
        assert list_interested(kept) == list_interested(removed) == row
        assert list_interested(kept, "youtube/live_end") == []
        save({kept, added}, {"youtube/live_start", "youtube/live_end"})
        assert list_interested(kept, "youtube/live_end") == list_interested(added) == row
        assert list_interested(removed) == []
        save({kept, added}, set())
        assert list_interested(kept) == list_interested(added) == []
        assert store.database["subscriptions"].count_documents({}) == 0

    def test_a_filter_touches_nobody_elses_rows(self, store):
        entity = uuid4()
        chosen = EventFilter(entities={entity}, kinds={"feed/new_entry"})
        users = [User(im=im, im_payload=im, event_filter=chosen) for im in ("web", "telegram")]
        for user in users:
            store.subscriptions.save_filter(user)
        store.subscriptions.save_filter(users[0].model_copy(update={"event_filter": EventFilter()}))
        found = list(store.subscriptions.list_interested(entity, None, "feed/new_entry"))
        assert found == [Subscriber(users[1].id, "telegram")]

    def test_users_are_listed_in_pages_by_their_ids(self, store):
        entity = uuid4()

        def add(im, kinds, entities=(entity,)):
            chosen = EventFilter(entities=entities, kinds=kinds)
            user = User(im=im, im_payload="1", event_filter=chosen)
            store.subscriptions.save_filter(user)
            return user.id

        both = {"youtube/live_start", "youtube/live_end"}
        telegram = [add("telegram", both) for _ in range(3)]
        web = [add("web", {"youtube/live_start"}) for _ in range(2)]
        add("web", {"youtube/live_end"})
        add("web", both, (uuid4(),))

        def list_users(im=None, after=None, limit=10):
            return store.subscriptions.list_users(
                entity, None, "youtube/live_start", im, after, limit
            )

        everybody = sorted(telegram + web)
        assert list_users() == everybody
        assert list_users("web") == sorted(web)
        assert list_users("telegram", limit=2) == sorted(telegram)[:2]
        assert list_users(after=str(everybody[1]), limit=2) == everybody[2:4]
        assert list_users(after=str(everybody[-1])) == []

    def test_more_than_a_batch_is_listed_whole(self, store):
        entity = uuid4()
        rows = [
            {
                "_id": f"{user}:{entity}",
                "user": str(user),
                "entity": str(entity),
                "im": "web",
                "kinds": ["feed/new_entry"],
            }
            for user in (uuid4() for _ in range(2500))
        ]
        store.database["subscriptions"].insert_many(rows)
        found = list(store.subscriptions.list_interested(entity, None, "feed/new_entry"))
        assert len({each.user for each in found}) == len(found) == 2500


class TestSessions:
    def test_a_session_is_found_until_its_time_is_over(self, store):
        session = Session(token_hash=hash_token("secret"), user=uuid4(), valid_until=NOW)
        store.sessions.save(session)
        assert store.sessions.find("secret", NOW - SECOND) == session
        assert store.sessions.find("secret", NOW) is None
        assert store.sessions.find("other", NOW - SECOND) is None

    def test_the_token_itself_is_stored_nowhere(self, store):
        session = Session(token_hash=hash_token("secret"), user=uuid4(), valid_until=NOW)
        store.sessions.save(session)
        assert "secret" not in str(store.database["sessions"].find_one({}))

    def test_only_expired_ones_are_deleted(self, store):
        for token, valid_until in (("a", NOW - SECOND), ("b", NOW), ("c", NOW + SECOND)):
            session = Session(token_hash=hash_token(token), user=uuid4(), valid_until=valid_until)
            store.sessions.save(session)
        assert store.sessions.delete_expired(NOW) == 2
        assert store.sessions.find("c", NOW) is not None


class TestLeases:
    def test_a_lease_is_found_by_its_token_and_its_account(self, store):
        old, lease = make_lease("old", state=LeaseState.REMOVED), make_lease("new")
        store.leases.save(old)
        store.leases.save(lease)
        assert store.leases.find("new") == lease
        assert store.leases.find("none") is None
        assert store.leases.find_by_account("youtube", "UC1") == lease
        assert store.leases.find_by_account("youtube", "UC2") is None
        assert len(store.leases.list_all()) == 2

    def test_due_ones_are_listed_with_the_removed_whose_end_is_due(self, store):
        store.leases.save(make_lease("due"))
        store.leases.save(make_lease("removed", state=LeaseState.REMOVED))
        store.leases.save(make_lease("later", renew_at=NOW + SECOND))
        assert {lease.token for lease in store.leases.list_due(NOW)} == {"due", "removed"}

    def test_an_update_leaves_the_other_fields(self, store):
        lease = make_lease("token")
        store.leases.save(lease)
        store.leases.update("token", state=LeaseState.VERIFIED, expires_at=NOW)
        changes = {"state": LeaseState.VERIFIED, "expires_at": NOW}
        assert store.leases.find("token") == lease.model_copy(update=changes)
        store.leases.update("none", failures=1)
        assert store.leases.find("none") is None


def test_an_account_is_kept_by_its_name(store):
    account = Account(username="bot", hash="pbkdf2:…", permissions={"api": "rw"})
    store.accounts.save(account)
    changed = account.model_copy(update={"permissions": {"api": "ro", "mq": "ro"}})
    store.accounts.save(changed)
    store.accounts.save(account.model_copy(update={"username": "admin"}))
    assert store.accounts.find("bot") == changed
    assert [each.username for each in store.accounts.list_all()] == ["admin", "bot"]
    assert store.accounts.delete("bot") is True
    assert store.accounts.delete("bot") is False
    assert store.accounts.find("bot") is None


def test_a_message_put_in_twice_is_one(store):
    user = uuid4()
    for number, key in enumerate(["a", "b", "a"]):
        store.inbox.add(key, user, {"text": key}, NOW + number * SECOND)
    assert [each["text"] for each in store.inbox.list_latest(10)] == ["b", "a"]


def test_watching_a_task_that_was_deleted_does_not_bring_it_back(store):
    task = Task(entity=uuid4(), kind="feed", params={})
    store.tasks.save(task)
    store.tasks.delete(task.id)
    store.tasks.save_watch(task, task.watch)
    assert store.tasks.find(task.id) is None


def test_a_user_is_paused_and_moved(store):
    user = User(im="telegram", im_payload="-1", created_at=NOW)
    store.users.save(user)
    store.users.pause(user.id, "blocked", NOW)
    store.users.move(user.id, "-1001")
    moved = user.model_copy(update={"paused": "blocked", "paused_at": NOW, "im_payload": "-1001"})
    assert store.users.find_by_address("telegram", "-1001") == moved
    assert store.users.find_by_address("telegram", "-1") is None
    assert store.users.find_by_address("web", "-1001") is None
