"""`claimwright drafting`: who drafts letters; how good drafters and the gate are, on cases of known truth."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated

import typer

from .drafting_models import register
from .lab import lab_room
from .terminal import Exit, ValueTable, counting, fail, out, wide

app = typer.Typer(
    help="Drafting of letters: language models, what they are told and cost; evaluate.", no_args_is_help=True
)
register(app)


@app.callback()
def drafting() -> None:
    """Drafting of letters."""


@app.command("evaluate")
def evaluate(
    cases: Annotated[int, typer.Option("--cases", "-n", min=1, max=5_000, help="Number of cases.")] = 320,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of cases and errors.")] = 7,
    reviews: Annotated[
        Path | None,
        typer.Option(
            "--reviews", metavar="FILE", help="Published review decisions (CSV): as many cases of these too."
        ),
    ] = None,
    write: Annotated[Path | None, typer.Option("--write", help="Write the report as this page.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Without progress.")] = False,
) -> None:
    """Draft synthetic cases of known truth, put errors of fifteen kinds into the letters, and see what the
    gate marks. Drafters: the rules, and a stand-in for a language model, spoken to over HTTP.

    Exit status: 0, or 1 if a false finding passes, fewer than 99 % of errors are marked, more than 2 % of
    true statements are marked (beside those that a model wrote itself, which a person confirms) or called
    wrong, a letter is not complete, or what was sent names somebody.
    """
    from claimwright.engines.drafting import RULES, draft_by_rules
    from claimwright.foundation.whole_files import WholeFile

    room = lab_room("appeal_evaluation", "`claimwright drafting evaluate`")
    done = itertools.count(1)
    with counting(cases, quiet=quiet, doing="Evaluating") as counter:

        def progress() -> None:
            number = next(done)
            counter.update(number, number)

        with room.standin_drafter() as standin:
            drafters = {RULES: draft_by_rules, room.STANDIN: standin}
            reports = room.evaluate(drafters, cases, seed=seed, progress=progress)
            if reviews is not None:
                try:
                    decisions = room.read_reviews(reviews)
                except (OSError, UnicodeDecodeError, KeyError) as problem:
                    fail(f"{reviews}: no review decisions can be read: {type(problem).__name__}.")
                reports += room.evaluate(drafters, cases, seed=seed, reviews=decisions)
    table = ValueTable(
        "drafter", "cases", "false passed", "true marked", "true called wrong", "errors", "marked",
        "called wrong", "complete", "names sent",
    )  # fmt: skip
    good = True
    for each in reports:
        total = each.total()
        table.add_row(
            each.drafter, f"{each.cases:,}", str(each.false_findings), f"{each.statements_marked} of "
                f"{each.statements:,}",
            f"{each.statements_wrong:,}", f"{total.put_in:,}", f"{total.marked:,}", f"{total.wrong:,}",
            f"{each.complete:,}", f"{each.sent_named:,}" if each.sent_bytes else "sends nothing",
        )  # fmt: skip
        good &= each.false_findings == 0 and total.marked >= 0.99 * total.put_in
        # A model's own sentences are marked by design: nobody approved them, a person confirms them.
        good &= each.statements_marked - each.own_marked <= 0.02 * each.statements
        good &= each.statements_wrong <= 0.02 * each.statements and each.complete == each.cases == cases
        good &= each.sent_named == 0
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
