"""Files of the pages, for a browser."""

from pathlib import Path

import flask

#: Seconds for which a browser need not ask for a file again.
FRESH = 300


def send_file(folder: Path, name: str) -> flask.Response:
    """Send a file out of a folder; one that is unchanged costs a 304.

    :raises werkzeug.exceptions.NotFound: when it has no such file.
    """
    response = flask.send_from_directory(folder, name, max_age=FRESH)
    response.headers["Cache-Control"] = f"public, max-age={FRESH}"
    # Read here, as Flask-Compress does not close the file that it reads.
    response.direct_passthrough = False
    response.get_data()
    return response
