"""A world whose parameters are all drawn from its seed: market, offices, demands, answers, what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright_lab.sampling import SampleOptions, sample_batches

from . import followups, practice
from .balance import balanced, targets
from .demands import Demands
from .habits import Habits
from .kinds import Kind
from .market import draw_payers, with_market
from .office import WORLD_ENDS
from .ordering import in_order, with_copies
from .replies import Desks, Judgement
from .rules import RULES, Hazards, hazards_of
from .view import Past, View, past_of, view_of

Whole = npt.NDArray[np.int64]

_SPARE_CLAIMS = 400
_DUPLICATE = followups.CORRECTED // 2
_EPOCH_ENDS = WORLD_ENDS.toordinal() - 719_163
# Before this day a newcomer has no claims.
_NEWCOMER_FROM = 0.8


@dataclass(frozen=True)
class Demanded:
    """The hidden demands of a world by reason; each table has `payer`, `rate`, `from_on`, `until_on`."""

    by_reason: dict[str, pl.DataFrame]

    def tables(self) -> dict[str, pl.DataFrame]:
        """All of them by name."""
        return dict(self.by_reason)


@dataclass(frozen=True)
class Drawn:
    """Everything of a drawn world; `world.World` says what the parts are."""

    batch: ClaimBatch
    submitted_on: pl.Series
    judged: Judgement
    payments: pl.DataFrame
    services: pl.DataFrame
    policies: Demanded
    appeals: pl.DataFrame
    later_payments: pl.DataFrame
    later_services: pl.DataFrame
    payers: pl.DataFrame
    judge: Judge
    demands: Demands


@dataclass(frozen=True)
class Judge:
    """What it takes to judge a claim of the world, or what might have been sent in its place."""

    past: Past
    habits: Habits
    tables: dict[str, pl.DataFrame]

    def hazards(self, batch: ClaimBatch) -> Hazards:
        """The chance of each reason for claims of the world, as they now are."""
        return hazards_of(self.view(batch), self.tables)

    def view(self, batch: ClaimBatch) -> View:
        """The claims as payers see them."""
        seen = view_of(batch, self.past)
        hidden = self.habits.hidden(seen.claims)
        return replace(seen, claims=seen.claims.with_columns(hidden))


def draw_world(kind: Kind, claims: int, seed: int) -> Drawn:
    """The world of this kind and seed, with about so many first claims."""
    payers = draw_payers(kind, seed)
    base, sent, owner, habits = _base(kind, claims, seed, payers)
    view = Judge(past_of(base, _dates(sent)), habits, {}).view(base)
    demands = Demands(kind, seed, payers, view)
    heard_of = demands.tables()
    left = practice.as_sent(base, sent, owner, habits, heard_of, seed)
    twice, days = practice.again(left, sent, owner, habits, seed)
    first = _ordered(
        with_copies(left, twice, "R"),
        np.concatenate([sent, days]),
        np.concatenate([owner, owner[twice] + _DUPLICATE]),
    )
    past = past_of(first.batch, first.days)
    view = Judge(past, habits, {}).view(first.batch)
    tables = balanced(heard_of, view, targets(kind, seed, payers, view))
    judge, desks = Judge(past, habits, tables), Desks(kind, seed, payers)
    judged = desks.judge(first.batch, hazards_of(view, tables), first.owner)
    payments, _ = desks.pay(first.batch, first.days, judged, first.owner)
    corrections = followups.corrected(
        first.batch, base, owner, first.owner, judged, payments, habits, seed, _EPOCH_ENDS
    )
    whole = _with_corrections(first, corrections)
    judge = replace(judge, past=past_of(whole.batch, whole.days))
    judged = desks.judge(whole.batch, judge.hazards(whole.batch), whole.owner)
    payments, services = desks.pay(whole.batch, whole.days, judged, whole.owner)
    appealed = followups.appeals(whole.batch, judged, payments, habits, whole.owner, seed)
    later = followups.reversals(judged, payments, services, appealed, whole.owner, seed)
    return Drawn(
        whole.batch, whole.days, judged, payments, services, Demanded(tables), appealed, *later, payers,
        judge,
        demands,
    )  # fmt: skip


def _base(
    kind: Kind, claims: int, seed: int, payers: pl.DataFrame
) -> tuple[ClaimBatch, Whole, Whole, Habits]:
    """Clean claims in the order of sending, the days, their owners, and their offices' habits."""
    wanted = int(claims * kind.oversample) + _SPARE_CLAIMS
    sample = SampleOptions(claims=wanted, seed=seed, forms=dict(kind.forms), defect_rate=0.0)
    clean = ClaimBatch.concat(batch for batch, _ in sample_batches(sample))
    market = with_market(clean, kind, payers, seed, claims)
    habits = Habits(kind, seed, market.claims["billing_npi"])
    moved, sent = practice.timed(market, habits, seed)
    ordered, days, owner = in_order(moved, sent)
    if kind.newcomer:
        ordered = _without_newcomer(ordered, days, payers)
    return ordered, days.cast(pl.Int32).to_numpy().astype(np.int64), owner, habits


def _without_newcomer(batch: ClaimBatch, days: pl.Series, payers: pl.DataFrame) -> ClaimBatch:
    """The second commercial payer is new: until shortly before the end, the first has its patients."""
    old, new = payers.filter(pl.col("kind") == "commercial").head(2).iter_rows(named=True)
    number = days.cast(pl.Int32)
    begins = int(number.quantile(_NEWCOMER_FROM) or 0)
    early = (batch.claims["payer_id"] == new["payer"]) & (number < begins)
    changed = batch.claims.with_columns(
        payer_id=pl.when(early).then(pl.lit(old["payer"])).otherwise("payer_id"),
        payer_name=pl.when(early).then(pl.lit(old["name"])).otherwise("payer_name"),
        claim_filing_code=pl.when(early).then(pl.lit(old["filing"])).otherwise("claim_filing_code"),
    )
    return ClaimBatch.of(batch.frames() | {Level.CLAIM: changed})


@dataclass(frozen=True)
class _Ordered:
    batch: ClaimBatch
    days: pl.Series
    owner: Whole


def _ordered(batch: ClaimBatch, sent: Whole, owner: Whole) -> _Ordered:
    return _Ordered(*in_order(batch, sent, owner))


def _with_corrections(first: _Ordered, corrections: followups.Corrections) -> _Ordered:
    offset = len(first.batch)
    frames: dict[Level, pl.DataFrame] = {}
    for level, frame in first.batch.frames().items():
        if level in (Level.TRANSACTION, Level.SEGMENT):
            frames[level] = frame
            continue
        added = corrections.batch.frame(level).with_columns(pl.col("claim") + offset)
        frames[level] = pl.concat([frame, added.select(frame.columns)], how="vertical_relaxed")
    days = first.days.cast(pl.Int32).to_numpy().astype(np.int64)
    return _ordered(
        ClaimBatch.of(frames),
        np.concatenate([days, corrections.sent]),
        np.concatenate([first.owner, corrections.owner]),
    )


def _dates(days: Whole) -> pl.Series:
    return pl.Series("submitted_on", days.astype(np.int32)).cast(pl.Date)


def reasons_of(hazards: Hazards, claims: pl.Series) -> pl.DataFrame:
    """`claim` and a column for each reason: the chance that it alone denies any line."""
    by_claim = hazards.by_claim()
    return pl.DataFrame({"claim": claims} | {rule.name: by_claim[rule.name] for rule in RULES})
