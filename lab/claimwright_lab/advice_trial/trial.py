"""The trial: claims of the judged months with their offers, and what each step truly changes."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright.engines.prediction import Economics, Model, Past, facts_of
from claimwright.engines.prediction.features import score_features
from claimwright.engines.prediction.gain_ranges import gain_ranges
from claimwright.engines.prediction.gains import net_gain_cents
from claimwright.engines.prediction.offers import OFFERS, offers
from claimwright.engines.prediction.steps import STEPS, Step
from claimwright.features.prediction import History
from claimwright_lab.denial_world import World, adjudicated_again

Real = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# An offer is right if the true probability falls by a fifth or more. A claim counts as missed only if it
# would fall by five points as well, since less is worth nobody's time.
FIFTH, FIVE_POINTS = 0.2, 0.05
KINDS: tuple[str, ...] = tuple(dict.fromkeys(step.kind for step in STEPS))
_NPI = "1234567893"


@dataclass(frozen=True)
class Quality:
    """How the offers of a kind of step did.

    Attributes:
        offers: claims for which it was offered.
        precision: share of them whose true probability of a denial falls by a fifth or more.
        unmoved: share of them whose true probability does not fall at all.
        helpful: claims whose true probability falls by a fifth and by five points.
        recall: share of them for which it was offered.
        stated, true: mean gain as stated, and the true one, of the offers.
        covered: share of offers whose true gain is within the stated 90 percent.
    """

    offers: int
    precision: float
    unmoved: float
    helpful: int
    recall: float
    stated: float
    true: float
    covered: float


@dataclass(frozen=True)
class Reviewed:
    """What reviews of a share of the claims bring: shares of the fixable denials, and of their money."""

    denials: float
    money: float


@dataclass(frozen=True)
class Trial:
    """The judged claims by position.

    Attributes:
        probability: as predicted; `truth`: the true one.
        gain: by step: what it truly takes off the true probability; 0 where it does nothing.
        offered: every step with evidence, in the columns of `OFFERS`, with `low` and `high` of the interval.
        named: the steps that the model offers.
        stake_cents: loss from a denial.
    """

    probability: Real
    truth: Real
    gain: dict[str, Real]
    offered: pl.DataFrame
    named: list[str]
    stake_cents: Real

    def quality(self, kind: str, *, least: float) -> Quality:
        """Of the offers of a kind, made from a chance of a demand of `least` on."""
        names = [step.name for step in STEPS if step.kind == kind and step.name in self.gain]
        mine = self.offered.filter(pl.col("step").is_in(names) & (pl.col("demanded") >= least)).unique(
            "row", keep="first", maintain_order=True
        )
        rows = mine["row"].to_numpy()
        best = np.max([self.gain[name] for name in names], axis=0) if names else np.zeros(len(self.truth))
        own = np.array([self.gain[step][row] for row, step in mine.select("row", "step").iter_rows()])
        right = own >= FIFTH * self.truth[rows]
        helpful = (best >= FIFTH * self.truth) & (best >= FIVE_POINTS)
        has: Flags = np.zeros(len(self.truth), dtype=bool)
        has[rows[own >= FIVE_POINTS] if len(rows) else rows] = True
        low, high = mine["low"].to_numpy(), mine["high"].to_numpy()
        count = max(mine.height, 1)
        return Quality(
            mine.height,
            float(right.sum()) / count,
            float((own <= 1e-9).sum()) / count,
            int(helpful.sum()),
            float((has & helpful).sum()) / max(int(helpful.sum()), 1),
            float(mine["gain"].to_numpy().sum()) / count,
            float(own.sum()) / count,
            float(((own >= low - 1e-9) & (own <= high + 1e-9)).sum()) / count,
        )

    @property
    def fixable(self) -> Real:
        """What the best step truly takes off each claim's probability."""
        found: Real = np.max(list(self.gain.values()), axis=0)
        return found

    def capacity(self, economics: Economics, share: float) -> Reviewed:
        """Reviews of this share of the claims by expected gain; the model's best step is done."""
        ordered = self._ordered(economics)
        took = np.array([self.gain[step][row] for row, step in ordered.select("row", "step").iter_rows()])
        return self._reviewed(ordered["row"].to_numpy(), took, share)

    def reviewed_by_default(self, economics: Economics) -> float:
        """Share of claims whose expected gain is worth the work."""
        return float((self._ordered(economics)["net"] > 0).sum()) / len(self.truth)

    def by_probability(self, share: float) -> Reviewed:
        """The same in the order of probability; whoever reviews finds the best step."""
        order = np.argsort(-self.probability, kind="stable")
        return self._reviewed(order, self.fixable[order], share)

    def best(self, share: float) -> Reviewed:
        """The same in the order of what can truly be averted."""
        order = np.argsort(-self.fixable, kind="stable")
        return self._reviewed(order, self.fixable[order], share)

    def _ordered(self, economics: Economics) -> pl.DataFrame:
        rows = self.offered["row"].to_numpy()
        gain = self.offered["gain"].to_numpy()
        net = net_gain_cents(economics, gain, self.stake_cents[rows], self.offered["step"].to_list())
        return (
            self.offered.with_columns(net=net)
            .sort("row", "net", "step", descending=[False, True, False])
            .unique("row", keep="first", maintain_order=True)
            .sort("net", "row", descending=[True, False])
        )

    def _reviewed(self, order: npt.NDArray[np.int64], took: Real, share: float) -> Reviewed:
        count = int(len(self.truth) * share)
        fixable = self.fixable
        cents = took[:count] * self.stake_cents[order[:count]]
        return Reviewed(
            float(took[:count].sum() / max(fixable.sum(), 1e-9)),
            float(cents.sum() / max((fixable * self.stake_cents).sum(), 1e-9)),
        )


def try_advice(world: World, history: History, model: Model, first: datetime.date) -> Trial:
    """Try the model's advice for all claims sent from the first day of a month on.

    Every month is judged with what was known at its start, as the pipeline does daily.
    """
    used = [step for step in STEPS if step.name in model.remedies.supports]
    rows_of, parts, predicted, stakes = [], [], [], []
    begins = 0
    for month, until in _months(first, world.submitted_on):
        chosen = (world.submitted_on >= month) & (world.submitted_on < until)
        if not chosen.any():
            continue
        knowing = model.with_past(Past.of(history.facts, history.answers, model, month))
        batch = world.batch.select(world.batch.claims["claim"].filter(chosen))
        facts = facts_of(batch, world.submitted_on.filter(chosen))
        columns = score_features(facts, knowing.evidence)
        found = knowing.predict_columns(columns, facts, batch.claims["claim"])
        offered = offers(knowing, facts, columns, measured=False)
        ranges = np.array(gain_ranges(knowing, facts, offered)).reshape(-1, 2)
        parts.append(
            offered.with_columns(
                low=pl.Series(ranges[:, 0]), high=pl.Series(ranges[:, 1]), row=pl.col("row") + begins
            )
        )
        payer = knowing.evidence.words.codes("payer", facts.claims["payer"])
        cents = (facts.claims["charge"].fill_null(0.0).to_numpy() * 100).round().astype(np.int64)
        stakes.append(knowing.usual.stake_cents(payer, cents).astype(np.float64))
        predicted.append(found.claims["denial_probability"].to_numpy())
        rows_of.append(np.flatnonzero(chosen.to_numpy()))
        begins += len(batch)
    rows = np.concatenate(rows_of)
    truth = world.truth["probability"].to_numpy()[rows]
    gain = {
        step.name: np.maximum(
            truth - adjudicated_again(world, changed(world.batch, step))["probability"].to_numpy()[rows], 0.0
        )
        for step in used
    }
    schema = {**OFFERS, "low": pl.Float64(), "high": pl.Float64()}
    return Trial(
        np.concatenate(predicted),
        truth,
        gain,
        pl.concat([pl.DataFrame(schema=schema), *parts]),
        model.remedies.offered(),
        np.concatenate(stakes),
    )


def changed(batch: ClaimBatch, step: Step) -> ClaimBatch:
    """The claims with the step done on all that lack it."""
    frames = batch.frames()
    if step.name == "authorization":
        frames[Level.CLAIM] = batch.claims.with_columns(pl.col("prior_authorization").fill_null("AUTH0"))
    elif step.name == "referring_provider":
        frames[Level.CLAIM] = batch.claims.with_columns(pl.col("referring_npi").fill_null(_NPI))
    elif step.name == "attachment":
        bare = batch.claims.select("claim").join(batch.attachments, on="claim", how="anti")
        frames[Level.ATTACHMENT] = pl.concat([batch.attachments, bare], how="diagonal_relaxed")
    elif step.modifier is not None:
        frames[Level.LINE] = batch.lines.with_columns(pl.col("modifier_1").fill_null(step.modifier))
    else:
        raise ValueError(f"nobody knows how to do {step.name}")
    return ClaimBatch.of(frames)


def _months(first: datetime.date, days: pl.Series) -> Iterator[tuple[datetime.date, datetime.date]]:
    last = days.max()
    assert isinstance(last, datetime.date)
    day = first
    while day <= last:
        after = (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
        yield day, after
        day = after
