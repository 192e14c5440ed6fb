"""The champion as the pipeline's predictor, with shadows; None without a champion (only rules decide)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.predicted import KEPT, ROUTED_BY, Predicted
from claimwright.engines.prediction import Facts, Model, Past, Predictions, ReviewPolicy, facts_of
from claimwright.engines.prediction.terms import Parts
from claimwright.platform.observability import get_logger

from .registry import Registry, RegistryError, State

_LOG = get_logger("prediction")
CHAMPION, SHADOW = State.CHAMPION.value, State.SHADOW.value


class Checked(Protocol):
    """A checked batch."""

    @property
    def batch(self) -> ClaimBatch:
        """Its claims."""


@dataclass
class ChampionPredictor:
    """Predicts whole batches, with `as_of` as the date of sending; shadow models predict as well.

    Shadow predictions are stored but never used for routing. A shadow that fails is logged.
    """

    name: str
    model: Model
    as_of: datetime.date
    shadows: dict[str, Model] = field(default_factory=dict)

    def predict(self, checked: Checked, sent_before: pl.Series | None = None) -> Predicted:
        """The champion's prediction for each claim, in the batch's order, and the rows to store for every
        model.

        `sent_before` is how often each claim's services were sent before, if the batch is only a part of a
        file. `claimwright.engines.prediction.facts` lists what models read of the batch; findings are not
        included.
        """
        batch = checked.batch
        facts = facts_of(batch, self.as_of)
        found = self.model.predict_facts(facts, batch.claims["claim"], sent_before)
        said = found.claims.select(
            "denial_probability",
            "confidence",
            "review_from",
            "review_gain",
            is_worth_review="is_worth_review",
            review_step="step",
            predicted_by=pl.lit(self.name),
        ).select(*ROUTED_BY)
        kept = [_kept(self.name, CHAMPION, found), *self._shadowed(facts, batch.claims["claim"], sent_before)]
        return Predicted(said, pl.concat(kept), self.model.profile.counted(found.columns).tobytes())

    @property
    def models(self) -> dict[str, Model]:
        """All scoring models, by name."""
        return {self.name: self.model, **self.shadows}

    def with_past(self, pasts: Mapping[str, Past]) -> ChampionPredictor:
        """A copy with the claim history that each model, by name, may use on a date."""
        knowing = {
            name: model.with_past(pasts[name]) if name in pasts else model
            for name, model in self.models.items()
        }
        return ChampionPredictor(self.name, knowing.pop(self.name), self.as_of, knowing)

    def _shadowed(self, facts: Facts, claim: pl.Series, sent_before: pl.Series | None) -> list[pl.DataFrame]:
        kept = []
        for name, model in self.shadows.items():
            try:
                kept.append(_kept(name, SHADOW, model.predict_facts(facts, claim, sent_before)))
            except Exception as problem:  # noqa: BLE001 - a shadow must not even be able to fail a chunk
                _LOG.warning("a shadow failed", model=name, error_class=type(problem).__name__)
        return kept


def _kept(name: str, role: str, found: Predictions) -> pl.DataFrame:
    count = found.claims.height
    contributions = packed(found.contributions) if role == CHAMPION else [None] * count
    return pl.DataFrame(
        {
            "row": np.arange(count, dtype=np.int64),
            "model": [name] * count,
            "role": [role] * count,
            "probability": found.claims["denial_probability"],
            "confidence": found.claims["confidence"],
            "review_from": found.claims["review_from"],
            "review_gain": found.claims["review_gain"],
            "category": found.claims["denial_category"],
            "contributions": contributions,
        },
        schema=KEPT,
    )


def packed(contributions: Parts) -> list[bytes]:
    """Each claim's contributions as bytes: two bytes per term, little-endian."""
    flat = np.ascontiguousarray(contributions, dtype="<i2").tobytes()
    width = 2 * contributions.shape[1]
    return [flat[start : start + width] for start in range(0, width * len(contributions), width)]


def unpacked(kept: Sequence[bytes]) -> Parts:
    """Contributions decoded from bytes: one row per claim, one column per term."""
    parts: Parts = np.frombuffer(b"".join(kept), dtype="<i2").reshape(len(kept), -1)
    return parts


def load_champion_predictor(
    folder: Path,
    as_of: datetime.date,
    policy: ReviewPolicy | None = None,
    *,
    damaged: Callable[[str], None] = lambda _: None,
) -> ChampionPredictor | None:
    """The champion in the folder as a predictor, with a tenant's policy; None if no model was promoted.

    A shadow that can't be read is reported to `damaged` and left out.

    Raises:
        RegistryError: the champion can't be read. Otherwise only rules would decide, without notice.
    """
    registry = Registry(folder)
    found = registry.champion()
    if found is None:
        return None
    shadows = {}
    for entry in registry.entries().values():
        if entry.state is State.SHADOW:
            try:
                shadows[entry.id] = registry.load(entry.id)
            except RegistryError as problem:
                damaged(str(problem))
    name, model = found
    return ChampionPredictor(name, model.under(policy) if policy else model, as_of, shadows)
