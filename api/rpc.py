"""The RPC: one registry of methods, from which calls, documentation and clients are made."""

import inspect
import logging
import re
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

import flask
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json
from werkzeug.exceptions import MethodNotAllowed

from api.auth import Access, Caller, guard
from api.body import MAX_BODY, read_body
from api.headers import get_request_id
from api.snapshots import Snapshot
from api.state import State, get_state, patience
from stargazer.errors import InvalidError, NotFoundError, explain
from stargazer.store import Store

log = logging.getLogger(__name__)

blueprint = flask.Blueprint("rpc", __name__)
HTTP_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Params(BaseModel):
    """What a method takes: nothing unknown, nothing of another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Result(BaseModel):
    """What a method answers."""

    model_config = ConfigDict(frozen=True)


class NoParams(Params):
    """Nothing."""


class Done(Result):
    """Nothing but that it is done."""


class Call(NamedTuple):
    """One call of a method."""

    state: State
    caller: Caller
    now: datetime

    @property
    def store(self) -> Store:
        """The database."""
        return self.state.context.store


class Method(NamedTuple):
    """One method of the API.

    :ivar name: in camelCase.
    :ivar aliases: the other names that it answers to.
    :ivar errors: codes of the errors that are its own, with their status.
    :ivar summary: what it does, in a sentence.
    :ivar run: gives the Result, or a Snapshot of it.
    :ivar hashes: whether it hashes a password, which takes its time.
    :ivar asks: whether it asks a platform, which takes the platform's.
    :ivar slow: whether it reads or writes a lot, which takes its time.
    :ivar longest: so many bytes may be sent.
    """

    name: str
    aliases: tuple[str, ...]
    access: Access
    params: type[Params]
    result: type[Result]
    errors: Mapping[str, int]
    summary: str
    run: Callable[[Call, Any], Result | Snapshot[Any]]
    hashes: bool = False
    asks: bool = False
    slow: bool = False
    longest: int = MAX_BODY


#: By every name that a method answers to.
METHODS: dict[str, Method] = {}

P = TypeVar("P", bound=Params)
R = TypeVar("R", bound=Result | Snapshot[Any])
Run = Callable[[Call, P], R]


def method(
    name: str,
    access: Access,
    *aliases: str,
    errors: Mapping[str, int] | None = None,
    hashes: bool = False,
    asks: bool = False,
    slow: bool = False,
    longest: int = MAX_BODY,
) -> Callable[[Run[P, R]], Run[P, R]]:
    """Make a function a method of the API.

    Its annotations say what it takes and answers, its docstring's first line what it does. The
    predecessor's snake_case name is accepted for each name in camelCase.
    """

    def register(run: Run[P, R]) -> Run[P, R]:
        hints = get_type_hints(run)
        summary = (inspect.getdoc(run) or "").partition("\n")[0]
        names = [each for alias in (name, *aliases) for each in (alias, to_snake_case(alias))]
        others = tuple(each for each in dict.fromkeys(names) if each != name)
        # A method that keeps its answers says so: `Result | Snapshot[Result]`.
        result = get_args(hints["return"])[0] if get_args(hints["return"]) else hints["return"]
        entry = Method(
            name,
            others,
            access,
            hints["params"],
            result,
            errors or {},
            summary,
            run,
            hashes=hashes,
            asks=asks,
            slow=slow,
            longest=longest,
        )
        METHODS.update(dict.fromkeys(names, entry))
        return run

    return register


def list_methods() -> list[Method]:
    """List each method once, by name."""
    return [entry for name, entry in sorted(METHODS.items()) if name == entry.name]


@blueprint.route("/v1/<path:name>", methods=HTTP_METHODS)
def call(name: str) -> flask.Response:
    """Answer one call."""
    entry = METHODS.get(name)
    if entry is None:
        raise NotFoundError("method_not_found", f"There is no method `{name}`")
    if flask.request.method != "POST":
        raise MethodNotAllowed(["POST"], "A method is called with POST")
    began = time.perf_counter()
    response = guard(entry.access, lambda caller: _run(entry, name, caller))
    log.info(
        "method_called",
        extra={
            "method": entry.name,
            "ms": round(1000 * (time.perf_counter() - began)),
            "request_id": get_request_id(),
        },
    )
    return response


def _run(entry: Method, name: str, caller: Caller) -> flask.Response:
    body = read_body(entry.longest)
    params = parse_params(entry.params, body, flatten=name != entry.name and "_" in name)
    # What hashes, asks elsewhere or does a lot is bounded by each operation's own limit: for all
    # together it would be too short.
    with nullcontext() if entry.hashes or entry.asks or entry.slow else patience():
        answer = entry.run(Call(get_state(), caller, datetime.now(UTC)), params)
    json = answer.json if isinstance(answer, Snapshot) else answer.model_dump_json().encode()
    body = b'{"success":true,"time":%d,"data":%b}\n' % (time.time(), json)
    return flask.Response(body, mimetype="application/json")


def parse_params(model: type[P], body: bytes, *, flatten: bool = False) -> P:
    """Read what a method takes.

    :param body: a JSON object; empty counts as one without members.
    :param flatten: put the members of ``query`` in its place, where the predecessor's clients
        keep what they ask for.
    :raises InvalidError: naming every problem with its path and what was expected.
    """
    body = body or b"{}"
    try:
        # The driver could not store half a surrogate pair, nor could an answer carry NaN.
        parsed = from_json(body, allow_inf_nan=False)
    except ValueError as exc:
        raise InvalidError("invalid_json", f"The body is not JSON: {exc}") from None
    if not isinstance(parsed, dict):
        raise InvalidError("invalid_json", "The body is not a JSON object")
    if flatten and isinstance(query := parsed.get("query"), dict):
        del parsed["query"]
        body = flask.json.dumps({**parsed, **query}).encode()
    try:
        return model.model_validate_json(body, strict=True, extra="forbid")
    except ValidationError as exc:
        raise InvalidError("invalid_parameters", *explain(exc)) from None


def to_snake_case(name: str) -> str:
    """Write ``addUser`` as ``add_user``."""
    return re.sub("[A-Z]", r"_\g<0>", name).lower()
