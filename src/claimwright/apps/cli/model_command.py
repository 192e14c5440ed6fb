"""`claimwright model`: train, compare, promote and watch the models that predict denials."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from .opening import Environment, settings_of
from .terminal import Exit, err, fail, out, wide

if TYPE_CHECKING:
    from claimwright.engines.prediction import Model, ReviewPolicy
    from claimwright.features.prediction import History, Registry
    from claimwright.platform.settings import Settings

app = typer.Typer(
    help="Train, compare, promote and watch the models that predict denials.", no_args_is_help=True
)

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
Models = Annotated[
    Path | None, typer.Option("--models", help="Folder of models; `models` in the settings' home by default.")
]
Who = Annotated[str, typer.Option("--by", help="Who does it; kept in the log of models.")]
Name = Annotated[str, typer.Argument(metavar="MODEL", help="The model's id, as `model list` shows it.")]
Day = datetime.datetime


def registry_of(folder: Path | None, environment: str | None = None) -> Registry:
    """The folder of models: the one named, or the tenant's own, or that of the installation."""
    from claimwright.features.prediction import Registry, models_folder

    if folder is not None:
        return Registry(folder)
    settings = settings_of(environment)
    return Registry(models_folder(settings.home, settings.tenant))


def policy_of(settings: Settings, tenant: str) -> ReviewPolicy:
    """From when on a person looks, as the settings have it. Ends the command where that can't be used."""
    from claimwright.features.prediction import PolicyError, review_policy

    wanted = settings.pipeline
    try:
        return review_policy(
            settings.prediction.review_policy,
            tenant,
            probability=wanted.review_probability,
            confidence_floor=wanted.confidence_floor,
        )
    except PolicyError as problem:
        fail(str(problem))


def history_from(
    world: int | None,
    seed: int,
    claims: list[str] | None,
    remittances: list[Path] | None,
    outcomes: Path | None,
) -> tuple[History, Any]:
    """The history that the options name, and true probabilities where it is a synthetic world's.

    Ends the command where there is none, or it can't be read.
    """
    from claimwright.features.prediction import HistoryError, history_of

    if world is not None:
        from claimwright.features.denial_world import WorldOptions, answered_lines, make_world

        try:
            made = make_world(WorldOptions(world, seed))
            history = history_of(
                made.batch,
                made.submitted_on,
                answered_lines(made),
                source=f"synthetic denial world, {world} claims, seed {seed}",
            )
        except (ValueError, HistoryError) as problem:
            fail(str(problem))
        return history, made.truth["probability"].to_numpy()
    if not claims or (not remittances and outcomes is None):
        fail("nothing to learn from. Give --claims with --remittances or --outcomes, or --world 40000.")
    from claimwright.features.intake import SourceError
    from claimwright.features.prediction import AnswerError, read_history

    try:
        return read_history(claims, remittances or [], outcomes), None
    except (SourceError, AnswerError, HistoryError) as problem:
        fail(str(problem))


@app.command()
def train(
    world: World = None,
    world_seed: WorldSeed = 7,
    claims: Claims = None,
    remittances: Remittances = None,
    outcomes: Outcomes = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed makes the same model.")] = 7,
    train_until: Annotated[
        Day | None,
        typer.Option("--train-until", formats=["%Y-%m-%d"], help="First day that is not trained on."),
    ] = None,
    calibrate_until: Annotated[
        Day | None,
        typer.Option("--calibrate-until", formats=["%Y-%m-%d"], help="First day that judges."),
    ] = None,
    bags: Annotated[int, typer.Option("--bags", min=2, help="Machines that are averaged.")] = 4,
    pairs: Annotated[int, typer.Option("--pairs", min=0, help="Pairs of features that act together.")] = 8,
    feedback: Annotated[
        Path | None,
        typer.Option(
            "--feedback", help="CSV of corrections and outcomes: claim_id, payer, label, source, by, at."
        ),
    ] = None,
    models: Models = None,
    by: Who = "trainer",
    environment: Environment = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Train a candidate on claims of the past and what payers answered; judge it on the latest."""
    import os

    from rich.progress import Progress

    from claimwright.engines.prediction.learning import Effort
    from claimwright.features.prediction import (
        STAGES,
        HistoryError,
        RegistryError,
        Training,
        beside_champion,
    )
    from claimwright.features.prediction import train as learn

    registry = registry_of(models, environment)
    history, optimal = history_from(world, world_seed, claims, remittances, outcomes)
    if feedback is not None:
        history = _taught(history, feedback)
    options = Training(
        seed=seed,
        train_until=train_until.date() if train_until else None,
        calibrate_until=calibrate_until.date() if calibrate_until else None,
        effort=Effort(bags=bags, pairs=pairs, cores=os.cpu_count() or 1),
    )
    try:
        with Progress(console=err, transient=True, disable=quiet or not err.is_terminal) as progress:
            task = progress.add_task("Training", total=len(STAGES))

            def tell(stage: str) -> None:
                progress.update(task, completed=STAGES.index(stage), description=stage.capitalize())

            trained = learn(history, options, optimal=optimal, progress=tell)
        comparison = beside_champion(registry, history, trained.held_out)
        name = registry.add(trained.model, by=by, comparison=comparison)
    except (HistoryError, RegistryError) as problem:
        fail(str(problem))
    except OSError as problem:
        fail(
            f"{registry.folder}: can't be written: {problem.strerror}. Check the folder and its permissions."
        )
    if not quiet:
        _show(name, trained.model.about)
        beside = (
            "no champion to compare with"
            if comparison.champion is None
            else f"PR-AUC {comparison.candidate_pr_auc:.4f}, champion {comparison.champion_pr_auc:.4f}"
        )
        out.print(f"{name}: candidate; {beside}", markup=False, soft_wrap=True)


def _taught(history: History, path: Path) -> History:
    """The history with the labels of a feedback file. Ends the command where the file is held."""
    from claimwright.features.prediction import (
        HistoryError,
        accepted,
        read_feedback,
        relabelled,
        suspicious,
        words_of,
    )

    try:
        given = read_feedback(path)
    except HistoryError as problem:
        fail(str(problem))
    holds = suspicious(given)
    if holds:
        fail(
            f"{path}: training is held, nothing was learned: {words_of(holds)}. "
            "Look at these corrections, and give the file without those that are wrong."
        )
    return relabelled(history, accepted(given))


@app.command("list")
def list_models(models: Models = None, environment: Environment = None) -> None:
    """List all models with their states."""
    from claimwright.features.prediction import RegistryError

    registry = registry_of(models, environment)
    try:
        entries = registry.entries()
    except RegistryError as problem:
        fail(str(problem))
    if not entries:
        out.print(f"{registry.folder}: no models yet. `claimwright model train --help`", markup=False)
        return
    table = Table("Model", "State", "Since", "By", "PR-AUC, held out", "Champion's then")
    for entry in entries.values():
        compared = entry.comparison
        table.add_row(
            entry.id,
            entry.state.value,
            entry.at,
            entry.by,
            f"{compared.candidate_pr_auc:.4f}" if compared else "",
            f"{compared.champion_pr_auc:.4f}" if compared and compared.champion_pr_auc else "",
        )
    wide().print(table)


@app.command()
def show(name: Name, models: Models = None, environment: Environment = None) -> None:
    """Show a model's card: what it learned from, how good it is, and from when on a person looks."""
    from claimwright.features.prediction import RegistryError

    settings = settings_of(environment)
    try:
        model = registry_of(models, environment).load(name)
    except RegistryError as problem:
        fail(str(problem))
    _show(name, model.about)
    _show_reviews(model, policy_of(settings, settings.tenant))


_BARS = "▁▂▃▄▅▆▇█"


def _show_reviews(model: Model, policy: ReviewPolicy) -> None:
    """The point of each payer on its curve; the curve as bars, from a threshold of 5 to 95 percent."""
    from claimwright.features.prediction import review_points

    points = review_points(model, policy)
    if not points:
        return
    table = Table(
        "Payer", "Claims", "Reviewed from", "Reviewed", "Denials caught", "Worth", "Worth by threshold"
    )
    for point in points:
        worth = point.curve["worth_cents"].gather_every(5, 4).to_list()
        top = max(*worth, 1)
        bars = "".join("·" if each <= 0 else _BARS[min(7, each * 8 // top)] for each in worth)
        table.add_row(
            point.payer or "all others",
            f"{point.claims:,}",
            f"{point.threshold:.0%}",
            f"{point.reviewed:.1%}",
            f"{point.caught:.1%}",
            f"${point.worth_cents / 100:,.0f}",
            bars,
        )
    wide().print(table)
    if policy.confidence_floor:
        out.print(
            f"  a confidence below {policy.confidence_floor:.0%} goes to a person as well", markup=False
        )


def _show(name: str, about: dict[str, Any]) -> None:
    periods = about["periods"]
    out.print(f"{name}: {about['kind']}, learned from {about['source']}", markup=False, soft_wrap=True)
    for period, note in periods.items():
        out.print(
            f"  {period}: {note['from']} to {note['to']}, {note['claims']:,} claims, "
            f"{note['denied']:,} denied",
            markup=False,
        )
    table = Table("On the judged claims", "PR-AUC", "Recall at 90 %", "At 95 %", "Brier", "Slope")
    for scorer, found in about["measures"].items():
        numbers = ("pr_auc", "recall_at_90", "recall_at_95", "brier", "calibration_slope")
        table.add_row(scorer, *("" if found[each] is None else f"{found[each]:.4f}" for each in numbers))
    wide().print(table)
    gap = max((abs(row["gap"]) for row in about["by_payer"] if row["enough"]), default=0.0)
    out.print(f"  widest gap of a payer {gap:.1%}")


@app.command()
def evaluate(
    name: Name,
    world: World = None,
    world_seed: WorldSeed = 8,
    claims: Claims = None,
    remittances: Remittances = None,
    outcomes: Outcomes = None,
    models: Models = None,
    by: Who = "evaluator",
    environment: Environment = None,
) -> None:
    """Judge a model on other claims, beside the champion, and keep the comparison for its promotion."""
    import numpy as np

    from claimwright.features.prediction import Comparison, RegistryError, judged

    registry = registry_of(models, environment)
    try:
        model = registry.load(name)
        champion = registry.champion()
    except RegistryError as problem:
        fail(str(problem))
    history, _ = history_from(world, world_seed, claims, remittances, outcomes)
    rows = np.flatnonzero(history.answered)
    own = judged(model, history, rows)
    other = judged(champion[1], history, rows) if champion else None
    table = Table("", "PR-AUC", "Recall at 90 %", "Brier", "Slope")
    for who, found in ((name, own), (champion[0] if champion else "champion: none", other)):
        if found is None:
            continue
        numbers = (found.pr_auc, found.recall_at_90, found.brier, found.calibration_slope)
        table.add_row(who, *(f"{number:.4f}" for number in numbers))
    wide().print(table)
    if champion is None or champion[0] != name:
        comparison = Comparison(
            champion[0] if champion else None, other.pr_auc if other else None, own.pr_auc, len(rows)
        )
        registry.compare(name, comparison, by=by)


@app.command()
def promote(
    name: Name,
    approver: Annotated[str, typer.Option("--approver", help="Who answers for it; not its trainer.")],
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Only let it score beside the champion, without any say.")
    ] = False,
    models: Models = None,
    environment: Environment = None,
) -> None:
    """Make a model champion: it must have been better than the champion on held-out claims."""
    from claimwright.features.prediction import RegistryError

    registry = registry_of(models, environment)
    try:
        if shadow:
            registry.shadow(name, by=approver)
            out.print(f"{name}: shadow", markup=False)
            return
        before = registry.promote(name, approver=approver)
    except RegistryError as problem:
        fail(str(problem))
    out.print(f"{name}: champion" + (f", in the place of {before}" if before else ""), markup=False)


@app.command()
def rollback(by: Who, models: Models = None, environment: Environment = None) -> None:
    """Retire the champion and bring back the one before."""
    from claimwright.features.prediction import RegistryError

    try:
        gone, back = registry_of(models, environment).rollback(by=by)
    except RegistryError as problem:
        fail(str(problem))
    out.print(f"{gone}: retired; {back or 'rules alone'} in its place", markup=False)


@app.command()
def report(
    name: Name,
    target: Annotated[Path, typer.Option("--out", "-o", help="The HTML page to write.")],
    models: Models = None,
    environment: Environment = None,
) -> None:
    """Write a model's card with the curve of every term as an HTML page."""
    from claimwright.features.prediction import RegistryError, model_report

    settings = settings_of(environment)
    try:
        model = registry_of(models, environment).load(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(model_report(name, model, policy_of(settings, settings.tenant)), encoding="utf-8")
    except RegistryError as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{target}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    out.print(f"{target}: written", markup=False, soft_wrap=True)


@app.command()
def drift(
    world: World = None,
    world_seed: WorldSeed = 8,
    claims: Claims = None,
    remittances: Remittances = None,
    outcomes: Outcomes = None,
    models: Models = None,
    environment: Environment = None,
) -> None:
    """Compare claims of now with those that the champion learned from; status 1 where they differ."""
    from claimwright.features.prediction import RegistryError, columns_of, drift_of

    registry = registry_of(models, environment)
    try:
        champion = registry.champion()
    except RegistryError as problem:
        fail(str(problem))
    if champion is None:
        fail("there is no champion to compare with. Promote a model first.")
    history, _ = history_from(world, world_seed, claims, remittances, outcomes)
    holds = drift_of(champion[1], history, columns_of(champion[1], history))
    for hold in holds:
        out.print(f"{hold.what}: {hold.words}", markup=False, soft_wrap=True)
    if not holds:
        out.print("nothing drifted")
    raise typer.Exit(Exit.FINDINGS if holds else Exit.CLEAN)
