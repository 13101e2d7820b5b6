"""Our own middlewares: their tags, and how often those that hold Events look again."""

from datetime import timedelta

DELAY = "delay"
LIVE_CHECK = "youtube-live-check"
TRANSLATE = "translate"
#: Each has a queue of its name.
TAGS = (DELAY, LIVE_CHECK, TRANSLATE)
SCAN_SPANS = {DELAY: timedelta(seconds=10), LIVE_CHECK: timedelta(seconds=5)}
