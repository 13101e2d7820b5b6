"""Reading what was sent, up to a megabyte."""

import flask
from werkzeug.exceptions import RequestEntityTooLarge

MAX_BODY = 1024 * 1024


def read_body() -> bytes:
    """Give the body as it was sent.

    :raises RequestEntityTooLarge: when it is over :data:`MAX_BODY`.
    """
    body = flask.request.get_data()
    # Without a Content-Length (chunked) Werkzeug cuts at the limit and says nothing.
    if flask.request.content_length is None and len(body) >= MAX_BODY:
        raise RequestEntityTooLarge
    return body
