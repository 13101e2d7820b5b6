"""Reading what was sent, up to a megabyte where nothing else is said."""

import flask
from werkzeug.exceptions import RequestEntityTooLarge

MAX_BODY = 1024 * 1024


def read_body(longest: int = MAX_BODY) -> bytes:
    """Give the body as it was sent.

    :param longest: so many bytes it may have.
    :raises RequestEntityTooLarge: when it is over that.
    """
    flask.request.max_content_length = longest
    body = flask.request.get_data()
    # Without a Content-Length (chunked) Werkzeug cuts at the limit and says nothing.
    if flask.request.content_length is None and len(body) >= longest:
        raise RequestEntityTooLarge
    return body
