"""A simulator that answers as YouTube, Telegram's Bot API, DeepL and Baidu's translation do.

The demo, the tests and the benchmarks run against it. It goes wrong on demand and keeps a journal
of what it was asked. It imports nothing else of Stargazer, so that neither can share a mistake
with the other.

Run it with one process, whose threads share the state::

    gunicorn -w 1 -k gthread --threads 32 -b 127.0.0.1:8100 'stargazer.simulator:create_app()'
"""

import logging
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from stargazer.simulator import baidu, control, dataapi, deepl, feed, hub, telegram
from stargazer.simulator.bilibili import control as bilibili
from stargazer.simulator.discord import control as discord
from stargazer.simulator.feeds import control as feeds
from stargazer.simulator.onebot import control as onebot
from stargazer.simulator.receivers import control as receivers
from stargazer.simulator.simulation import Simulation
from stargazer.simulator.talk import control as talk
from stargazer.simulator.twitch import control as twitch
from stargazer.simulator.twitter import control as twitter

log = logging.getLogger(__name__)


def create_app(state_file: Path | str | None = None) -> Flask:
    """Make the simulator.

    :param state_file: where channels, videos and subscriptions are kept for the next start; a
        string on gunicorn's command line. None forgets them.
    """
    simulation = Simulation(Path(state_file) if state_file is not None else None)
    app = Flask(__name__, static_folder=None)
    app.extensions["simulation"] = simulation
    parts = (control, dataapi, feed, hub, twitter, bilibili, twitch, feeds, discord, receivers)
    for part in (*parts, onebot, telegram, talk, deepl, baidu):
        app.register_blueprint(part.make_blueprint(simulation))
    app.register_error_handler(HTTPException, _explain)
    app.register_error_handler(Exception, _confess)
    return app


def _explain(exc: HTTPException) -> tuple[dict[str, Any], int]:
    return {"error": [exc.description]}, exc.code or HTTPStatus.INTERNAL_SERVER_ERROR


def _confess(exc: Exception) -> tuple[dict[str, Any], int]:
    # Flask would log the path, in which Telegram's callers put their token.
    log.error("simulator_error", exc_info=exc, extra={"endpoint": request.endpoint})
    return {"error": ["the simulator has a bug; see its log"]}, HTTPStatus.INTERNAL_SERVER_ERROR
