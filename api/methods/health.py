"""Whether we are well."""

import stargazer
from api.auth import ANYONE
from api.rpc import Call, NoParams, Result, method


class HealthResult(Result):
    """Our version, and what of what we need answers, or did within the last second.

    :ivar version: ours.
    :ivar database: whether the database answers.
    :ivar broker: whether the message broker answers.
    """

    version: str
    database: bool
    broker: bool


@method("health", ANYONE)
def get_health(call: Call, params: NoParams) -> HealthResult:  # noqa: ARG001 - there are none
    """Tell the version, and whether the database and the broker answer."""
    health = call.state.pulse.get()
    return HealthResult(version=stargazer.__version__, **health._asdict())
