"""A real RabbitMQ, which asks us who may do what, and carries the whole system."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import uuid4

import amqp
import kombu
import kombu.pools
import pytest
import requests
from click.testing import CliRunner
from pydantic import SecretStr

from api import create_app
from api.broker import Broker
from stargazer import bus
from stargazer.accounts import check_password, hash_password
from stargazer.cli import main
from stargazer.context import OUTAGES
from stargazer.errors import UnavailableError
from stargazer.models import Account, Event, StoredEvent
from stargazer.settings import load_settings

# Debian's own command runs as nobody but the user `rabbitmq`, and this is what it calls.
PROGRAM = shutil.which("rabbitmq-server", path="/usr/lib/rabbitmq/bin") or shutil.which(
    "rabbitmq-server"
)
pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(PROGRAM is None, reason="there is no rabbitmq-server on this machine"),
]
KEY = "a-key-that-nobody-guesses"
PASSWORD = "correct horse"
PERMISSIONS = {
    "shouter": {"mq": "rw"},
    "stargazer": {"coordinator": "ro"},
    "bot": {"mq": "ro", "api": "rw"},
    "other-bot": {"mq": "ro"},
    "translator": {"mq": "rw"},
    "reader": {"api": "ro"},
}
LIMIT = 3.0
PROCESSES = ("web", "beat", "sources", "pipeline", "delivery", "flower")
WORKER = (
    "celery --app probe worker --hostname probe@%h --queues web --pool threads --concurrency 2"
    " --without-gossip --without-mingle"
)


class Node:
    """A RabbitMQ that shares nothing with any other on this machine.

    :ivar web_port: where it asks.
    """

    def __init__(self, folder, free_port):
        self.port, self.web_port, names_port, peers_port = (free_port() for _ in range(4))
        self._folder = folder
        self._output = folder / "output"
        self._environment = {
            **os.environ,
            # The cookie by which its parts know one another lies there.
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(names_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"stargazer-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(peers_port),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "environment"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            # Its register of names is started here, as it would start one that outlives it.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}"
            ),
        }
        address = f"http://127.0.0.1:{self.web_port}/rabbitmq/{KEY}"
        questions = ("user", "vhost", "resource", "topic")
        lines = [
            f"listeners.tcp.1 = 127.0.0.1:{self.port}",
            "auth_backends.1 = http",
            "auth_http.http_method = post",
            *[f"auth_http.{each}_path = {address}/{each}" for each in questions],
        ]
        (folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        (folder / "plugins").write_text("[rabbitmq_auth_backend_http].\n")
        self._names = self._run("epmd", "-port", str(names_port), "-address", "127.0.0.1")
        self._process = None
        self.start()

    def get_url(self, username="stargazer", password=PASSWORD, scheme="amqp"):
        return f"{scheme}://{username}:{quote(password)}@127.0.0.1:{self.port}//"

    def start(self):
        self._process = self._run(PROGRAM)
        deadline = time.monotonic() + 60
        while not self._is_open():
            assert self._process.poll() is None, self._output.read_text()
            assert time.monotonic() < deadline, "waited 60 s for RabbitMQ"
            time.sleep(0.1)

    def send_signal(self, number):
        os.killpg(self._process.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)
        self._process.wait()
        # That was its shell, which is gone before its children.
        while self._is_open():
            time.sleep(0.01)

    def stop(self):
        for process in (self._process, self._names):
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _run(self, *command):
        with self._output.open("ab") as output:
            return subprocess.Popen(
                command,
                env=self._environment,
                cwd=self._folder,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _is_open(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False


@pytest.fixture(scope="module")
def node(tmp_path_factory, free_port):
    node = Node(tmp_path_factory.mktemp("rabbitmq"), free_port)
    yield node
    node.stop()


@pytest.fixture(scope="module")
def password_hash():
    return hash_password(PASSWORD)


@pytest.fixture
def save_accounts(password_hash):
    def save(store):
        for username, permissions in PERMISSIONS.items():
            account = Account(username=username, hash=password_hash, permissions=permissions)
            store.accounts.save(account)

    return save


@pytest.fixture
def settings(settings, node):
    changes = {"broker_url": node.get_url(), "rabbitmq_key": SecretStr(KEY)}
    return settings.model_copy(update=changes)


@pytest.fixture
def api(settings, node, store, save_accounts, serve):
    """Answer RabbitMQ's questions."""
    save_accounts(store)
    # The first time, a busy machine may need longer for a password than we want to wait here.
    check_password(store, "stargazer", PASSWORD)
    app = create_app(settings)
    serve(app, port=node.web_port)
    yield app
    app.extensions["stargazer.state"].close()


@pytest.fixture
def ours(api, celery_app):
    """Give our Celery app as the settings of RabbitMQ have it."""
    changes = {
        "broker_transport_options": {"confirm_publish": True, "patience": 0.7},
        "broker_connection_timeout": 0.7,
    }
    before = {name: celery_app.conf[name] for name in changes}
    celery_app.conf.update(changes)
    yield celery_app
    celery_app.conf.update(before)


@pytest.fixture
def connect(node):
    """Connect as an outsider does, with no code of ours."""
    connections = []

    def connect(username, password=PASSWORD):
        connection = kombu.Connection(
            node.get_url(username, password, "pyamqp"),
            transport_options={"confirm_publish": True},
        )
        connections.append(connection)
        connection.connect()
        return connection

    yield connect
    for connection in connections:
        connection.release()


@pytest.fixture
def join(connect):
    """Give an account's channel, and let it declare and bind a queue of its own."""

    def join(username, *keys, queue=None):
        channel = connect(username).channel()
        if keys:
            queue = queue or f"{username}.inbox"
            channel.queue_delete(queue)
            # One of ours that went away with its reader would be in its owner's way.
            channel.queue_declare(queue, durable=True, auto_delete=False)
            for key in keys:
                channel.queue_bind(queue, "stargazer", key)
        return channel

    return join


def read(channel, queue, seconds=5.0):
    """Take the next message; None when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        message = channel.basic_get(queue, no_ack=True)
        if message is not None:
            return json.loads(message.body)
        time.sleep(0.02)
    return None


def publish(channel, body, exchange, key):
    channel.basic_publish(amqp.Message(json.dumps(body)), exchange=exchange, routing_key=key)


def make_stored():
    now = datetime.now(UTC)
    return StoredEvent(**make_event().model_dump(), happened_at=now, created_at=now)


def make_event():
    fields = {"video_id": "v1", "title": "あ"}
    return Event(kind="youtube/new_video", entity=uuid4(), fields=fields)


@pytest.mark.usefixtures("api")
class TestComingIn:
    @pytest.mark.parametrize("username", ["stargazer", "bot", "translator"])
    def test_who_has_something_to_do_comes_in(self, connect, username):
        assert connect(username).connected

    @pytest.mark.parametrize(
        ("username", "password"),
        [("bot", "wrong"), ("stranger", PASSWORD), ("reader", PASSWORD), ("guest", "guest")],
        ids=["wrong password", "no account", "no permission", "RabbitMQ's own"],
    )
    def test_nobody_else_does(self, connect, username, password):
        with pytest.raises(amqp.AccessRefused):
            connect(username, password)


def test_nobody_comes_in_while_we_cannot_be_asked(connect):
    with pytest.raises(amqp.AccessRefused):
        connect("bot")


FORBIDDEN = {
    "publish an event": lambda channel: publish(channel, {}, "stargazer", "event"),
    "publish a Celery task": lambda channel: publish(channel, {}, "", "coordinator"),
    "publish elsewhere": lambda channel: publish(channel, {}, "amq.topic", "event"),
    "consume events": lambda channel: channel.basic_consume("ready"),
    "take deliveries": lambda channel: channel.basic_get("telegram"),
    "purge a queue": lambda channel: channel.queue_purge("coordinator"),
    "delete a queue": lambda channel: channel.queue_delete("ready"),
    "declare a queue of ours": lambda channel: channel.queue_declare("publish"),
    "declare a queue of another": lambda channel: channel.queue_declare("other-bot.inbox"),
    "read a queue of another": lambda channel: channel.basic_get("other-bot.inbox"),
    "bind a queue of ours": lambda channel: channel.queue_bind("ready", "stargazer", "event"),
    "declare an exchange": lambda channel: channel.exchange_declare("bot", "topic"),
    "delete the exchange": lambda channel: channel.exchange_delete("stargazer"),
    "send dead letters to a queue": lambda channel: channel.queue_declare(
        "bot.trap", arguments={"x-dead-letter-exchange": "", "x-message-ttl": 0}
    ),
    "send dead letters to the exchange": lambda channel: channel.queue_declare(
        "bot.trap", arguments={"x-dead-letter-exchange": "stargazer"}
    ),
}


@pytest.mark.usefixtures("api")
class TestBot:
    def test_it_hears_of_ready_events(self, ours, join):
        assert bus.announce(ours, make_event())
        channel = join("bot", "event")
        event = make_event()
        assert bus.announce(ours, event)
        assert bus.announce(ours, make_event(), ["translate"])
        assert read(channel, "bot.inbox")["id"] == str(event.id)
        assert read(channel, "bot.inbox", 0.2) is None

    def test_rabbitmq_may_name_its_queue(self, ours, join):
        assert bus.announce(ours, make_event())
        channel = join("bot")
        queue = channel.queue_declare(exclusive=True).queue
        channel.queue_bind(queue, "stargazer", "event")
        event = make_event()
        assert bus.announce(ours, event)
        assert read(channel, queue)["id"] == str(event.id)

    def test_it_hears_of_no_others(self, ours, join):
        assert bus.announce(ours, make_event())
        for key in ("event.#", "#", "*", "event.translate", "#.translate"):
            with pytest.raises(amqp.AccessRefused):
                join("bot", key)

    def test_it_does_nothing_else(self, ours, join):
        assert bus.announce(ours, make_event())
        channel = join("bot")
        done = []
        for name, act in FORBIDDEN.items():
            with suppress(amqp.AccessRefused):
                act(channel)
                done.append(name)
        assert not done


class TestMiddleware:
    def test_it_gets_what_has_its_tag_and_publishes_it_without(self, ours, join):
        channel = join("translator")
        channel.exchange_declare("stargazer", "topic", durable=True, auto_delete=False)
        channel = join("translator", "#.translate", queue="translator")
        bot = join("bot", "event")
        event = make_event()
        assert bus.announce(ours, event, ["translate"])
        body = read(channel, "translator")
        assert body["id"] == str(event.id)
        publish(channel, body, "stargazer", "event")
        assert read(bot, "bot.inbox") == body

    @pytest.mark.parametrize("queue", ["coordinator", "ready", "publish"])
    def test_it_publishes_to_no_queue(self, join, queue):
        with pytest.raises(amqp.AccessRefused):
            publish(join("translator"), {}, "", queue)


@pytest.mark.usefixtures("api")
class TestTheProgramOfTheDocumentation:
    @pytest.fixture
    def shouter(self, request, node, write_shouter, tmp_path):
        request.getfixturevalue("api")
        environment = {**os.environ, "STARGAZER_BROKER_URL": node.get_url("shouter")}
        command = [sys.executable, str(write_shouter(tmp_path))]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout.readline() == "listening\n"
            yield
            process.kill()

    @pytest.mark.usefixtures("shouter")
    def test_it_treats_what_has_its_tag_under_an_account_of_its_own(self, ours, join):
        channel = join("stargazer", "publish", queue="publish")
        fields = {"video_id": "v1", "title": "quiet", "x-loud": 1}
        event = make_stored().model_copy(update={"fields": fields, "tags": ("delay", "shout")})
        assert bus.ask_others(ours, event)
        body = read(channel, "publish")
        assert (body["id"], body["tags"]) == (str(event.id), ["delay"])
        assert body["fields"] == {"video_id": "v1", "title": "QUIET"}

    def test_a_tag_that_nobody_has_bound_is_known(self, ours):
        event = make_stored().model_copy(update={"tags": ("nobodys",)})
        assert not bus.ask_others(ours, event)


class TestOurEnd:
    def test_what_waits_is_counted(self, ours, store, join):
        join("stargazer").queue_delete("ready")
        assert bus.count_waiting(ours, "ready") == 0
        assert len(bus.publish(ours, store, [make_stored() for _ in range(3)])) == 3
        assert bus.count_waiting(ours, "ready") == 3
        assert join("stargazer").queue_purge("ready") == 3

    def test_a_broker_that_is_away_is_an_outage(self, ours, store, free_port):
        ours.conf.broker_url = f"amqp://127.0.0.1:{free_port()}//"
        forget(ours)
        assert bus.publish(ours, store, [make_stored()]) == []
        assert not bus.announce(ours, make_event())
        with pytest.raises(OUTAGES):
            bus.count_waiting(ours, "ready")

    def test_being_refused_is_an_outage(self, ours, store, node):
        ours.conf.broker_url = node.get_url(password="wrong")
        forget(ours)
        assert bus.publish(ours, store, [make_stored()]) == []

    def test_being_refused_later_is_one_too(self, ours, store):
        assert bus.announce(ours, make_event())
        store.accounts.delete("stargazer")
        with pytest.raises(OUTAGES):
            ours.send_task("telegram.deliver")

    def test_what_rabbitmq_does_not_take_is_an_outage(self, ours, join):
        assert bus.announce(ours, make_event())
        channel = join("stargazer")
        limits = {"x-max-length": 1, "x-overflow": "reject-publish"}
        channel.queue_declare("full", arguments=limits)
        channel.queue_bind("full", "stargazer", "event")
        assert bus.announce(ours, make_event())
        assert not bus.announce(ours, make_event())
        channel.queue_delete("full")
        assert bus.announce(ours, make_event())

    def test_a_broker_that_is_frozen_is_an_outage(self, ours, node):
        assert bus.announce(ours, make_event())
        node.send_signal(signal.SIGSTOP)
        try:
            began = time.monotonic()
            assert not bus.announce(ours, make_event())
            assert time.monotonic() - began < 8
        finally:
            node.send_signal(signal.SIGCONT)

    @pytest.mark.usefixtures("api")
    def test_check_says_who_is_refused(self, settings, node, monkeypatch):
        for url, words in [
            (node.get_url(), "broker    answers at 127.0.0.1:"),
            (node.get_url(password="wrong"), "does not let us in (AccessRefused)"),
            (node.get_url("bot").removesuffix("/") + "other", "does not let us in (NotAllowed)"),
        ]:
            changed = settings.model_copy(update={"broker_url": url})
            for name, value in changed.environment().items():
                monkeypatch.setenv(name, value)
            load_settings.cache_clear()
            result = CliRunner().invoke(main, ["check"])
            assert words in result.output
            assert quote(PASSWORD) not in result.output


def forget(app):
    kombu.pools.reset()
    app._pool = None
    app.amqp._producer_pool = None


@pytest.mark.usefixtures("api")
class TestTheWebProcess:
    """Who waits for an answer gets one within three seconds."""

    @pytest.fixture
    def broker(self, settings):
        broker = Broker(settings)
        yield broker
        broker.close()

    def try_to_send(self, broker):
        began = time.monotonic()
        try:
            broker.send("youtube.receive", str(uuid4()))
        except UnavailableError:
            return False, time.monotonic() - began
        return True, time.monotonic() - began

    def wait_until_sent(self, broker):
        """See that it is found again: a broker that is back may be slow at first."""
        deadline = time.monotonic() + 20
        while not self.try_to_send(broker)[0]:
            assert time.monotonic() < deadline, "waited 20 s for the broker to be found again"

    @pytest.mark.parametrize("warm", [True, False], ids=["warm", "fresh"])
    def test_a_frozen_broker_is_told_in_time(self, broker, node, warm):
        if warm:
            broker.send("youtube.receive", str(uuid4()))
        node.send_signal(signal.SIGSTOP)
        try:
            sent, seconds = self.try_to_send(broker)
            assert not sent
            assert seconds < LIMIT
            assert not broker.is_there()
        finally:
            node.send_signal(signal.SIGCONT)
        self.wait_until_sent(broker)

    def test_a_killed_broker_is_told_in_time_and_found_again(self, broker, settings, node):
        unaware = Broker(settings)
        for each in (broker, unaware):
            each.send("youtube.receive", str(uuid4()))
        node.kill()
        sent, seconds = self.try_to_send(broker)
        assert not sent
        assert seconds < LIMIT
        node.start()
        self.wait_until_sent(broker)
        # Its connection is one to the broker that was killed.
        assert self.try_to_send(unaware)[0]
        unaware.close()

    def test_wrong_credentials_are_an_outage(self, settings, node):
        wrong = settings.model_copy(update={"broker_url": node.get_url(password="wrong")})
        broker = Broker(wrong)
        assert not broker.is_there()
        assert not self.try_to_send(broker)[0]
        broker.close()


@pytest.fixture
def make_rabbit_system(make_system, node, save_accounts):
    """Give a function that makes a System whose broker is RabbitMQ, which asks that System."""

    def make(**changes):
        system = make_system(
            broker_url=node.get_url(),
            rabbitmq_key=SecretStr(KEY),
            web_port=node.web_port,
            public_url=f"http://127.0.0.1:{node.web_port}",
            **changes,
        )
        system.start("redis", "mongo")
        list(system.store.create_indexes())
        save_accounts(system.store)
        return system

    return make


def list_workers(page):
    """Give the workers that Flower hears of."""
    try:
        return [each["hostname"] for each in requests.get(page, timeout=2).json()["data"]]
    except requests.RequestException:
        return []


def test_a_push_becomes_one_message_at_its_time_and_after_a_restart_too(make_rabbit_system, node):
    # What is put off comes back by the broker, as the sweepers are too late for this test.
    system = make_rabbit_system(visibility_timeout=60, sweep_after=60, delivery_lease=30)
    first, *others = PROCESSES
    system.start("simulator", *others)
    system.simulator.wait_until_ready(30)
    # Before there is an API that says who they are, nobody is let in: they have to wait for it.
    logs = [system.folder / f"{name}.log" for name in ("sources", "pipeline", "delivery")]
    system.wait_for("refusals", lambda: all("ACCESS_REFUSED" in log.read_text() for log in logs))
    system.start(first)
    system.wait_until_open()
    system.follow(["1001"], ["youtube/new_video"])
    page = f"http://127.0.0.1:{system.settings.flower_port}/workers?json=1"
    system.wait_for("Flower", lambda: len(list_workers(page)) == 3)
    system.publish_video("at-once-001")
    system.wait_for("the first message", system.list_delivered)

    system.simulator.add_fault("telegram", status=429, retry_after=3, count=1)
    before = time.time()
    system.publish_video("put-off-001")
    system.wait_for("the second message", lambda: len(system.list_delivered()) == 2)
    assert 3 <= system.list_delivered()[1]["at"] - before < 10

    node.kill()
    node.start()
    system.publish_video("restart-001")
    system.wait_for("the third message", lambda: len(system.list_delivered()) == 3)
    time_of_repetition = time.monotonic() + 3
    while time.monotonic() < time_of_repetition:
        statuses = [each["status"] for each in system.simulator.journal(0, "telegram")]
        assert statuses == [200, 429, 200, 200]
        time.sleep(0.1)
    # Who comes while the broker is not back yet is told so, and comes again.
    statuses = system.list_push_statuses()
    assert set(statuses) <= {202, 503}
    assert statuses.count(202) == 3


def test_tasks_come_back_to_their_queue_and_those_that_wait_block_nobody(make_rabbit_system):
    system = make_rabbit_system()
    system.start("web")
    system.wait_until_open()
    # At first it is let in and may do nothing, as if whom RabbitMQ asks had gone away meanwhile.
    account = system.store.accounts.find("stargazer")
    system.store.accounts.save(account.model_copy(update={"permissions": {"mq": "ro"}}))
    system.start_command("probe", WORKER)
    log = system.folder / "probe.log"
    system.wait_for("a refusal", lambda: "ACCESS_REFUSED" in log.read_text())
    system.store.accounts.save(account)

    def send(*tasks):
        lines = ["from probe import app", *[f"app.send_task({task})" for task in tasks]]
        environment = system.environment()
        command = [sys.executable, "-c", "\n".join(lines)]
        subprocess.run(command, env=environment, check=True, timeout=30)

    def count(key):
        return system.context.redis.llen(f"stargazer:probe:{key}")

    send("'web.note', ('up',)")
    system.wait_for("the worker", lambda: count("up") == 1)
    began = time.monotonic()
    waiting = ["'web.note', ('later',), countdown=4"] * 10
    send(*waiting, "'web.note', ('now',)", "'web.fail_first', ('retried',)")
    system.wait_for("what need not wait", lambda: count("now") == 1 and count("retried") == 2)
    assert count("later") == 0
    system.wait_for("what had to", lambda: count("later") == 10)
    assert time.monotonic() - began > 4
    assert [count("now"), count("retried")] == [1, 2]
