"""`claimwright model appeal-outcome`: the appeal-outcome model's card, and training on newer decisions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from .session import Environment, Tenant, permitted_caller, settings_of, store_of
from .shapes import Shape, ShapeOption, print_json
from .terminal import err, fail, out, wide

if TYPE_CHECKING:
    from claimwright.engines.prediction.overturn import OverturnModel


def register(app: typer.Typer) -> None:
    """Add the command to `claimwright model`."""
    app.command("appeal-outcome")(appeal_outcome)


def appeal_outcome(
    reviews: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="CSV of all determinations, as California's Department of Managed Health Care publishes it.",
        ),
    ] = None,
    shape: ShapeOption = Shape.TABLE,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show the card of the model that answers `denials odds`; with FILE, train it on newer decisions first.

    The packaged model knows decisions to 2016, and says nothing of later years. A model that is trained from
    FILE is stored for the tenant and answers from then on; FILE itself is not stored. It takes half a minute.

    Exit status: 0, or 2 if the file can't be used.
    """
    from claimwright.assembly.administration import has_store
    from claimwright.features.prediction import (
        ReviewFileError,
        appeal_outcome_model,
        appeal_outcome_model_of,
        keep_appeal_model,
        train_appeal_model,
    )
    from claimwright.foundation.errors import ModelError

    settings = settings_of(environment)
    try:
        if reviews is not None:
            caller, _ = permitted_caller(settings, tenant, "models.promote")
            model = train_appeal_model(reviews, tell=lambda stage: err.print(f"{stage} ...", markup=False))
            with store_of(settings) as database, database.transaction(caller) as connection:
                keep_appeal_model(caller, connection, model)
        elif has_store(settings):
            caller, _ = permitted_caller(settings, tenant, "models.read")
            with store_of(settings) as database, database.transaction(caller) as connection:
                model = appeal_outcome_model_of(connection)
        else:
            model = appeal_outcome_model()
    except (ReviewFileError, ModelError) as problem:
        fail(str(problem))
    if shape is Shape.JSON:
        print_json(model.about)
    else:
        _show(model)


_WORDS = {
    "detailed": "weights of decisions to 2013",
    "broad": "the same, sub categories not known",
    "refitted_yearly": "weights of all years before",
    "rates_frozen_too": "rates of 2013 as well",
}


def _show(model: OverturnModel) -> None:
    about: dict[str, Any] = model.about
    first, last = model.years
    out.print(
        f"{about['kind']}; {about['cases']:,} decisions of {first} to {last}, {about['overturned']:.0%} "
        f"overturned: {about['source']}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    table = Table("Decisions after 2013", "Cases", "AUROC", "PR-AUC", "Brier", "ECE", "Slope")
    for name, words in _WORDS.items():
        found = about["temporal"][name]
        numbers = ("auroc", "pr_auc", "brier", "expected_calibration_error", "calibration_slope")
        table.add_row(words, f"{found['cases']:,}", *(f"{found[each]:.3f}" for each in numbers))
    for name, found in about.get("baselines", {}).items():
        table.add_row(name, "", f"{found['temporal']:.3f}")
    wide().print(table)
    folds = about["folds"]["detailed"]
    out.print(f"Five-fold AUROC: {sum(folds) / len(folds):.3f}", markup=False)
    aged = Table("Years after the newest decision", "AUROC", "Lowest", "Mean gap", "Answers")
    for each in about["by_age"]:
        aged.add_row(
            str(each["years"]), f"{each['auroc']:.3f}", f"{each['lowest_auroc']:.3f}",
            f"{each['mean_gap']:.1%}", "yes" if each["years"] < len(model.intervals) else "no",
        )  # fmt: skip
    wide().print(aged)
    interval = about["interval"]
    out.print(
        f"Intervals of {interval['level']:.0%}: {interval['coverage']:.0%} of {interval['judged_groups']} "
        f"later kinds of cases were inside; on average {interval['mean_width']:.0%} wide",
        markup=False, soft_wrap=True,
    )  # fmt: skip
