"""Claims of the store as people look at them: one claim opened, dead letters, runs and what waits."""

from .dead_letters import DeadLetter, dead_letters, discard, retry
from .opened_claim import NoSuchClaim, OpenedClaim, opened_claim
from .overview import ChunkView, RunView, chunks, runs, waiting

__all__ = [
    "ChunkView",
    "DeadLetter",
    "NoSuchClaim",
    "OpenedClaim",
    "RunView",
    "chunks",
    "dead_letters",
    "discard",
    "opened_claim",
    "retry",
    "runs",
    "waiting",
]
