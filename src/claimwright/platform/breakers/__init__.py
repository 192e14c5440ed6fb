"""Circuit breakers whose state everyone can see: which are open, since when, until when."""

from .breaker import Breaker, Standing, State
from .database_notifier import standing_of, standings, told_in
from .file_notifier import noted_in, noted_standings

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
