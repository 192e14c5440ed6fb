"""A chunk during processing: the results of its claims, and the duration of each stage."""

from __future__ import annotations

from dataclasses import dataclass, field

from claimwright.store.dead_letters import Dead
from claimwright.store.production import ProductionRows
from claimwright.store.staged_claims import StagedClaims

# The stages of a chunk, in order; checking includes pricing.
STAGES = ("fetch", "read", "check", "predict", "route", "write")


@dataclass
class Outcome:
    """The results of the claims of a chunk, and the time of each stage."""

    results: list[tuple[StagedClaims, ProductionRows]] = field(default_factory=list)
    dead: list[Dead] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def spent(self, stage: str, seconds: float) -> None:
        """Add to the time of a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds
