"""The kinds of worlds. A kind is a set of ranges; a seed draws one value of each.

docs/denial_world.md cites the published figure beside each range.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Ends = tuple[float, float]

EASY = "easy"

# Initial denials by kind of payer, in a hundred claims (Premier 2023, claims of 2022).
_DENIED_BY_KIND = {"medicare": 8.4, "advantage": 15.7, "medicaid": 16.0, "commercial": 13.9, "workers": 13.9}

# Causes of denials, in a hundred (Change Healthcare 2020 index). Registration is split into two parts;
# duplicates, which the index does not count, are added.
_MIX = {
    "eligibility": 20.0,
    "coordination": 6.6,
    "missing": 17.2,
    "authorization": 11.6,
    "coverage": 10.6,
    "documentation": 9.2,
    "necessity": 7.3,
    "unknown": 6.4,
    "filing": 5.4,
    "coding": 4.8,
    "provider": 0.9,
    "duplicate": 3.0,
}


@dataclass(frozen=True)
class Kind:
    """Ranges from which a seed draws.

    Attributes:
        name: of the world.
        about: what it is for, in a sentence.
        forms: shares of professional, institutional and dental claims.
        payers: how many there are, by kind of payer.
        size_exponent: the n-th largest payer of a kind has n to the minus this of its claims.
        office_exponent: the same for billing providers.
        offices: how many groups bill; None: as many as the sample has.
        service_spread: deviation of the logarithm of how often a service is given, beyond the sample's.
        denied: share of first claims denied.
        denied_by_kind: how payers of each kind compare.
        payer_spread: deviation of the logarithm of a payer's denial rate within its kind.
        mix: shares of the causes of denials.
        mix_spread: deviation of the logarithm of a cause's share at one payer.
        changing: share of demands that begin or end inside the world's time.
        turnover: share of offices whose habits change inside the world's time.
        days: median days to an answer, by payer, other than Medicare's.
        slow: share of payers that take twice as long.
        silent: share of claims that are never answered, by payer.
        newcomer: whether a payer appears in the judged period only.
        oversample: how many times the claims are sampled, to choose from.
    """

    name: str
    about: str
    forms: Mapping[str, int]
    payers: Mapping[str, tuple[int, int]]
    size_exponent: Ends = (0.8, 1.5)
    office_exponent: Ends = (0.5, 1.0)
    offices: tuple[int, int] | None = None
    service_spread: Ends = (0.5, 0.9)
    denied: Ends = (0.105, 0.130)
    denied_by_kind: Mapping[str, float] = field(default_factory=lambda: dict(_DENIED_BY_KIND))
    payer_spread: float = 0.35
    mix: Mapping[str, float] = field(default_factory=lambda: dict(_MIX))
    mix_spread: float = 0.4
    changing: Ends = (0.10, 0.25)
    turnover: Ends = (0.15, 0.35)
    days: Ends = (9, 34)
    slow: float = 0.2
    silent: Ends = (0.002, 0.05)
    newcomer: bool = False
    oversample: float = 1.5


PUBLISHED = Kind(
    name="published",
    about="denial rates, causes and delays near the published ones",
    forms={"P": 84, "I": 11, "D": 5},
    payers={
        "medicare": (2, 2),
        "advantage": (3, 5),
        "medicaid": (2, 4),
        "commercial": (6, 11),
        "workers": (1, 1),
    },
)
DRIFTING = replace(
    PUBLISHED,
    name="drifting",
    about="as published, with frequent changes, and a payer that is new in the judged period",
    changing=(0.40, 0.60),
    turnover=(0.50, 0.70),
    newcomer=True,
)
SMALL_PRACTICE = replace(
    PUBLISHED,
    name="small-practice",
    about="the professional claims of one group",
    forms={"P": 1},
    payers={
        "medicare": (1, 1),
        "advantage": (1, 3),
        "medicaid": (1, 2),
        "commercial": (3, 6),
        "workers": (1, 1),
    },
    offices=(1, 1),
    oversample=2.2,
)
KINDS: Mapping[str, Kind] = {each.name: each for each in (PUBLISHED, DRIFTING, SMALL_PRACTICE)}
NAMES: tuple[str, ...] = (EASY, *KINDS)
