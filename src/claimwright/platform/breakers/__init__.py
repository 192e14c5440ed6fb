"""Circuit breakers whose state everyone can see: which are open, since when, until when."""

from .breaker import Breaker, Standing, State
from .noting import noted_in, noted_standings
from .telling import standing_of, standings, told_in

__all__ = [
    "Breaker",
    "Standing",
    "State",
    "noted_in",
    "noted_standings",
    "standing_of",
    "standings",
    "told_in",
]
