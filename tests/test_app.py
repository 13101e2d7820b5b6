"""What a task does where something that it needs is away."""

import pytest
from celery.exceptions import Retry

from stargazer.app import app
from stargazer.context import OUTAGES


@pytest.fixture
def task(celery_app):
    """Give a task that meets an outage, as if a worker had got it from its queue."""

    @app.task(name="coordinator.meet_outage", bind=True)
    def meet_outage(self, word):
        raise OUTAGES[0](word)

    meet_outage.push_request(
        id="an-id",
        args=["a word"],
        kwargs={},
        retries=1,
        delivery_info={"exchange": "", "routing_key": "coordinator"},
        called_directly=False,
    )
    yield meet_outage
    meet_outage.pop_request()
    del app.tasks[meet_outage.name]


def test_at_an_outage_it_goes_back_to_its_queue_as_the_same_attempt(task, take_sent):
    with pytest.raises(Retry):
        task("a word")
    [sent] = take_sent("coordinator")
    assert (sent.task, sent.args) == (task.name, ["a word"])
    assert (sent.headers["id"], sent.headers["retries"]) == ("an-id", 1)
    assert sent.headers["eta"]
