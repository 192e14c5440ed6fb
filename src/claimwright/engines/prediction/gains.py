"""The expected gain of reviewing a claim: what its best step saves, minus the work.

    gain = share of steps that can be done x (p - p after the step) x (rework + money not recovered) - work

A curve says, for every threshold of this gain, what reviews of past claims would have brought: denials that
were averted are denials of claims whose every denied line was denied for the cause of the offered step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .cost_profiles import Economics
from .steps import STEPS

Real = npt.NDArray[np.float64]
Cents = npt.NDArray[np.int64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_STEP_NAMES = [step.name for step in STEPS]
# Gains in steps of two points, stakes in steps of a quarter of a power of two: fine enough for any costs.
_GAIN_STEPS, _STAKE_STEPS = 50, 4
# No gain reaches this: nothing is reviewed.
NEVER_CENTS = 2**53


def net_gain_cents(economics: Economics, gain: Real, stake_cents: Real, steps: Sequence[str]) -> Cents:
    """The expected gain of a review in cents: one entry per claim and step; negative if work costs more."""
    work = np.array([economics.cost_of(step) for step in steps], dtype=np.float64)
    saved = economics.rework_cents + stake_cents * (1 - economics.recovered) - work
    found: Cents = np.rint(economics.done * gain * saved - economics.review_cents).astype(np.int64)
    return found


@dataclass(frozen=True)
class GainCurve:
    """Decided claims of one payer, counted by step, gain and stake, so that any costs can be applied later.

    Attributes:
        claims, denied: all of them, and those that were denied.
        fixable: denials whose every denied line lacked a step and was denied for its cause.
        bins: one row for each step, gain and stake of claims with an offered step: `step`, `claims`, `gain`
            and `stake_cents` (sums), `averted` (denials that the step would have averted), `averted_cents`.
    """

    claims: int
    denied: int
    fixable: int
    bins: pl.DataFrame

    @classmethod
    def of(
        cls, denied: Flags, fixable: Flags, offered: pl.DataFrame, stake_cents: Cents, averted: Flags
    ) -> GainCurve:
        """Count claims; `offered` has `row`, `step` and `gain` of each claim's best step.

        `averted` says of each of its rows whether the claim was denied for the step's cause only.
        """
        stake = stake_cents[offered["row"].to_numpy()].astype(np.float64)
        frame = offered.select("step", "gain").with_columns(stake_cents=stake, averted=pl.Series(averted))
        size = (pl.col("stake_cents").clip(1.0).log(2) * _STAKE_STEPS).floor()
        bins = (
            frame.group_by(
                "step", (pl.col("gain") * _GAIN_STEPS).floor().alias("by_gain"), size.alias("by_stake")
            )
            .agg(
                claims=pl.len().cast(pl.Int64),
                gain=pl.col("gain").sum(),
                stake_cents=pl.col("stake_cents").sum(),
                averted_cents=(pl.col("stake_cents") * pl.col("averted")).sum(),
                averted=pl.col("averted").sum().cast(pl.Int64),
            )
            .sort("step", "by_gain", "by_stake")
            .drop("by_gain", "by_stake")
        )
        return cls(len(denied), int(denied.sum()), int(fixable.sum()), bins)

    def as_numbers(self) -> dict[str, Any]:
        """For a card."""
        bins = self.bins.with_columns(
            pl.col("gain").round(4), pl.col("stake_cents", "averted_cents").round(0)
        )
        totals = {"claims": self.claims, "denied": self.denied, "fixable": self.fixable}
        return {**totals, "bins": bins.select(*_BINS).to_dict(as_series=False)}

    @classmethod
    def from_numbers(cls, numbers: Mapping[str, Any]) -> GainCurve:
        """The curve in the format of a model card."""
        bins = pl.DataFrame(numbers["bins"], schema=_BINS)
        return cls(int(numbers["claims"]), int(numbers["denied"]), int(numbers["fixable"]), bins)

    def frame(self, economics: Economics) -> pl.DataFrame:
        """One row per threshold, highest first: `from_cents`, the gain from which claims are reviewed.

        `reviewed` is a share of all claims, `averted` of the fixable denials; and `worth_cents`.
        """
        if not self.bins.height:
            return pl.DataFrame(schema=_CURVE)
        claims = self.bins["claims"].to_numpy().astype(np.float64)
        gain, stake = (self.bins[name].to_numpy() / claims for name in ("gain", "stake_cents"))
        steps = self.bins["step"].to_list()
        net = net_gain_cents(economics, gain, stake, steps)
        averted = self.bins["averted"].to_numpy().astype(np.float64)
        work = np.array([economics.cost_of(step) for step in steps], dtype=np.float64)
        saved = averted * economics.rework_cents + self.bins["averted_cents"].to_numpy() * (
            1 - economics.recovered
        )
        worth = economics.done * (saved - work * gain * claims) - economics.review_cents * claims
        order = np.argsort(-net, kind="stable")
        found = pl.DataFrame(
            {
                "from_cents": net[order],
                "reviewed": np.cumsum(claims[order]) / max(self.claims, 1),
                "averted": np.cumsum(averted[order]) / max(self.fixable, 1),
                "worth_cents": np.rint(np.cumsum(worth[order])).astype(np.int64),
            },
            schema=_CURVE,
        )
        return found.unique("from_cents", keep="last", maintain_order=True)

    def chosen(self, economics: Economics, capacity: float | None = None) -> int:
        """The gain in cents from which reviews were worth most, and no less than nothing.

        With a `capacity`, the share of claims that people can review, the gain that keeps within it.
        """
        frame = self.frame(economics)
        within = frame if capacity is None else frame.filter(pl.col("reviewed") <= capacity)
        best = within.filter(pl.col("worth_cents") == pl.col("worth_cents").max()).tail(1)
        if not best.height or best["worth_cents"][0] <= 0:
            return NEVER_CENTS
        return max(int(best["from_cents"][0]), 0)

    def at(self, economics: Economics, from_cents: int) -> dict[str, Any]:
        """The row of `frame` for a threshold; nothing reviewed if no claim reaches it."""
        reached = self.frame(economics).filter(pl.col("from_cents") >= from_cents).tail(1).to_dicts()
        return reached[0] if reached else {"reviewed": 0.0, "averted": 0.0, "worth_cents": 0}


_BINS: dict[str, Any] = {
    "step": pl.String(), "claims": pl.Int64(), "gain": pl.Float64(), "stake_cents": pl.Float64(),
    "averted": pl.Int64(), "averted_cents": pl.Float64(),
}  # fmt: skip
_CURVE: dict[str, Any] = {
    "from_cents": pl.Int64(), "reviewed": pl.Float64(), "averted": pl.Float64(), "worth_cents": pl.Int64(),
}  # fmt: skip
