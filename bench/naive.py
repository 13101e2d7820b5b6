"""What the benchmarks compare with: one Celery task for each message, and a task that is empty.

Everything else is as it is with us: the settings of Celery, the pool's kind and size, the database,
and an HTTP session that keeps its connections.
"""

import time
from datetime import UTC, datetime
from typing import Any

import celery
import requests
from kombu import Queue

from stargazer.app import StargazerTask

#: The list in Redis where :func:`note` writes.
NOTES = "bench:notes"

app = celery.Celery("naive", task_cls=StargazerTask)
app.config_from_object("celeryconfig")
app.conf.update(
    imports=(),
    beat_schedule={},
    task_queues=[Queue("naive", routing_key="naive", durable=True)],
    task_routes={"naive.*": {"queue": "naive"}},
    task_default_queue="naive",
)
_session = requests.Session()
_session.mount("http://", requests.adapters.HTTPAdapter(pool_connections=64, pool_maxsize=64))


@app.task(name="naive.send", bind=True)
def send(self: StargazerTask, event: str, user: str, url: str, message: dict[str, Any]) -> None:
    """Send one message: find the chat, post, write down what became of it."""
    store = self.context.store
    chat = store.users.collection.find_one({"_id": user})
    if chat is None:
        return
    answer = _session.post(url, json={**message, "chat_id": chat["im_payload"]}, timeout=10)
    answer.raise_for_status()
    store.database["naive"].update_one(
        {"_id": f"{event}:{user}"},
        {
            "$set": {
                "state": "sent",
                "message_id": str(answer.json()["result"]["message_id"]),
                "finished_at": datetime.now(UTC),
            }
        },
        upsert=True,
    )


@app.task(name="naive.note", bind=True)
def note(self: StargazerTask) -> None:
    """Write down that it is run now."""
    self.context.redis.rpush(NOTES, time.time())


def make_command(threads: int) -> list[str]:
    """Give the command line of a worker for these tasks."""
    worker = "celery --app bench.naive worker --hostname naive@%h --queues naive --pool threads"
    return f"{worker} --concurrency {threads} --without-gossip --without-mingle".split()
