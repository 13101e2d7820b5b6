"""What WebSub hubs send us: verifications of our subscriptions, and news.

The address of a callback ends in a token that nobody can guess; neither it nor the path that
holds it is ever logged.
"""

import logging
import zlib
from datetime import UTC, datetime

import flask
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from api.body import MAX_BODY, read_body
from api.headers import get_request_id
from api.state import get_state, patience
from stargazer import metrics
from stargazer.errors import (
    ForbiddenError,
    GoneCallError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from stargazer.models import Lease, LeaseState, Push
from stargazer.websub import Answer, confirm, is_signed

log = logging.getLogger(__name__)

blueprint = flask.Blueprint("push", __name__)


@blueprint.get("/push/<token>")
def verify(token: str) -> flask.Response:
    """Answer a hub that asks whether we want this subscription."""
    lease = _find_lease(token)
    answer, changes = confirm(lease, flask.request.args, datetime.now(UTC))
    log.info("hub_verified", extra={**_name(lease), "answer": answer.value})
    if answer is Answer.UNWANTED:
        if lease.state == LeaseState.REMOVED:
            raise GoneCallError("lease_removed")
        raise NotFoundError("not_wanted")
    if changes:
        with patience():
            get_state().context.store.leases.update(token, **changes)
    challenge = flask.request.args.get("hub.challenge", "")
    return flask.Response(challenge if answer is Answer.CONFIRMED else "", mimetype="text/plain")


@blueprint.post("/push/<token>")
def receive(token: str) -> flask.Response:
    """Queue what a hub sent, if it proves to know our secret."""
    try:
        lease = _find_lease(token)
    except NotFoundError:
        # So that the hub forgets it as well.
        raise GoneCallError("lease_not_found") from None
    if lease.state == LeaseState.REMOVED:
        raise GoneCallError("lease_removed")
    raw = read_body()
    encoding = flask.request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        _count(lease, "refused")
        raise UnsupportedMediaType("Send it as it is, or as gzip")
    if not is_signed(lease.secret, raw, flask.request.headers.get("X-Hub-Signature")):
        _count(lease, "forged")
        raise ForbiddenError("wrong_signature", "X-Hub-Signature is missing or wrong")
    body = _decompress(lease, raw) if encoding == "gzip" else raw
    now = datetime.now(UTC)
    push = Push(
        kind=lease.kind, account=lease.account, body=body, received_at=now, published_at=now
    )
    try:
        # Once it is in the database it cannot be lost. If the broker does not take it the hub is
        # told so; whether it or the sweeper is first to bring it again makes no difference.
        with patience():
            get_state().context.store.pushes.insert(push)
        get_state().broker.send(f"{lease.kind}.receive", str(push.id))
    except UnavailableError:
        _count(lease, "unavailable")
        raise
    _count(lease, "received")
    return flask.Response(status=202)


def _find_lease(token: str) -> Lease:
    with patience():
        lease = get_state().context.store.leases.find(token)
    if lease is None:
        raise NotFoundError("lease_not_found")
    return lease


def _decompress(lease: Lease, raw: bytes) -> bytes:
    gzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        body = gzip.decompress(raw, MAX_BODY + 1)
    except zlib.error:
        _count(lease, "refused")
        raise InvalidError("invalid_gzip", "The body is not gzip") from None
    if len(body) > MAX_BODY:
        _count(lease, "refused")
        raise RequestEntityTooLarge
    if not gzip.eof:
        _count(lease, "refused")
        raise InvalidError("invalid_gzip", "The body ends before its time")
    return body


def _count(lease: Lease, outcome: str) -> None:
    metrics.pushes.labels(lease.kind, outcome).inc()
    log.log(
        logging.INFO if outcome == "received" else logging.WARNING,
        "push_answered",
        extra={**_name(lease), "outcome": outcome, "request_id": get_request_id()},
    )


def _name(lease: Lease) -> dict[str, str]:
    return {"kind": lease.kind, "account": lease.account}
