from datetime import UTC, datetime
from uuid import uuid4

import pytest

from stargazer.coordinator.members import Member


@pytest.fixture(scope="session")
def make_member():
    def make(node="sources@one", **fields):
        values = {
            "node": node,
            "instance": uuid4().hex,
            "kinds": frozenset({"youtube"}),
            "version": "1",
            "host": "one",
            "pid": 1,
            "started_at": datetime.now(UTC),
        }
        return Member(**{**values, **fields})

    return make
