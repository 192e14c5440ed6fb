"""Changes that the office could make, and the resulting denial probability, computed by scoring the changed
claim.

Modifiers for distinct services (25, 59, XE, XS, XP, XU) are never suggested: they must describe what was
done, and adding one only to be paid is improper billing.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import Model

_SET = {"prior_authorization": "an authorization number", "referring_npi": "a referring provider"}
_PLACEHOLDER = "WOULD-BE"
_MODIFIERS = ("GP",)
# A change is suggested if it lowers the probability by a fifth or more.
_WORTH_NAMING = 0.8


@dataclass(frozen=True)
class Remedy:
    """A change that the office could make, and the resulting probability."""

    words: str
    probability: float


def remedies_of(
    model: Model, batch: ClaimBatch, submitted_on: datetime.date, before: npt.NDArray[np.float64]
) -> list[tuple[Remedy, ...]]:
    """The remedies of each claim, most effective first; `before` are the probabilities without a change."""
    found: list[list[Remedy]] = [[] for _ in range(len(batch))]
    for words, variant in _changed(batch).items():
        after = model.predict(variant, submitted_on).claims["denial_probability"].to_numpy()
        for row in np.flatnonzero(after < before * _WORTH_NAMING):
            found[row].append(Remedy(words, float(after[row])))
    return [tuple(sorted(each, key=lambda remedy: remedy.probability)) for each in found]


def _changed(batch: ClaimBatch) -> dict[str, ClaimBatch]:
    """The batch with each change applied."""
    changed = {
        f"with {words}": _with(batch, claims=batch.claims.with_columns(pl.col(name).fill_null(_PLACEHOLDER)))
        for name, words in _SET.items()
    }
    papers = batch.claims.select("claim").join(batch.attachments, on="claim", how="left")
    changed["with an attachment"] = _with(batch, attachments=papers)
    for modifier in _MODIFIERS:
        lines = batch.lines.with_columns(pl.col("modifier_1").fill_null(modifier))
        changed[f"with modifier {modifier} where a line has none, if it applies"] = _with(batch, lines=lines)
    return changed


def _with(batch: ClaimBatch, **frames: pl.DataFrame) -> ClaimBatch:
    parts = {
        "claims": batch.claims,
        "lines": batch.lines,
        "diagnoses": batch.diagnoses,
        "attachments": batch.attachments,
    }
    return ClaimBatch(**parts | frames)
