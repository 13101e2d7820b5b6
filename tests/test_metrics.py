"""What is counted, in this process and over all of them."""

import subprocess
import sys

import pytest

from stargazer import metrics

COUNT = """
from stargazer import metrics
metrics.events.labels("test/kind").inc(2)
metrics.delay.labels("test").observe(0.2)
"""
RENDER = "from stargazer import metrics; print(metrics.render().decode())"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Give a function that runs Python with a folder for what processes count."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    def run(code):
        command = [sys.executable, "-c", code]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    return run


def test_one_process_tells_of_itself(monkeypatch):
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    metrics.pushes.labels("test", "queued").inc()
    assert b'stargazer_pushes_total{kind="test",outcome="queued"}' in metrics.render()


def test_one_answer_speaks_for_every_process(run):
    for _ in range(2):
        run(COUNT)
    lines = run(RENDER).splitlines()
    assert 'stargazer_events_total{kind="test/kind"} 4.0' in lines
    assert 'stargazer_delay_seconds_count{im="test"} 2.0' in lines
    assert 'stargazer_delay_seconds_bucket{im="test",le="0.25"} 2.0' in lines
    assert 'stargazer_delay_seconds_bucket{im="test",le="0.1"} 0.0' in lines
