"""How likely a claim is to be denied: a port, and what stands in where no model is."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from claimwright.domain.predicted import ROUTED_BY, Predicted
from claimwright.features.checking import Checked


class Predictor(Protocol):
    """Whoever predicts. Called with one chunk after another, by several threads."""

    def predict(self, checked: Checked, sent_before: pl.Series | None = None) -> Predicted:
        """What is said of the batch, in its order.

        `sent_before` is how often each claim's services were sent before, as intake counted.
        """


class RulesOnly:
    """No model: probability and confidence are null, and the findings alone decide the route."""

    def predict(self, checked: Checked, sent_before: pl.Series | None = None) -> Predicted:  # noqa: ARG002
        """Nulls, `rules`."""
        count = len(checked.batch)
        nothing = {name: pl.Series([None] * count, dtype=kind) for name, kind in ROUTED_BY.items()}
        return Predicted(
            pl.DataFrame(nothing | {"predicted_by": pl.Series(["rules"] * count, dtype=pl.String)})
        )
