"""`claimwright model evaluate` and `drift`: evaluate models on claims that they were not trained on."""

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
    WorldKind,
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

# Drift covers the same days as the metrics.
_DAYS = 90
AsPredicted = Annotated[
    bool, typer.Option("--as-predicted", help="Use the predictions that were stored when claims were scored.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(evaluate)
    app.command()(drift)


def evaluate(
    name: Name,
    world: World = None,
    world_seed: WorldSeed = 8,
    world_kind: WorldKind = "published",
    claims: Claims = None,
    remittances: Remittances = None,
    outcomes: Outcomes = None,
    store: Store = False,
    as_predicted: AsPredicted = False,
    leave_out_seen: Annotated[
        bool,
        typer.Option("--leave-out-seen", help="Evaluate only on claims that the model was not trained on."),
    ] = False,
    models: Models = None,
    by: Who = None,
    environment: Environment = None,
) -> None:
    """Evaluate a model on other claims, next to the champion, and keep the comparison for its promotion.

    With --as-predicted nothing is scored again. A shadow and the champion are evaluated by their predictions
    at the time of submission, on stored claims that both have scored and payers have adjudicated.

    Claims that the champion was trained on are not used. Exit status: 0 evaluated, 2 not possible: no such
    model, no claims, or the model was trained on some of them.
    """
    from claimwright.features.prediction import (
        RegistryError,
        SeenClaimsError,
        judge_beside,
        judged_as_predicted,
    )

    registry = registry_of(models, environment)
    settings = settings_of(environment)
    try:
        model = registry.load(name)
        champion = registry.champion()
    except RegistryError as problem:
        fail(str(problem))
    beside = champion[0] if champion else None
    if as_predicted:
        found = {live.model: live for live in _as_predicted(settings, beside=name)}
        if name not in found or (beside is not None and beside not in found):
            fail(f"there are no adjudicated claims yet that both {name} and the champion have scored.")
        judgement = judged_as_predicted(found[name], found[beside] if beside not in (None, name) else None)
    else:
        history, _ = history_from(
            world, world_seed, world_kind, claims, remittances, outcomes, settings if store else None
        )
        try:
            judgement = judge_beside(name, model, champion, history, leave_out_seen=leave_out_seen)
        except SeenClaimsError as problem:
            fail(str(problem))
    own, other = judgement.quality, judgement.champion
    table = Table("", "Claims", "PR-AUC", "Recall at 90 %", "Brier", "Slope")
    for who, quality in ((name, own), (beside or "champion: none", other)):
        if quality is None:
            continue
        numbers = (quality.pr_auc, quality.recall_at_90, quality.brier, quality.calibration_slope)
        table.add_row(who, f"{quality.claims:,}", *(f"{number:.4f}" for number in numbers))
    wide().print(table)
    if judgement.least_margin is not None:
        out.print(
            f"lead in PR-AUC: {own.pr_auc - other.pr_auc:+.4f}, at least {judgement.least_margin:+.4f} "
            "(95 % interval)"
            if other
            else "",
            markup=False,
        )
    if judgement.left_out:
        out.print(f"{judgement.left_out:,} claims are left out: a model was trained on them.", markup=False)
    if beside != name:
        registry.compare(caller_of(settings, None), name, judgement.comparison(beside), by=by)


def _as_predicted(settings: Settings, *, beside: str | None = None) -> list[Live]:
    """The predictions of every model at submission, evaluated by the payer decisions since then."""
    from claimwright.features.prediction import live_measures

    with store_of(settings) as database, database.transaction(caller_of(settings, None)) as connection:
        return live_measures(
            connection, since=datetime.date(1970, 1, 1), until=datetime.date(9999, 12, 31), beside=beside
        )


def drift(
    world: World = None,
    world_seed: WorldSeed = 8,
    world_kind: WorldKind = "published",
    claims: Claims = None,
    remittances: Remittances = None,
    outcomes: Outcomes = None,
    store: Store = False,
    as_predicted: AsPredicted = False,
    models: Models = None,
    environment: Environment = None,
) -> None:
    """Compare current claims with those that the champion was trained on; status 1 if they differ.

    With --as-predicted the comparison uses the stored predictions; no claim is decrypted.
    """
    from claimwright.features.prediction import RegistryError, drift_of, feature_columns

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
            world, world_seed, world_kind, claims, remittances, outcomes, settings if store else None
        )
        holds = drift_of(champion[1], history, feature_columns(champion[1], history))
    for hold in holds:
        out.print(f"{hold.what}: {hold.words}", markup=False, soft_wrap=True)
    if not holds:
        out.print("nothing drifted")
    raise typer.Exit(Exit.FINDINGS if holds else Exit.CLEAN)


def _drift_as_predicted(settings: Settings, name: str, model: Model) -> list[Hold]:
    """Drift of the last 90 days, from the champion's stored predictions."""
    import numpy as np

    from claimwright.features.prediction import champion_measures, drift_holds, live_stability
    from claimwright.foundation import clock

    since = clock.today() - datetime.timedelta(days=_DAYS)
    with store_of(settings) as database, database.transaction(caller_of(settings, None)) as connection:
        stability = live_stability(connection, name, model, since=since)
    if stability is None:
        fail(f"{name} has scored no claims of the store in the last {_DAYS} days.")
    live = champion_measures(_as_predicted(settings), name)
    nothing = np.zeros(0)
    if live is None:
        return drift_holds(model, stability, nothing, nothing.astype(bool))
    return drift_holds(model, stability, live.probability, live.denied)
