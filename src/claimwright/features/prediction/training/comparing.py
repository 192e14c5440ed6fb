"""Compares a candidate with the champion, on decided claims that neither was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.engines.prediction import Model, history_features
from claimwright.engines.prediction.encoding import Real
from claimwright.engines.prediction.measures import Quality, least_margin, quality
from claimwright.features.prediction.scoring import Comparison, Registry
from claimwright.foundation.errors import ModelError

from .fitting import Held
from .history import Flags, History

Rows = npt.NDArray[np.int64]


class SeenClaimsError(ModelError):
    """A model can't be evaluated on these claims: it was trained on some of them.

    The message says how many.
    """


@dataclass(frozen=True)
class Judgement:
    """Quality of a model and of the champion, on the same claims.

    Attributes:
        quality: of the model.
        champion: of the champion; None if there is none, or if it is the model itself.
        least_margin: lower end of the 95 percent interval of the model's lead in PR-AUC, if there is a
            champion.
        left_out: decided claims that one of the two was trained on, and that are not used for either.
        worst_payer: the payer whose predicted share of denials is off most, and by how much beyond chance;
            None if no payer has enough claims.
    """

    quality: Quality
    champion: Quality | None
    least_margin: float | None
    left_out: int
    worst_payer: tuple[str, float] | None = None

    def comparison(self, champion: str | None) -> Comparison:
        """The comparison for the registry, with the champion of this name."""
        return Comparison(
            champion,
            self.champion.pr_auc if self.champion else None,
            self.quality.pr_auc,
            self.quality.claims,
            self.least_margin,
            self.quality.calibration_slope,
            *(self.worst_payer or (None, None)),
        )


def feature_columns(model: Model, history: History) -> Real:
    """Features of all claims of a history, each as of its sending date, with the evidence of the model."""
    none_trained = np.zeros(len(history), dtype=bool)
    return history_features(history.facts, history.answers, model.evidence, none_trained)


def probability_of(model: Model, history: History, rows: Rows) -> Real:
    """A model's probabilities for these claims of a history, with recent rates as of each claim's sending
    date.
    """
    columns = feature_columns(model, history)[rows]
    scores = model.terms.scored(columns)[1]
    payer = model.evidence.words.codes("payer", history.facts.claims["payer"].gather(rows))
    return model.probability(scores, payer)


# With fewer claims, a payer's share of denials is too uncertain to hold anything against a model.
FEWEST_OF_PAYER = 300
_WIDE = 1.96


def judged(
    own: Real, other: Real | None, denied: Flags, left_out: int = 0, payers: pl.Series | None = None
) -> Judgement:
    """Compare two models by their probabilities for the same claims, of these payers."""
    worst = None if payers is None else worst_payer(own, denied, payers)
    if other is None:
        return Judgement(quality(own, denied), None, None, left_out, worst)
    margin = least_margin(own, other, denied)
    return Judgement(quality(own, denied), quality(other, denied), margin, left_out, worst)


def worst_payer(probability: Real, denied: Flags, payers: pl.Series) -> tuple[str, float] | None:
    """The payer whose predicted share of denials is off most, and by how much beyond chance (95 percent)."""
    found: list[tuple[float, str]] = []
    for name in sorted(payers.drop_nulls().unique()):
        own = (payers == name).fill_null(value=False).to_numpy()
        if own.sum() < FEWEST_OF_PAYER:
            continue
        given = probability[own]
        chance = _WIDE * float(np.sqrt((given * (1 - given)).sum())) / len(given)
        found.append((max(abs(float(given.mean() - denied[own].mean())) - chance, 0.0), str(name)))
    if not found:
        return None
    gap, name = max(found)
    return name, gap


def judge_beside(
    name: str,
    model: Model,
    champion: tuple[str, Model] | None,
    history: History,
    *,
    leave_out_seen: bool = False,
) -> Judgement:
    """Compare a model with the champion on the decided claims of a history.

    A model must not be evaluated on claims that it was trained on, because it knows their outcomes. Claims of
    the champion's training are left out for both; claims of the model's own training are an error, unless
    `leave_out_seen` is set.

    Raises:
        SeenClaimsError: the model was trained on some of the claims, or no claim is new to both.
    """
    rows = np.flatnonzero(history.by_payers)
    answered = len(rows)
    seen = model.has_seen(history.fingerprint[rows])
    if seen.any() and not leave_out_seen:
        raise SeenClaimsError(
            f"{name} learned from {seen.sum():,} of these {answered:,} claims and can't be evaluated on "
            "them. Give claims that were sent later, or leave out the known ones with --leave-out-seen."
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
        history.facts.claims["payer"].gather(rows),
    )


def beside_champion(registry: Registry, history: History, held: Held) -> Comparison:
    """Compare the candidate with the champion on the candidate's evaluation claims that are new to the
    champion.

    If the champion was trained on all of them, the candidate counts as not compared; run `model evaluate` on
    later claims.
    """
    found = registry.champion()
    new: Flags = np.ones(len(held.rows), dtype=bool)
    if found is not None:
        new = ~found[1].has_seen(history.fingerprint[held.rows])
    payers = history.facts.claims["payer"].gather(held.rows)
    if found is None or not new.any():
        return judged(held.probability, None, held.denied, payers=payers).comparison(None)
    other = probability_of(found[1], history, held.rows[new])
    return judged(
        held.probability[new], other, held.denied[new], payers=payers.filter(pl.Series(new))
    ).comparison(found[0])
