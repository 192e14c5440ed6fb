"""`claimwright rules profile`: which rule is slow."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from .lab import lab_room
from .options import AsOf, RuleFolders
from .shapes import Shape, ShapeOption, print_json
from .terminal import err, fail, out, wide

if TYPE_CHECKING:
    from claimwright.domain.batch import ClaimBatch
    from claimwright.features.rule_workshop import Profile


def register(app: typer.Typer) -> None:
    """Add the command to `claimwright rules`."""
    app.command("profile")(profile_rules)


def profile_rules(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE...]", help="837 files or folders. Default: synthetic claims."),
    ] = None,
    claims: Annotated[
        int, typer.Option("--claims", "-c", min=1, help="Number of claims to read or to generate.")
    ] = 20_000,
    runs: Annotated[
        int, typer.Option("--runs", min=1, help="Number of runs of each rule; medians are shown.")
    ] = 5,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Maximum number of rules, slowest first.")
    ] = 20,
    shape: ShapeOption = Shape.TABLE,
    as_of: AsOf = None,
    rules: RuleFolders = None,
) -> None:
    """Show the time that each rule takes, slowest first.

    Each predicate runs alone, alternating with an empty one over the same columns. The difference of the
    medians is its time. Computing the columns is timed separately, from scratch for each rule; a check
    computes them only once.
    """
    from rich.progress import Progress

    from claimwright.engines.rules import Lifecycle
    from claimwright.features.rule_workshop import profile
    from claimwright.foundation import clock
    from claimwright.reference import ReferenceDataError

    from .options import rulebook_from

    book = rulebook_from(rules)
    chosen = [rule for rule in book if rule.lifecycle is not Lifecycle.RETIRED]
    day = as_of.date() if as_of else clock.today()
    batch = _taken(paths, claims) if paths else _made_up(claims, day)
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Timing rules", total=len(chosen))
        try:
            timed = profile(
                batch,
                chosen,
                as_of=day,
                runs=runs,
                progress=lambda done: progress.update(task, completed=done),
            )
        except ReferenceDataError as damaged:
            fail(str(damaged))
    if shape is Shape.JSON:
        print_json(_profile_facts(timed))
    else:
        _show_profile(timed, limit)


def _taken(paths: list[str], most: int) -> ClaimBatch:
    """The first claims of some files as one batch."""
    from claimwright.domain.batch import ClaimBatch
    from claimwright.features.conversion import ConversionError
    from claimwright.features.intake import SourceError
    from claimwright.features.rule_workshop import blocks

    parts: list[ClaimBatch] = []
    wanted = most
    try:
        for block in blocks(paths):
            part = (
                block.batch
                if len(block.batch) <= wanted
                else block.batch.select(block.batch.claims["claim"][:wanted])
            )
            parts.append(part)
            wanted -= len(part)
            if not wanted:
                break
    except (SourceError, ConversionError) as problem:
        fail(str(problem))
    if wanted == most:
        fail(f"{', '.join(paths)}: no claims were found. `claimwright check` says why.")
    return ClaimBatch.concat(parts)


def _made_up(claims: int, day: datetime.date) -> ClaimBatch:
    from claimwright.domain.batch import ClaimBatch

    sampling = lab_room("sampling", "generating claims (when no FILE is named)")
    options = sampling.SampleOptions(claims=claims, seed=7, as_of=day)
    return ClaimBatch.concat(batch for batch, _ in sampling.sample_batches(options))


def _profile_facts(timed: Profile) -> dict[str, object]:
    return {
        "claims": timed.claims,
        "lines": timed.lines,
        "runs": timed.runs,
        "together_seconds": timed.together,
        "empty_predicate_seconds": timed.empty,
        "predicates_seconds": timed.predicates,
        "rules": [
            {
                "code": time.rule.code,
                "level": time.rule.level,
                "rows": time.rows,
                "fired": time.fired,
                "predicate_seconds": time.predicate,
                "columns_seconds": time.columns,
            }
            for time in timed.times
        ],
    }


def _show_profile(timed: Profile, limit: int) -> None:
    if not timed.times:
        err.print("No rule applies to these claims.")
        return
    shown = timed.times[:limit]
    table = Table(
        title=f"Slowest first: {len(shown):,} of {len(timed.times):,} rules over {timed.claims:,} claims,"
        f" {timed.lines:,} lines; medians of {timed.runs}",
        title_justify="left",
    )
    table.add_column("Rule", no_wrap=True)
    table.add_column("Level", no_wrap=True)
    for name in ("Predicate ms", "Share", "Columns ms", "Rows", "Fires"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Name", overflow="fold", ratio=1)
    for time in shown:
        share = time.predicate / timed.predicates if timed.predicates else 0.0
        table.add_row(
            time.rule.code,
            time.rule.level,
            f"{time.predicate * 1e3:.2f}",
            f"{share:.1%}",
            f"{time.columns * 1e3:.2f}",
            f"{time.rows:,}",
            f"{time.fired:,}",
            time.rule.name,
        )
    wide().print(table)
    out.print(
        f"All rules together: {timed.together * 1e3:,.1f} ms. All predicates one after the other:"
        f" {timed.predicates * 1e3:,.1f} ms, beyond an empty one of {timed.empty * 1e3:.2f} ms each.",
        soft_wrap=True,
    )
