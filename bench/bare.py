"""What the RPC is compared with: a Flask application that gives answers it has ready."""

from pathlib import Path

import flask


def create_app(folder: str) -> flask.Flask:
    """Make an application that answers ``POST /v1/<name>`` with the file of this name.

    :param folder: holds JSON files, which are read once, now.
    """
    app = flask.Flask(__name__, static_folder=None)
    answers = {path.name: path.read_bytes() for path in Path(folder).iterdir()}

    @app.post("/v1/<name>")
    def answer(name: str) -> flask.Response:
        return flask.Response(answers[name], mimetype="application/json")

    return app
