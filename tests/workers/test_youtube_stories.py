"""Whole days of YouTube in which something goes wrong: no start is missed, none comes twice."""

import pytest
from pydantic import SecretStr

from bench.youtube_story import DAY, HOUR, MINUTE, URL, Choices, Run, report
from stargazer.simulator import create_app
from stargazer.simulator.quota import DEFAULT_KEY

STORIES = {
    "nothing is pushed": {"push": 0},
    "the hub is down for three days": {
        "channels": 6,
        "span": 4 * DAY,
        "hub_down": (HOUR, 3 * DAY + HOUR),
        "poll": 2 * HOUR,
        "interval": 2 * MINUTE,
    },
    "all feeds answer 404 for a day": {
        "push": 0,
        "span": 1.2 * DAY,
        "feeds_fail": (2 * HOUR, 26 * HOUR),
    },
    "the quota is gone at noon": {"quota_gone_at": 12 * HOUR},
    "pushes come three times, late, in any order": {"push": 3, "push_delay": 6 * HOUR},
}


@pytest.fixture
def play(make_context, celery_app, store):
    def play(key=DEFAULT_KEY, interval=MINUTE, **fields):
        choices = Choices(**{"channels": 16, "poll": 30 * MINUTE, **fields})
        context = make_context(
            youtube_feed_url=f"{URL}/youtube",
            youtube_api_url=f"{URL}/youtube",
            youtube_api_key=SecretStr(key),
            youtube_poll_interval=choices.poll,
            youtube_follow_interval=interval,
        )
        return Run(context, celery_app, create_app(), choices).play()

    return play


@pytest.mark.parametrize("fields", STORIES.values(), ids=STORIES)
def test_no_start_is_missed_and_none_comes_twice(play, fields):
    outcome = play(**fields)
    said = "\n".join(report(outcome))
    assert outcome.streams >= 4
    assert (outcome.missed, outcome.doubled) == ([], []), said
    assert len(outcome.ends) > outcome.streams / 2, said
    # Looked at every minute or two here; those that nobody announced are found when they are read.
    late = [delay for delay in outcome.delays["videos"] if delay > 240]
    assert late == [], said


def test_without_the_data_api_every_start_is_missed_and_the_story_says_so(play):
    outcome = play(key="", push=0, span=12 * HOUR)
    assert outcome.missed
    assert outcome.delays == {}
