"""The pipeline: staged claims to production, chunk by chunk; kill it, and nothing is lost or doubled."""

from .breaker import Breaker, GuardedPredictor, State
from .leasing import Run, begin, open_chunks
from .prediction import Predictor, RulesOnly
from .processing import Processor, ready
from .routing import Thresholds, routes
from .worker import SYSTEMIC, Patience, RunStopped, Worker, told_in
from .writing import Committed

__all__ = [
    "SYSTEMIC",
    "Breaker",
    "Committed",
    "GuardedPredictor",
    "Patience",
    "Predictor",
    "Processor",
    "RulesOnly",
    "Run",
    "RunStopped",
    "State",
    "Thresholds",
    "Worker",
    "begin",
    "open_chunks",
    "ready",
    "routes",
    "told_in",
]
