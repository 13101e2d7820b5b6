"""The whole system in real processes, each of which a test may kill."""

import hmac
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from honcho.environ import parse_procfile

from stargazer.context import Context
from stargazer.coordinator.schedule import schedule_now
from stargazer.demo import demo_settings
from stargazer.embedded.processes import start as start_server
from stargazer.embedded.processes import stop as stop_server
from stargazer.embedded.processes import wait_for_answer
from stargazer.embedded.programs import list_servers
from stargazer.models import Entity, EventFilter, LeaseState, Meta, Name, Task, User
from stargazer.settings import Settings
from stargazer.simulator.client import Simulator

ROOT = Path(__file__).parents[2]
PROCFILE = dict(parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes)
CHANNEL = "UC" + "c" * 22


class System:
    """Servers and processes of one test; the names are those of the Procfile, and ``simulator``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.var_dir
        self.simulator = Simulator(f"http://127.0.0.1:{settings.simulator_port}")
        self.context = Context(settings)
        self.store = self.context.store
        self._servers = {server.name: server for server in list_servers(settings)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        for name in names:
            if name in self._servers:
                self._running[name] = start_server(self._servers[name])
                wait_for_answer(self._servers[name], self._running[name])
                continue
            command = f"{sys.executable} -m stargazer.cli simulate"
            self.start_command(name, PROCFILE.get(name, command))

    def start_command(self, name: str, command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                f"exec {command}",
                shell=True,
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """End it, and all of its children, without a chance to say goodbye."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop_at_once(self, name: str) -> None:
        """Let a worker end without finishing what it has in hand."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGQUIT)
        process.wait(30)

    def end(self, name: str) -> None:
        """Ask it to end, and wait until it has."""
        process = self._running.pop(name)
        process.terminate()
        process.wait(30)

    def has_ended(self, name: str) -> bool:
        if self._running[name].poll() is None:
            return False
        del self._running[name]
        return True

    def send_signal(self, name: str, number: int) -> None:
        os.killpg(self._running[name].pid, number)

    def stop(self) -> None:
        self.context.close()
        self.simulator.close()
        processes = {n: p for n, p in self._running.items() if n not in self._servers}
        for process in processes.values():
            os.killpg(process.pid, signal.SIGTERM)
        for process in processes.values():
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        for name, server in self._servers.items():
            if name in self._running:
                stop_server(server, self._running[name], lambda _line: None)

    def environment(self) -> dict[str, str]:
        """Give the environment of this System's processes, which may import the probes."""
        programs = Path(sys.executable).parent
        return {
            **os.environ,
            **self.settings.environment(),
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}",
        }

    def wait_for(self, what, is_there, limit: float = 30.0, every: float = 0.05) -> None:
        deadline = time.monotonic() + limit
        while not is_there():
            assert time.monotonic() < deadline, f"waited {limit} s for {what}"
            time.sleep(every)

    def wait_until_open(self) -> None:
        url = f"http://127.0.0.1:{self.settings.web_port}/v1/health"

        def answers():
            try:
                return requests.post(url, json={}, timeout=2).ok
            except requests.RequestException:
                return False

        self.wait_for("the API", answers)

    def publish_video(self, video_id: str) -> None:
        """Let the channel publish a video, and the hub push it."""
        self.simulator.set_video(
            video_id,
            push=True,
            channel_id=CHANNEL,
            title=f"Video {video_id}",
            published_at=datetime.now(UTC),
            duration="PT5M",
        )

    def list_delivered(self) -> list[dict[str, Any]]:
        """Give what reached the chats of Telegram."""
        return [each for each in self.simulator.journal(0, "telegram") if each["delivered"]]

    def list_push_statuses(self) -> list[int | None]:
        """Give what was answered to the hub's pushes."""
        return [each["status"] for each in self.simulator.journal(0, "push")]

    def sign(self, body: bytes) -> dict[str, str]:
        """Give the headers with which the hub would push this body."""
        (lease,) = self.store.leases.list_all()
        digest = hmac.new(lease.secret.encode(), body, "sha1").hexdigest()
        return {"X-Hub-Signature": f"sha1={digest}", "Content-Type": "application/atom+xml"}

    def follow(self, chats: list[str], kinds: list[str]) -> Entity:
        """Track one channel for these Telegram chats, and wait until it is watched."""
        name = Name(name={"en": "Aoi"}, default_language="en")
        entity = Entity(meta=Meta(name=name))
        task = Task(entity=entity.id, kind="youtube", params={"channel_id": CHANNEL})
        self.store.entities.save(entity.model_copy(update={"tasks": (task.id,)}))
        self.store.tasks.save(task)
        # As the API does; a coordinator that has looked already would find it only a minute later.
        schedule_now(self.context.redis, task.kind, task.id)
        wish = EventFilter(entities=frozenset({entity.id}), kinds=frozenset(kinds))
        for chat in chats:
            user = User(im="telegram", im_payload=chat, event_filter=wish)
            self.store.users.save(user)
            self.store.subscriptions.save_filter(user)
        self.simulator.set_channel(CHANNEL, title="Aoi Ch.")
        self.wait_for(
            "a verified lease and a first look",
            lambda: (
                [lease.state for lease in self.store.leases.list_all()] == [LeaseState.VERIFIED]
                # We know of it a moment before the hub has read our answer.
                and self.simulator.subscriptions()
                and all(each.watch.looked_at for each in self.store.tasks.list_all())
            ),
            # Workers that a broker has refused for a while ask again only every so often.
            limit=60,
        )
        return entity


@pytest.fixture
def system_settings(settings, free_port, tmp_path):
    """Give settings of a system whose servers are its own, as the demonstration has them."""
    return demo_settings(
        settings.model_copy(
            update={
                "var_dir": tmp_path,
                "redis_port": free_port(),
                "mongo_port": free_port(),
            }
        )
    )


@pytest.fixture
def make_system(system_settings):
    """Give a function that makes a System, with some settings changed; nothing runs yet."""
    systems = []

    def make(**changes):
        system = System(Settings(**{**system_settings.model_dump(), **changes}))
        system.folder.mkdir(parents=True, exist_ok=True)
        systems.append(system)
        return system

    yield make
    for system in systems:
        system.stop()


@pytest.fixture
def write_shouter():
    """Give a function that takes somebody else's middleware out of the documentation."""

    def write(folder):
        text = (ROOT / "docs/middlewares.md").read_text()
        blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        (program,) = [block for block in blocks if "kombu.Connection" in block]
        path = folder / "shouter.py"
        path.write_text(program)
        return path

    return write
