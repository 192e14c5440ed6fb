"""Days from sending a claim to the payer's answer, as survival: unanswered claims count while they wait.

Means of answered claims are too short: claims that wait are left out, and recent claims are only there if
they were answered quickly. Here each day has its hazard, the share of claims still waiting that are answered
on it (Kaplan and Meier 1958): for all payers, for each payer, and for claims of the payer that the model
rates alike, since denials often take longer. With few claims a hazard is close to that of the wider group.

The interval is calibrated on later claims: where their answers lie on the predicted curve, again with those
that still wait, gives the levels whose days contain the stated share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Claims between two of these probabilities have one curve for each payer.
BANDS = np.array([0.15, 0.40])
# The middle and an interval that contains 9 of 10 answers.
LEVELS = (0.05, 0.5, 0.95)
# Days by which the share of answered claims is known.
HORIZONS = (30, 60, 90, 180)
# After so many days without an answer a claim counts as never answered.
LONGEST = 400
# A hazard of the wider group counts as that of so many waiting claims.
_STRENGTH = 20.0
# With fewer answers in the calibration period, levels are not moved; and never by more than this.
_FEWEST, _MOST_MOVED = 200, 0.04
# Payers that say how an unknown one may be: these have so many claims, and there are so many of them.
_FEWEST_OF_PAYER, _FEWEST_PAYERS = 50, 3


@dataclass(frozen=True)
class Waits:
    """Typical waits by payer (the vocabulary's code; 0: an unknown payer) and band of probability.

    Attributes:
        days: those of `LEVELS`, if the payer answers at all.
        answered: the share of claims that are answered within `HORIZONS`.
        levels: the levels of the curves that proved to be `LEVELS` on the calibration period.
    """

    days: Real
    answered: Real
    levels: tuple[float, ...]

    def of_claims(self, payer: Whole, probability: Real) -> Real:
        """Low, middle and high days to the answer: one row per claim."""
        found: Real = self.days[payer, np.searchsorted(BANDS, probability)]
        return found

    def unanswered(self, payer: Whole, probability: Real) -> Real:
        """The share of such claims without an answer after the last of `HORIZONS`."""
        found: Real = 1 - self.answered[payer, np.searchsorted(BANDS, probability), -1]
        return found

    @classmethod
    def fit(
        cls,
        payer: Whole,
        probability: Real,
        sent: Whole,
        days: Real,
        payers: int,
        *,
        train: Flags,
        calibrate: Flags,
        now: int,
    ) -> Waits:
        """Learned from claims that were sent, whether or not they are answered.

        Args:
            payer: the vocabulary's code.
            probability: that the claim is denied.
            sent: the day of sending.
            days: from sending to the answer; NaN if there is none.
            payers: the number of codes.
            train: claims for the curves.
            calibrate: claims for the levels.
            now: the day on which this is learned: answers of that day and later are not known.
        """
        waited, is_answered = censored(sent, days, now)
        band = np.searchsorted(BANDS, probability)
        use = train & (sent < now)
        group = payer * (len(BANDS) + 1) + band
        bands = len(BANDS) + 1
        every = _hazards(np.zeros(use.sum(), dtype=np.int64), waited[use], is_answered[use], 1, None)
        by_payer = _hazards(payer[use], waited[use], is_answered[use], payers, every)
        known = _known(np.bincount(payer[use], minlength=payers))
        if len(known):
            anyone = _mean_hazards(by_payer[known])
            by_payer = _hazards(payer[use], waited[use], is_answered[use], payers, anyone)
        wider = np.repeat(by_payer, bands, axis=0)
        hazards = _hazards(group[use], waited[use], is_answered[use], len(wider), wider)
        if len(known):
            own_band = [_mean_hazards(hazards[known * bands + each]) for each in range(bands)]
            hazards[:bands] = np.concatenate(own_band)
        else:
            hazards[:bands] = _hazards(band[use], waited[use], is_answered[use], bands, every)
        curves = 1 - np.cumprod(1 - hazards, axis=1)
        # If it is answered at all.
        whole = curves / np.maximum(curves[:, -1:], 1e-9)
        own = calibrate & (sent < now)
        levels = _levels(whole[group[own], waited[own]], is_answered[own])
        shape = (payers, len(BANDS) + 1, -1)
        return cls(
            np.stack([_days_at(whole, level) for level in levels], axis=1).reshape(shape),
            np.asarray(curves[:, list(HORIZONS)], dtype=np.float64).reshape(shape),
            levels,
        )

    def as_numbers(self) -> dict[str, Any]:
        """For the model's file."""
        return {
            "days": self.days.tolist(), "answered": self.answered.tolist(), "levels": list(self.levels),
        }  # fmt: skip

    @classmethod
    def from_numbers(cls, noted: dict[str, Any]) -> Waits:
        """Of the model's file."""
        return cls(
            np.array(noted["days"], dtype=float), np.array(noted["answered"], dtype=float),
            tuple(float(each) for each in noted["levels"]),
        )  # fmt: skip


def censored(sent: Whole, days: Real, now: int) -> tuple[Whole, Flags]:
    """Days waited until the answer or until `now`, and whether an answer had come by then."""
    until_now = np.maximum(now - sent, 0)
    is_answered: Flags = np.isfinite(days) & (np.nan_to_num(days, nan=np.inf) < until_now)
    waited = np.where(is_answered, np.nan_to_num(days), until_now)
    return np.clip(waited, 0, LONGEST).astype(np.int64), is_answered & (waited <= LONGEST)


def _hazards(group: Whole, waited: Whole, is_answered: Flags, groups: int, wider: Real | None) -> Real:
    """The share of waiting claims answered on each day: one row per group, shrunk toward the wider group."""
    width = LONGEST + 1
    place = group * width + waited
    answers = np.bincount(place[is_answered], minlength=groups * width).reshape(groups, width)
    leaving = np.bincount(place, minlength=groups * width).reshape(groups, width)
    waiting = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    if wider is None:
        found: Real = answers / np.maximum(waiting, 1)
        return found
    shrunk: Real = (answers + _STRENGTH * wider) / (waiting + _STRENGTH)
    return shrunk


def _known(claims: Whole) -> Whole:
    """Payers that say how one without claims may be; none if they are too few."""
    found = np.flatnonzero(claims >= _FEWEST_OF_PAYER)
    found = found[found > 0]
    return found if len(found) >= _FEWEST_PAYERS else found[:0]


def _mean_hazards(hazards: Real) -> Real:
    """Of a claim whose payer may be any of these, each as likely: one row.

    By claims, a quick payer with half of them would make intervals too short for most of the others.
    """
    waiting = np.cumprod(1 - hazards, axis=1).mean(axis=0)
    before = np.concatenate([[1.0], waiting[:-1]])
    found: Real = np.clip(1 - waiting / np.maximum(before, 1e-12), 0.0, 1.0)[None, :]
    return found


def _levels(place: Real, is_answered: Flags) -> tuple[float, ...]:
    """The levels of the predicted curve below which the stated shares of answers really are."""
    if is_answered.sum() < _FEWEST:
        return LEVELS
    order = np.argsort(place, kind="stable")
    waiting = np.arange(len(order), 0, -1)
    survived = np.cumprod(1 - is_answered[order] / waiting)
    share = 1 - survived
    share = share / max(float(share[-1]), 1e-9)
    found = []
    for level in LEVELS:
        moved = float(place[order][min(int(np.searchsorted(share, level)), len(order) - 1)])
        found.append(float(np.clip(moved, level - _MOST_MOVED, level + _MOST_MOVED)))
    return tuple(np.clip(found, 0.005, 0.995).tolist())


def _days_at(curves: Real, level: float) -> Real:
    """The first day on which the share of each curve is reached."""
    found: Real = (curves < level).sum(axis=1).clip(max=LONGEST).astype(np.float64)
    return found
