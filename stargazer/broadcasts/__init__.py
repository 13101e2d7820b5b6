"""The life of a broadcast: what is known and what was seen make what is told. All pure."""

from stargazer.broadcasts.following import next_look
from stargazer.broadcasts.life import Verdict, compare, miss
from stargazer.broadcasts.sightings import Sighting

__all__ = ["Sighting", "Verdict", "compare", "miss", "next_look"]
