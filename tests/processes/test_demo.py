"""The demonstration does what the README says, and does it again on the data that it left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.processes


@pytest.fixture
def demo(settings, free_port, tmp_path):
    """Give a function that starts ``stargazer demo`` with ports and data of its own."""
    ports = ("WEB", "FLOWER", "SIMULATOR", "REDIS", "MONGO")
    environment = {
        **os.environ,
        **{f"STARGAZER_{name}_PORT": str(free_port()) for name in ports},
        "STARGAZER_VAR_DIR": str(tmp_path),
    }

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "stargazer.cli", "demo", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def test_the_story_is_told_once_each_time_even_after_a_kill(demo, tmp_path):
    with demo() as process:
        told = []
        for line in process.stdout:
            told.append(line.strip())
            if line.startswith("The story is over"):
                break
        process.kill()
        process.wait()
    assert "each message arrived exactly once" in told

    def list_left():
        # The servers do not get our settings; the next start finds them by their locks.
        return [pid for pid in _list_processes() if _environment_names(pid, tmp_path)]

    deadline = time.monotonic() + 15
    while left := list_left():
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
    with demo("--once") as process:
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert "each message arrived exactly once" in output


def test_ctrl_c_ends_it_without_a_complaint(demo):
    with demo() as process:
        for line in process.stdout:
            if line.startswith("Watch it at"):
                break
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in rest
    assert rest.splitlines()[-2:] == ["mongo stopped", "redis stopped"]


def _list_processes():
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _environment_names(pid, folder):
    try:
        return str(folder) in Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:
        return False
