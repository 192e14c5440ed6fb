"""What payers did with lines that lacked something and with lines that had it, as evidence about a policy.

A cell is a payer and a service. In every month a cell has a policy in force or not: with one, lines that lack
what it demands are denied at the cell's own rate; without one, at the low rate of chance. Policies begin and
end, so the months are a hidden Markov chain with two states (Rabiner 1989), and what counts is the state
after the last month. Rates are beta-distributed over cells, with parameters from the data (empirical Bayes).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .amounts import Amounts
from .encoding import Counts, Real, Whole, places_of

Flags = npt.NDArray[np.bool_]

# Length of a step of the chain. Policies change at the turn of a month; fewer days hold too few answers.
MONTH_DAYS = 30
_ROUNDS = 12
# Where the estimation begins, and how many observations the start counts as.
_OFF_RATE, _IN_FORCE, _TURNS = 0.01, 0.15, 0.02
_RATE = (3.0, 1.0)
_STRENGTH = 200.0
# Denials that remain with the step done: a prior of one in fifty.
_DONE = (0.2, 9.8)
_FLOOR = 1e-4
# How many cells of a group the share of all cells counts as.
_ALL_CELLS = 5.0


@dataclass(frozen=True)
class SupportLines:
    """Answered lines: their cell, month from 0, whether they were denied for the cause, and had the step."""

    keys: Whole
    month: Whole
    denied: Flags
    has: Flags
    cents: Whole

    def part(self, rows: Flags) -> SupportLines:
        """Some of them."""
        return SupportLines(
            self.keys[rows], self.month[rows], self.denied[rows], self.has[rows], self.cents[rows]
        )


@dataclass(frozen=True)
class Habits:
    """What the cells of one step have in common.

    Attributes:
        off_rate: share of lines denied for the cause although no policy is in force.
        in_force: share of cells with a policy in the first month.
        begins, ends: chance that a policy begins, or ends, from one month to the next.
        rate: parameters of the beta distribution of the rate of denial under a policy.
    """

    off_rate: float = _OFF_RATE
    in_force: float = _IN_FORCE
    begins: float = _TURNS
    ends: float = _TURNS
    rate: tuple[float, float] = _RATE


@dataclass(frozen=True)
class Support:
    """The evidence of each cell, keys ascending.

    Attributes:
        keys: payer and service.
        in_force: probability that a policy is in force after the last month.
        denied, paid: parameters of the beta distribution of the rate of denial under the policy.
        lacked, had: answered lines that lacked it, and that had it, and how many of them were denied for the
            cause.
        habits: what the cells have in common.
        amounts: of which lines the policy demands it.
    """

    keys: Whole
    in_force: Real
    denied: Real
    paid: Real
    lacked: Counts
    had: Counts
    habits: Habits
    amounts: Amounts

    @classmethod
    def fit(cls, lines: SupportLines, services: int, *, by_amount: bool = False) -> Support:
        """From answered lines; those denied for another reason must be left out.

        Keys are payer x `services` + service: payers that demand much, and services of which much is
        demanded, are likelier to have a policy that was not seen yet.
        """
        cells = np.unique(lines.keys)
        amounts = Amounts.of(cells, lines) if by_amount else Amounts.everything(cells)
        lines = amounts.demanded(cells, lines)
        keys, month, denied, has = lines.keys, lines.month, lines.denied, lines.has
        total, struck = _by_month(cells, keys[~has], month[~has], denied[~has])
        habits, in_force, rate = _estimated(total, struck)
        in_force = _times(in_force, amounts.likelihood(rate[0] / (rate[0] + rate[1])))
        for group in (cells // services, cells % services):
            in_force = _times(in_force, _propensity(group, in_force))
        return cls(
            cells, in_force, rate[0], rate[1],
            _counted(cells, keys[~has], denied[~has]), _counted(cells, keys[has], denied[has]),
            habits, amounts,
        )  # fmt: skip

    @classmethod
    def nothing(cls) -> Support:
        """No evidence of anything."""
        none, reals = np.zeros(0, dtype=np.int64), np.zeros(0)
        counts = Counts(none, reals, reals)
        return cls(none, reals, reals, reals, counts, counts, Habits(), Amounts.everything(none))

    def after(self, lines: SupportLines) -> Support:
        """The evidence with later months added, ascending from 0; `lacked` and `had` count them too."""
        if not len(lines.keys):
            return self
        cells = np.union1d(self.keys, lines.keys)
        place = np.searchsorted(cells, self.keys)
        habits = self.habits
        amounts = self.amounts.after(self.keys, cells, lines)
        lines = amounts.demanded(cells, lines)
        keys, month, denied, has = lines.keys, lines.month, lines.denied, lines.has

        def spread(values: Real, usual: float) -> Real:
            found = np.full(len(cells), usual)
            found[place] = values
            return found

        start = spread(self.in_force, habits.in_force)
        rate = (spread(self.denied, habits.rate[0]), spread(self.paid, habits.rate[1]))
        total, struck = _by_month(cells, keys[~has], month[~has], denied[~has])
        on, _ = _chain(total, struck, start, rate, habits)
        held = on * total, on * struck
        added = held[1].sum(axis=1), (held[0] - held[1]).sum(axis=1)
        return replace(
            self,
            keys=cells,
            in_force=on[:, -1],
            denied=rate[0] + added[0],
            paid=rate[1] + added[1],
            lacked=self.lacked.plus(_counted(cells, keys[~has], denied[~has])),
            had=self.had.plus(_counted(cells, keys[has], denied[has])),
            amounts=amounts,
        )

    def places(self, keys: Whole) -> Whole:
        """The position of each key; -1 if there is no evidence."""
        return places_of(self.keys, keys)

    def rate(self) -> Real:
        """The expected rate of denial under the policy, by cell."""
        found: Real = self.denied / (self.denied + self.paid)
        return found

    def lacking_rate(self) -> Real:
        """The expected rate of denial for the cause of lines that lack it, by cell."""
        return self.in_force * self.rate() + (1 - self.in_force) * self.habits.off_rate

    def having_rate(self) -> Real:
        """The same of lines that have it; never above the rate of those that lack it."""
        a, b = self.having()
        return np.minimum(a / (a + b), self.lacking_rate())

    def having(self) -> tuple[Real, Real]:
        """Parameters of the beta distribution of the rate of lines that have it."""
        total, denied = self.had.look_up(self.keys)
        return _DONE[0] + denied, _DONE[1] + total - denied


def _times(chance: Real, ratio: Real) -> Real:
    """A chance whose odds are multiplied."""
    odds = chance * ratio
    found: Real = np.minimum(odds / np.maximum(odds + 1 - chance, 1e-300), 1.0)
    return found


def _propensity(group: Whole, in_force: Real) -> Real:
    """By cell: the odds of a policy in its group, in relation to those of all cells."""
    if not len(group):
        return np.ones(0)
    _, place = np.unique(group, return_inverse=True)
    usual = float(np.clip(in_force.mean(), _FLOOR, 1 - _FLOOR))
    size = np.bincount(place) - 1.0
    # Without the cell itself, or it would count twice.
    others = np.bincount(place, in_force)[place] - in_force
    share = (others + _ALL_CELLS * usual) / (size[place] + _ALL_CELLS)
    found: Real = share / (1 - share) * (1 - usual) / usual
    return found


def _counted(cells: Whole, keys: Whole, denied: Flags) -> Counts:
    place = np.searchsorted(cells, keys)
    size = len(cells)
    return Counts(
        cells,
        np.bincount(place, None, size).astype(np.float64),
        np.bincount(place, denied, size).astype(np.float64),
    )


def _by_month(cells: Whole, keys: Whole, month: Whole, denied: Flags) -> tuple[Real, Real]:
    """Lines and denials: one row a cell, one column a month."""
    months = int(month.max()) + 1 if len(month) else 1
    place = np.searchsorted(cells, keys) * months + month
    size = len(cells) * months
    total = np.bincount(place, None, size).reshape(len(cells), months).astype(np.float64)
    struck = np.bincount(place, denied, size).reshape(len(cells), months).astype(np.float64)
    return total, struck


def _estimated(total: Real, struck: Real) -> tuple[Habits, Real, tuple[Real, Real]]:
    """Habits by expectation maximization; and by cell the state after the last month and the rate."""
    habits = Habits()
    cells = len(total)
    if not cells:
        return habits, np.zeros(0), (np.zeros(0), np.zeros(0))
    rate: tuple[Real, Real] = (np.full(cells, habits.rate[0]), np.full(cells, habits.rate[1]))
    on = np.zeros_like(total)
    for _ in range(_ROUNDS):
        start = np.full(cells, habits.in_force)
        on, turns = _chain(total, struck, start, rate, habits, smooth=True)
        lines, denials = (on * total).sum(axis=1), (on * struck).sum(axis=1)
        habits = replace(
            habits,
            off_rate=_share(((1 - on) * struck).sum(), ((1 - on) * total).sum(), _OFF_RATE),
            in_force=_share(on[:, 0].sum(), float(cells), _IN_FORCE),
            begins=_share(turns[0], turns[1], _TURNS),
            ends=_share(turns[2], turns[3], _TURNS),
            rate=_beta(lines, denials),
        )
        rate = (habits.rate[0] + denials, habits.rate[1] + lines - denials)
    last, _ = _chain(total, struck, np.full(cells, habits.in_force), rate, habits)
    return habits, last[:, -1], rate


def _share(above: float, below: float, usual: float) -> float:
    """A share, with the start as prior."""
    found = (above + usual * _STRENGTH / 10) / (below + _STRENGTH / 10)
    return float(min(max(found, _FLOOR), 0.5))


def _beta(lines: Real, denials: Real) -> tuple[float, float]:
    """The distribution of rates over cells with a policy, by moments; the start counts as three cells."""
    own = lines >= 2
    rates = np.concatenate([denials[own] / lines[own], [0.55, 0.75, 0.95]])
    weight = np.concatenate([np.minimum(lines[own], 20.0), [10.0, 10.0, 10.0]])
    mean = float(np.average(rates, weights=weight))
    spread = float(np.average((rates - mean) ** 2, weights=weight))
    size = min(max(mean * (1 - mean) / max(spread, 1e-6) - 1, 2.0), 12.0)
    return mean * size, (1 - mean) * size


def _chain(
    total: Real, struck: Real, start: Real, rate: tuple[Real, Real], habits: Habits, *, smooth: bool = False
) -> tuple[Real, tuple[float, float, float, float]]:
    """The probability of a policy in force, by cell and month, from the months up to it (smoothed: from all).

    Also the expected turns: begun, of how many months without; ended, of how many with.
    """
    cells, months = total.shape
    under = np.clip(rate[0] / (rate[0] + rate[1]), _FLOOR, 1 - _FLOOR)[:, None]
    off = min(max(habits.off_rate, _FLOOR), 0.5)
    log_on = struck * np.log(under) + (total - struck) * np.log1p(-under)
    log_off = struck * np.log(off) + (total - struck) * np.log1p(-off)
    # Only the ratio of the two matters; bounded, so that a sequence of extreme months stays finite.
    ratio = np.exp(np.clip(log_on - log_off, -60, 60))
    forward = np.zeros((cells, months))
    before = np.zeros((cells, months))
    state = start
    for month in range(months):
        if month:
            state = state * (1 - habits.ends) + (1 - state) * habits.begins
        before[:, month] = state
        state = np.clip(state, _FLOOR**2, 1 - _FLOOR**2)
        state = state * ratio[:, month] / (state * ratio[:, month] + 1 - state)
        forward[:, month] = state
    if not smooth:
        return forward, (0.0, 0.0, 0.0, 0.0)
    smoothed = forward.copy()
    begun = idle = ended = held = 0.0
    for month in range(months - 2, -1, -1):
        later, expected, now = smoothed[:, month + 1], before[:, month + 1], forward[:, month]
        keep = now * (1 - habits.ends) / np.maximum(expected, _FLOOR**2)
        fall = now * habits.ends / np.maximum(1 - expected, _FLOOR**2)
        on_on, on_off = keep * later, fall * (1 - later)
        off_on = (1 - now) * habits.begins / np.maximum(expected, _FLOOR**2) * later
        smoothed[:, month] = np.clip(on_on + on_off, 0.0, 1.0)
        begun += float(off_on.sum())
        idle += float((1 - smoothed[:, month]).sum())
        ended += float(on_off.sum())
        held += float(smoothed[:, month].sum())
    return smoothed, (begun, idle, ended, held)
