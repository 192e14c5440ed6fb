"""The pipeline: moves staged claims to production, chunk by chunk; a kill at any point loses or doubles
nothing.
"""

from claimwright.store.runs import Run, begin_run, open_chunks, open_run

from .assignment import Assignment, Patience, Reports, Safeguards
from .audit_events import AuditEvents
from .chunk import STAGES
from .isolation import ProcessTrial, Trial, TrialError, try_claims
from .prediction import Predictor, RulesOnly
from .processing import Processor, ready
from .routing import Thresholds, routes
from .with_breaker import PredictorWithBreaker
from .worker import SYSTEMIC, TRANSIENT, RunStoppedError, Worker
from .writing import Committed

__all__ = [
    "STAGES",
    "SYSTEMIC",
    "TRANSIENT",
    "Assignment",
    "AuditEvents",
    "Committed",
    "Patience",
    "Predictor",
    "PredictorWithBreaker",
    "ProcessTrial",
    "Processor",
    "Reports",
    "RulesOnly",
    "Run",
    "RunStoppedError",
    "Safeguards",
    "Thresholds",
    "Trial",
    "TrialError",
    "Worker",
    "begin_run",
    "open_chunks",
    "open_run",
    "ready",
    "routes",
    "try_claims",
]
