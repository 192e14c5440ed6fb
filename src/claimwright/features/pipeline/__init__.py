"""The pipeline: staged claims to production, chunk by chunk; kill it, and nothing is lost or doubled."""

from .audit_events import Telling
from .chunk import STAGES
from .isolation import ProcessTrial, Trial, TrialProblem, try_claims
from .leasing import Run, begin, open_chunks, open_run
from .prediction import Predictor, RulesOnly
from .processing import Opens, Processor, ready
from .routing import Thresholds, routes
from .with_breaker import GuardedPredictor
from .worker import SYSTEMIC, TRANSIENT, Patience, RunStopped, Worker
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
    "RunStopped",
    "Telling",
    "Thresholds",
    "Trial",
    "TrialProblem",
    "Worker",
    "begin",
    "open_chunks",
    "open_run",
    "ready",
    "routes",
    "try_claims",
]
