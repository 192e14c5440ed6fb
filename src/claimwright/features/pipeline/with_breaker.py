"""A predictor behind a circuit breaker: a model that fails must not stop claims."""

from __future__ import annotations

import polars as pl

from claimwright.domain.predicted import Predicted
from claimwright.features.checking import Checked
from claimwright.platform.breakers import Breaker

from .prediction import Predictor, RulesOnly


class PredictorWithBreaker:
    """A predictor behind a breaker: if it fails, or its breaker is open, only the rules decide."""

    def __init__(self, predictor: Predictor, breaker: Breaker) -> None:
        self._predictor, self._breaker = predictor, breaker
        self._fallback = RulesOnly()

    def predict(self, checked: Checked, sent_before: pl.Series | None = None) -> Predicted:
        """The predictions, or the fallback's nulls."""
        if not self._breaker.allows():
            return self._fallback.predict(checked)
        try:
            predicted = self._predictor.predict(checked, sent_before)
        except Exception as problem:  # noqa: BLE001 - a model that fails must not stop claims
            self._breaker.failed(problem)
            return self._fallback.predict(checked)
        self._breaker.succeeded()
        return predicted
