"""Weights for decisions that are known by a day, so that slow ones are not underrepresented.

Denials often arrive later than payments. Of the claims of the last weeks, those that are already decided are
therefore denied less often than all of them will be. A decision that is known is counted for all decisions
like it that are still to come: its weight is one divided by the share of such decisions (same outcome, same
payer) that arrive within the time that has passed (Horvitz and Thompson 1952).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# After this many days, a decision that has not arrived is taken as one that will not.
LONGEST_DAYS = 180
# A decision stands for at most this many others; claims of so few days are not used.
_MOST = 8.0
# How many decisions the distribution of all payers counts as.
_STRENGTH = 50.0
# Share of the denials that have arrived when a period is mature.
_MATURE = 0.95


def weights_as_of(sent: Whole, answered: Whole, denied: Flags, payer: Whole, day: int) -> Real:
    """The weight of each decision that arrived before `day`; 0 for others. Days count from 1970.

    `answered` is -1 for claims without a decision.
    """
    known = (answered >= 0) & (answered < day) & (sent < day)
    found: Real = np.zeros(len(sent))
    for outcome in (False, True):
        own = known & (denied == outcome)
        share = _arrived(sent, answered, own, payer, day)
        found[own] = np.where(share >= 1 / _MOST, 1 / np.maximum(share, 1 / _MOST), 0.0)
    return found


def _arrived(sent: Whole, answered: Whole, own: Flags, payer: Whole, day: int) -> Real:
    """Share of decisions of one outcome that arrive within the age of each claim, by payer."""
    mature = own & (sent <= day - LONGEST_DAYS) & (answered - sent <= LONGEST_DAYS)
    if not mature.any():
        mature = own
    delay = np.minimum(np.sort(answered[mature] - sent[mature]), LONGEST_DAYS)
    ages = np.minimum(day - 1 - sent[own], LONGEST_DAYS)
    overall = _share_within(delay, ages) if len(delay) else np.ones(len(ages))
    found = overall.copy()
    of_claims = payer[own]
    for each in np.unique(of_claims):
        mine = of_claims == each
        delays = np.sort(answered[mature & (payer == each)] - sent[mature & (payer == each)])
        count = np.searchsorted(delays, ages[mine], side="right")
        found[mine] = (count + _STRENGTH * overall[mine]) / (len(delays) + _STRENGTH)
    return found


def _share_within(delay: Whole, ages: Whole) -> Real:
    share: Real = np.searchsorted(delay, ages, side="right") / len(delay)
    return share


def days_to_maturity(sent: Whole, answered: Whole, denied: Flags) -> int:
    """Within how many days 95 percent of the denials of a history arrived; at most `LONGEST_DAYS`."""
    come = denied & (answered >= 0)
    if not come.any():
        return 0
    return int(min(np.quantile(answered[come] - sent[come], _MATURE), LONGEST_DAYS))
