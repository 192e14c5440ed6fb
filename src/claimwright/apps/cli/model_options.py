"""Options that the model commands share: the model folder, the claims, and the review policy."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .lab import lab_room
from .session import caller_of, sealer_of, settings_of, store_of
from .terminal import fail

if TYPE_CHECKING:
    from claimwright.engines.prediction import ReviewPolicy
    from claimwright.features.prediction import History, Registry
    from claimwright.platform.settings import Settings

World = Annotated[
    int | None,
    typer.Option("--world", min=1, help="Use the synthetic denial world, with this number of claims."),
]
WorldSeed = Annotated[int, typer.Option("--world-seed", min=0, help="Random seed of the synthetic world.")]
WorldKind = Annotated[
    str,
    typer.Option("--world-kind", help="Kind of world: easy, published, drifting or small-practice."),
]
Claims = Annotated[
    list[str] | None, typer.Option("--claims", help="837 files or folders of submitted claims.")
]
Remittances = Annotated[
    list[Path] | None, typer.Option("--remittances", help="835 files or folders (remittances).")
]
Outcomes = Annotated[
    Path | None,
    typer.Option(
        "--outcomes", help="CSV of payer decisions instead of 835 files: claim_id, line, carc, answered_on."
    ),
]
Store = Annotated[
    bool, typer.Option("--store", help="Production claims, with the outcomes that `feedback` recorded.")
]
Models = Annotated[
    Path | None, typer.Option("--models", help="Model folder. Default: `models` in the home folder.")
]
Who = Annotated[
    str | None,
    typer.Option("--by", help="Who does it, such as user:7; kept in the model log. Default: your account."),
]
Name = Annotated[str, typer.Argument(metavar="MODEL", help="Model ID, from `model list`.")]
Day = datetime.datetime


def registry_of(folder: Path | None, environment: str | None = None) -> Registry:
    """The model folder: the one named, or the tenant's, or that of the installation."""
    from claimwright.assembly.predictions import registry_for
    from claimwright.features.prediction import Registry

    if folder is not None:
        return Registry(folder)
    settings = settings_of(environment)
    return registry_for(settings, settings.tenant)


def policy_of(settings: Settings, tenant: str) -> ReviewPolicy:
    """The review policy of the settings. Ends the command if it cannot be used."""
    from claimwright.assembly.predictions import review_policy_for
    from claimwright.features.prediction import PolicyError

    try:
        return review_policy_for(settings, tenant)
    except PolicyError as problem:
        fail(str(problem))


def history_from(
    world: int | None,
    seed: int,
    kind: str,
    claims: list[str] | None,
    remittances: list[Path] | None,
    outcomes: Path | None,
    settings: Settings | None = None,
) -> tuple[History, Any]:
    """The history that the options name, and true probabilities if it is that of a synthetic world.

    With `settings` it is the history of the tenant's store. Ends the command if there is none, or it cannot
    be read.
    """
    from claimwright.features.prediction import HistoryError, history_of

    if settings is not None:
        return _stored(settings), None
    if world is not None:
        worlds = lab_room("denial_world", "the denial world (`--world`)")
        try:
            made = worlds.make_world(worlds.WorldOptions(world, seed, kind))
            history = history_of(
                made.batch,
                made.submitted_on,
                worlds.answered_lines(made),
                source=f"synthetic denial world ({kind}), {world} claims, seed {seed}",
            )
        except (ValueError, HistoryError) as problem:
            fail(str(problem))
        return history, made.truth["probability"].to_numpy()
    if not claims or (not remittances and outcomes is None):
        fail(
            "no training data. Give --claims with --remittances or --outcomes, or --store, or --world 40000."
        )
    from claimwright.features.intake import SourceError
    from claimwright.features.prediction import AnswerError, read_history

    try:
        return read_history(claims, remittances or [], outcomes), None
    except (SourceError, AnswerError, HistoryError) as problem:
        fail(str(problem))


def _stored(settings: Settings) -> History:
    from claimwright.features.prediction import HistoryError, stored_history

    with store_of(settings) as database:
        try:
            return stored_history(caller_of(settings, None), database, sealer_of(settings, database))
        except HistoryError as problem:
            fail(str(problem))
