"""How likely each cell has a demand, how strictly, and from which limit on, from the decisions about it.

Reasons of denial are nearly independent, and a denial states its reason. So a denial with the matching code
nearly proves a demand, and payments of lines that break it nearly disprove it. For every cell there are these
hypotheses: no demand, or one of some strength, about some of the amounts, that holds always, or since or
until some day. What cells have in common (how many have a demand, with each payer, how strict it is, where
limits are, how often demands change) is estimated by expectation maximization (Dempster, Laird and Rubin
1977), and Bayes' rule gives the chance that a line is denied for it.

Offices know demands too: where a payer asks for authorization numbers, most claims have one. The share of
lines that have what would meet a demand is evidence of it, from claims alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from .demand_kinds import DEMAND_OF, DemandRows, Flags, Real
from .encoding import Whole, places_of

# Shares of the lines that break a demand which are denied for it.
STRENGTHS = np.array([0.15, 0.35, 0.55, 0.75, 0.92])
_LOG_PAID = np.log1p(-STRENGTHS)
_ROUNDS, _STEPS, _ASKED_ROUNDS = 12, 6, 30
# Cells whose hypotheses are weighed at once, for the size of the arrays.
_AT_ONCE = 1_500
# Where estimation begins, and what is possible. Shares of demands that always hold, begin and end, and the
# number of demands that these count as.
_USUAL_LOG_ODDS = float(np.log(0.1 / 0.9))
_SPANS, _SPANS_COUNT = np.array([0.8, 0.12, 0.08]), np.array([8.0, 1.0, 1.0])
_CHANCES = (1e-3, 0.03)
_HAVING = ((0.05, 0.97), (0.003, 0.5), (0.01, 0.99))
# By how much the log odds of payers, and of bands of the asked evidence, differ: inverse variances of priors.
_OF_USUAL, _OF_PAYER, _OF_ASKED = 0.01, 2.0, 1.0
# Bands of the evidence, in natural logarithms of a likelihood ratio, that lines have what meets a demand.
_ASKED = np.array([-6.0, -3.0, -1.5, -0.5, -0.01, 0.01, 0.5, 1.5, 3.0, 6.0])
_FARTHEST = 30.0


@dataclass(frozen=True)
class DemandCells:
    """Decisions on lines that break a possible demand, by cell and band; keys ascending.

    Attributes:
        keys: of the cells.
        payer: the payer's code of each.
        total, denied: decisions, and denials for the demand's reasons, weighted, by cell, band and block of
            days of sending.
        lines, having: claims or lines of the cell, and those that have what meets the demand.
    """

    keys: Whole
    payer: Whole
    total: Real
    denied: Real
    lines: Real
    having: Real

    @classmethod
    def of(
        cls, rows: DemandRows, bands: int, denied: Flags, known: Flags, weights: Real | None = None
    ) -> DemandCells:
        """Count rows whose outcome is `known`; the others only count as `lines`."""
        keys, first, place = np.unique(rows.key, return_index=True, return_inverse=True)
        weights = np.ones(len(rows.key)) if weights is None else weights
        used = known & ~rows.is_met
        shape = (len(keys), bands, int(rows.block.max(initial=0)) + 1)
        at, size = ((place * bands + rows.band) * shape[2] + rows.block)[used], int(np.prod(shape))
        return cls(
            keys,
            rows.payer[first],
            np.bincount(at, weights[used], size).astype(np.float64).reshape(shape),
            np.bincount(at, (weights * denied)[used], size).astype(np.float64).reshape(shape),
            np.bincount(place, None, len(keys)).astype(np.float64),
            np.bincount(place, rows.is_met, len(keys)).astype(np.float64),
        )

    def places(self, keys: Whole) -> Whole:
        """The position of each key; -1 if there is no such cell."""
        return places_of(self.keys, keys)

    def with_decisions(self, more: DemandCells) -> DemandCells:
        """With decisions on other claims. What lines have is not counted again."""
        if not len(more.keys):
            return self
        keys = np.union1d(self.keys, more.keys)
        own, other = np.searchsorted(keys, self.keys), np.searchsorted(keys, more.keys)
        payer = np.zeros(len(keys), dtype=np.int64)
        payer[own], payer[other] = self.payer, more.payer
        blocks = max(self.total.shape[2], more.total.shape[2])
        total, denied = (np.zeros((len(keys), self.total.shape[1], blocks)) for _ in range(2))
        lines, having = np.zeros(len(keys)), np.zeros(len(keys))
        lines[own], having[own] = self.lines, self.having
        for found, each, added in ((total, self.total, more.total), (denied, self.denied, more.denied)):
            found[own, :, : each.shape[2]] = each
            found[other, :, : added.shape[2]] += added
        return DemandCells(keys, payer, total, denied, lines, having)


@dataclass(frozen=True)
class DemandHabits:
    """What cells have in common.

    Attributes:
        chance: share of lines denied for the reason without a demand.
        strengths: share of demands of each strength of `STRENGTHS`.
        conditions: share of demands with each condition of the kind.
        spans: share of demands that always hold, that begin and that end, in `blocks` blocks of days.
        having: share of lines that have what meets a demand, in cells where offices heard of one, and in the
            others; and the share of the former cells. Zeros if nothing meets it.
        log_odds: that a cell has a demand: of all cells, and what each payer and each band of the evidence
            from `having` adds.
        blocks: from which they were learned.
    """

    chance: float
    strengths: Real
    conditions: Real
    spans: Real
    having: Real
    log_odds: Real
    blocks: int

    @property
    def payers(self) -> int:
        """The number of payers' codes."""
        return len(self.log_odds) - habits_size(0)

    def prior(self, payer: Whole, lines: Real, having: Real) -> Real:
        """The log odds that cells have a demand, before any decision."""
        band = asked_band(self.having, lines, having)
        of_payer, of_band = self.log_odds[1 + payer], self.log_odds[1 + self.payers + band]
        found: Real = self.log_odds[0] + of_payer + of_band
        return found

    def expected(self, total: Real, denied: Real, log_odds: Real, conditions: Real, until: int) -> Real:
        """The chance that a line which breaks the possible demand is denied for it.

        By cell, band and block up to the block `until`; decisions are by cell, band and block.
        """
        spans = _spans(until + 1)
        parts = [
            self._expected(
                total[at : at + _AT_ONCE], denied[at : at + _AT_ONCE], log_odds[at : at + _AT_ONCE],
                conditions, spans,
            )
            for at in range(0, len(total), _AT_ONCE)
        ]  # fmt: skip
        return np.concatenate(parts) if parts else np.zeros((0, len(conditions), until + 1))

    def _expected(self, total: Real, denied: Real, log_odds: Real, conditions: Real, spans: Real) -> Real:
        weight, whole = self._weights(total, denied, log_odds, conditions, spans)
        of_hypotheses = np.einsum("crks,r->cks", weight, STRENGTHS) / whole[:, None, None]
        found: Real = np.matmul(conditions, of_hypotheses @ spans)
        return found

    def believed(self, total: Real, denied: Real, log_odds: Real, conditions: Real, until: int) -> Real:
        """The chance that a demand with each condition is in force in the block `until`, by cell."""
        spans = _spans(until + 1)
        weight, whole = self._weights(total, denied, log_odds, conditions, spans)
        found: Real = (weight.sum(axis=1) @ spans[:, until]) / whole[:, None]
        return found

    def _weights(
        self, total: Real, denied: Real, log_odds: Real, conditions: Real, spans: Real
    ) -> tuple[Real, Real]:
        """Weights of demands by cell, strength, condition and span; and of all of a cell, with none."""
        likely = _likelihood(total, denied, conditions, spans, self.chance) + self.shares(len(spans))
        likely += log_odds[:, None, None, None]
        most = np.maximum(likely.max(axis=(1, 2, 3), initial=0.0), 0.0)
        weight: Real = np.exp(likely - most[:, None, None, None])
        whole: Real = weight.sum(axis=(1, 2, 3)) + np.exp(-most)
        return weight, whole

    def shares(self, spans: int) -> Real:
        """Logarithms of the shares of demands: by strength, condition and span."""
        turns = (spans - 1) // 2
        of_spans = np.repeat(self.spans / [1, *[max(self.blocks - 1, 1)] * 2], [1, turns, turns])
        shares: Real = (
            np.log(self.strengths)[:, None, None]
            + np.log(self.conditions)[None, :, None]
            + np.log(of_spans)[None, None, :]
        )
        return shares


@dataclass(frozen=True)
class DemandEvidence:
    """The decisions about a kind of demand, and what was learned of it.

    Attributes:
        name: the encoding whose rate it gives.
        cells: the decisions.
        habits: what cells have in common.
        first_day: the first day of the first block, in days since 1970.
    """

    name: str
    cells: DemandCells
    habits: DemandHabits
    first_day: int
    _rates: dict[int, Real] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def fit(cls, name: str, cells: DemandCells, payers: int, first_day: int) -> DemandEvidence:
        """Learn what cells have in common; `payers` is the number of payers' codes."""
        habits = _estimated(cells, DEMAND_OF[name].conditions(), payers)
        return cls(name, cells, habits, first_day)

    @property
    def conditions(self) -> Real:
        """Those of its kind."""
        return DEMAND_OF[self.name].conditions()

    def with_decisions(self, more: DemandCells) -> DemandEvidence:
        """With decisions on other claims."""
        return replace(self, cells=self.cells.with_decisions(more), _rates={})

    def log_odds(self) -> Real:
        """That each cell has a demand, before any decision."""
        return self.habits.prior(self.cells.payer, self.cells.lines, self.cells.having)

    def rates(self, block: int, places: Whole | None = None) -> Real:
        """The chance of a denial in a block as known in that block, by cell (all, or some) and band."""
        if places is None:
            if block not in self._rates:
                self._rates[block] = self.rates(block, np.arange(len(self.cells.keys)))
            return self._rates[block]
        total, denied = self.cells.total[places], self.cells.denied[places]
        prior = self.log_odds()[places]
        return self.habits.expected(total, denied, prior, self.conditions, block)[:, :, -1]

    def believed(self, key: int, block: int) -> Real:
        """The chance that a cell has a demand with each condition in a block; zeros if it was never seen."""
        place = self.cells.places(np.array([key]))
        if place[0] < 0:
            return np.zeros(self.conditions.shape[1])
        total, denied = self.cells.total[place], self.cells.denied[place]
        found: Real = self.habits.believed(total, denied, self.log_odds()[place], self.conditions, block)[0]
        return found

    def unseen(self, block: int) -> Real:
        """The same of cells without any claim, by payer's code and band."""
        payer = np.arange(self.habits.payers)
        none = np.zeros((len(payer), len(self.conditions), 1))
        prior = self.habits.prior(payer, none[:, 0, 0], none[:, 0, 0])
        return self.habits.expected(none, none, prior, self.conditions, block)[:, :, -1]

    def look_up(self, rows: DemandRows) -> Real:
        """The chance that each row is denied for the demand; that of rows that meet it is not meant."""
        place = self.cells.places(rows.key)
        found = np.zeros(len(place))
        for block in np.flatnonzero(np.bincount(rows.block)).tolist():
            of_block = np.flatnonzero(rows.block == block)
            new, own = of_block[place[of_block] < 0], of_block[place[of_block] >= 0]
            if len(new):
                found[new] = self.unseen(block)[rows.payer[new], rows.band[new]]
            # Of a few claims, only their cells.
            if len(own) < len(self.cells.keys) and block not in self._rates:
                cells, at = np.unique(place[own], return_inverse=True)
                found[own] = self.rates(block, cells)[at, rows.band[own]]
            else:
                found[own] = self.rates(block)[place[own], rows.band[own]]
        return found


def _spans(blocks: int) -> Real:
    """By span and block, 1 where a demand holds: always, from each later block on, until each."""
    number = np.arange(blocks)
    begins = [number >= turn for turn in range(1, blocks)]
    ends = [number < turn for turn in range(1, blocks)]
    return np.array([number >= 0, *begins, *ends], dtype=np.float64)


def habits_size(payers: int) -> int:
    """The number of log odds of what cells have in common, with so many payers' codes."""
    return 1 + payers + len(_ASKED) + 1


def asked_band(shares: Real, lines: Real, having: Real) -> Whole:
    """The band of the evidence that offices heard of a demand."""
    return np.searchsorted(_ASKED, _asked_ratio(shares, lines, having), side="right").astype(np.int64)


def _asked_ratio(shares: Real, lines: Real, having: Real) -> Real:
    if not shares[0]:
        return np.zeros(len(lines))
    asked, other = shares[0], shares[1]
    ratio: Real = having * np.log(asked / other) + (lines - having) * np.log((1 - asked) / (1 - other))
    return ratio


def _asked_shares(lines: Real, having: Real) -> Real:
    """Shares of lines that have what meets a demand, by kind of cell, and the share of the first kind."""
    if not having.any():
        return np.zeros(3)
    shares = np.array([0.6, 0.05, 0.3])
    for _ in range(_ASKED_ROUNDS):
        odds = _asked_ratio(shares, lines, having) + np.log(shares[2] / (1 - shares[2]))
        first = _sigmoid(odds)
        found = (
            (first * having).sum() / max((first * lines).sum(), 1e-9),
            ((1 - first) * having).sum() / max(((1 - first) * lines).sum(), 1e-9),
            first.mean(),
        )
        shares = np.array([np.clip(each, *limits) for each, limits in zip(found, _HAVING, strict=True)])
    return shares


def _likelihood(total: Real, denied: Real, conditions: Real, spans: Real, chance: float) -> Real:
    """Log likelihood ratios to no demand: by cell, strength, condition and span."""

    def in_force(counts: Real) -> Real:
        blocks = min(counts.shape[2], spans.shape[1])
        of_conditions = np.matmul(conditions.T, counts[:, :, :blocks])
        found: Real = of_conditions @ spans[:, :blocks].T
        return found

    struck, paid = in_force(denied), in_force(total - denied)
    log_struck = np.log((STRENGTHS + chance - STRENGTHS * chance) / chance)
    found: Real = paid[:, None] * _LOG_PAID[:, None, None]
    found += struck[:, None] * log_struck[:, None, None]
    return found


def _estimated(cells: DemandCells, conditions: Real, payers: int) -> DemandHabits:
    having = _asked_shares(cells.lines, cells.having)
    columns = habits_size(payers)
    chance = float(np.clip(cells.denied.sum() / max(cells.total.sum(), 1.0) / 2, *_CHANCES))
    blocks = cells.total.shape[2]
    spans = _spans(blocks)
    habits = DemandHabits(
        chance,
        np.full(len(STRENGTHS), 1 / len(STRENGTHS)),
        np.full(conditions.shape[1], 1 / conditions.shape[1]),
        _SPANS,
        having,
        np.concatenate([[_USUAL_LOG_ODDS], np.zeros(columns - 1)]),
        blocks,
    )
    used = cells.total.sum(axis=(1, 2)) > 0
    if not used.any():
        return habits
    total, denied, payer = cells.total[used], cells.denied[used], cells.payer[used]
    lines, having_lines = cells.lines[used], cells.having[used]
    design = np.zeros((len(total), columns))
    rows = np.arange(len(total))
    design[:, 0] = 1.0
    design[rows, 1 + payer] = 1.0
    design[rows, 1 + payers + asked_band(having, lines, having_lines)] = 1.0
    ridge = np.concatenate([[_OF_USUAL], np.full(payers, _OF_PAYER), np.full(len(_ASKED) + 1, _OF_ASKED)])
    all_total, all_denied = total.sum(axis=(1, 2)), denied.sum(axis=(1, 2))
    for _ in range(_ROUNDS):
        likely = _likelihood(total, denied, conditions, spans, habits.chance) + habits.shares(len(spans))
        most = likely.max(axis=(1, 2, 3), keepdims=True)
        weight = np.exp(likely - most)
        whole = weight.sum(axis=(1, 2, 3))
        has = _sigmoid(design @ habits.log_odds + np.log(whole) + most[:, 0, 0, 0])
        weight *= (has / whole)[:, None, None, None]
        of_spans = weight.sum(axis=(0, 1, 2))
        turns = np.array([of_spans[0], of_spans[1:blocks].sum(), of_spans[blocks:].sum()]) + _SPANS_COUNT
        # Where no demand is likely, all denials are by chance.
        by_chance = ((1 - has) * all_denied).sum() / max(((1 - has) * all_total).sum(), 1.0)
        habits = DemandHabits(
            float(np.clip(by_chance, *_CHANCES)),
            _with_prior(weight.sum(axis=(0, 2, 3))),
            _with_prior(weight.sum(axis=(0, 1, 3))),
            turns / turns.sum(),
            having,
            _regressed(design, has, ridge, habits.log_odds),
            blocks,
        )
    return habits


def _with_prior(counts: Real) -> Real:
    """Shares; each counts as one more."""
    found: Real = (counts + 1) / (counts.sum() + len(counts))
    return found


def _regressed(design: Real, share: Real, ridge: Real, start: Real) -> Real:
    """Logistic regression on shares, by Newton's method."""
    found = start.copy()
    for _ in range(_STEPS):
        now = _sigmoid(design @ found)
        slope = design.T @ (share - now) - ridge * found
        curve = (design * (now * (1 - now))[:, None]).T @ design + np.diag(ridge)
        found += np.clip(np.linalg.solve(curve, slope), -3.0, 3.0)
    return found


def _sigmoid(odds: Real) -> Real:
    found: Real = 1 / (1 + np.exp(-np.clip(odds, -_FARTHEST, _FARTHEST)))
    return found
