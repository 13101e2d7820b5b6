"""Files of the pages, for a browser."""

import mimetypes
from pathlib import Path

import flask
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join


def send_file(folder: Path, name: str) -> flask.Response:
    """Send a file out of a folder; unchanged, it costs a 304, and an older one is never mixed in.

    It is read as a whole, as Flask-Compress leaves open what it reads bit by bit.

    :raises NotFound: when there is no such file.
    """
    path = safe_join(str(folder), name)
    if path is None or not Path(path).is_file():
        raise NotFound
    kind, _ = mimetypes.guess_type(path)
    response = flask.Response(Path(path).read_bytes(), mimetype=kind)
    response.add_etag()
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(flask.request)
    return response
