"""What following YouTube costs, and how soon a start is told: ``python -m bench.youtube``.

Without pushes, a day of 1,000 channels with three broadcasts a week each, beside one request per
video and minute on the same story. ``--story`` plays what goes wrong instead.
"""

import sys
import time
from datetime import timedelta

import click
from pydantic import SecretStr

from bench.stage import open_stage, say
from bench.youtube_story import DAY, HOUR, URL, Choices, Run, report
from stargazer.app import app
from stargazer.simulator import create_app
from stargazer.simulator.quota import DEFAULT_KEY

WANTED_UNITS = 10_000
WANTED_DELAY = 20.0
#: Of the starts; the others are of streams that nobody had announced.
WANTED_SHARE = 0.95

STORIES = {
    "no-push": {"push": 0},
    "calm": {},
    "hub-down": {"span": 4 * DAY, "hub_down": (HOUR, 3 * DAY + HOUR)},
    "feeds-404": {"feeds_fail": (HOUR, 25 * HOUR), "span": 1.2 * DAY},
    "quota": {"quota_gone_at": 12 * HOUR},
    "pushes": {"push": 3, "push_delay": 6 * HOUR},
}


@click.command()
@click.option("--channels", default=1000, show_default=True)
@click.option("--hours", type=float, help="How long the story is; each has a length of its own.")
@click.option("--poll", default=300.0, show_default=True, help="Seconds between reads of a feed.")
@click.option("--story", type=click.Choice(list(STORIES)), default="no-push", show_default=True)
def main(channels: int, hours: float | None, poll: float, story: str) -> None:
    """Play a story, and say what came of it."""
    values = {"channels": channels, "poll": timedelta(seconds=poll), **STORIES[story]}
    if hours is not None:
        values["span"] = hours * HOUR
    choices = Choices(**values)  # type: ignore[arg-type]
    interval = timedelta(seconds=poll)
    settings = {
        "youtube_feed_url": f"{URL}/youtube",
        "youtube_api_url": f"{URL}/youtube",
        "youtube_api_key": SecretStr(DEFAULT_KEY),
        "youtube_poll_interval": interval,
    }
    with open_stage(**settings) as stage:
        began = time.monotonic()
        app.conf.update(broker_url=stage.settings.broker_url)
        outcome = Run(stage.context, app, create_app(), choices).play()
        for line in report(outcome):
            say(line)
        say(f"(played in {(time.monotonic() - began) / 60:.1f} minutes)")
    units = outcome.units / (choices.span / DAY)
    hot = [delay for delay in outcome.all_delays if delay > WANTED_DELAY]
    share = 1 - len(hot) / max(len(outcome.all_delays), 1)
    say(f"units a day: {units:,.0f} (wanted: at most {WANTED_UNITS:,})")
    say(f"told within {WANTED_DELAY:g} s: {share:.1%}")
    is_late = story == "no-push" and share < WANTED_SHARE
    sys.exit(bool(outcome.missed or outcome.doubled or units > WANTED_UNITS or is_late))


if __name__ == "__main__":
    main()
