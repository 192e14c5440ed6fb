"""The pipeline: staged claims to production, chunk by chunk; kill it, and nothing is lost or doubled."""

from .audit_events import Telling
from .chunk import STAGES
from .isolation import ProcessTrial, Trial, TrialError, try_claims
from .leasing import Run, begin, open_chunks, open_run
from .prediction import Predictor, RulesOnly
from .processing import Opens, Processor, ready
from .routing import Thresholds, routes
from .with_breaker import GuardedPredictor
from .worker import SYSTEMIC, TRANSIENT, Patience, RunStoppedError, Worker
from .writing import Committed

__all__ = [
    "STAGES",
    "SYSTEMIC",
    "TRANSIENT",
    "Committed",
    "GuardedPredictor",
    "Opens",
    "Patience",
    "Predictor",
    "ProcessTrial",
    "Processor",
    "RulesOnly",
    "Run",
    "RunStoppedError",
    "Telling",
    "Thresholds",
    "Trial",
    "TrialError",
    "Worker",
    "begin",
    "open_chunks",
    "open_run",
    "ready",
    "routes",
    "try_claims",
]
