"""`claimwright predict`: how likely each claim of a file is to be denied."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from .model_command import Models, policy_of, registry_of
from .opening import Environment, settings_of
from .terminal import Exit, err, fail, out, wide

_SHOWN_REASONS = 2


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("predict")(predict)


def predict(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="837 files or folders of claims.")],
    as_of: Annotated[
        datetime.datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day of sending; today by default."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="A model's id; the champion by default.")
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A Parquet, CSV or JSONL file for the predictions of all claims."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many claims to show.")] = 20,
    models: Models = None,
    environment: Environment = None,
) -> None:
    """Predict denials: likeliest first, each with its decision, category, dollars at risk and top reasons."""
    import polars as pl

    from claimwright.features.intake import SourceError, read_all, sources
    from claimwright.features.prediction import RegistryError, argue
    from claimwright.platform import clock

    registry = registry_of(models, environment)
    day = as_of.date() if as_of else clock.today()
    try:
        name = model or registry.champion_id()
        if name is None:
            fail(
                f"{registry.folder} has no champion, so nothing is predicted; rules decide alone. "
                "Train and promote one: `claimwright model --help`."
            )
        settings = settings_of(environment)
        chosen = registry.load(name).under(policy_of(settings, settings.tenant))
        frames, batches = [], []
        for reading in read_all(sources(paths)):
            found = chosen.predict(reading.batch, day).claims
            frames.append(found.with_columns(reading.batch.claims["claim_id"], predicted_by=pl.lit(name)))
            batches.append(reading.batch)
    except (RegistryError, SourceError) as problem:
        fail(str(problem))
    predicted = pl.concat(frames) if frames else pl.DataFrame()
    if not predicted.height:
        out.print("no claims")
        return
    if target is not None:
        _write(predicted, target)
    worst = predicted.sort("denial_probability", descending=True).head(limit)
    table = Table("Claim", "Denial", "Sure", "Decision", "Kind", "At risk", "Days", "Why")
    for row in worst.iter_rows(named=True):
        home = next(batch for batch in batches if row["claim"] in batch.claims["claim"])
        [argument] = argue(chosen, home.select([row["claim"]]), day)
        against = [reason.words for reason in argument.reasons if reason.log_odds > 0][:_SHOWN_REASONS]
        table.add_row(
            row["claim_id"],
            f"{row['denial_probability']:.0%}",
            f"{row['confidence']:.0%}",
            row["decision"],
            (row["denial_category"] or "").replace("_", " "),
            f"${row['at_risk']:,.2f}",
            f"{row['expected_days']:.0f}",
            "; ".join(against),
        )
    wide().print(table)
    reviewed = predicted.filter(pl.col("decision") == "review")
    err.print(
        f"{predicted.height:,} claims by {name}: {reviewed.height:,} for review, "
        f"${predicted['at_risk'].sum():,.2f} at risk",
        markup=False,
    )
    raise typer.Exit(Exit.FINDINGS if reviewed.height else Exit.CLEAN)


def _write(predicted: object, target: Path) -> None:
    import polars as pl

    assert isinstance(predicted, pl.DataFrame)
    writers = {".parquet": "write_parquet", ".csv": "write_csv", ".jsonl": "write_ndjson"}
    writer = writers.get(target.suffix)
    if writer is None:
        fail(f"{target}: name it .parquet, .csv or .jsonl, so that its format is known.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        getattr(predicted, writer)(target)
    except OSError as problem:
        fail(f"{target}: can't be written: {problem.strerror}. Check the folder and its permissions.")
