"""The interface for denial predictions, and the fallback if there is no model."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from claimwright.domain.predicted import ROUTED_BY, Predicted
from claimwright.features.checking import Checked


class Predictor(Protocol):
    """A predictor. Called for each chunk, by several threads."""

    def predict(self, checked: Checked, sent_before: pl.Series | None = None) -> Predicted:
        """The predictions for the batch, in its order.

        `sent_before` is how often each claim's services were sent before, as counted by intake.
        """


class RulesOnly:
    """No model: probability and confidence are null, and only the findings decide the route."""

    def predict(self, checked: Checked, sent_before: pl.Series | None = None) -> Predicted:  # noqa: ARG002
        """Nulls, `rules`."""
        count = len(checked.batch)
        nothing = {name: pl.Series([None] * count, dtype=kind) for name, kind in ROUTED_BY.items()}
        return Predicted(
            pl.DataFrame(nothing | {"predicted_by": pl.Series(["rules"] * count, dtype=pl.String)})
        )
