"""Calls of the RPC: what one web process answers in a second.

Beside each method, in the same run and under the same gunicorn options, a bare Flask application
that gives an answer of the same size and does nothing else. Each has its turn in every round.

Run it as ``python -m bench.rpc``. It exits with 1 only when an answer is wrong; one which says
that the database did not answer in time, as on a machine that is too busy, is counted by itself.
"""

import base64
import json
import statistics
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import click

from bench.load import Answer, Request, call_often, call_once, make_request
from bench.stage import Stage, find_free_port, open_stage, read_procfile, say, wait_for
from stargazer.accounts import new_account
from stargazer.models import Entity, EventFilter, Meta, Name, Task, User
from stargazer.store.documents import insert_new, to_document

KIND = "youtube/live_start"
USERNAME, PASSWORD = "bench", "correct horse battery"
ENTITIES, TASKS_EACH, USERS, PAGE = 300, 2, 10_000, 500
WANTED_OF_BARE = {"health": 0.5, "getEntities": 0.25}
#: Calling with a password may take so many times as long as with a token.
WANTED_OF_BEARER = 1.1
#: A method that does little, so that it shows what finding out who calls costs.
SMALL = "getGroups"
_DATA = b',"data":'


class Lane(NamedTuple):
    """One thing that is called.

    :ivar way: ``bare``, or how the caller of our method says who it is.
    :ivar connections: how many call at the same time.
    :ivar body: the answer, of which only the time may change.
    """

    method: str
    way: str
    connections: int
    request: Request
    body: bytes

    @property
    def process(self) -> str:
        """Who answers."""
        return "bare" if self.way == "bare" else "web"

    def is_right(self, answer: Answer) -> bool:
        """Tell whether an answer is what it should be."""
        body = answer.body
        is_same = body[body.find(_DATA) :] == self.body[self.body.find(_DATA) :]
        return answer.status == HTTPStatus.OK and is_same

    def is_late(self, answer: Answer) -> bool:
        """Tell whether an answer says that the database or the broker did not answer in time."""
        if answer.status == HTTPStatus.OK:
            return self.method == "health" and b":false" in answer.body
        return answer.status == HTTPStatus.SERVICE_UNAVAILABLE


class Turn(NamedTuple):
    """How a lane did.

    :ivar rate: right answers a second.
    :ivar late: how many said that something did not answer in time.
    :ivar cpu: CPU seconds for each answer, by process.
    """

    rate: float
    late: int
    wrong: int
    cpu: Mapping[str, float]


class Cast(NamedTuple):
    """Who is watched, and who wants to hear of the first of them."""

    entities: Sequence[Entity]
    users: Sequence[User]


class Course:
    """The lanes, and a turn in each at a time."""

    def __init__(self, stage: Stage, cast: Cast, connections: int) -> None:
        self._stage = stage
        port = stage.settings.web_port
        self._start("web", port, "api:create_app()")
        basic = f"Basic {base64.b64encode(f'{USERNAME}:{PASSWORD}'.encode()).decode()}"
        login = _call(make_request(port, "login", {}, basic))
        bearer = f"Bearer {login['token']}"
        _check_entities(cast, _call(make_request(port, "getEntities", {}, bearer)))
        interest = {"entity_id": str(cast.entities[0].id), "kind": KIND, "limit": PAGE}
        _check_interest(cast, port, interest, bearer)
        ours: tuple[tuple[str, str, Mapping[str, Any], str | None], ...] = (
            ("health", "anyone", {}, None),
            ("getEntities", "bearer", {}, bearer),
            ("getInterest", "bearer", interest, bearer),
            (SMALL, "bearer", {}, bearer),
            (SMALL, "basic", {}, basic),
        )
        bare_port = find_free_port()
        answers = stage.settings.var_dir / "answers"
        answers.mkdir()
        self.lanes: list[Lane] = []
        for method, way, params, authorization in ours:
            request = make_request(port, method, params, authorization)
            body = call_once(request).body
            # Page by page, as who reads them all does: what matters is how long one takes.
            several = 1 if method == "getInterest" else connections
            if method != SMALL:
                (answers / method).write_bytes(body)
                bare = make_request(bare_port, method, params)
                self.lanes.append(Lane(method, "bare", several, bare, body))
            self.lanes.append(Lane(method, way, several, request, body))
        self._start("bare", bare_port, f"bench.bare:create_app('{answers}')")

    def run(self, seconds: float) -> list[Turn]:
        """Call in each lane for a while."""
        return [self._run(lane, seconds) for lane in self.lanes]

    def _run(self, lane: Lane, seconds: float) -> Turn:
        before = self._stage.read_cpu()
        outcome = call_often(lane.request, seconds, lane.connections, lane.is_right, lane.is_late)
        used = self._stage.read_cpu()
        used.subtract(before)
        # Ratios are made of these, also where everything came too late.
        answers = max(1, outcome.answers)
        cpu = {name: seconds / answers for name, seconds in used.items()}
        return Turn(answers / outcome.seconds, outcome.late, outcome.wrong, cpu)

    def _start(self, name: str, port: int, application: str) -> None:
        command = read_procfile()["web"].replace("${STARGAZER_WEB_PORT:-8000}", str(port))
        self._stage.start(name, command.replace("api:create_app()", application))
        wait_for(name, lambda: _is_open(port))
        # Its only worker is what answers.
        pid = self._stage.pids[name]
        self._stage.pids[name] = int(Path(f"/proc/{pid}/task/{pid}/children").read_text())


@click.command()
@click.option("--rounds", default=5, help="How many turns each lane has.", show_default=True)
@click.option("--seconds", default=2.0, help="How long a turn takes.", show_default=True)
@click.option("--connections", default=8, help="How many call at the same time.", show_default=True)
def main(rounds: int, seconds: float, connections: int) -> None:
    """Call methods, and what is bare of all that they do, and compare."""
    with open_stage(web_port=find_free_port()) as stage:
        say(f"{ENTITIES} entities, {USERS} users, {connections} connections. Starting …")
        course = Course(stage, _make_cast(stage), connections)
        say("Warming up …")
        course.run(seconds / 4)
        say(f"{'answers/s':<10}" + "".join(f"{lane.method:>12}" for lane in course.lanes))
        say(f"{'':<10}" + "".join(f"{lane.way:>12}" for lane in course.lanes))
        results = []
        for number in range(1, rounds + 1):
            turns = course.run(seconds)
            results.append(turns)
            _print_row(f"round {number}", [turn.rate for turn in turns])
        _report(course.lanes, results)
        wrong = sum(turn.wrong for turns in results for turn in turns)
        if wrong:
            raise click.ClickException(f"{wrong} answers were wrong")
    say("Each answer was right.")


def _make_cast(stage: Stage) -> Cast:
    store = stage.context.store
    store.accounts.save(new_account(USERNAME, PASSWORD, ["api:rw", "admin:rw"]))
    entities, tasks = [], []
    for number in range(ENTITIES):
        name = {"en": f"Hoshizora Aoi {number}", "ja": f"星空アオイ {number}"}
        entity = Entity(meta=Meta(name=Name(name=name, default_language="ja")))
        channels = (f"UC{TASKS_EACH * number + each:022d}" for each in range(TASKS_EACH))
        own = [
            Task(entity=entity.id, kind="youtube", params={"channel_id": channel})
            for channel in channels
        ]
        entities.append(entity.model_copy(update={"tasks": tuple(task.id for task in own)}))
        tasks += own
    first = entities[0].id
    wish = EventFilter(entities=frozenset({first}), kinds=frozenset({KIND}))
    users = [
        User(im="telegram", im_payload=str(100_000 + number), name="Hana", event_filter=wish)
        for number in range(USERS)
    ]
    for collection, models in (
        (store.entities.collection, entities),
        (store.tasks.collection, tasks),
        (store.users.collection, users),
    ):
        insert_new(collection, [to_document(model) for model in models])
    # As `save_filter` writes them, which would take a quarter of a minute for so many.
    rows = [
        {
            "_id": f"{user.id}:{first}",
            "user": str(user.id),
            "entity": str(first),
            "im": user.im,
            "kinds": [KIND],
        }
        for user in users
    ]
    insert_new(store.subscriptions.collection, rows)
    return Cast(entities, users)


def _is_open(port: int) -> bool:
    try:
        call_once(make_request(port, "health", {}))
    except OSError:
        return False
    return True


def _call(request: Request) -> Any:
    answer = call_once(request)
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(answer.body.decode())
    return json.loads(answer.body)["data"]


def _check_entities(cast: Cast, answer: Any) -> None:
    given = {each["id"]: {task["id"] for task in each["tasks"]} for each in answer["entities"]}
    if given != {str(each.id): set(map(str, each.tasks)) for each in cast.entities}:
        raise RuntimeError("getEntities does not give the entities that there are")


def _check_interest(cast: Cast, port: int, params: Mapping[str, Any], bearer: str) -> None:
    given: list[str] = []
    cursor = None
    while cursor or not given:
        page = _call(make_request(port, "getInterest", {**params, "cursor": cursor}, bearer))
        given += [user["id"] for user in page["users"]]
        cursor = page["next_cursor"]
    if given != sorted(str(user.id) for user in cast.users):
        raise RuntimeError("getInterest does not give the users that there are")


def _print_row(name: str, rates: Sequence[float]) -> None:
    say(f"{name:<10}" + "".join(f"{rate:>12.0f}" for rate in rates))


def _report(lanes: Sequence[Lane], results: Sequence[Sequence[Turn]]) -> None:
    middle = [
        Turn(
            statistics.median(turn.rate for turn in turns),
            sum(turn.late for turn in turns),
            sum(turn.wrong for turn in turns),
            {name: statistics.median(turn.cpu[name] for turn in turns) for name in turns[0].cpu},
        )
        for turns in zip(*results, strict=True)
    ]
    _print_row("median", [turn.rate for turn in middle])
    say("CPU ms for each answer, and milliseconds until it is there:")
    for lane, turn in zip(lanes, middle, strict=True):
        used = {who: 1000 * turn.cpu[who] for who in (lane.process, "mongo", "redis", "bench")}
        say(
            f"  {lane.method:<12}{lane.way:<8}{len(lane.body):>8} bytes"
            + "".join(f"{spent:>8.2f} {who}" for who, spent in used.items() if spent > 0.005)
            + f"{1000 * lane.connections / turn.rate:>10.1f} ms"
            + (f", {turn.late} too late" if turn.late else "")
        )
    at = {(lane.method, lane.way): number for number, lane in enumerate(lanes)}

    def compare(method: str, way: str, other: str) -> tuple[float, float]:
        # Ratios within a round: what else the machine does weighs on both.
        pairs = [(turns[at[method, way]], turns[at[method, other]]) for turns in results]
        rate = statistics.median(one.rate / two.rate for one, two in pairs)
        one, two = lanes[at[method, way]].process, lanes[at[method, other]].process
        cpu = middle[at[method, other]].cpu[two] / middle[at[method, way]].cpu[one]
        return rate, cpu

    for lane in lanes:
        if lane.process == "web" and lane.method != SMALL:
            rate, cpu = compare(lane.method, lane.way, "bare")
            wanted = WANTED_OF_BARE.get(lane.method)
            say(
                f"{lane.method}/bare {rate:.2f}, by the process' CPU time {cpu:.2f}"
                + (f" (wanted: {wanted})" if wanted else "")
            )
    rate, cpu = compare(SMALL, "basic", "bearer")
    say(
        f"{SMALL}: time with a password/with a token {1 / rate:.2f}, CPU time {1 / cpu:.2f}"
        f" (wanted: less than {WANTED_OF_BEARER})"
    )


if __name__ == "__main__":
    main()
