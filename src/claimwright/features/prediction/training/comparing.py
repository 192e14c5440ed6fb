"""Models on the same claims of the past: a candidate beside the champion."""

from __future__ import annotations

import numpy as np

from claimwright.engines.prediction import Model, history_features
from claimwright.engines.prediction.encoding import Real
from claimwright.engines.prediction.measures import Quality, quality
from claimwright.features.prediction.scoring.registry import Comparison, Registry

from .fitting import Held
from .history import History


def columns_of(model: Model, history: History) -> Real:
    """Features of all claims of a history as of the day of each, by the evidence of the model."""
    nobody = np.zeros(len(history), dtype=bool)
    return history_features(history.facts, history.answers, model.evidence, nobody)


def judged(model: Model, history: History, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Quality:
    """How a model does on these claims of a history, with recent rates as of each claim's day."""
    columns = columns_of(model, history)[rows]
    scores = model.terms.score(model.terms.contributions(columns))
    payer = model.evidence.words.codes("payer", history.facts.claims["payer"].gather(rows))
    return quality(model.probability(scores, payer), history.denied[rows])


def beside_champion(registry: Registry, history: History, held: Held) -> Comparison:
    """The candidate and the champion on the claims that the candidate was judged on.

    A champion that can't be read compares as absent would: it can't predict either.
    """
    own = quality(held.probability, held.denied).pr_auc
    found = registry.champion()
    if found is None:
        return Comparison(None, None, own, len(held.rows))
    name, champion = found
    return Comparison(name, judged(champion, history, held.rows).pr_auc, own, len(held.rows))
