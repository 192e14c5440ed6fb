"""`claimwright model evaluate` and `drift`: models judged on claims that they did not learn from."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from .model_options import (
    Claims,
    Models,
    Name,
    Outcomes,
    Remittances,
    Store,
    Who,
    World,
    WorldSeed,
    history_from,
    registry_of,
)
from .session import Environment, caller_of, settings_of, store_of
from .terminal import Exit, fail, out, wide

if TYPE_CHECKING:
    from claimwright.engines.prediction import Model
    from claimwright.features.prediction import Hold, Live
    from claimwright.platform.settings import Settings

# What drift is told of, as the metrics are.
_DAYS = 90
AsPredicted = Annotated[
    bool, typer.Option("--as-predicted", help="By what models said of claims of the store at the time.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(evaluate)
    app.command()(drift)


def evaluate(
    name: Name,
    world: World = None,
    world_seed: WorldSeed = 8,
    claims: Claims = None,
    remittances: Remittances = None,
    outcomes: Outcomes = None,
    store: Store = False,
    as_predicted: AsPredicted = False,
    models: Models = None,
    by: Who = "evaluator",
    environment: Environment = None,
) -> None:
    """Judge a model on other claims, beside the champion, and keep the comparison for its promotion.

    With --as-predicted nothing is scored again: a shadow and the champion are judged by what they said when
    the claims were sent, on claims of the store that both scored and payers have answered.
    """
    import numpy as np

    from claimwright.features.prediction import Comparison, RegistryError, judged

    registry = registry_of(models, environment)
    settings = settings_of(environment)
    try:
        model = registry.load(name)
        champion = registry.champion()
    except RegistryError as problem:
        fail(str(problem))
    if as_predicted:
        found = {live.model: live.quality for live in _as_predicted(settings, beside=name)}
        if name not in found or (champion is not None and champion[0] not in found):
            fail(f"{name} and the champion have scored no claims together that payers have answered yet.")
        own, other = found[name], found[champion[0]] if champion else None
    else:
        history, _ = history_from(
            world, world_seed, claims, remittances, outcomes, settings if store else None
        )
        rows = np.flatnonzero(history.answered)
        own = judged(model, history, rows)
        other = judged(champion[1], history, rows) if champion else None
    table = Table("", "Claims", "PR-AUC", "Recall at 90 %", "Brier", "Slope")
    for who, quality in ((name, own), (champion[0] if champion else "champion: none", other)):
        if quality is None:
            continue
        numbers = (quality.pr_auc, quality.recall_at_90, quality.brier, quality.calibration_slope)
        table.add_row(who, f"{quality.claims:,}", *(f"{number:.4f}" for number in numbers))
    wide().print(table)
    if champion is None or champion[0] != name:
        comparison = Comparison(
            champion[0] if champion else None, other.pr_auc if other else None, own.pr_auc, own.claims
        )
        registry.compare(name, comparison, by=by)


def _as_predicted(settings: Settings, *, beside: str | None = None) -> list[Live]:
    """What every model said of claims of the store when they were sent, judged by all answers since."""
    from claimwright.features.prediction import live_measures

    with store_of(settings) as database, database.transaction(caller_of(settings, None)) as connection:
        return live_measures(
            connection, since=datetime.date(1970, 1, 1), until=datetime.date(9999, 12, 31), beside=beside
        )


def drift(
    world: World = None,
    world_seed: WorldSeed = 8,
    claims: Claims = None,
    remittances: Remittances = None,
    outcomes: Outcomes = None,
    store: Store = False,
    as_predicted: AsPredicted = False,
    models: Models = None,
    environment: Environment = None,
) -> None:
    """Compare claims of now with those that the champion learned from; status 1 where they differ.

    With --as-predicted by what was kept when claims of the store were scored; no claim is opened.
    """
    from claimwright.features.prediction import RegistryError, columns_of, drift_of

    registry = registry_of(models, environment)
    settings = settings_of(environment)
    try:
        champion = registry.champion()
    except RegistryError as problem:
        fail(str(problem))
    if champion is None:
        fail("there is no champion to compare with. Promote a model first.")
    if as_predicted:
        holds = _drift_as_predicted(settings, *champion)
    else:
        history, _ = history_from(
            world, world_seed, claims, remittances, outcomes, settings if store else None
        )
        holds = drift_of(champion[1], history, columns_of(champion[1], history))
    for hold in holds:
        out.print(f"{hold.what}: {hold.words}", markup=False, soft_wrap=True)
    if not holds:
        out.print("nothing drifted")
    raise typer.Exit(Exit.FINDINGS if holds else Exit.CLEAN)


def _drift_as_predicted(settings: Settings, name: str, model: Model) -> list[Hold]:
    """Drift of the last 90 days, as the champion scored them."""
    import numpy as np

    from claimwright.features.prediction import drift_holds, live_stability, of_champion
    from claimwright.foundation import clock

    since = clock.today() - datetime.timedelta(days=_DAYS)
    with store_of(settings) as database, database.transaction(caller_of(settings, None)) as connection:
        stability = live_stability(connection, name, model, since=since)
    if stability is None:
        fail(f"{name} has scored no claims of the store in the last {_DAYS} days.")
    live = of_champion(_as_predicted(settings), name)
    nothing = np.zeros(0)
    if live is None:
        return drift_holds(model, stability, nothing, nothing.astype(bool))
    return drift_holds(model, stability, live.probability, live.denied)
