import json
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.codes import MEANINGS
from api.openapi import make_document, write_document
from api.rpc import METHODS, list_methods, parse_params

ROOT = Path(__file__).parents[2]
METHOD_NAMES = [method.name for method in list_methods()]


def get_operation(name):
    return make_document()["paths"][f"/v1/{name}"]["post"]


def test_it_is_what_openapi_calls_a_document():
    OpenAPIV31SpecValidator(make_document()).validate()


def test_the_committed_one_is_what_would_be_generated():
    committed = (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")
    assert committed == write_document(), "run `make generate`"


def test_it_has_each_method_once_under_its_name():
    assert list(make_document()["paths"]) == [f"/v1/{name}" for name in METHOD_NAMES]
    ids = Counter(get_operation(name)["operationId"] for name in METHOD_NAMES)
    assert ids == Counter(METHOD_NAMES)


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_it_says_of_each_method_what_the_registry_does(name):
    method, operation = METHODS[name], get_operation(name)
    assert operation["summary"] == method.summary
    assert str(method.access) in operation["description"]
    assert all(f"`{alias}`" in operation["description"] for alias in method.aliases)
    needs_body = any(field.is_required() for field in method.params.model_fields.values())
    assert operation["requestBody"]["required"] is needs_body
    for code, status in method.errors.items():
        schema = operation["responses"][str(status)]
        schema = schema if "content" in schema else resolve(schema["$ref"])
        own = schema["content"]["application/json"]["schema"]["allOf"][1]
        assert code in own["properties"]["data"]["properties"]["code"]["enum"]


@pytest.mark.parametrize(
    ("name", "security"),
    [
        ("health", [{}, {"basic": []}, {"login": []}, {"session": []}]),
        ("getInterest", [{"basic": ["api:ro"]}, {"login": ["api:ro"]}]),
        (
            "getUser",
            [
                {"basic": ["api:ro"]},
                {"basic": ["admin:ro"]},
                {"login": ["api:ro"]},
                {"login": ["admin:ro"]},
            ],
        ),
        ("getEntities", [{"basic": []}, {"login": []}, {"session": []}]),
        ("authMe", [{"session": []}]),
        ("delUser", [{"basic": ["api:rw"]}, {"login": ["api:rw"]}, {"session": []}]),
    ],
)
def test_it_says_with_what_each_method_is_called(name, security):
    assert get_operation(name)["security"] == security


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_each_example_is_taken(name):
    example = get_operation(name)["requestBody"]["content"]["application/json"]["example"]
    parse_params(METHODS[name].params, json.dumps(example).encode())


def test_each_field_and_each_error_has_a_meaning():
    schemas = make_document()["components"]["schemas"].items()
    missing = [
        f"{name}.{field}"
        for name, schema in schemas
        for field, told in schema.get("properties", {}).items()
        if name != "Error" and not told.get("description")
    ]
    assert not missing
    codes = {code for method in list_methods() for code in method.errors}
    assert codes <= MEANINGS.keys()


def resolve(place):
    found = make_document()
    for part in place.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_an_answer_that_is_not_as_described_is_seen(check_answer):
    envelope = {
        "success": True,
        "time": 1,
        "data": {"token": "x", "valid_until": 5, "permissions": {}},
    }
    check_answer("login", 200, envelope)
    for wrong in (
        {**envelope, "time": "1"},
        {**envelope, "success": False},
        {**envelope, "data": {"token": "x"}},
    ):
        with pytest.raises(ValidationError):
            check_answer("login", 200, wrong)
    error = {"error": ["Forbidden"], "status": 403, "code": "wrong_credentials"}
    check_answer("login", 403, {"success": False, "time": 1, "data": error})
    error["code"] = "user_not_found"
    with pytest.raises(ValidationError):
        check_answer("login", 403, {"success": False, "time": 1, "data": error})


@pytest.mark.parametrize("params", ["", "token=x"])
def test_it_is_served_to_anybody_and_unchanged_costs_a_304(client, params):
    response = client.get(f"/openapi.json?{params}")
    assert response.json == make_document()
    assert response.headers["Cache-Control"] == "public, max-age=300"
    headers = {"If-None-Match": response.headers["ETag"]}
    assert client.get("/openapi.json", headers=headers).status_code == 304
