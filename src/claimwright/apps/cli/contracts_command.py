"""`claimwright contracts`: test a contract file on claims before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .inputs import claim_sources
from .terminal import Exit, ValueTable, dollars, err, fail, out, wide

if TYPE_CHECKING:
    import polars as pl

    from claimwright.domain.batch import ClaimBatch

app = typer.Typer(help="Contracts with payers: test them on claims.", no_args_is_help=True)


@app.command("test")
def try_on_claims(
    contracts: Annotated[Path, typer.Argument(metavar="CONTRACTS", help="YAML file of payer contracts.")],
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="837 files or folders of claims.")],
    claim: Annotated[
        str | None, typer.Option("--claim", help="Only the claim with this number (CLM01).")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many lines to show.")] = 50,
) -> None:
    """Show which contract and which of its terms price each line, and why.

    Exit status: 0 every line has a price, 1 some have none, 2 the contracts or the claims can't be used.
    """
    from claimwright.domain.batch import ClaimBatch
    from claimwright.engines.pricing import ContractError, Pricer, try_contracts
    from claimwright.features.intake import SourceError, read_all

    try:
        pricer = Pricer.from_contracts(contracts)
        batch = ClaimBatch.concat(reading.batch for reading in read_all(claim_sources(paths)))
    except (ContractError, SourceError) as problem:
        fail(str(problem))
    claims = batch.claims
    if not claims.height:
        fail("no claims could be read. `claimwright check` says why.")
    if claim is not None:
        claims = claims.filter(claims["claim_id"] == claim)
        if not claims.height:
            fail(f"no claim has the number {claim}. Numbers are compared exactly.")
    lines = batch.lines.join(claims.select("claim"), on="claim", how="semi", maintain_order="left")
    tried = try_contracts(pricer, claims, lines)
    _show_lines(batch, lines, tried, limit)
    _show_sums(lines, tried)
    unpriced = tried["allowed"].null_count()
    if unpriced:
        err.print(f"{unpriced:,} of {tried.height:,} lines have no price.", markup=False)
    raise typer.Exit(Exit.FINDINGS if unpriced else Exit.CLEAN)


def _show_lines(batch: ClaimBatch, lines: pl.DataFrame, tried: pl.DataFrame, limit: int) -> None:
    numbers = dict(zip(batch.claims["claim"], batch.claims["claim_id"], strict=True))
    shown = tried.hstack(lines.select("procedure", "revenue_code", "line_charge")).head(limit)
    table = ValueTable("claim", "line", "code", "charge", "allowed", "contract or term", "why")
    for row in shown.iter_rows(named=True):
        table.add_row(
            numbers[row["claim"]],
            str(row["line"]),
            row["procedure"] or row["revenue_code"] or "",
            dollars(row["line_charge"]),
            dollars(row["allowed"]),
            row["contract"] or "none",
            row["why"],
        )
    wide().print(table)
    if tried.height > limit:
        out.print(f"{limit:,} of {tried.height:,} lines are shown; --limit shows more.", markup=False)


def _show_sums(lines: pl.DataFrame, tried: pl.DataFrame) -> None:
    import polars as pl

    sums = (
        tried.hstack(lines.select("line_charge"))
        .group_by("contract", "basis", maintain_order=True)
        .agg(
            claims=pl.col("claim").n_unique(),
            lines=pl.len(),
            charge=pl.col("line_charge").sum(),
            allowed=pl.col("allowed").sum(),
            priced=pl.col("allowed").count(),
        )
    )
    table = ValueTable("contract or term", "basis", "claims", "lines", "charge", "allowed")
    for row in sums.iter_rows(named=True):
        table.add_row(
            row["contract"] or "none",
            row["basis"],
            f"{row['claims']:,}",
            f"{row['lines']:,}",
            dollars(row["charge"]),
            dollars(row["allowed"]) if row["priced"] else "",
        )
    wide().print(table)
