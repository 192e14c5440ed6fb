"""What the card states of intervals: how often they held on the evaluation period, overall and by payer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from claimwright.engines.prediction.confidence import Confidence, coverage
from claimwright.engines.prediction.dollars import Dollars
from claimwright.engines.prediction.encoding import Real
from claimwright.engines.prediction.outcomes import PayerMeans
from claimwright.engines.prediction.waiting import Waits

from .history import History

Rows = npt.NDArray[np.int64]

# Fewer claims say little about a share; the observed one moves by chance.
FEWEST = 100
# Confidences between two of these are judged together.
_CONFIDENCES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def interval_notes(
    history: History,
    confidence: Confidence,
    waits: Waits,
    dollars: Dollars,
    usual: PayerMeans,
    payer: Rows,
    probability: Real,
    judged: Rows,
) -> dict[str, Any]:
    """Coverage of the intervals of probability, days and dollars, and what confidences were worth.

    Observed shares are counts of decided claims: chance makes them miss more often than true shares would.
    """
    own, given = payer[judged], probability[judged]
    low, high = confidence.interval(given, own)
    denied = history.denied[judged]
    sure = confidence.of_claims(given, own)
    right = (given >= 0.5) == denied
    days = history.days[judged]
    waited = waits.of_claims(own, given)
    inside = (waited[:, 0] <= days) & (days <= waited[:, 2])
    sent = (history.sent_day >= history.sent_day[judged].min()) & (
        history.sent_day <= history.sent_day[judged].max()
    )
    return {
        "probability": coverage(given, low, high, own, denied.astype(np.float64), fewest=FEWEST),
        "payers": _payers(own, low, high, denied.astype(np.float64)),
        "confidence": [
            {
                "from": least, "to": most, "claims": int(part.sum()),
                "least": float(sure[part].mean()), "right": float(right[part].mean()),
            }
            for least, most in pairwise(_CONFIDENCES)
            if (part := (sure >= least) & ((sure < most) | (most == 1.0))).any()
        ],
        "days": {"coverage": float(inside.mean()), "lowest_of_payer": _lowest(own, inside)},
        "unanswered": {
            "predicted": float(waits.unanswered(payer[sent], probability[sent]).mean()),
            "observed": float(1 - history.answered[sent].mean()),
        },
        "dollars": _sums(history, dollars, usual, own, given, (low, high), judged),
    }  # fmt: skip


def _payers(payer: Rows, low: Real, high: Real, happened: Real) -> dict[str, float]:
    """Share of payers whose observed share of denials is inside of their mean interval."""
    found = [
        bool(low[own].mean() <= happened[own].mean() <= high[own].mean())
        for each in np.unique(payer)
        if (own := payer == each).sum() >= FEWEST
    ]
    return {"payers": len(found), "coverage": float(np.mean(found)) if found else float("nan")}


def _lowest(payer: Rows, inside: npt.NDArray[np.bool_]) -> float:
    shares = [
        float(inside[own].mean()) for each in np.unique(payer) if (own := payer == each).sum() >= FEWEST
    ]
    return min(shares, default=float("nan"))


def _sums(
    history: History,
    dollars: Dollars,
    usual: PayerMeans,
    payer: Rows,
    probability: Real,
    ends: tuple[Real, Real],
    judged: Rows,
) -> dict[str, Any]:
    """Dollars lost to denials, at what each payer usually pays, beside the sum at risk and its interval.

    `coverage` is the share of payers whose lost dollars are inside of the interval of their sum.
    """
    stake = usual.stake_cents(payer, history.charge_cents[judged]).astype(np.float64)
    lost = history.denied_cents[judged] * usual.paid_share[payer]
    low, high = ends
    inside = []
    for each in np.unique(payer):
        own = payer == each
        if own.sum() < FEWEST:
            continue
        _, least, most = dollars.total(probability[own], low[own], high[own], stake[own])
        inside.append(bool(least <= lost[own].sum() <= most))
    at_risk, least, most = dollars.total(probability, low, high, stake)
    return {
        "at_risk_cents": at_risk,
        "low_cents": least,
        "high_cents": most,
        "lost_cents": round(float(lost.sum())),
        "payers": len(inside),
        "coverage": float(np.mean(inside)) if inside else float("nan"),
    }
