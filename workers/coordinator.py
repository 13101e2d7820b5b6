"""The coordinator's tick: due Tasks go to the workers whose they are."""

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

import kombu.exceptions
from celery.utils.nodenames import worker_direct
from kombu.entity import Queue

from stargazer import metrics
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.coordinator import RECONCILE_SPAN, batches, members, report, schedule
from stargazer.coordinator.batches import Batch
from stargazer.coordinator.dispatch import find_lost, plan_batches
from stargazer.coordinator.leader import Leadership, take_tick
from stargazer.coordinator.members import Member
from stargazer.coordinator.placement import Placement
from stargazer.ledger import mend
from workers.sources import SOURCES, Source

log = logging.getLogger(__name__)

#: A worker that is gone for so long is forgotten, and what is left in its queue removed.
GRACE = timedelta(seconds=30)
_MOST_DUE = 10_000


@app.task(name="coordinator.reconcile", bind=True)
def tidy(self: StargazerTask) -> None:
    """See whether the schedule is complete, and remove what dead workers left behind."""
    if take_tick(self.context.redis, "coordinator.reconcile", RECONCILE_SPAN):
        reconcile(self.context)
        reap(self.context)


@app.task(name="coordinator.tick", bind=True)
def tick(self: StargazerTask) -> None:
    """Hand out what is due."""
    context = self.context
    span = context.settings.tick_interval
    if take_tick(context.redis, "coordinator.tick", span):
        with Leadership(context.redis, 2 * span) as fence:
            if fence is not None:
                coordinate(context, fence)


def coordinate(context: Context, fence: int) -> None:
    """Do what a tick is for.

    :param fence: the leader's number.
    """
    with mend(context.redis, "schedule") as is_wiped:
        if is_wiped:
            reconcile(context)
    found = members.list_members(context.redis)
    nodes = [presence.member for presence in found if presence.is_there]
    give_back_lost(context, nodes)
    drained = context.store.drained.list_all()
    for kind, source in SOURCES.items():
        serving = [node for node in nodes if kind in node.kinds and node.node not in drained]
        if source.together(context.settings):
            serving = find_owner_of_all(kind, serving)
        dispatch(context, fence, kind, source, serving)
        observe(context, kind, serving)


def reconcile(context: Context) -> None:
    """Put every Task of the database on the schedule, and take off what is gone."""
    wanted = context.store.tasks.list_last_looks(datetime.now(UTC))
    for kind, source in SOURCES.items():
        tasks = wanted.get(kind, {})
        added, removed = schedule.reconcile(
            context.redis, kind, tasks, source.span(context.settings)
        )
        if added or removed:
            log.info("schedule_reconciled", extra={"kind": kind, "added": added, "gone": removed})


def give_back_lost(context: Context, nodes: list[Member]) -> None:
    """Let what dead workers had in hand, and what was not even begun, be due again."""
    pending = batches.list_pending(context.redis)
    present = {node.node for node in nodes}
    for batch in find_lost(pending, present, context.settings.tick_interval):
        if batches.give_back(context.redis, batch):
            log.warning(
                "batch_given_back",
                extra={"batch": batch.id, "worker": batch.node, "tasks": len(batch.tasks)},
            )


def dispatch(context: Context, fence: int, kind: str, source: Source, serving: list[Member]) -> int:
    """Send the due Tasks of a kind to the workers whose they are.

    :returns: how many.
    """
    span = source.span(context.settings)
    # Those that are taken along are due together from then on, so this happens once to each.
    ahead = span / 2 if source.gathers else timedelta()
    due = schedule.list_due(context.redis, kind, _MOST_DUE, ahead)
    if not due or not serving:
        return 0
    pending = [each.batch for each in batches.list_pending(context.redis)]
    busy = Counter(batch.node for batch in pending if batch.kind == kind)
    in_hand = {task for batch in pending for task in batch.tasks}
    slots = {node.node: node.weight - busy[node.node] for node in serving}
    placement = get_placement(kind, serving)
    count = 0
    for batch in plan_batches(kind, due, placement, slots, in_hand, source.most):
        spread = 0.0 if source.gathers else batches.SPREAD
        if not batches.register(context.redis, fence, batch, span, spread):
            log.warning("leader_replaced", extra={"fence": fence})
            break
        if not _send(context, batch):
            batches.give_back(context.redis, batch)
            break
        count += len(batch.tasks)
    return count


def find_owner_of_all(kind: str, serving: list[Member]) -> list[Member]:
    """Choose the one worker that has all Tasks of a kind; the same as long as it is there."""
    owner = Placement(serving).find_owner(uuid5(NAMESPACE_OID, kind))
    return [node for node in serving if node.node == owner]


def observe(context: Context, kind: str, serving: list[Member]) -> None:
    """Tell how the Tasks are placed and how late the oldest is."""
    scheduled, overdue = schedule.get_backlog(context.redis, kind)
    metrics.overdue.labels(kind).set(overdue)
    metrics.unassigned.labels(kind).set(0 if serving else scheduled)
    # Counting takes as long as there are Tasks, so it is done only when anything has changed.
    before = report.read_placed(context.redis).get(kind)
    shares = {node.node: node.weight for node in serving}
    if before and (before.shares, before.scheduled) == (shares, scheduled):
        return
    by_node = get_placement(kind, serving).count(schedule.list_all(context.redis, kind))
    for node in {*by_node, *(before.by_node if before else ())}:
        metrics.assigned.labels(kind, node).set(by_node.get(node, 0))
    report.save_placed(
        context.redis, kind, report.Placed(shares=shares, scheduled=scheduled, by_node=by_node)
    )
    log.info("tasks_placed", extra={"kind": kind, "workers": by_node, "tasks": scheduled})


def reap(context: Context) -> None:
    """Remove what workers have left behind that are gone for good."""
    # In the meantime Redis may give back to a dead worker's queue what it had not acknowledged.
    longest = GRACE + context.settings.visibility_timeout
    for member, left in members.list_members(context.redis):
        if left > -GRACE.total_seconds():
            continue
        with app.connection_for_write() as connection, connection.channel() as channel:
            queue = worker_direct(member.node)(channel)
            # On Redis, kombu deletes only what it knows, and a connection knows what it declared.
            queue.declare()
            queue.delete()
        if left < -longest.total_seconds():
            members.forget_member(context.redis, member.node)
            log.info("worker_forgotten", extra={"worker": member.node})


def get_placement(kind: str, serving: list[Member]) -> Placement:
    """Give the placement on these workers, which remembers what it has placed already."""
    shares = tuple((node.node, node.weight) for node in serving)
    kept = _placements.get(kind)
    if kept is None or kept[0] != shares:
        kept = _placements[kind] = (shares, Placement(serving))
    return kept[1]


_placements: dict[str, tuple[tuple[tuple[str, int], ...], Placement]] = {}


def _send(context: Context, batch: Batch) -> bool:
    name = worker_direct(batch.node).name
    # The default exchange brings it to the worker's own queue, which only the worker declares:
    # a queue that nobody has is no queue that is left behind.
    queue = Queue(name, exchange="", routing_key=name, no_declare=True)
    # What it may do is decided when it is begun, by Redis's clock. This only keeps messages from
    # piling up behind a worker that is dead or busy, however different the hosts' clocks are.
    expires = 2 * context.settings.tick_interval + GRACE
    try:
        app.send_task(
            f"{batch.kind}.poll", (str(batch.id),), queue=queue, expires=expires.total_seconds()
        )
    except kombu.exceptions.OperationalError:
        log.warning("dispatch_failed", extra={"worker": batch.node})
        return False
    return True
