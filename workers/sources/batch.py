"""What the Celery tasks of all sources share: taking a batch in hand, and putting it down."""

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from stargazer.context import Context
from stargazer.coordinator import batches
from stargazer.models import Task

log = logging.getLogger(__name__)


def look_at(context: Context, batch_id: str, look: Callable[[Sequence[Task]], None]) -> None:
    """Look at the Tasks of a batch, unless it was given back meanwhile.

    Tasks that were paused or removed since it was handed out are left out. What ends in an error
    is given back, and so handed out again at the next tick.
    """
    client = context.redis
    key = UUID(batch_id)
    batch = batches.find(client, key)
    if batch is None or not batches.start(client, key):
        log.info("batch_not_wanted", extra={"batch": batch_id})
        return
    try:
        tasks = context.store.tasks.list_by_ids(list(batch.tasks))
        look([task for task in tasks if not task.paused])
    except BaseException:
        batches.give_back(client, batch)
        raise
    batches.finish(client, key)
