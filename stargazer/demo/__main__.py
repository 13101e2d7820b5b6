"""Plays the story against a system that is starting: the process ``story`` of the demonstration."""

import sys
import time

from stargazer.context import Context
from stargazer.demo.cast import PASSWORD, USERNAME, load_cast, open_client
from stargazer.demo.stage import Stage
from stargazer.demo.story import play
from stargazer.settings import load_settings


def main() -> int:
    """Play, check, and with ``--once`` leave; otherwise stay until stopped."""
    settings = load_settings()
    context = Context(settings)
    page = f"http://127.0.0.1:{settings.web_port}/"
    with Stage(context, print) as stage:
        stage.wait_until_open()
        with open_client(context, page) as client:
            load_cast(client, page)
        stage.wait_until_watched()
        print(f"\nWatch it at {page}")
        print(f"and as an operator at {page}operator/ (name {USERNAME}, password {PASSWORD})\n")
        is_right = play(stage)
    context.close()
    if "--once" in sys.argv:
        return 0 if is_right else 1
    print(f"\nThe story is over, the system runs on: {page} - Ctrl-C stops it.")
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
