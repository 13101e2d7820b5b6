"""What nobody would think of sending, made up from the OpenAPI document by schemathesis."""

import base64

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.auth import ANY_SESSION
from api.rpc import list_methods

# Not that all that fits the schema is accepted: no schema says which ids there are.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
REFUSED = [400, 401, 403, 404, 409, 413, 429]
CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}
EXAMPLES = 10
ATTEMPTS = 3
BASIC = "Basic " + base64.b64encode(b"root:correct horse").decode()


@pytest.fixture
def bearer(call):
    """Give what a subscriber proves itself with."""
    call("addUser", {"im": "web", "im_payload": "alice"})
    token = call("newSession", {"im": "web", "im_payload": "alice"})[1]["data"]["token"]
    return f"Bearer {token}"


@pytest.mark.parametrize("method", list_methods(), ids=lambda method: method.name)
def test_whatever_is_sent_the_answer_is_as_described(app, bearer, method):
    document = schemathesis.openapi.from_wsgi(
        "/openapi.json", app, config=schemathesis.Config.from_dict(CONFIG)
    )
    operation = document[f"/v1/{method.name}"]["POST"]
    own = bearer if method.access == ANY_SESSION else BASIC
    # schemathesis reads what is sent as it is.
    headers = {"Authorization": own, "Accept-Encoding": "identity"}
    seen = []

    def check(case):
        for _ in range(ATTEMPTS):
            response = case.call(headers=headers)
            # A busy machine asks to be tried again.
            if response.status_code != 503:
                break
        case.validate_response(response, checks=CHECKS, headers=headers)
        seen.append(response.status_code)

    for mode in GenerationMode:
        make = given(case=operation.as_strategy(generation_mode=mode))
        settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )(make(check))()
    assert len(seen) >= 2 * EXAMPLES or not method.params.model_fields
