"""The OpenAPI document, made from the registry of methods."""

import json
import sys
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus

from werkzeug.http import HTTP_STATUS_CODES

import stargazer
from api.auth import ANY_SESSION, Access
from api.codes import MEANINGS, SHARED, list_errors
from api.examples import make_example
from api.rpc import Method, list_methods
from api.schemas import PLACE, Schema, make_schemas

_ABOUT = """\
Each method is called with `POST /v1/<method>` and a JSON object, and answers in an envelope: \
`success`, the server's `time` in UNIX seconds, and `data`. An error carries its HTTP status and \
says in `data` what is wrong: `error` (the reason phrase, then every explanation), `status`, and a \
`code` for programs.

Clients call with HTTP Basic, or with the token that `login` gives; subscribers with the token of \
a session, which a bot asks for by `newSession`. Where credentials come along they have to be \
right, also for what anyone may call. `rw` includes `ro`.

A path that is no method is answered with 404 and the code `method_not_found`. Each method also \
answers to the other names in its description."""

_JSON = "application/json"
_SCHEMES = {
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "The name and the password of an account.",
    },
    "login": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token that `login` gave to an account.",
    },
    "session": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a subscriber's session, which `newSession` gave to a bot.",
    },
}
_HEADERS = {
    "RequestId": {
        "description": "The id of the request, which is also in the log.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds after which to try again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "Challenge": {
        "description": "Which credentials are needed.",
        "schema": {"type": "string"},
    },
}


@cache
def make_document() -> Schema:
    """Describe the whole API, in OpenAPI 3.1; to be read only."""
    methods = list_methods()
    schemas = make_schemas(
        [method.params for method in methods], [method.result for method in methods]
    )
    schemas["Error"] = _describe_error()
    nouns = sorted({get_noun(method) for method in methods})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Stargazer",
            "version": stargazer.__version__,
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": noun, "description": _describe_noun(noun, methods)} for noun in nouns],
        "paths": {f"/v1/{method.name}": {"post": _describe(method, schemas)} for method in methods},
        "components": {
            "schemas": schemas,
            "responses": {
                _name_response(status): _describe_failure(status, codes)
                for status, codes in SHARED.items()
            },
            "headers": _HEADERS,
            "securitySchemes": _SCHEMES,
        },
    }


@cache
def write_document() -> str:
    """Give the document as JSON, for people to read in a diff, too."""
    return json.dumps(make_document(), indent=2, ensure_ascii=False) + "\n"


def get_noun(method: Method) -> str:
    """Tell what a method is about: the name of its module."""
    return method.run.__module__.rpartition(".")[2].replace("_", " ")


def _describe_noun(noun: str, methods: list[Method]) -> str:
    module = next(method.run.__module__ for method in methods if get_noun(method) == noun)
    return (sys.modules[module].__doc__ or "").strip()


def _describe(method: Method, schemas: dict[str, Schema]) -> Schema:
    aliases = f"Also called {', '.join(f'`{alias}`' for alias in method.aliases)}. "
    params = schemas[method.params.__name__]
    content: Schema = {"schema": {"$ref": PLACE + method.params.__name__}}
    content["example"] = make_example(content["schema"], schemas)
    return {
        "operationId": method.name,
        "summary": method.summary,
        "description": (aliases if method.aliases else "") + f"For: {method.access}.",
        "tags": [get_noun(method)],
        "security": list(_list_security(method.access)),
        "requestBody": {"required": "required" in params, "content": {_JSON: content}},
        "responses": {
            "200": _describe_success(method),
            **{
                str(status): _describe_failure(status, tuple(codes))
                if tuple(codes) != SHARED.get(status)
                else {"$ref": f"#/components/responses/{_name_response(status)}"}
                for status, codes in list_errors(method).items()
            },
        },
    }


def _list_security(access: Access) -> Iterator[dict[str, list[str]]]:
    if access.anyone:
        yield {}
    if access != ANY_SESSION:
        roles = [[str(permission)] for permission in access.permissions] or [[]]
        for scheme in ("basic", "login"):
            yield from ({scheme: role} for role in roles)
    if access.sessions or access.anyone:
        yield {"session": []}


def _describe_success(method: Method) -> Schema:
    envelope = {
        "type": "object",
        "required": ["success", "time", "data"],
        "properties": {
            "success": {"const": True},
            "time": {"type": "integer"},
            "data": {"$ref": PLACE + method.result.__name__},
        },
    }
    return {
        "description": "It is done.",
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
        "content": {_JSON: {"schema": envelope}},
    }


def _describe_error() -> Schema:
    return {
        "description": "The envelope of an error.",
        "type": "object",
        "required": ["success", "time", "data"],
        "properties": {
            "success": {"const": False},
            "time": {"type": "integer", "description": "The server's time, in UNIX seconds."},
            "data": {
                "type": "object",
                "required": ["error", "status", "code"],
                "properties": {
                    "error": {
                        "type": "array",
                        "items": {"type": "string"},
                        "minItems": 1,
                        "description": "The status' reason phrase, then every explanation.",
                    },
                    "status": {"type": "integer", "description": "The HTTP status."},
                    "code": {"type": "string", "description": "The reason, for programs."},
                },
            },
        },
    }


def _describe_failure(status: int, codes: tuple[str, ...]) -> Schema:
    data = {"properties": {"status": {"const": status}, "code": {"enum": list(codes)}}}
    own = {"properties": {"data": data}}
    headers = {"X-Request-Id": "RequestId"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Challenge"
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        headers["Retry-After"] = "RetryAfter"
    return {
        "description": "\n".join(f"- `{code}`: {MEANINGS[code]}" for code in codes),
        "headers": {
            name: {"$ref": f"#/components/headers/{place}"} for name, place in headers.items()
        },
        "content": {_JSON: {"schema": {"allOf": [{"$ref": f"{PLACE}Error"}, own]}}},
    }


def _name_response(status: int) -> str:
    # Not Python's own phrase, some of which are others in later versions.
    return HTTP_STATUS_CODES[status].title().replace(" ", "")
