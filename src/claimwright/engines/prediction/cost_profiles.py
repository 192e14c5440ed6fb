"""Named costs of a review and of a denial, each figure with its source.

What a denial costs differs by a factor of five between a practice and a hospital, so no figure is everyone's.
A tenant names a profile in its review policy, and states its own figures over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_MINUTES = "our estimate, at 45 dollars an hour"


def _steps() -> dict[str, int]:
    # Authorization: CAQH Index 2019. The others: five minutes, for an attachment ten, at 45 dollars an hour.
    return {"authorization": 1_092, "referring_provider": 375, "attachment": 750, "modifier": 375}


@dataclass(frozen=True)
class Economics:
    """Cost and benefit of reviews, for one tenant or payer.

    Attributes:
        review_cents: cost of looking at one claim: twelve minutes at 45 dollars an hour.
        rework_cents: cost of working one denial.
        avoidable: share of denials that a review averts if no step is named. 86 % are "potentially avoidable"
            (Change Healthcare 2020); we use half of that, because not every potential is realized.
        recovered: share of denied money that is recovered anyway.
        done: share of the offered steps that the office can carry out: 86 %, the same source. Nobody
            publishes a figure for single steps.
        step_cents: cost of carrying out each step; `modifier` for all modifiers.
    """

    review_cents: int = 900
    rework_cents: int = 2_500
    avoidable: float = 0.43
    recovered: float = 0.63
    done: float = 0.86
    step_cents: Mapping[str, int] = field(default_factory=_steps)

    def cost_of(self, step: str) -> int:
        """The cost of a step, in cents."""
        kind = "modifier" if step.startswith("modifier_") else step
        return self.step_cents.get(kind, 0)


@dataclass(frozen=True)
class CostProfile:
    """Economics by name, with the source of each figure."""

    economics: Economics
    sources: Mapping[str, str]


_COMMON = {
    "review_cents": f"twelve minutes: {_MINUTES}",
    "avoidable": "half of the 86 % that Change Healthcare 2020 calls potentially avoidable",
    "done": "86 % potentially avoidable, Change Healthcare 2020 index (1,500 hospitals)",
    "step_cents": (
        "authorization: $10.92 by telephone or fax, CAQH Index 2019; the other steps five minutes, an "
        f"attachment ten: {_MINUTES}"
    ),
}
PROFILES: Mapping[str, CostProfile] = {
    "practice": CostProfile(
        Economics(rework_cents=2_500, recovered=0.63),
        _COMMON
        | {
            "rework_cents": "$25 to rework a claim, MGMA as quoted by others (about 2017)",
            "recovered": "63 %, Change Healthcare 2016, for practices that work every denial; MGMA, as "
            "quoted, says that 65 % are never worked: then state less",
        },
    ),
    "hospital": CostProfile(
        Economics(rework_cents=5_723, recovered=0.70),
        _COMMON
        | {
            "rework_cents": "$57.23 a denied claim in 2023, Premier 2025 (280 hospitals)",
            "recovered": "about 70 % of denials are overturned, Premier 2025",
        },
    ),
    "hospital_2016": CostProfile(
        Economics(rework_cents=11_800, recovered=0.63),
        _COMMON
        | {
            "rework_cents": "$118 a denial, Change Healthcare 2016 (724 hospitals)",
            "recovered": "63 %, Change Healthcare 2016",
        },
    ),
}
DEFAULT_PROFILE = "practice"
