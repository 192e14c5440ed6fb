"""Chances of denials for demands, of past claims: each as it would have been computed on its sending date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from .answers import Answers, is_denied, labels_of
from .catalogue import ENCODING_OF, RECENT_DAYS
from .combining import rows_at
from .demand_kinds import BLOCK_DAYS, DEMAND_OF, DEMANDS, DemandRows, Flags, Real
from .demands import DemandCells, DemandEvidence
from .encoding import Vocabulary, Whole, keys_of
from .facts import Facts

# Blocks of days that demands are learned from; what is older is in the first.
_BLOCKS = 18


@dataclass(frozen=True)
class PastRows:
    """Rows of one kind of demand, with what became of them.

    Attributes:
        rows: the rows.
        denied: whether each was denied for a reason of the demand.
        known: whether it was decided, and not denied for another reason, which would hide this one.
        fold: the fold of claims of training; -1 for others.
        weights: of the decision.
        sent, arrived: days since 1970 of sending and of the decision.
        is_late: whether it was sent after training.
    """

    rows: DemandRows
    denied: Flags
    known: Flags
    fold: Whole
    weights: Real
    sent: Whole
    arrived: Whole
    is_late: Flags


def count_demands(
    facts: Facts,
    answers: Answers,
    use: Flags,
    words: Vocabulary,
    first_day: Mapping[str, int],
    weights: Real | None = None,
) -> dict[str, DemandCells]:
    """Decisions about kinds of demand over the claims in use, by encoding, in blocks from a first day."""
    found: dict[str, DemandCells] = {}
    keys = keys_of(facts, words)
    for name, first in first_day.items():
        kind, encoding = DEMAND_OF[name], ENCODING_OF[name]
        rows = rows_at(facts, encoding.level)
        used = use[rows]
        denied = labels_of(facts, answers, encoding)
        known = denied | ~is_denied(facts, answers, encoding)
        part = DemandRows.of(kind, facts, words, first, keys[name].own).part(used)
        weight = None if weights is None else weights[rows][used]
        found[name] = DemandCells.of(part, kind.bands, denied[used], known[used], weight)
    return found


def demands_of(
    facts: Facts, answers: Answers, use: Flags, words: Vocabulary, weights: Real
) -> dict[str, DemandEvidence]:
    """What payers demand, learned from the claims in use."""
    sent = _days(facts)[use]
    until = int(sent.max()) + 1
    blocks = min(-(-(until - int(sent.min())) // BLOCK_DAYS), _BLOCKS)
    first_day = until - blocks * BLOCK_DAYS
    counted = count_demands(facts, answers, use, words, {kind.rate: first_day for kind in DEMANDS}, weights)
    payers = words.size("payer")
    return {name: DemandEvidence.fit(name, cells, payers, first_day) for name, cells in counted.items()}


def past_rows(
    evidence: DemandEvidence,
    facts: Facts,
    answers: Answers,
    words: Vocabulary,
    keys: Whole,
    fold: Whole,
    is_late: Flags,
    weights: Real | None,
) -> PastRows:
    """The rows of a kind of demand.

    `keys` are those of its encoding; `fold`, `is_late` and `weights` are by claim.
    """
    encoding = ENCODING_OF[evidence.name]
    row = rows_at(facts, encoding.level)
    denied = labels_of(facts, answers, encoding)
    arrived = answers.answered_day[row]
    return PastRows(
        DemandRows.of(DEMAND_OF[evidence.name], facts, words, evidence.first_day, keys),
        denied,
        (arrived >= 0) & (denied | ~is_denied(facts, answers, encoding)),
        fold[row],
        np.ones(len(row)) if weights is None else weights[row],
        _days(facts)[row],
        arrived,
        is_late[row],
    )


def _days(facts: Facts) -> Whole:
    days: Whole = facts.claims["submitted_on"].cast(pl.Int32).to_numpy().astype(np.int64)
    return days


def history_rates(evidence: DemandEvidence, past: PastRows, folds: int) -> Real:
    """The chance of each row.

    That of claims of training is computed from the other folds. For claims sent after training, decisions of
    the days before sending on other such claims are added.
    """
    found = evidence.look_up(past.rows)
    for number in range(folds):
        own = np.flatnonzero(past.fold == number)
        if len(own):
            found[own] = _without(evidence, past, own)
    for rows, rates in _later(evidence, past):
        found[rows] = rates
    return found


def _part(past: PastRows, at: Whole) -> tuple[DemandRows, Flags, Flags, Real]:
    return past.rows.part(at), past.denied[at], past.known[at], past.weights[at]


def _without(evidence: DemandEvidence, past: PastRows, own: Whole) -> Real:
    """The chances of the rows of a fold, from all others."""
    rows, denied, known, weights = _part(past, own)
    bands = len(DEMAND_OF[evidence.name].conditions())
    counted = DemandCells.of(rows, bands, denied, known, weights)
    # Every cell of the fold is among those of training.
    place = evidence.cells.places(counted.keys)
    total, left = evidence.cells.total[place], evidence.cells.denied[place]
    for whole, part in ((total, counted.total), (left, counted.denied)):
        whole[:, :, : part.shape[2]] -= part
        np.maximum(whole.round(9), 0.0, out=whole)
    last = int(rows.block.max())
    rates = evidence.habits.expected(total, left, evidence.log_odds()[place], evidence.conditions, last)
    found: Real = rates[np.searchsorted(counted.keys, rows.key), rows.band, rows.block]
    return found


def _later(evidence: DemandEvidence, past: PastRows) -> Iterator[tuple[Whole, Real]]:
    """Rows sent after training, by day of sending, with their chances on that day."""
    late = np.flatnonzero(past.is_late)
    if not len(late):
        return
    rows, denied, known, _ = _part(past, late)
    conditions = evidence.conditions
    cells = evidence.with_decisions(DemandCells.of(rows, len(conditions), denied, np.zeros_like(known))).cells
    place, sent, arrived = np.searchsorted(cells.keys, rows.key), past.sent[late], past.arrived[late]
    prior = evidence.habits.prior(cells.payer, cells.lines, cells.having)
    rates, is_stale = np.zeros(cells.total.shape[:2]), np.ones(len(prior), dtype=bool)
    counted = np.flatnonzero(known & ~rows.is_met & (arrived >= 0))
    counted = counted[np.argsort(arrived[counted], kind="stable")]
    came = arrived[counted]
    # Whole numbers, so that adding and taking away leaves no rounding error.
    total, struck = np.zeros_like(cells.total), np.zeros_like(cells.total)
    order = np.argsort(sent, kind="stable")
    first = last = 0
    block = -1
    for day in np.unique(sent):
        begins, ends = np.searchsorted(came, [day - RECENT_DAYS, day])
        new, old = counted[last:ends], counted[first:begins]
        for at, sign in ((new, 1.0), (old, -1.0)):
            index = (place[at], rows.band[at], rows.block[at])
            np.add.at(total, index, sign)
            np.add.at(struck, index, sign * denied[at])
            is_stale[place[at]] = True
        first, last = begins, ends
        today = order[np.searchsorted(sent, day, sorter=order) : np.searchsorted(sent, day, "right", order)]
        if rows.block[today[0]] != block:
            block = int(rows.block[today[0]])
            is_stale[:] = True
        old_cells = np.unique(place[today])
        old_cells = old_cells[is_stale[old_cells]]
        rates[old_cells] = evidence.habits.expected(
            cells.total[old_cells] + total[old_cells], cells.denied[old_cells] + struck[old_cells],
            prior[old_cells], conditions, block,
        )[:, :, -1]  # fmt: skip
        is_stale[old_cells] = False
        yield late[today], rates[place[today], rows.band[today]]
