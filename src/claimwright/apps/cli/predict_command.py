"""`claimwright predict`: how likely each claim of a file is to be denied."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from claimwright.foundation.whole_files import WholeFile

from .claim_prediction import draw, named_picture
from .model_options import Claims, Models, Outcomes, Remittances, Store, history_from, policy_of, registry_of
from .session import Environment, caller_of, sealer_of, settings_of, store_of
from .terminal import Exit, err, fail, out, wide

if TYPE_CHECKING:
    from claimwright.features.prediction import StoredPast
    from claimwright.platform.settings import Settings

_SHOWN_REASONS = 2


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("predict")(predict)


def predict(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="837 files or folders.")],
    as_of: Annotated[
        datetime.datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Submission date. Default: today."),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Model ID. Default: the champion.")] = None,
    target: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Parquet, CSV or JSONL file for all predictions."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Maximum number of claims to show.")] = 20,
    waterfall: Annotated[
        Path | None,
        typer.Option(
            "--waterfall", help="SVG or PNG file for a chart of the reasons of the most likely denial."
        ),
    ] = None,
    claims: Claims = None,
    remittances: Remittances = None,
    outcomes: Outcomes = None,
    store: Store = False,
    models: Models = None,
    environment: Environment = None,
) -> None:
    """Predict denials, most likely first, with decision, category, dollars at risk and main reasons.

    Recent payer behavior and patient history come from --store, or from --claims with --remittances or
    --outcomes. Without them, rates are those at the end of training.

    Exit status: 0 no claim needs review, 1 some do, 2 no champion, or a file without an 837.
    """
    import polars as pl

    from claimwright.engines.prediction import Past, total_at_risk
    from claimwright.features.intake import SourceError, read_all, sources
    from claimwright.features.prediction import RegistryError, explain, percent
    from claimwright.foundation import clock

    named_picture(waterfall)

    registry = registry_of(models, environment)
    day = as_of.date() if as_of else clock.today()
    try:
        name = model or registry.champion_id()
        if name is None:
            fail(
                f"{registry.folder} has no champion model, so nothing is predicted. Only rules apply. "
                "Train and promote a model: `claimwright model --help`."
            )
        settings = settings_of(environment)
        chosen = registry.load(name).under(policy_of(settings, settings.tenant))
        if claims:
            history, _ = history_from(None, 0, "", claims, remittances, outcomes)
            chosen = chosen.with_past(Past.of(history.facts, history.answers, chosen, day))
        frames, batches = [], []
        with _past(settings) if store else nullcontext() as past:
            for reading in read_all(sources(paths), claims_only=True):
                known = past.of({name: chosen}, day, reading.batch) if past is not None else {}
                knowing = chosen.with_past(known[name]) if known else chosen
                found = knowing.predict(reading.batch, day).claims
                frames.append(found.with_columns(reading.batch.claims["claim_id"], predicted_by=pl.lit(name)))
                batches.append((reading.batch, knowing))
    except (RegistryError, SourceError) as problem:
        fail(str(problem))
    predicted = pl.concat(frames) if frames else pl.DataFrame()
    if not predicted.height:
        out.print("no claims")
        return
    if target is not None:
        _write(predicted, target)
    worst = predicted.sort("denial_probability", descending=True).head(limit)
    table = Table("Claim", "Denial", "Of like claims", "Decision", "Kind", "Expected loss", "Days", "Why")
    for row in worst.iter_rows(named=True):
        home, knowing = next(each for each in batches if row["claim"] in each[0].claims["claim"])
        [explanation] = explain(knowing, home.select([row["claim"]]), day)
        if waterfall is not None:
            draw(explanation, waterfall)
            waterfall = None
        told = explanation.leading(_SHOWN_REASONS)
        against = [reason.words for reason in told if reason.log_odds > 0]
        table.add_row(
            row["claim_id"],
            percent(row["denial_probability"]),
            f"{percent(row['probability_low'])} to {percent(row['probability_high'])}",
            row["decision"],
            (row["denial_category"] or "").replace("_", " "),
            f"${row['at_risk']:,.2f}",
            f"{row['days_low']:.0f} to {row['days_high']:.0f}",
            "; ".join(against),
        )
    wide().print(table)
    reviewed = predicted.filter(pl.col("decision") == "review")
    at_risk, least, most = (cents / 100 for cents in total_at_risk(chosen, predicted))
    err.print(
        f"{predicted.height:,} claims by {name}: {reviewed.height:,} for review, "
        f"expected loss ${at_risk:,.0f} (9 of 10 times ${least:,.0f} to ${most:,.0f}); "
        f"{predicted['unanswered'].sum():,.0f} without an answer after 180 days",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    raise typer.Exit(Exit.FINDINGS if reviewed.height else Exit.CLEAN)


@contextmanager
def _past(settings: Settings) -> Iterator[StoredPast]:
    """The history in the tenant's store."""
    from claimwright.features.prediction import StoredPast

    with store_of(settings) as database:
        yield StoredPast(caller_of(settings, None), database, sealer_of(settings, database))


def _write(predicted: object, target: Path) -> None:
    import polars as pl

    assert isinstance(predicted, pl.DataFrame)
    writers = {".parquet": "write_parquet", ".csv": "write_csv", ".jsonl": "write_ndjson"}
    writer = writers.get(target.suffix)
    if writer is None:
        fail(f"{target}: use the extension .parquet, .csv or .jsonl.")
    if target.suffix == ".csv":
        from claimwright.foundation.spreadsheets import defused

        predicted = predicted.with_columns(defused(pl.col(pl.String)))
    try:
        with WholeFile(target) as part:
            getattr(predicted, writer)(part)
    except OSError as problem:
        fail(f"{target}: can't be written: {problem.strerror}. Check the folder and its permissions.")
