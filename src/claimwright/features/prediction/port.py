"""The champion in the pipeline's place for whoever predicts; rules alone where there is none."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Protocol

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import Model

from .registry import Registry


class Checked(Protocol):
    """A batch that was checked."""

    @property
    def batch(self) -> ClaimBatch:
        """Its claims."""


class ChampionPredictor:
    """A model that answers for whole batches, claims being sent on `as_of`."""

    def __init__(self, name: str, model: Model, as_of: datetime.date) -> None:
        self.name, self.model, self.as_of = name, model, as_of

    def predict(self, checked: Checked) -> pl.DataFrame:
        """One row a claim, in the order of the batch.

        `denial_probability`, `confidence` and `predicted_by`, the model's id. What the model reads of the
        batch is in `claimwright.engines.prediction.facts`; findings are not among it.
        """
        found = self.model.predict(checked.batch, self.as_of).claims
        return found.select("denial_probability", "confidence", predicted_by=pl.lit(self.name))


def champion_predictor(folder: Path, as_of: datetime.date) -> ChampionPredictor | None:
    """The champion of the folder as a predictor; none where none was promoted.

    Raises:
        RegistryError: the champion can't be read. Rules alone would then decide unseen: somebody must know.
    """
    found = Registry(folder).champion()
    return None if found is None else ChampionPredictor(*found, as_of)
