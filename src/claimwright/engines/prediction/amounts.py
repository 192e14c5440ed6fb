"""Of which lines of a service a payer demands something: of all, or of those above an amount.

The lowest charge that was denied is an upper bound of the amount. Below it, every line that was paid without
the step is evidence for an amount above its charge: all amounts between the charges seen are weighed by how
likely they make these lines (Bayesian model averaging), beside no amount at all, which is as likely at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .encoding import Real, Whole

if TYPE_CHECKING:
    from .support import SupportLines

_NONE = -1
# Charges fit into 40 bits: ten billion dollars.
_CENTS = np.int64(1) << np.int64(40)
_LEAST_RATE = 0.02


@dataclass(frozen=True)
class Amounts:
    """By cell, in the order of its keys: the lowest charge that was denied, and lower ones that were paid.

    Attributes:
        lowest: in cents; -1 if nothing was denied, or amounts do not matter.
        below: the cell and the charge of each line paid without the step below `lowest`, as one number,
            ascending.
    """

    lowest: Whole
    below: Whole

    @classmethod
    def everything(cls, cells: Whole) -> Amounts:
        """A demand of all lines."""
        return cls(np.full(len(cells), _NONE, dtype=np.int64), np.zeros(0, dtype=np.int64))

    @classmethod
    def of(cls, cells: Whole, lines: SupportLines) -> Amounts:
        """From answered lines of these cells."""
        return cls.everything(cells).after(cells, cells, lines)

    def after(self, old_cells: Whole, cells: Whole, lines: SupportLines) -> Amounts:
        """With later lines; `cells` include the old ones."""
        lowest = np.full(len(cells), _CENTS - 1, dtype=np.int64)
        known = self.lowest != _NONE
        lowest[np.searchsorted(cells, old_cells)[known]] = self.lowest[known]
        place = np.searchsorted(cells, lines.keys)
        lost, paid = ~lines.has & lines.denied, ~lines.has & ~lines.denied
        np.minimum.at(lowest, place[lost], lines.cents[lost])
        old = np.searchsorted(cells, old_cells)[self.below // _CENTS] if len(self.below) else self.below
        below = np.concatenate([old * _CENTS + self.below % _CENTS, place[paid] * _CENTS + lines.cents[paid]])
        below = np.sort(below[below % _CENTS < lowest[below // _CENTS]])
        nothing = lowest == _CENTS - 1
        # Without a denial there is no policy to bound.
        return Amounts(np.where(nothing, _NONE, lowest), below[~nothing[below // _CENTS]])

    def demanded(self, cells: Whole, lines: SupportLines) -> SupportLines:
        """The lines without those that lacked the step below the lowest charge that was denied."""
        lowest = self.lowest[np.searchsorted(cells, lines.keys)]
        return lines.part(lines.has | (lines.cents >= lowest))

    def likelihood(self, rate: Real) -> Real:
        """How likely the policy makes the lines below, by cell, in relation to no policy."""
        q, total = self._odds(rate)
        return (_power(q, total) + _sum(q, total) / (total + 1)) / 2

    def chance(self, places: Whole, cents: Whole, rate: Real) -> Real:
        """The chance that a demand of the cell at each place is about a line with this charge."""
        q, total = (each[places] for each in self._odds(rate))
        first = np.searchsorted(self.below, places * _CENTS)
        lower = np.searchsorted(self.below, places * _CENTS + np.minimum(cents, _CENTS - 1)) - first
        none = (total + 1) * _power(q, total)
        whole = none + _sum(q, total)
        # Amounts in gaps below that of the charge, and half of its own gap.
        up_to = np.where(lower > 0, _power(q, total - lower + 1) * _sum(q, np.maximum(lower - 1, 0)), 0.0)
        found = (none + up_to + _power(q, total - lower) / 2) / whole
        return np.where(cents >= self.lowest[places], 1.0, np.minimum(found, 1.0))

    def _odds(self, rate: Real) -> tuple[Real, Real]:
        """By cell: the chance of each line below of being paid under the policy, and how many there are."""
        counts = np.bincount(self.below // _CENTS, minlength=len(self.lowest)).astype(np.float64)
        return 1 - np.clip(rate, _LEAST_RATE, 1 - _LEAST_RATE), counts


def _power(q: Real, exponent: Real) -> Real:
    found: Real = q**exponent
    return found


def _sum(q: Real, last: Real) -> Real:
    """q^0 + q^1 + ... + q^last."""
    found: Real = (1 - q ** (last + 1)) / (1 - q)
    return found
