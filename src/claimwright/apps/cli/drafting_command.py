"""`claimwright drafting`: how good drafters and the gate are, on cases of known truth."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated

import typer

from .lab import lab_room
from .terminal import Exit, ValueTable, counting, fail, out, wide

app = typer.Typer(help="Drafting of letters: evaluate.", no_args_is_help=True)


@app.callback()
def drafting() -> None:
    """Drafting of letters."""


@app.command("evaluate")
def evaluate(
    cases: Annotated[int, typer.Option("--cases", "-n", min=1, max=5_000, help="Number of cases.")] = 320,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of cases and errors.")] = 7,
    write: Annotated[Path | None, typer.Option("--write", help="Write the report as this page.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Without progress.")] = False,
) -> None:
    """Draft synthetic cases of known truth, put errors of fifteen kinds into the letters, and see what the
    gate marks.

    Exit status: 0, or 1 if a false finding passes, fewer than 99 % of errors are marked, more than 2 % of
    true
    statements are marked, or a letter is not complete.
    """
    from claimwright.engines.drafting import RULES, draft_by_rules
    from claimwright.foundation.whole_files import WholeFile

    room = lab_room("appeal_evaluation", "`claimwright drafting evaluate`")
    done = itertools.count(1)
    with counting(cases, quiet=quiet, doing="Evaluating") as counter:

        def progress() -> None:
            number = next(done)
            counter.update(number, number)

        reports = room.evaluate({RULES: draft_by_rules}, cases, seed=seed, progress=progress)
    table = ValueTable(
        "drafter", "cases", "false passed", "true marked", "errors", "marked", "called wrong", "complete"
    )
    good = True
    for each in reports:
        total = each.total()
        table.add_row(
            each.drafter, f"{each.cases:,}", str(each.false_findings), f"{each.statements_marked} of "
                f"{each.statements:,}",
            f"{total.put_in:,}", f"{total.marked:,}", f"{total.wrong:,}", f"{each.complete:,}",
        )  # fmt: skip
        good &= each.false_findings == 0 and total.marked >= 0.99 * total.put_in
        good &= each.statements_marked <= 0.02 * each.statements and each.complete == each.cases
        for case_id, template, kind, form in each.missed[:10]:
            out.print(f"missed: case {case_id}, {template}: {kind}, {form}", markup=False)
    wide().print(table)
    if write is not None:
        try:
            with WholeFile(write) as part:
                page = room.report_page(reports, room.readings(cases, seed=seed), seed=seed)
                part.write_text(page, encoding="utf-8")
        except OSError as problem:
            fail(f"{write}: can't be written: {problem.strerror}.")
    raise typer.Exit(Exit.CLEAN if good else Exit.FINDINGS)
