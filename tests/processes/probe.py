"""Celery tasks that do to a worker what must not hurt; run as ``celery --app probe worker``."""

import os
import signal
import time

import pymongo.errors

from stargazer.app import app


def _note(context, key):
    context.redis.rpush(f"stargazer:probe:{key}", os.getpid())


@app.task(name="web.note", bind=True)
def note(self, key):
    _note(self.context, key)


@app.task(name="web.fail_first", bind=True)
def fail_first(self, key):
    _note(self.context, key)
    if self.request.retries == 0:
        raise self.retry(countdown=0.1)


@app.task(name="web.meet_outages", bind=True)
def meet_outages(self, key):
    """Meet one more outage than a task that kills its process may be run again."""
    _note(self.context, key)
    if self.context.redis.llen(f"stargazer:probe:{key}") <= self.max_retries + 1:
        raise pymongo.errors.AutoReconnect
    _note(self.context, f"{key}:after {self.request.retries} retries")


@app.task(name="web.hold", bind=True)
def hold(self, key):
    _note(self.context, key)
    while not self.context.redis.exists("stargazer:probe:release"):
        time.sleep(0.02)
    _note(self.context, f"{key}:done")


@app.task(name="web.die", bind=True)
def die(self, key):
    _note(self.context, key)
    os.kill(os.getpid(), signal.SIGKILL)
