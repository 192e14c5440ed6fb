"""How likely a claim is to be denied: a port, and what stands in where no model is."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from claimwright.features.checking import Checked

SCHEMA: dict[str, pl.DataType] = {
    "denial_probability": pl.Float64(),
    # How sure the model is of its own answer, from 0 to 1.
    "confidence": pl.Float64(),
    "predicted_by": pl.String(),
}


class Predictor(Protocol):
    """Whoever predicts. Called with one chunk after another, by one thread."""

    def predict(self, checked: Checked) -> pl.DataFrame:
        """One row a claim in the order of the batch, with the columns of `SCHEMA`."""


class RulesOnly:
    """No model: probability and confidence are null, and the findings alone decide the route."""

    def predict(self, checked: Checked) -> pl.DataFrame:
        """Nulls, `rules`."""
        count = len(checked.batch)
        return pl.DataFrame(
            {
                "denial_probability": pl.Series([None] * count, dtype=pl.Float64),
                "confidence": pl.Series([None] * count, dtype=pl.Float64),
                "predicted_by": pl.Series(["rules"] * count, dtype=pl.String),
            }
        )
