"""A chunk on its way through: what became of its claims, and how long each stage took."""

from __future__ import annotations

from dataclasses import dataclass, field

from claimwright.store.dead_letters import Dead
from claimwright.store.production import ProductionRows
from claimwright.store.staged_claims import StagedClaims

# The stages of a chunk, in their order: checking includes pricing.
STAGES = ("fetch", "read", "check", "predict", "route", "write")


@dataclass
class Outcome:
    """What became of the claims of a chunk, and how long each stage worked on them."""

    results: list[tuple[StagedClaims, ProductionRows]] = field(default_factory=list)
    dead: list[Dead] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def spent(self, stage: str, seconds: float) -> None:
        """Note time that a stage took."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds
