"""Which of two versions of a template a case gets, and when an experiment between them may stop.

The stop rule looks after every decision and still errs at most as often as stated. Decided cases are paired
in the order of their decisions, the i-th of one arm with the i-th of the other. A pair in which both won or
both lost says nothing. If the arms are equally good, each other pair is a fair coin, whatever the overturn
rate is. Against the coin stands a mixture of coins of every bias; the ratio of the two likelihoods is a
martingale that starts at one, so that the chance that it ever reaches 1/error is at most the error (Ville
1939; Wald's sequential test with a mixture: Robbins 1970).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log

# The mixture: a beta distribution around one half. Larger finds small differences sooner and large ones
# later.
_SPREAD = 2.0


@dataclass(frozen=True)
class Standing:
    """Where an experiment stands. `evidence` is the likelihood ratio, and it stops at `stops_at`."""

    a_decided: int
    a_won: int
    b_decided: int
    b_won: int
    pairs: int
    only_a_won: int
    only_b_won: int
    evidence: float
    stops_at: float
    result: str | None


def arm_of(experiment_id: str, case_id: int) -> str:
    """The arm of a case, `a` or `b`: always the same one."""
    return "ab"[hashlib.sha256(f"{experiment_id}:{case_id}".encode()).digest()[0] & 1]


def judge_experiment(decided: Sequence[tuple[str, bool]], *, error_percent: int, most_pairs: int) -> Standing:
    """Where an experiment stands, of arms and outcomes in order of their decisions.

    `result` is null while it goes on; once reached, later decisions do not change it.
    """
    stops_at = 100 / error_percent
    waiting: dict[str, list[bool]] = {"a": [], "b": []}
    a_only = b_only = pairs = 0
    evidence, result = 1.0, None
    for arm, won in decided:
        other = "b" if arm == "a" else "a"
        if not waiting[other]:
            waiting[arm].append(won)
            continue
        a_won, b_won = (won, waiting[other].pop(0)) if arm == "a" else (waiting[other].pop(0), won)
        if result is not None:
            continue
        pairs += 1
        a_only += a_won and not b_won
        b_only += b_won and not a_won
        evidence = _ratio(a_only, b_only)
        if evidence >= stops_at:
            result = "a_better" if a_only > b_only else "b_better"
        elif pairs >= most_pairs:
            result = "no_difference_found"
    of = {arm: [won for each, won in decided if each == arm] for arm in "ab"}
    return Standing(
        len(of["a"]),
        sum(of["a"]),
        len(of["b"]),
        sum(of["b"]),
        pairs,
        a_only,
        b_only,
        evidence,
        stops_at,
        result,
    )


def _ratio(one: int, other: int) -> float:
    """The likelihood of the mixture over that of a fair coin."""
    mixed = _beta(one + _SPREAD, other + _SPREAD) - _beta(_SPREAD, _SPREAD)
    return exp(min(mixed + (one + other) * log(2), 700))


def _beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
