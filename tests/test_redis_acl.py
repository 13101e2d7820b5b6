"""What the Redis users of accounts may do, asked of a real Redis."""

from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import kombu
import pytest
import redis

from stargazer import bus, redis_acl
from stargazer.models import Account, Event
from stargazer.redis_acl import RedisUser, find_obstacle, list_grants, parse_users, write_rule
from stargazer.tallies import Tallies, read

PREFIX = "stargazer:celery:"
PASSWORD = "correct horse"
EXCHANGE = kombu.Exchange("stargazer", type="topic", durable=True)
EVENT = Event(kind="youtube/new_video", entity=uuid4(), fields={"title": "あ"})


def make_account(username, **permissions):
    return Account(username=username, hash="", permissions=permissions)


ACCOUNTS = [
    make_account("worker", coordinator="ro"),
    make_account("translator", mq="rw"),
    make_account("bot", mq="ro"),
    make_account("other", mq="ro"),
    make_account("operator", api="rw", admin="rw"),
]


@pytest.fixture
def settings(settings, acl_redis):
    """Give settings whose broker is the Redis that has the users."""
    url = f"redis://127.0.0.1:{acl_redis.port}/0"
    return settings.model_copy(update={"redis_url": url, "broker_url": url})


@pytest.fixture
def users(acl_redis):
    """Make the users of all accounts that get one, and see that nothing else is refused."""
    for account in ACCOUNTS:
        grants = list_grants(account, ACCOUNTS, 0)
        if len(grants) == 1 or (grants and acl_redis.has_selectors):
            rule = write_rule(grants, None, is_on=True).split()
            acl_redis.admin.execute_command(
                "ACL", "SETUSER", account.username, f">{PASSWORD}", *rule
            )
    return acl_redis


@pytest.fixture
def _outsiders(acl_redis):
    if not acl_redis.has_selectors:
        pytest.skip("outsiders need Redis 7")


@pytest.fixture
def log_in(users):
    """Give a function that gives the bare Redis, seen by a user."""
    clients = []

    def connect(name):
        client = redis.Redis("127.0.0.1", users.port, username=name, password=PASSWORD)
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def outsider(users):
    """Give a function that connects with kombu as docs/redis-acl.md says."""
    connections = []

    def connect(name):
        connection = kombu.Connection(
            transport="kombu.transport.redis:Transport",
            hostname="127.0.0.1",
            port=users.port,
            userid=name,
            password=PASSWORD,
            virtual_host="0",
            transport_options={
                "global_keyprefix": "stargazer:celery:",
                "priority_steps": [0],
                "unacked_key": f"{name}.unacked",
                "unacked_index_key": f"{name}.unacked_index",
                "unacked_mutex_key": f"{name}.unacked_mutex",
                "visibility_timeout": 1,
                "unacked_restore_throttle": 1,
            },
        )
        connections.append(connection)
        return connection

    yield connect
    for connection in connections:
        connection.release()


@contextmanager
def listening(connection, key, name, **options):
    """Bind a queue, and give a function that waits for the next message."""
    received = []
    queue = kombu.Queue(name, EXCHANGE, routing_key=key)

    def wait():
        for _ in range(50):
            if received:
                return received.pop(0)
            try:
                connection.drain_events(timeout=0.2)
            except TimeoutError:
                continue
        pytest.fail("no message came")

    with kombu.Consumer(
        connection,
        queue,
        callbacks=[lambda _body, message: received.append(message)],
        accept=["json"],
        **options,
    ):
        yield wait


def list_denied(users):
    """Give what Redis refused, except the client library's name, which is nobody's need."""
    return [
        (entry["username"], entry["context"], entry["object"])
        for entry in users.admin.acl_log()
        if not entry["object"].startswith("client")
    ]


class TestGrants:
    @pytest.mark.parametrize(
        ("permissions", "count"),
        [
            ({}, 0),
            ({"api": "rw", "admin": "rw"}, 0),
            ({"coordinator": "ro"}, 1),
            ({"coordinator": "rw"}, 1),
            ({"coordinator": "ro", "mq": "rw"}, 1),
            ({"mq": "ro"}, 2),
            ({"mq": "rw"}, 3),
        ],
        ids=str,
    )
    def test_each_profile_has_its_grants(self, permissions, count):
        assert len(list_grants(make_account("x", **permissions), ACCOUNTS, 0)) == count

    def test_both_levels_of_coordinator_are_one_profile(self):
        ro, rw = (
            list_grants(make_account("x", coordinator=level), ACCOUNTS, 0) for level in ("ro", "rw")
        )
        assert ro == rw

    def test_channels_are_those_of_the_database(self):
        [grant] = list_grants(make_account("x", coordinator="ro"), [], 3)
        assert "stargazer:celery:/3.celery.pidbox" in grant.channels

    @pytest.mark.parametrize("category", ["admin", "dangerous"])
    def test_no_command_is_one_for_administrators(self, acl_redis, category):
        listed = set(acl_redis.admin.acl_cat(category))
        assert {"flushall", "keys"} & listed or "acl" in "".join(listed)
        for account in ACCOUNTS:
            for grant in list_grants(account, ACCOUNTS, 0):
                assert not listed & set(grant.commands)

    def test_a_publisher_pushes_onto_the_queues_of_all_outsiders_and_of_nobody_else(self):
        *_, push = list_grants(ACCOUNTS[1], ACCOUNTS, 0)
        assert list(push.keys) == [
            "stargazer:celery:publish",
            *("stargazer:celery:translator", "stargazer:celery:translator.*"),
            *("stargazer:celery:bot", "stargazer:celery:bot.*"),
            *("stargazer:celery:other", "stargazer:celery:other.*"),
        ]

    @pytest.mark.parametrize("name", ["ready", "*", "a b", "_kombu", "bot.two"])
    def test_a_publisher_gets_nothing_by_the_name_of_an_account_without_a_user(self, name):
        odd = make_account(name, mq="ro")
        assert list_grants(ACCOUNTS[1], [*ACCOUNTS, odd], 0) == list_grants(
            ACCOUNTS[1], ACCOUNTS, 0
        )


class TestNames:
    @pytest.mark.parametrize(
        ("account", "said"),
        [
            (make_account("a b", mq="ro"), "a username has"),
            (make_account("*", coordinator="ro"), "a username has"),
            (make_account("default", coordinator="ro"), "that is Redis's own user"),
            (make_account("ready", mq="ro"), "its queues would be some of ours"),
            (make_account("publish", mq="rw"), "its queues would be some of ours"),
            (make_account("unacked", mq="ro"), "its queues would be some of ours"),
            (make_account("_kombu.binding", mq="ro"), "its queues would be some of ours"),
            (make_account("celeryev.x", mq="ro"), "its queues would be some of ours"),
            (make_account("bot.two", mq="ro"), "its queues would also be those of bot"),
            (make_account("bot2", mq="ro"), None),
            (make_account("worker.two", mq="ro"), None),
            (make_account("web", coordinator="ro"), None),
        ],
        ids=lambda value: value.username if isinstance(value, Account) else "",
    )
    def test_a_name_that_means_something_else_to_redis_gets_no_user(self, account, said):
        obstacle = find_obstacle(account, ACCOUNTS)
        assert obstacle is None if said is None else obstacle.startswith(said)


class TestRules:
    GRANTS = list_grants(ACCOUNTS[2], ACCOUNTS, 0)

    @pytest.mark.parametrize(
        ("digest", "is_on", "beginning"),
        [
            (None, False, "off resetpass resetkeys resetchannels -@all ~stargazer:celery:bot "),
            (None, True, "on resetkeys resetchannels -@all ~stargazer:celery:bot "),
            ("f00d", True, "on resetpass #f00d resetkeys resetchannels -@all ~stargazer:"),
        ],
        ids=["none", "its own", "a new one"],
    )
    def test_a_rule_says_whether_there_is_a_password(self, digest, is_on, beginning):
        rule = write_rule(self.GRANTS, digest, is_on=is_on)
        assert rule.startswith(beginning)
        assert rule.endswith(" +sadd +smembers)")

    @pytest.mark.parametrize(
        ("line", "has_password", "keys", "is_ours"),
        [
            ("user x on nopass ~* &* +@all", False, {"*"}, False),
            ("user x off &* -@all", False, set(), False),
            ("user x on #ab ~stargazer:* -@all +get", True, {"stargazer:*"}, True),
            (
                "user x on #ab ~stargazer:a -@all (%R~stargazer:b resetchannels -@all +get)",
                True,
                {"stargazer:a", "stargazer:b"},
                True,
            ),
            ("user x on #ab ~stargazer:a (~b -@all +get)", True, {"stargazer:a", "b"}, False),
            ("user x on ~stargazer:a ~stargazer2:a", False, {"stargazer:a", "stargazer2:a"}, False),
        ],
        ids=["all", "nothing", "ours", "with a selector", "a selector elsewhere", "nearly ours"],
    )
    def test_whose_a_user_is_shows_in_its_keys(self, line, has_password, keys, is_ours):
        assert parse_users([line]) == {"x": RedisUser(line, has_password, frozenset(keys))}
        assert parse_users([line])["x"].is_ours == is_ours


FOREIGN = ["SET other-application 1", "GET other-application", "DEL other-application"]
ADMINISTRATION = [
    *("FLUSHALL", "FLUSHDB", "KEYS *", "SCAN 0", "CONFIG GET *", "CONFIG SET dir /", "SHUTDOWN"),
    *("ACL LIST", "ACL SETUSER x on", "ACL WHOAMI", "CLIENT LIST", "CLIENT KILL ID 1", "MONITOR"),
    *("ROLE", "INFO", "SAVE", "BGREWRITEAOF", "REPLICAOF NO ONE", "SCRIPT FLUSH"),
    *("SCRIPT KILL", "RENAME stargazer:a stargazer:b", "SWAPDB 0 1", "MIGRATE x 1 k 0 1"),
]
CHANNELS = [
    *("PUBLISH news x", "PUBLISH stargazer:celery:/0.celery.pidbox x"),
    *("SUBSCRIBE stargazer:celery:/0.celery.pidbox", "PSUBSCRIBE *"),
]
SYSTEM_KEYS = [
    *bus.QUEUES,
    "delay",
    "celery",
    "unacked",
    "unacked_index",
    "_kombu.binding.celeryev",
]
SYSTEM = [
    *(f"LPUSH {PREFIX}{queue} x" for queue in SYSTEM_KEYS),
    *(f"RPUSH {PREFIX}{queue} x" for queue in SYSTEM_KEYS),
    *(f"BRPOP {PREFIX}{queue} 1" for queue in SYSTEM_KEYS),
    *(f"DEL {PREFIX}{queue}" for queue in SYSTEM_KEYS),
    *(f"HGET {PREFIX}unacked x", f"SADD {PREFIX}_kombu.binding.ready x"),
    *("GET stargazer:epoch:outbox", "ZADD stargazer:due:youtube 1 x", "LLEN stargazer:x"),
    *(f"LLEN {PREFIX}ready", f"LLEN {PREFIX}translator2", f"LLEN {PREFIX}bots"),
]
EXCHANGE_KEYS = [f"{PREFIX}_kombu.binding.stargazer", f"{PREFIX}_kombu.binding_permanent.stargazer"]
BINDINGS = [
    f"{command} {key} {more}".strip()
    for key in EXCHANGE_KEYS
    for command, more in (("SREM", "x"), ("DEL", ""), ("SET", "x"), ("RENAME", "x"))
]
OTHERS_QUEUES = [
    *(f"BRPOP {PREFIX}other 1", f"LLEN {PREFIX}other", f"DEL {PREFIX}other.news"),
    *(f"HGET {PREFIX}other.unacked x", f"BRPOP {PREFIX}publish 1", f"DEL {PREFIX}publish"),
]
PUSHES = [
    f"{word} {PREFIX}{queue} x" for word in ("LPUSH", "RPUSH") for queue in ("other", "publish")
]
FORBIDDEN = [
    *(("worker", command) for command in [*FOREIGN, *ADMINISTRATION]),
    *(("worker", command) for command in ("PUBLISH news x", "PSUBSCRIBE *", "SUBSCRIBE news")),
    *(
        (name, command)
        for name in ("translator", "bot")
        for command in [
            *(*FOREIGN, *ADMINISTRATION, *CHANNELS),
            *(*SYSTEM, *BINDINGS, *OTHERS_QUEUES),
        ]
    ),
    *(("bot", command) for command in PUSHES),
]


@pytest.mark.parametrize("name", ["worker", "translator", "bot"])
def test_what_a_profile_must_not_is_refused(users, log_in, name, request):
    if name != "worker":
        request.getfixturevalue("_outsiders")
    client = log_in(name)
    allowed = []
    for command in [command for who, command in FORBIDDEN if who == name]:
        try:
            client.execute_command(*command.split())
        except redis.exceptions.NoPermissionError:
            continue
        except redis.ResponseError as exc:
            allowed.append((command, str(exc)))
        else:
            allowed.append((command, "done"))
    assert allowed == []


def test_a_worker_may_have_counted_what_an_operator_looks_at(users, log_in):
    tallies = Tallies()
    tallies.count_event("feed/new_entry")
    assert tallies.give(log_in("worker"))
    [now] = [minute for minute in read(log_in("worker"), datetime.now(UTC)) if minute.events]
    assert now.events == {"feed/new_entry": 1}
    assert list_denied(users) == []


@pytest.mark.parametrize("name", ["worker", "translator", "bot"])
def test_a_script_may_no_more_than_its_user(users, log_in, name, request):
    if name != "worker":
        request.getfixturevalue("_outsiders")
    client = log_in(name)
    digest = client.script_load("return redis.call('GET', 'other-application')")
    with pytest.raises(redis.ResponseError, match=r"can't access|NOPERM|permission"):
        client.evalsha(digest, 0)


@pytest.mark.usefixtures("_outsiders")
class TestOutsiders:
    def test_a_middleware_takes_its_events_and_gives_back_results(
        self, users, outsider, celery_app
    ):
        connection = outsider("translator")
        with listening(connection, "#.translate", "translator") as wait:
            assert bus.announce(celery_app, EVENT, ["delay", "translate"])
            message = wait()
            assert message.payload["id"] == str(EVENT.id)
            result = {**message.payload, "tags": ["delay"]}
            connection.Producer(serializer="json").publish(
                result, exchange="", routing_key="publish", retry=False
            )
            message.ack()
        assert users.admin.hlen(f"{PREFIX}translator.unacked") == 0
        with celery_app.connection_for_read() as ours, ours.channel() as channel:
            raw = channel._get("publish")
            assert channel.Message(raw, channel).payload == result
        assert list_denied(users) == []

    def test_a_publisher_reaches_who_is_bound_and_its_own_queue(self, users, outsider):
        publisher = outsider("translator")
        bot = outsider("bot")
        with (
            listening(bot, "event", "bot.news") as wait_for_bot,
            listening(publisher, "event", "translator.echo") as wait_for_own,
        ):
            publisher.Producer(serializer="json").publish(
                {"id": "1"}, exchange=EXCHANGE, routing_key="event", declare=[EXCHANGE], retry=False
            )
            assert wait_for_bot().payload == wait_for_own().payload == {"id": "1"}
        assert list_denied(users) == []

    @pytest.mark.parametrize("no_ack", [False, True], ids=["acknowledging", "no_ack"])
    def test_a_bot_reads_ready_events(self, users, outsider, celery_app, no_ack):
        with listening(outsider("bot"), "event", "bot", no_ack=no_ack) as wait:
            assert bus.announce(celery_app, EVENT, ["delay"])
            assert bus.announce(celery_app, EVENT)
            message = wait()
            assert message.delivery_info["routing_key"] == "event"
            assert message.payload["fields"] == EVENT.fields
            if not no_ack:
                message.ack()
        assert users.admin.llen(f"{PREFIX}bot") == 0
        assert list_denied(users) == []

    def test_what_a_dead_bot_had_in_hand_comes_again(self, users, outsider, celery_app):
        first = outsider("bot")
        with listening(first, "event", "bot") as wait:
            assert bus.announce(celery_app, EVENT)
            wait()
            # Its channel forgets, as a process does that is killed.
            first.default_channel.qos._delivered.clear()
        with listening(outsider("bot"), "event", "bot") as wait:
            message = wait()
            assert message.payload["id"] == str(EVENT.id)
            message.ack()
        assert list_denied(users) == []

    def test_a_bot_among_others_gives_nothing_back_for_it_would_come_to_all(
        self, users, outsider, celery_app
    ):
        bot, other = outsider("bot"), outsider("other")
        with listening(other, "event", "other"), listening(bot, "event", "bot") as wait:
            assert bus.announce(celery_app, EVENT)
            message = wait()
            with pytest.raises(redis.ResponseError):
                message.requeue()
            message._state = "RECEIVED"
            message.ack()
        assert users.admin.llen(f"{PREFIX}other") == 1

    def test_a_bot_does_not_publish(self, users, outsider):
        bot = outsider("bot")
        with listening(outsider("other"), "event", "other"):
            for where in ({"exchange": EXCHANGE}, {"exchange": ""}):
                key = "event" if where["exchange"] else "publish"
                with pytest.raises(redis.exceptions.NoPermissionError):
                    bot.Producer(serializer="json").publish(
                        {}, **where, routing_key=key, declare=[EXCHANGE], retry=False
                    )
        assert users.admin.exists(f"{PREFIX}other", f"{PREFIX}publish") == 0

    def test_a_queue_may_be_read_one_by_one(self, users, outsider, celery_app):
        with outsider("bot").channel() as channel:
            queue = kombu.Queue("bot.news", EXCHANGE, routing_key="event")(channel)
            queue.declare()
            assert queue.get() is None
            assert bus.announce(celery_app, EVENT)
            message = queue.get()
            assert message.payload["id"] == str(EVENT.id)
            message.ack()
        assert list_denied(users) == []


def test_the_exchange_and_the_prefix_are_those_of_the_bus():
    assert [key.startswith(bus.KEY_PREFIX) for key in redis_acl.BINDINGS] == [True, True]
    assert list(redis_acl.BINDINGS) == EXCHANGE_KEYS
