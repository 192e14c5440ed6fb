"""Claims of the store as people look at them: one claim opened, dead letters, runs and what waits."""

from claimwright.domain.errors import ClaimNotFoundError
from claimwright.store.dead_letters import DeadLetter
from claimwright.store.overview import ChunkView, RunView, chunks, runs, waiting

from .dead_letters import dead_letters, discard, retry
from .opened_claim import OpenedClaim, opened_claim

__all__ = [
    "ChunkView",
    "ClaimNotFoundError",
    "DeadLetter",
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
