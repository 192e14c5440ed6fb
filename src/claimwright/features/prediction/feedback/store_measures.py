"""How predictions did, as they were made when claims were sent: champion and shadows on the same answers.

Nothing is scored again and no claim is opened: what every model said is in `production.predictions`, how the
champion's features were spread in `production.spreads`, and what payers answered in `prediction.outcomes`.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import polars as pl
from psycopg import sql

from claimwright.engines.prediction import NAMES, Model
from claimwright.engines.prediction.encoding import Real
from claimwright.engines.prediction.measures import Quality, quality
from claimwright.features.prediction.scoring.champion_predictor import CHAMPION
from claimwright.features.prediction.training.history import Flags
from claimwright.platform.database import Connection, copy_out
from claimwright.platform.observability import METRICS

_SAID = {
    "claim_key": pl.Int64(),
    "model": pl.String(),
    "role": pl.String(),
    "probability": pl.Float64(),
    "denied": pl.String(),
}
# As likely as not: what is called denied and what paid, where accuracy is asked for.
_EVEN = 0.5


@dataclass(frozen=True)
class Live:
    """One model's predictions of claims that were answered.

    Attributes:
        model, role: who said it, and whether it was heard: `champion` or `shadow`.
        accuracy: share of claims that were denied where that was likelier, and paid where not.
        quality: everything else.
        probability, denied: of each claim.
    """

    model: str
    role: str
    accuracy: float
    quality: Quality
    probability: Real
    denied: Flags


def live_measures(
    connection: Connection, *, since: datetime.date, until: datetime.date, beside: str | None = None
) -> list[Live]:
    """Every model that scored claims that were answered from `since` on and before `until`; champions first.

    With `beside`, claims that this model did not score are left out, so that all are judged on its claims.
    """
    query = sql.SQL(
        "select p.claim_key, p.model, p.role, p.probability, o.denied "
        "from production.predictions p join ("
        "  select claim_key, bool_or(carc is not null) as denied from prediction.outcomes"
        "  where answered_on >= {} and answered_on < {} group by claim_key"
        ") o using (claim_key) order by p.role, p.model, p.claim_key"
    ).format(sql.Literal(since), sql.Literal(until))
    said = copy_out(connection, query, _SAID).with_columns(denied=pl.col("denied") == "t")
    if beside is not None:
        scored = said.filter(pl.col("model") == beside)["claim_key"]
        said = said.filter(pl.col("claim_key").is_in(scored.implode()))
    found = []
    for (role, model), own in said.group_by("role", "model", maintain_order=True):
        probability, denied = own["probability"].to_numpy(), own["denied"].to_numpy()
        accuracy = float(((probability >= _EVEN) == denied).mean())
        found.append(Live(str(model), str(role), accuracy, quality(probability, denied), probability, denied))
    return found


def live_stability(connection: Connection, name: str, model: Model, *, since: datetime.date) -> Real | None:
    """The stability index of each feature over claims that the champion scored from `since` on; None of none.

    Raises:
        ValueError: what was counted is of another version's features.
    """
    rows = connection.execute(
        "select spread from production.spreads where model = %s and noted_at >= %s", [name, since]
    ).fetchall()
    if not rows:
        return None
    counted = np.stack([np.frombuffer(bytes(row[0]), dtype="<i4") for row in rows]).sum(axis=0)
    return model.profile.stability_of(counted)


def measure(
    connection: Connection, champion: tuple[str, Model] | None, *, today: datetime.date, days: int
) -> None:
    """Set the metrics of prediction from what the last days answered; nothing where nobody predicts."""
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


def of_champion(found: list[Live], name: str) -> Live | None:
    """The measures of one model as champion."""
    return next((live for live in found if live.role == CHAMPION and live.model == name), None)
