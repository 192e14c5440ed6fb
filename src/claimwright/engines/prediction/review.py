"""Which claims a person reviews: those whose best step is worth more than the work, or by probability.

A payer's claims are reviewed by expected gain, unless the tenant states a probability for that payer, or no
step is offered by the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from .cost_profiles import Economics
from .encoding import Real, Whole
from .facts import Facts
from .gains import GainCurve, net_gain_cents
from .offers import offers

if TYPE_CHECKING:
    from .model import Model

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ReviewRule:
    """How the expected gain decides.

    Attributes:
        economics: cost and benefit, for payers without their own.
        payers: cost and benefit by payer.
        from_cents: the expected gain from which claims are reviewed.
        of_payer: the same by payer, for those with their own cost and benefit.
        by_probability: payers whose claims are reviewed by probability; None: all payers.
    """

    economics: Economics = field(default_factory=Economics)
    payers: Mapping[str, Economics] = field(default_factory=dict)
    from_cents: int = 0
    of_payer: Mapping[str, int] = field(default_factory=dict)
    by_probability: frozenset[str] | None = None

    def decides(self, names: list[str]) -> Flags:
        """Whether the gain decides, for each payer of a vocabulary; position 0 is the unseen payer."""
        if self.by_probability is None:
            return np.zeros(len(names) + 1, dtype=bool)
        return np.array([True, *(name not in self.by_probability for name in names)], dtype=bool)

    def limits(self, names: list[str]) -> Whole:
        """The gain from which claims are reviewed, for each payer of a vocabulary."""
        own = (self.of_payer.get(name, self.from_cents) for name in names)
        return np.array([self.from_cents, *own], dtype=np.int64)


@dataclass(frozen=True)
class Advice:
    """The best step of each claim: the one with the highest expected gain.

    Attributes:
        step: its name; null if its kind is not offered.
        gain: by how much it lowers the probability of a denial; 0 if no step has evidence.
        net_cents: the expected gain of a review in cents, negative if it costs more; 0 without evidence.
        has_gain: whether a step has evidence.
    """

    step: pl.Series
    gain: Real
    net_cents: Whole
    has_gain: Flags


def advise(model: Model, facts: Facts, columns: Real, payer: Whole, stake_cents: Whole) -> Advice:
    """The best step of claims with these features; `payer` is the vocabulary's code.

    A step whose kind did not reach what is required to be named still counts for the expected gain: its
    chances are as good, only not good enough to tell somebody what to do.
    """
    count = len(facts)
    gain, net, has = np.zeros(count), np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    step = pl.Series("step", [None], dtype=pl.String).new_from_index(0, count)
    found = offers(model, facts, columns, measured=False)
    if not found.height:
        return Advice(step, gain, net, has)
    rows = found["row"].to_numpy()
    names = found["step"].to_list()
    stake = stake_cents[rows].astype(np.float64)
    gains = found["gain"].to_numpy()
    cents = net_gain_cents(model.review.economics, gains, stake, names)
    payers = model.evidence.words.values["payer"]
    for name, economics in model.review.payers.items():
        if name in payers:
            own = payer[rows] == payers.index(name) + 1
            cents = np.where(own, net_gain_cents(economics, gains, stake, names), cents)
    best = (
        pl.DataFrame({"row": rows, "step": names, "gain": gains, "cents": cents})
        .sort("row", "cents", "gain", "step", descending=[False, True, True, False])
        .unique("row", keep="first", maintain_order=True)
    )
    places = best["row"].to_numpy()
    gain[places], net[places], has[places] = best["gain"].to_numpy(), best["cents"].to_numpy(), True
    named = best.filter(pl.col("step").is_in(model.remedies.offered()))
    return Advice(step.scatter(named["row"].to_numpy(), named["step"]), gain, net, has)


def rule_of(
    curves: Mapping[str, GainCurve],
    everybody: str,
    economics: Economics,
    payers: Mapping[str, Economics],
    by_probability: frozenset[str] | None,
    capacity: float | None,
) -> ReviewRule:
    """The rule that follows from past claims; `everybody` is the name of the curve over all payers.

    Without a curve, no step has evidence, and probabilities decide.
    """
    if everybody not in curves or by_probability is None:
        return ReviewRule(economics, payers)
    whole = curves[everybody]
    return ReviewRule(
        economics,
        payers,
        whole.chosen(economics, capacity),
        {name: curves.get(name, whole).chosen(own, capacity) for name, own in payers.items()},
        by_probability,
    )
