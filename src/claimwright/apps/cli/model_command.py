"""`claimwright model`: train, compare, promote and monitor the models that predict denials."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from claimwright.foundation.whole_files import WholeFile

from . import model_appeals, model_judging
from .model_options import (
    Claims,
    Day,
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
    policy_of,
    registry_of,
)
from .session import Environment, caller_of, settings_of, store_of
from .terminal import err, fail, out, wide

if TYPE_CHECKING:
    from claimwright.engines.prediction import Model, ReviewPolicy
    from claimwright.features.prediction import History
    from claimwright.platform.settings import Settings

app = typer.Typer(
    help="Train, compare, promote and monitor the models that predict denials.", no_args_is_help=True
)


@app.command()
def train(
    world: World = None,
    world_seed: WorldSeed = 7,
    world_kind: WorldKind = "published",
    claims: Claims = None,
    remittances: Remittances = None,
    outcomes: Outcomes = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Random seed; the same seed gives the same model.")
    ] = 7,
    train_until: Annotated[
        Day | None,
        typer.Option("--train-until", formats=["%Y-%m-%d"], help="First date that is not used for training."),
    ] = None,
    calibrate_until: Annotated[
        Day | None,
        typer.Option("--calibrate-until", formats=["%Y-%m-%d"], help="First date of the held-out claims."),
    ] = None,
    pairs: Annotated[
        int, typer.Option("--pairs", min=0, help="Number of pairs of features that act together.")
    ] = 40,
    boosted: Annotated[
        bool,
        typer.Option(
            "--boosted",
            help="Train LightGBM instead: often a little better, without reasons. It can only be a shadow.",
        ),
    ] = False,
    feedback: Annotated[
        Path | None,
        typer.Option(
            "--feedback", help="CSV of corrections and outcomes: claim_id, payer, label, source, by, at."
        ),
    ] = None,
    store: Store = False,
    looked_at_by: Annotated[
        str | None,
        typer.Option("--looked-at-by", help="Who approved corrections of the store that block training."),
    ] = None,
    models: Models = None,
    by: Who = None,
    environment: Environment = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Train a candidate on past claims and payer decisions; evaluate it on the latest claims.

    With --store the model also learns from corrections of claims without a payer decision. If most of them
    are from one person or payer, training is blocked until a person approves them.
    """
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
    settings = settings_of(environment)
    history, optimal = history_from(
        world, world_seed, world_kind, claims, remittances, outcomes, settings if store else None
    )
    if store:
        history = _taught_by_store(history, settings, looked_at_by)
    if feedback is not None:
        history = _taught(history, feedback)
    options = Training(
        seed=seed,
        train_until=train_until.date() if train_until else None,
        calibrate_until=calibrate_until.date() if calibrate_until else None,
        effort=Effort(pairs=pairs),
        boosted=boosted,
    )
    try:
        with Progress(console=err, transient=True, disable=quiet or not err.is_terminal) as progress:
            task = progress.add_task("Training", total=len(STAGES))

            def tell(stage: str) -> None:
                progress.update(task, completed=STAGES.index(stage), description=stage.capitalize())

            trained = learn(history, options, optimal=optimal, progress=tell)
        comparison = beside_champion(registry, history, trained.held_out)
        with _recorded(settings, "model.trained", "models") as detail:
            caller = caller_of(settings, None)
            name = detail["model"] = registry.add(caller, trained.model, by=by, comparison=comparison)
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


def _recorded(settings: Settings, action: str, subject: str) -> AbstractContextManager[dict[str, Any]]:
    """The record of the action in the audit log of the settings' tenant, if there is a store."""
    from claimwright.assembly.administration import recorded

    return recorded(caller_of(settings, None), settings, action=action, subject=subject, detail={})


def _taught(history: History, path: Path) -> History:
    """The history with the labels of a feedback file. Ends the command if the file blocks training."""
    from claimwright.features.prediction import (
        HistoryError,
        accepted,
        describe_holds,
        read_feedback,
        suspicious,
        with_corrections,
    )

    try:
        given = read_feedback(path)
    except HistoryError as problem:
        fail(str(problem))
    holds = suspicious(given)
    if holds:
        fail(
            f"{path}: training is blocked, no model was trained: {describe_holds(holds)}. "
            "Review these corrections, and remove the wrong ones from the file."
        )
    return with_corrections(history, accepted(given))


def _taught_by_store(history: History, settings: Settings, looked_at_by: str | None) -> History:
    """The history with people's corrections of stored claims. Ends the command if they block training."""
    from claimwright.features.prediction import (
        accepted,
        describe_holds,
        stored_feedback,
        suspicious,
        with_corrections,
    )

    with store_of(settings) as database, database.transaction(caller_of(settings, None)) as connection:
        given = stored_feedback(connection)
    holds = suspicious(given)
    if holds and not looked_at_by:
        fail(
            f"training is blocked, no model was trained: {describe_holds(holds)}. "
            "A person must review these corrections and approve them with --looked-at-by."
        )
    if holds:
        err.print(f"approved by {looked_at_by}: {describe_holds(holds)}", markup=False, soft_wrap=True)
    return with_corrections(history, accepted(given, looked_at=bool(looked_at_by)))


@app.command("list")
def list_models(models: Models = None, environment: Environment = None) -> None:
    """List all models and their states."""
    from claimwright.features.prediction import RegistryError

    registry = registry_of(models, environment)
    try:
        entries = registry.entries()
    except RegistryError as problem:
        fail(str(problem))
    if not entries:
        out.print(f"{registry.folder}: no models yet. `claimwright model train --help`", markup=False)
        return
    table = Table("Model", "State", "Since", "By", "PR-AUC, held out", "Champion at that time")
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
    """Show the model card: training data, quality, and thresholds for manual review."""
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
    """From where each payer's claims are reviewed; the benefit as bars, from few reviews to many."""
    from claimwright.features.prediction import CONFIDENCE_MEANS, review_points

    points = review_points(model, policy)
    if not points:
        return
    by_gain = any(point.from_cents is not None for point in points)
    caught = "Of fixable denials" if by_gain else "Denials caught"
    table = Table(
        "Payer", "Claims", "Reviewed from", "Reviewed", caught, "Benefit", "Benefit of more reviews"
    )
    for point in points:
        table.add_row(
            point.payer or "all others",
            f"{point.claims:,}",
            point.reviewed_from,
            f"{point.reviewed:.1%}",
            f"{point.caught:.1%}",
            f"${point.worth_cents / 100:,.0f}",
            _bars(point.curve.sort("reviewed")["worth_cents"].to_list()),
        )
    wide().print(table)
    for kind, each in model.about.get("remedies", {}).get("steps", {}).items():
        offered = "offered" if each["is_offered"] else "not offered"
        out.print(
            f"  step {kind.replace('_', ' ')}: {offered}; on later claims {each['offers']:,} offers, "
            f"precision {each['precision']:.0%}, recall {each['recall']:.0%} of {each['denials']:,} denials",
            markup=False,
        )
    if policy.confidence_floor:
        out.print(
            f"  claims with a confidence ({CONFIDENCE_MEANS}) below {policy.confidence_floor:.0%} also go to "
            "manual review",
            markup=False,
        )


def _bars(worth: list[int]) -> str:
    """Some twenty of the values as bars."""
    some = worth[:: max(len(worth) // 19, 1)]
    top = max(*some, 1, 1)
    return "".join("·" if each <= 0 else _BARS[min(7, each * 8 // top)] for each in some)


def _show(name: str, about: dict[str, Any]) -> None:
    periods = about["periods"]
    out.print(f"{name}: {about['kind']}, trained on {about['source']}", markup=False, soft_wrap=True)
    for period, note in sorted(periods.items(), key=lambda item: str(item[1]["from"])):
        out.print(
            f"  {period}: {note['from']} to {note['to']}, {note['claims']:,} claims, "
            f"{note['denied']:,} denied",
            markup=False,
        )
    _show_price(about)
    table = Table("On held-out claims", "PR-AUC", "Recall at 90 %", "At 95 %", "Brier", "Slope")
    for scorer, found in about["measures"].items():
        numbers = ("pr_auc", "recall_at_90", "recall_at_95", "brier", "calibration_slope")
        table.add_row(scorer, *("" if found[each] is None else f"{found[each]:.4f}" for each in numbers))
    wide().print(table)
    gap = max((abs(row["gap"]) for row in about["by_payer"] if row["enough"]), default=0.0)
    out.print(f"  largest calibration gap of a payer: {gap:.1%}")
    notes = about.get("intervals")
    if notes:
        out.print(
            "  intervals, made to contain 9 of 10: "
            f"share denied {_inside(notes['probability'])} of {notes['probability']['groups']} groups, "
            f"days {_inside(notes['days'])} of answers, "
            f"dollars lost {_inside(notes['dollars'])} of {notes['dollars']['payers']} payers",
            markup=False, soft_wrap=True,
        )  # fmt: skip


def _show_price(about: dict[str, Any]) -> None:
    """How much more a model without reasons would find on the same claims, if it was measured."""
    from claimwright.engines.prediction.learning import BOOSTED

    own, boosted = (about["measures"].get(each, {}).get("pr_auc") for each in (about["kind"], BOOSTED))
    if about["kind"] == BOOSTED:
        out.print("  gives no reasons for its predictions: it can only be a shadow", markup=False)
    elif own and boosted and boosted > own:
        out.print(
            f"  the price of reasons: PR-AUC {boosted - own:.4f} less than LightGBM on the same features; "
            "`model train --boosted` trains it as a shadow",
            markup=False, soft_wrap=True,
        )  # fmt: skip


def _inside(note: dict[str, Any]) -> str:
    """The share of what is inside of its interval; nothing if there were too few claims to tell."""
    return "unknown" if note["coverage"] is None else f"{note['coverage']:.0%}"


@app.command()
def promote(
    name: Name,
    approver: Annotated[
        str, typer.Option("--approver", help="Person who approves the model; not its trainer.")
    ],
    shadow: Annotated[
        bool,
        typer.Option(
            "--shadow",
            help="Make it a shadow: its predictions are stored but never used for routing.",
        ),
    ] = False,
    models: Models = None,
    environment: Environment = None,
) -> None:
    """Make a model the champion. It must be better than the champion on held-out claims."""
    from claimwright.features.prediction import RegistryError

    registry, settings = registry_of(models, environment), settings_of(environment)
    try:
        if shadow:
            with _recorded(settings, "model.shadowed", f"model:{name}") as detail:
                detail["model"] = name
                registry.shadow(caller_of(settings, None), name, by=approver)
            out.print(f"{name}: shadow", markup=False)
            return
        with _recorded(settings, "model.promoted", f"model:{name}") as detail:
            before = registry.promote(caller_of(settings, None), name, approver=approver)
            detail |= {"model": name} | ({"previous_id": before} if before else {})
    except RegistryError as problem:
        fail(str(problem))
    out.print(f"{name}: champion" + (f", replaces {before}" if before else ""), markup=False)


@app.command()
def rollback(by: Who = None, models: Models = None, environment: Environment = None) -> None:
    """Retire the champion and restore the previous one."""
    from claimwright.features.prediction import RegistryError

    settings = settings_of(environment)
    try:
        caller = caller_of(settings, None)
        with _recorded(settings, "model.rolled_back", "models") as detail:
            gone, back = registry_of(models, environment).rollback(caller, by=by)
            detail |= {"previous_id": gone} | ({"model": back} if back else {})
    except RegistryError as problem:
        fail(str(problem))
    out.print(f"{gone}: retired; {back or 'rules only'} in use now", markup=False)


@app.command()
def report(
    name: Name,
    target: Annotated[Path, typer.Option("--out", "-o", help="HTML file to write.")],
    models: Models = None,
    environment: Environment = None,
) -> None:
    """Write the model card, with the curve of every term, as an HTML page."""
    from claimwright.features.prediction import RegistryError, model_report

    settings = settings_of(environment)
    try:
        model = registry_of(models, environment).load(name)
        report = model_report(name, model, policy_of(settings, settings.tenant))
        with WholeFile(target) as part:
            part.write_text(report, encoding="utf-8")
    except RegistryError as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{target}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    out.print(f"{target}: written", markup=False, soft_wrap=True)


model_appeals.register(app)
model_judging.register(app)
