"""What a request to the Data API asks for, and the ways in which it can be wrong."""

import base64
from http import HTTPStatus

from flask import request

MOST_IDS = 50
LARGEST_PAGE = 50
_USUAL_PAGE = 5


class ApiError(Exception):
    """The API refuses: with this status, and this domain, reason and message in the body."""

    def __init__(self, status: int, domain: str, reason: str, message: str) -> None:
        super().__init__(status, domain, reason, message)
        self.status = status
        self.domain = domain
        self.reason = reason
        self.message = message


def read_key() -> str:
    """Return the key, from the query or the header; empty when there is none."""
    return request.args.get("key") or request.headers.get("X-Goog-Api-Key") or ""


def read_ids(name: str = "id") -> list[str]:
    """Return the ids asked for, each once, in their order.

    :raises ApiError: when there are none, or more than :data:`MOST_IDS`.
    """
    ids = [one for given in request.args.getlist(name) for one in given.split(",") if one]
    if not ids:
        raise _wrong_parameter(
            "missingRequiredParameter", f"No filter selected. Expected one of: {name}"
        )
    if len(ids) > MOST_IDS:
        raise _wrong_parameter(
            "invalidFilters", "The request specifies an invalid filter parameter."
        )
    return list(dict.fromkeys(ids))


def read_parts(known: frozenset[str]) -> frozenset[str]:
    """Return the parts asked for.

    :raises ApiError: when there are none, or one that this resource does not have.
    """
    given = ",".join(request.args.getlist("part"))
    parts = frozenset(part.strip() for part in given.split(",") if part.strip())
    if not parts:
        raise ApiError(HTTPStatus.BAD_REQUEST, "global", "required", "Required parameter: part")
    unknown = sorted(parts - known)
    if unknown:
        raise ApiError(
            HTTPStatus.BAD_REQUEST, "youtube.part", "unknownPart", f"'{', '.join(unknown)}'"
        )
    return parts


def read_page() -> slice:
    """Return which part of a list the page asked for is.

    :raises ApiError: when the size is out of bounds or the token is not one of ours.
    """
    size = request.args.get("maxResults") or str(_USUAL_PAGE)
    if not size.isdecimal() or int(size) > LARGEST_PAGE:
        message = f"Invalid value '{size}'. Values must be within the range: [0, {LARGEST_PAGE}]"
        raise _wrong_parameter("invalidValue", message)
    token = request.args.get("pageToken", "")
    try:
        start = int(base64.urlsafe_b64decode(token)) if token else 0
    except ValueError:
        start = -1
    if start < 0:
        raise _wrong_parameter("invalidPageToken", "The request specifies an invalid page token.")
    return slice(start, start + int(size))


def make_page_token(start: int) -> str:
    """Return the token of the page which begins at ``start``."""
    return base64.urlsafe_b64encode(f"{start:06d}".encode()).decode()


def _wrong_parameter(reason: str, message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "youtube.parameter", reason, message)
