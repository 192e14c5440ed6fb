"""The pipeline: staged claims to production, chunk by chunk; kill it, and nothing is lost or doubled."""

from .chunk import STAGES
from .dead_letters import DeadLetter, dead_letters, discard, retry
from .guarded import GuardedPredictor
from .isolation import ProcessTrial, Trial, TrialProblem, try_claims
from .leasing import Run, begin, open_chunks, open_run
from .masked_copy import Copied, MaskProblem, copy_masked
from .masking import masked_claims
from .opened_claim import NoSuchClaim, OpenedClaim, opened_claim
from .overview import ChunkView, RunView, chunks, runs, waiting
from .prediction import Predictor, RulesOnly
from .processing import Processor, ready
from .routing import Thresholds, routes
from .telling import Telling
from .worker import SYSTEMIC, TRANSIENT, Patience, RunStopped, Worker
from .writing import Committed

__all__ = [
    "STAGES",
    "SYSTEMIC",
    "TRANSIENT",
    "ChunkView",
    "Committed",
    "Copied",
    "DeadLetter",
    "GuardedPredictor",
    "MaskProblem",
    "NoSuchClaim",
    "OpenedClaim",
    "Patience",
    "Predictor",
    "ProcessTrial",
    "Processor",
    "RulesOnly",
    "Run",
    "RunStopped",
    "RunView",
    "Telling",
    "Thresholds",
    "Trial",
    "TrialProblem",
    "Worker",
    "begin",
    "chunks",
    "copy_masked",
    "dead_letters",
    "discard",
    "masked_claims",
    "open_chunks",
    "open_run",
    "opened_claim",
    "ready",
    "retry",
    "routes",
    "runs",
    "try_claims",
    "waiting",
]
