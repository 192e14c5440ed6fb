"""Scores of a model and the probabilities that they stand for, by payer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from claimwright.engines.prediction import Facts, Model
from claimwright.engines.prediction.encoding import Real

# Range of scores that covers all probabilities, in steps fine enough for linear interpolation.
_SCORES = np.arange(-30.0, 30.01, 0.05)


@dataclass(frozen=True)
class Scale:
    """Scores and their probabilities, for claims of one payer; both ascending."""

    scores: Real
    probabilities: Real

    def probability(self, score: float) -> float:
        """The probability of a score."""
        return float(np.interp(score, self.scores, self.probabilities))

    def score(self, probability: float) -> float:
        """The score of a probability."""
        return float(np.interp(probability, self.probabilities, self.scores))


def scales_of(model: Model, facts: Facts) -> list[Scale]:
    """The scale of each claim's payer."""
    payers = model.evidence.words.codes("payer", facts.claims["payer"])
    by_payer = {
        payer: Scale(_SCORES, model.probability(_SCORES, np.full(len(_SCORES), payer)))
        for payer in np.unique(payers)
    }
    return [by_payer[payer] for payer in payers]
