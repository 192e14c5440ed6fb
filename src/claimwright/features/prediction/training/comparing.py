"""A candidate beside the champion, on answered claims that neither has learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from claimwright.engines.prediction import Model, history_features
from claimwright.engines.prediction.encoding import Real
from claimwright.engines.prediction.measures import Quality, least_margin, quality
from claimwright.features.prediction.scoring import Comparison, Registry
from claimwright.foundation.errors import ModelError

from .fitting import Held
from .history import Flags, History

Rows = npt.NDArray[np.int64]


class SeenClaimsError(ModelError):
    """A model can't be judged on these claims: it learned from some of them. The message says how many."""


@dataclass(frozen=True)
class Judgement:
    """How a model did beside the champion, on the same claims.

    Attributes:
        quality: of the model.
        champion: of the champion; none where there is none, or it is the model itself.
        least_margin: lower end of the 95 percent interval of the model's lead in PR-AUC, beside a champion.
        left_out: answered claims that one of the two had learned from, and that judge neither.
    """

    quality: Quality
    champion: Quality | None
    least_margin: float | None
    left_out: int

    def comparison(self, champion: str | None) -> Comparison:
        """What the registry records of it, beside the champion of this name."""
        return Comparison(
            champion,
            self.champion.pr_auc if self.champion else None,
            self.quality.pr_auc,
            self.quality.claims,
            self.least_margin,
            self.quality.calibration_slope,
        )


def feature_columns(model: Model, history: History) -> Real:
    """Features of all claims of a history as of the day of each, by the evidence of the model."""
    none_trained = np.zeros(len(history), dtype=bool)
    return history_features(history.facts, history.answers, model.evidence, none_trained)


def probability_of(model: Model, history: History, rows: Rows) -> Real:
    """A model's probability of these claims of a history, with recent rates as of each claim's day."""
    columns = feature_columns(model, history)[rows]
    scores = model.terms.score(model.terms.contributions(columns))
    payer = model.evidence.words.codes("payer", history.facts.claims["payer"].gather(rows))
    return model.probability(scores, payer)


def judged(own: Real, other: Real | None, denied: Flags, left_out: int = 0) -> Judgement:
    """Two models by their probabilities of the same claims."""
    if other is None:
        return Judgement(quality(own, denied), None, None, left_out)
    margin = least_margin(own, other, denied)
    return Judgement(quality(own, denied), quality(other, denied), margin, left_out)


def judge_beside(
    name: str,
    model: Model,
    champion: tuple[str, Model] | None,
    history: History,
    *,
    leave_out_seen: bool = False,
) -> Judgement:
    """How a model and the champion do on the claims of a history that payers answered.

    A claim that a model learned from is in its counts, with its own answer: the model would be judged on what
    it already knows. Claims of the champion's training are left out for both; those of the model's own are an
    error, unless `leave_out_seen`.

    Raises:
        SeenClaimsError: the model learned from some of the claims, or no claim is new to both.
    """
    rows = np.flatnonzero(history.by_payers)
    answered = len(rows)
    seen = model.has_seen(history.fingerprint[rows])
    if seen.any() and not leave_out_seen:
        raise SeenClaimsError(
            f"{name} learned from {seen.sum():,} of these {answered:,} claims, and can't be judged on them. "
            "Give claims that were sent later, or leave the known ones out with --leave-out-seen."
        )
    if champion is not None and champion[0] != name:
        seen |= champion[1].has_seen(history.fingerprint[rows])
    rows = rows[~seen]
    if not len(rows):
        raise SeenClaimsError(
            f"{name} or the champion learned from every one of these {answered:,} claims. "
            "Give claims that were sent later."
        )
    beside = champion[1] if champion is not None and champion[0] != name else None
    return judged(
        probability_of(model, history, rows),
        None if beside is None else probability_of(beside, history, rows),
        history.denied[rows],
        answered - len(rows),
    )


def beside_champion(registry: Registry, history: History, held: Held) -> Comparison:
    """The candidate and the champion on the claims that the candidate was judged on and the champion not
    trained on.

    Where the champion learned from all of them there is nothing to compare: the candidate counts as not
    compared, and `model evaluate` has to do it on later claims.
    """
    found = registry.champion()
    new: Flags = np.ones(len(held.rows), dtype=bool)
    if found is not None:
        new = ~found[1].has_seen(history.fingerprint[held.rows])
    if found is None or not new.any():
        return judged(held.probability, None, held.denied).comparison(None)
    other = probability_of(found[1], history, held.rows[new])
    return judged(held.probability[new], other, held.denied[new]).comparison(found[0])
