"""Quality of predictions as they were made when claims were sent: champion and shadows on the same outcomes.

Nothing is scored again and no claim is opened: the store has every model's predictions, the distribution of
the champion's features, and the payer decisions.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.engines.prediction import NAMES, Model
from claimwright.engines.prediction.encoding import Real
from claimwright.engines.prediction.measures import Quality, quality
from claimwright.features.prediction.scoring import CHAMPION
from claimwright.features.prediction.training import Flags, Judgement, judged
from claimwright.platform.database import Connection
from claimwright.platform.observability import METRICS
from claimwright.store.scores import answered_predictions, spreads_of

# Probability from which a claim counts as predicted denied, for accuracy.
_EVEN = 0.5


@dataclass(frozen=True)
class Live:
    """One model's predictions for decided claims.

    Attributes:
        model, role: the model, and its role: `champion` or `shadow`.
        accuracy: share of claims whose more likely outcome happened.
        quality: all other measures.
        claims, probability, denied: key, probability and outcome of each claim.
    """

    model: str
    role: str
    accuracy: float
    quality: Quality
    claims: npt.NDArray[np.int64]
    probability: Real
    denied: Flags


def live_measures(
    connection: Connection, *, since: datetime.date, until: datetime.date, beside: str | None = None
) -> list[Live]:
    """Every model that scored claims decided from `since` until before `until`; champions first.

    With `beside`, claims that this model did not score are left out, so that all are measured on its claims.
    """
    said = answered_predictions(connection, since=since, until=until)
    if beside is not None:
        scored = said.filter(pl.col("model") == beside)["claim_key"]
        said = said.filter(pl.col("claim_key").is_in(scored.implode()))
    found = []
    for (role, model), own in said.group_by("role", "model", maintain_order=True):
        probability, denied = own["probability"].to_numpy(), own["denied"].to_numpy()
        accuracy = float(((probability >= _EVEN) == denied).mean())
        found.append(
            Live(
                str(model),
                str(role),
                accuracy,
                quality(probability, denied),
                own["claim_key"].to_numpy(),
                probability,
                denied,
            )
        )
    return found


def judged_as_predicted(own: Live, champion: Live | None) -> Judgement:
    """A comparison of a model with the champion, by their predictions when the claims were sent.

    If they did not score the same claims, there is no confidence interval of the lead.
    """
    if champion is None:
        return judged(own.probability, None, own.denied)
    if np.array_equal(own.claims, champion.claims):
        return judged(own.probability, champion.probability, own.denied)
    return Judgement(own.quality, champion.quality, None, 0)


def live_stability(connection: Connection, name: str, model: Model, *, since: datetime.date) -> Real | None:
    """The stability index of each feature over claims that the champion scored since `since`; None if none.

    Raises:
        ValueError: the counts belong to another version's features.
    """
    spreads = spreads_of(connection, name, since=since)
    if not spreads:
        return None
    counted = np.stack([np.frombuffer(spread, dtype="<i4") for spread in spreads]).sum(axis=0)
    return model.profile.stability_of(counted)


def publish_metrics(
    connection: Connection, champion: tuple[str, Model] | None, *, today: datetime.date, days: int
) -> None:
    """Set the prediction metrics from the decisions of the last days; does nothing if no model predicts."""
    since = today - datetime.timedelta(days=days)
    metrics = METRICS()
    for live in live_measures(connection, since=since, until=today + datetime.timedelta(days=1)):
        metrics.predicted(
            live.model,
            live.role,
            claims=live.quality.claims,
            accuracy=live.accuracy,
            pr_auc=live.quality.pr_auc,
            slope=live.quality.calibration_slope,
            error=live.quality.expected_calibration_error,
        )
    if champion is not None:
        stability = live_stability(connection, *champion, since=since)
        if stability is not None:
            metrics.drifted(dict(zip(NAMES, stability.tolist(), strict=True)))


def champion_measures(found: list[Live], name: str) -> Live | None:
    """The measures of one model as champion."""
    return next((live for live in found if live.role == CHAMPION and live.model == name), None)
