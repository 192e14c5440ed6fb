"""`claimwright kpi`: figures of the revenue cycle, their definitions, and the claims behind them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .session import After, Environment, Most, Tenant, permitted_caller, settings_of, store_of
from .terminal import Exit, ValueTable, cents_of, fail, out, wide

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.analytics import Question, SeenFigures
    from claimwright.platform.database import Connection

app = typer.Typer(
    help="Figures (KPIs): definitions, values, the claims behind a number.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the figure, such as initial_denial_rate.")]
_DAY = ["%Y-%m-%d"]
From = Annotated[
    datetime.datetime | None, typer.Option("--from", formats=_DAY, help="First day. Default: 30 days.")
]
To = Annotated[datetime.datetime | None, typer.Option("--to", formats=_DAY, help="Last day. Default: today.")]
AsOf = Annotated[
    datetime.datetime | None,
    typer.Option("--as-of", formats=_DAY, help="As it was known at the end of this day. Default: now."),
]
By = Annotated[list[str] | None, typer.Option("--by", help="Dimension, such as payer; twice for two.")]
Where = Annotated[
    list[str] | None, typer.Option("--where", metavar="DIMENSION:VALUE", help="Only this value; repeatable.")
]


@app.command("list")
def list_figures() -> None:
    """List all figures with their definition.

    Exit status: 0.
    """
    from claimwright.features.analytics import all_figures

    table = ValueTable("name", "figure", "question", "unit", "source")
    for kpi in all_figures():
        table.add_row(kpi.name, kpi.title, kpi.question, kpi.unit, kpi.source[0])
    wide().print(table)


@app.command("define")
def define(name: Name) -> None:
    """Show how a figure is defined: in words and SQL, with source, benchmark and cases.

    Exit status: 0, or 2 if there is no such figure.
    """
    from claimwright.features.analytics import figure_named

    with _explained():
        kpi = figure_named(name)
    out.print(f"{kpi.title}\n{kpi.definition}\n", markup=False)
    for word, side in (("numerator", kpi.numerator), ("denominator", kpi.denominator)):
        if side is not None:
            out.print(f"{word} ({side.over}): {side.words}\n  {side.sql.text}", markup=False)
    for text in kpi.exclusions:
        out.print(f"not counted: {text}", markup=False)
    out.print(f"source: {'; '.join(kpi.source)}\nbenchmark: {kpi.benchmark.words}", markup=False)
    for case in kpi.cases:
        out.print(f"case: {case.name}: {case.working}", markup=False)


@app.command("value")
def value(
    name: Name,
    begins: From = None,
    ends: To = None,
    as_of: AsOf = None,
    by: By = None,
    where: Where = None,
    interval: Annotated[str | None, typer.Option("--interval", help="day, week or month.")] = None,
    compare: Annotated[str | None, typer.Option("--compare", help="previous, year or benchmark.")] = None,
    output: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write a .csv, .arrow or .parquet file instead.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show a figure: as a whole, by interval and by up to two dimensions.

    Exit status: 0, or 2 if it can't be asked so.
    """
    from claimwright.features.analytics import answer, frame_of, named_staff

    with _figures(environment, tenant) as (_, connection, seen), _explained():
        question = _asked(name, begins, ends, as_of, by, where, interval, compare, seen)
        found = named_staff(connection, answer(connection, question, hide_small=seen.hide_small))
    if output is not None:
        _write(output, frame_of(found))
        return
    out.print(f"{found.title}: {found.definition}", markup=False)
    table = ValueTable(
        *found.group_by,
        "from",
        "to",
        "value",
        *(["before"] if compare else []),
        "numerator",
        "denominator",
        "why not",
    )
    for row in [*found.rows, *found.totals]:
        names = [row.group.get(each, "all") for each in found.group_by]
        before = [shown_value(found.unit, row.before)] if compare else []
        table.add_row(
            *names, str(row.begins), str(row.ends), shown_value(found.unit, row.value), *before,
            f"{row.numerator:,}" if row.numerator is not None else "",
            f"{row.denominator:,}" if row.denominator is not None else "", row.reason_text or "",
        )  # fmt: skip
    wide().print(table)
    if found.left_off:
        out.print(f"{found.left_off:,} more groups: write them to a file with --out.")


@app.command("claims")
def claims(
    name: Name,
    begins: From = None,
    ends: To = None,
    as_of: AsOf = None,
    where: Where = None,
    denominator: Annotated[bool, typer.Option("--denominator", help="Behind the denominator.")] = False,
    after: After = 0,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List the claims or work items behind a figure; their amounts add up to it.

    Exit status: 0 none, 1 there are some, 2 it can't be asked so.
    """
    from claimwright.features.analytics import claims_behind

    with _figures(environment, tenant) as (_, connection, seen), _explained():
        if seen.hide_small:
            fail("the claims behind a number are for those who may see who the patients are.")
        question = _asked(name, begins, ends, as_of, None, where, None, None, seen)
        found = claims_behind(
            connection, question, "denominator" if denominator else "numerator", after=after, limit=limit
        )
    if not found:
        out.print("No claims.")
        return
    table = ValueTable("key", "claim", "item", "facility", "day", "amount")
    for row in found:
        table.add_row(
            str(row.key),
            str(row.claim_key or ""),
            str(row.item_id or ""),
            row.facility or "",
            str(row.valid_on),
            f"{row.amount:,}",
        )
    wide().print(table)
    raise typer.Exit(Exit.FINDINGS)


@app.command("export")
def export(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="claims or facts.")],
    output: Annotated[Path, typer.Option("--out", "-o", help="A .parquet or .arrow file.")],
    identified: Annotated[
        bool, typer.Option("--identified", help="With numbers and days. Needs --reason.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why, 8 to 200 characters; kept in the audit log.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Write a semantic table to a file, for a warehouse or a notebook; without patients (safe harbor).

    Exit status: 0, or 2 if it can't be written.
    """
    from claimwright.features.analytics import export_table, written

    action = "claims.identity" if identified else "analytics.export"
    with _figures(environment, tenant, action) as (caller, connection, _), _explained():
        frame = export_table(caller, connection, table, identified=identified, reason=reason)
        content = written(frame, output.suffix.removeprefix("."))
    _put(output, content)
    out.print(f"{frame.height:,} rows: {output}", markup=False, soft_wrap=True)


@app.command("refresh")
def refresh(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make all facts and sums anew.")] = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Bring figures up to date. Whoever reads a figure does so too; a schedule keeps it quick.

    Exit status: 0.
    """
    from claimwright.assembly.analytics import fresh_figures

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "analytics.read")
    with store_of(settings) as database, _explained():
        done = fresh_figures(caller, settings, database, rebuild=rebuild)
    out.print(f"{done.units:,} claims and work items read again in {done.seconds:.1f} s.")


@app.command("cost")
def cost(
    month: Annotated[datetime.datetime, typer.Argument(formats=["%Y-%m"], help="Month, such as 2026-03.")],
    dollars: Annotated[
        str, typer.Argument(metavar="DOLLARS", help="Cost of the revenue cycle, such as 1250.00.")
    ],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Enter what collecting cost in a month, for the cost to collect.

    Exit status: 0, or 2 if the month or the amount can't be.
    """
    from claimwright.features.analytics import enter_monthly_cost

    cents = cents_of(dollars, "DOLLARS")
    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "analytics.cost")
    with store_of(settings) as database, database.transaction(caller) as connection, _explained():
        enter_monthly_cost(caller, connection, month.date(), cents)


def shown_value(unit: str, value: float | int | None) -> str:
    """A value in its unit, as a person reads it."""
    if value is None:
        return ""
    if unit == "share":
        return f"{value:.1%}"
    if unit == "cents":
        return f"{int(value) / 100:,.2f}"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


@contextmanager
def _explained() -> Iterator[None]:
    """Ends the command in one line for what can't be asked."""
    from claimwright.foundation.errors import ClaimwrightError

    try:
        yield
    except ClaimwrightError as problem:
        fail(str(problem))


@contextmanager
def _figures(
    environment: str | None, tenant: str | None, action: str = "analytics.read"
) -> Iterator[tuple[Caller, Connection, SeenFigures]]:
    """Figures that are up to date, and what the account that runs the command may see of them."""
    from claimwright.assembly.analytics import reading_figures, seen_by

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, action)
    with store_of(settings) as database, reading_figures(caller, settings, database) as connection:
        yield caller, connection, seen_by(lambda each: access.may(caller, each), access, caller)


def _asked(
    name: str,
    begins: datetime.datetime | None,
    ends: datetime.datetime | None,
    as_of: datetime.datetime | None,
    by: list[str] | None,
    where: list[str] | None,
    interval: str | None,
    compare: str | None,
    seen: SeenFigures,
) -> Question:
    from claimwright.features.analytics import ask

    conditions = [each.partition(":") for each in where or []]
    if not all(colon and value for _, colon, value in conditions):
        fail("--where: DIMENSION:VALUE, such as payer:12345.")
    question = ask(
        name,
        begins=begins.date() if begins else None,
        ends=ends.date() if ends else None,
        as_of=as_of.date() if as_of else None,
        group_by=by or [],
        interval=interval,
        compare_to=compare,
        where=[(dimension, value) for dimension, _, value in conditions],
    )
    refusal = seen.refusal(question.kpi, [*question.group_by, *(each for each, _ in question.where)])
    if refusal:
        fail(refusal)
    return question


def _write(output: Path, frame: object) -> None:
    import polars as pl

    from claimwright.features.analytics import arrow_of, csv_of, written

    assert isinstance(frame, pl.DataFrame)
    kinds = {
        ".csv": lambda: csv_of(frame).encode(),
        ".arrow": lambda: arrow_of(frame),
        ".parquet": lambda: written(frame, "parquet"),
    }
    if output.suffix not in kinds:
        fail("--out: a file that ends in .csv, .arrow or .parquet.")
    _put(output, kinds[output.suffix]())
    out.print(f"{frame.height:,} rows: {output}", markup=False, soft_wrap=True)


def _put(output: Path, content: bytes) -> None:
    from claimwright.foundation.whole_files import WholeFile

    try:
        with WholeFile(output) as part:
            part.write_bytes(content)
    except OSError as problem:
        fail(f"{output}: can't be written: {problem.strerror}. Check the folder and its permissions.")
