"""Circuit breakers with a visible state: which are open, since when, until when."""

from .breaker import Breaker, Standing, State
from .database_notifier import database_notifier_of, standing_of, standings
from .file_notifier import file_notifier_of, noted_standings

__all__ = [
    "Breaker",
    "Standing",
    "State",
    "database_notifier_of",
    "file_notifier_of",
    "noted_standings",
    "standing_of",
    "standings",
]
