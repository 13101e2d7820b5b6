"""The error tree: each error keeps what it carries wherever it is sent."""

import copy
import pickle
import re

import pytest

from stargazer import errors
from stargazer.errors import (
    ApiError,
    AwayError,
    BlockedError,
    CallError,
    ConfigurationError,
    ConflictError,
    CredentialsError,
    ForbiddenError,
    GoneCallError,
    GoneError,
    InvalidError,
    MediaRefusedError,
    MovedError,
    NoAnswerError,
    NotFoundError,
    OfflineError,
    PayloadError,
    PlatformAwayError,
    PlatformError,
    QuotaError,
    RefusedError,
    ShutOutError,
    StargazerError,
    ThrottledError,
    TooManyCallsError,
    TransientError,
    UnauthorizedError,
    UnavailableError,
    UnknownOutcomeError,
)

EXAMPLES = [
    StargazerError("why"),
    ConfigurationError("STARGAZER_WEB_PORT: not a port"),
    PayloadError("not XML"),
    CallError("bad", "one", "two"),
    InvalidError("invalid", "/name: missing", "/kind: unknown"),
    UnauthorizedError("unauthorized", "Log in first"),
    ForbiddenError("forbidden"),
    NotFoundError("user_not_found", "Cannot find user"),
    ConflictError("exists", "There is one"),
    GoneCallError("lease_removed"),
    TooManyCallsError("too_many_failures", "Wait a minute", retry_after=30),
    PlatformAwayError("platform_unavailable", "YouTube could not be asked"),
    UnavailableError("database"),
    ApiError("user_not_found", 404, ("Cannot find user",)),
    ApiError("unavailable", 503, (), 5.0),
    NoAnswerError("no connection", may_be_done=False),
    PlatformError("HTTP 404"),
    TransientError("HTTP 500"),
    ThrottledError("HTTP 429", 1.5),
    QuotaError("used up", 3600.0),
    CredentialsError("wrong key", 3600.0),
    AwayError("no connection", 30.0),
    OfflineError("not logged in", 30.0),
    ShutOutError("muted"),
    BlockedError("code -352", (300.0, 1200.0)),
    RefusedError("message is too long"),
    MediaRefusedError("wrong file"),
    GoneError("bot was blocked"),
    MovedError("it is a supergroup now", "-1001"),
    UnknownOutcomeError("no answer in time"),
]


def subclasses(cls):
    for each in cls.__subclasses__():
        yield each
        yield from subclasses(each)


def own_classes():
    every = {StargazerError, *subclasses(StargazerError)}
    return {each for each in every if each.__module__ == errors.__name__}


def test_there_is_an_example_of_each_error():
    assert {type(each) for each in EXAMPLES} == own_classes()


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "send", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy], ids=["pickled", "copied"]
)
def test_an_error_survives_with_all_that_it_carries(error, send):
    arrived = send(error)
    assert type(arrived) is type(error)
    assert vars(arrived) == vars(error)
    assert (arrived.args, str(arrived)) == (error.args, str(error))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (CallError("bad", "one", "two"), "one; two"),
        (GoneCallError("lease_removed"), "lease_removed"),
        (UnavailableError("database"), "the database does not answer"),
        (TransientError("HTTP 500"), "HTTP 500"),
    ],
    ids=["explained", "a mere code", "away", "of a platform"],
)
def test_an_error_reads_as(error, text):
    assert str(error) == text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CallError, 400),
        (InvalidError, 400),
        (UnauthorizedError, 401),
        (ForbiddenError, 403),
        (NotFoundError, 404),
        (ConflictError, 409),
        (GoneCallError, 410),
    ],
)
def test_a_fault_of_the_caller_has_a_status(error, status):
    assert error("code").status == status


def test_the_tree_is_drawn_as_it_is():
    lines = re.findall(r"^    ([│ ├└─]*)(\w+Error)", errors.__doc__, re.MULTILINE)
    path = []
    for branch, name in lines:
        depth = len(branch) // 4
        path[depth:] = [name]
        if depth:
            assert issubclass(getattr(errors, name), getattr(errors, path[depth - 1]))
    assert {name for _, name in lines} == {each.__name__ for each in own_classes()}


@pytest.mark.parametrize(
    "error", [each for each in EXAMPLES if isinstance(each, PlatformError)], ids=repr
)
def test_what_a_platform_answered_reads_as_a_sentence(error):
    assert str(error) == error.reason
