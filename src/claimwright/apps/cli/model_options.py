"""What the commands of models share: where models are, which claims, and from when on a person looks."""

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
    typer.Option("--world", min=1, help="Learn in the synthetic denial world, of so many claims."),
]
WorldSeed = Annotated[int, typer.Option("--world-seed", min=0, help="Which of all synthetic worlds.")]
Claims = Annotated[
    list[str] | None, typer.Option("--claims", help="837 files or folders of claims that were sent.")
]
Remittances = Annotated[
    list[Path] | None, typer.Option("--remittances", help="835 files or folders of what payers answered.")
]
Outcomes = Annotated[
    Path | None,
    typer.Option(
        "--outcomes", help="CSV of answers in place of 835 files: claim_id, line, carc, answered_on."
    ),
]
Store = Annotated[
    bool, typer.Option("--store", help="Claims in production, with the answers that `feedback` recorded.")
]
Models = Annotated[
    Path | None, typer.Option("--models", help="Folder of models; `models` in the settings' home by default.")
]
Who = Annotated[
    str | None,
    typer.Option(
        "--by", help="Who does it, such as user:7; kept in the log of models. Your account by default."
    ),
]
Name = Annotated[str, typer.Argument(metavar="MODEL", help="The model's id, as `model list` shows it.")]
Day = datetime.datetime


def registry_of(folder: Path | None, environment: str | None = None) -> Registry:
    """The folder of models: the one named, or the tenant's own, or that of the installation."""
    from claimwright.assembly.predictions import registry_for
    from claimwright.features.prediction import Registry

    if folder is not None:
        return Registry(folder)
    settings = settings_of(environment)
    return registry_for(settings, settings.tenant)


def policy_of(settings: Settings, tenant: str) -> ReviewPolicy:
    """From when on a person looks, as the settings have it. Ends the command where that can't be used."""
    from claimwright.assembly.predictions import review_policy_for
    from claimwright.features.prediction import PolicyError

    try:
        return review_policy_for(settings, tenant)
    except PolicyError as problem:
        fail(str(problem))


def history_from(
    world: int | None,
    seed: int,
    claims: list[str] | None,
    remittances: list[Path] | None,
    outcomes: Path | None,
    settings: Settings | None = None,
) -> tuple[History, Any]:
    """The history that the options name, and true probabilities where it is a synthetic world's.

    With `settings` it is that of their tenant's store. Ends the command where there is none, or it can't be
    read.
    """
    from claimwright.features.prediction import HistoryError, history_of

    if settings is not None:
        return _stored(settings), None
    if world is not None:
        worlds = lab_room("denial_world", "the denial world (`--world`)")
        try:
            made = worlds.make_world(worlds.WorldOptions(world, seed))
            history = history_of(
                made.batch,
                made.submitted_on,
                worlds.answered_lines(made),
                source=f"synthetic denial world, {world} claims, seed {seed}",
            )
        except (ValueError, HistoryError) as problem:
            fail(str(problem))
        return history, made.truth["probability"].to_numpy()
    if not claims or (not remittances and outcomes is None):
        fail(
            "nothing to learn from. Give --claims with --remittances or --outcomes, or --store, "
            "or --world 40000."
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
