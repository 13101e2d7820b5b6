"""The RPC: one registry of methods, from which calls, and later documentation, are made."""

import inspect
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar, get_type_hints

import flask
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json
from werkzeug.exceptions import MethodNotAllowed

from api.auth import Access, get_session_user, guard
from api.body import read_body
from api.failures import envelop
from api.headers import get_request_id
from api.state import State, get_state, patience
from stargazer.accounts import Permission
from stargazer.errors import InvalidError, NotFoundError
from stargazer.models import User

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


class Call(NamedTuple):
    """One call of a method.

    :ivar user: whose Session it is made in; None where the method needs none.
    """

    state: State
    user: User | None
    now: datetime


class Method(NamedTuple):
    """One method of the API.

    :ivar name: in camelCase.
    :ivar summary: what it does, in a sentence.
    """

    name: str
    access: Access | Permission
    params: type[Params]
    result: type[Result]
    summary: str
    run: Callable[[Call, Any], Result]


#: By every name that a method answers to.
METHODS: dict[str, Method] = {}

P = TypeVar("P", bound=Params)
R = TypeVar("R", bound=Result)


def method(
    name: str, access: Access | Permission, *aliases: str
) -> Callable[[Callable[[Call, P], R]], Callable[[Call, P], R]]:
    """Make a function a method of the API.

    Its annotations say what it takes and answers, its docstring's first line what it does. The
    predecessor's snake_case name is accepted for each name in camelCase.
    """

    def register(run: Callable[[Call, P], R]) -> Callable[[Call, P], R]:
        hints = get_type_hints(run)
        summary = (inspect.getdoc(run) or "").partition("\n")[0]
        entry = Method(name, access, hints["params"], hints["return"], summary, run)
        for alias in (name, *aliases):
            METHODS[alias] = METHODS[re.sub("[A-Z]", r"_\g<0>", alias).lower()] = entry
        return run

    return register


@blueprint.route("/v1/<path:name>", methods=HTTP_METHODS)
def call(name: str) -> flask.Response:
    """Answer one call."""
    entry = METHODS.get(name)
    if entry is None:
        raise NotFoundError("method_not_found", f"There is no method `{name}`")
    if flask.request.method != "POST":
        raise MethodNotAllowed(["POST"], "A method is called with POST")
    began = time.perf_counter()
    response: flask.Response = guard(entry.access, lambda: _run(entry))
    log.info(
        "method_called",
        extra={
            "method": entry.name,
            "ms": round(1000 * (time.perf_counter() - began)),
            "request_id": get_request_id(),
        },
    )
    return response


def _run(entry: Method) -> flask.Response:
    params = parse_params(entry.params, read_body())
    with patience():
        result = entry.run(Call(get_state(), get_session_user(), datetime.now(UTC)), params)
    return flask.jsonify(envelop(result.model_dump(mode="json")))


def parse_params(model: type[P], body: bytes) -> P:
    """Read what a method takes.

    :param body: a JSON object; empty counts as one without members.
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
    try:
        return model.model_validate_json(body, strict=True, extra="forbid")
    except ValidationError as exc:
        problems = [
            f"`{'.'.join(str(part) for part in error['loc']) or 'body'}`: {error['msg']}"
            for error in exc.errors(include_url=False, include_input=False)
        ]
        raise InvalidError("invalid_parameters", *problems) from None
