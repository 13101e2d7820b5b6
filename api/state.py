"""What a request needs of its process: the connections, and how long it may wait for them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple, cast

import flask
import pymongo
import pymongo.errors

from api.broker import Broker
from api.kept import Kept
from api.pulse import Health, Pulse
from api.snapshots import Snapshots
from api.status import StatusReader
from stargazer.context import Context
from stargazer.overview import Overview, read_overview

#: Everything that one request reads and writes in the database has to be done within this.
DATABASE_PATIENCE = 1.5
#: So many seconds the overview is as good as new.
OVERVIEW_KEPT = 2.0


class State(NamedTuple):
    """The connections of the web process."""

    context: Context
    broker: Broker
    status: StatusReader
    snapshots: Snapshots
    pulse: Pulse
    overview: Kept[Overview]

    def close(self) -> None:
        """Give the connections back."""
        self.context.close()
        self.broker.close()


def ask_for_health(context: Context, broker: Broker) -> Health:
    """Ask both for an answer, at the same time as each may take a second not to give one."""
    with ThreadPoolExecutor(1) as pool:
        is_there = pool.submit(broker.is_there)
        try:
            with patience():
                context.store.ping()
            database = True
        except pymongo.errors.PyMongoError:
            database = False
        return Health(database, is_there.result())


def keep_overview(context: Context, broker: Broker) -> Kept[Overview]:
    """Make what reads the overview once for all who look at it."""
    return Kept(
        lambda: read_overview(context, broker.count_waiting, datetime.now(UTC)), OVERVIEW_KEPT
    )


def get_state() -> State:
    """Give the State of the application that serves this request."""
    return cast("State", flask.current_app.extensions["stargazer.state"])


@contextmanager
def patience() -> Iterator[None]:
    """Bound the time of all that is done with the database inside, taken together."""
    with pymongo.timeout(DATABASE_PATIENCE):
        yield
