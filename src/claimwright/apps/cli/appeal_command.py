"""`claimwright appeal`: is a denial appealed, and what would the letter say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from .appeals_session import day_of, demand_shown, means_of, told
from .options import AsOf
from .session import Environment, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .terminal import Exit, fail, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("appeal")(appeal)


def appeal(
    denial_id: Annotated[
        int, typer.Argument(metavar="DENIAL", min=1, help="The denial, as `claimwright denials` lists it.")
    ],
    pdf: Annotated[
        Path | None,
        typer.Option("--pdf", help="Write letter and exhibits as PDF. Before approval, every page says so."),
    ] = None,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Even if it is not worth the work, or the payer's reason is unknown."),
    ] = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="Gather facts and draft anew, after documents or addresses changed."),
    ] = False,
    queue: Annotated[
        bool, typer.Option("--queue", help="Leave it to a worker: `claimwright appeals work`.")
    ] = False,
    drafter: Annotated[
        Literal["rules", "model"] | None,
        typer.Option("--drafter", help="Who writes. Default: the language model, if one is set up."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Without the text of the letter.")] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why the case is opened; kept in the audit log.")
    ] = None,
    as_of: AsOf = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Draft the appeal of a denial: eligibility, template, facts, letter, and what the gate says of each
    statement.

    Nothing is sent. The case is kept: another person approves it with `claimwright appeals approve`.

    Exit status: 0 the letter is ready for approval, 1 it is not eligible or something is marked, 2 it failed
    or
    there is no such denial.
    """
    from claimwright.features.appeals import appeal_sheet, one_case, open_appeal, refresh_appeal, run_case

    from .appeals_views import next_step, print_sheet

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.work")
    day = day_of(as_of)
    with store_of(settings) as database, told():
        sealer = sealer_of(settings, database)
        with database.transaction(caller) as connection:
            case, opened = open_appeal(
                caller, connection, denial_id, as_of=day, overruled=anyway, drafter=drafter
            )
            if again and not opened:
                refresh_appeal(caller, connection, case.case_id, as_of=day)
            if queue:
                from claimwright.features.appeals import register_drafting, submit_drafting
                from claimwright.platform.jobs import Jobs

                submit_drafting(caller, connection, register_drafting(Jobs(database.address)), case)
        if queue:
            out.print(
                f"appeal {case.case_id} is queued: claimwright appeals work. "
                f"Next: claimwright appeals track {case.tracking_id}",
                markup=False, soft_wrap=True,
            )  # fmt: skip
            return
        means = means_of(settings, database, sealer)
        if drafter is not None:
            means = means.drafted_by(drafter)
        run_case(caller, means, case.case_id)
        why = reason or f"drafting the appeal of denial {denial_id}"
        with database.transaction(caller) as connection:
            case = one_case(connection, case.case_id)
            demand_shown(caller, access, connection, sealer, case.claim_key)
            sheet = appeal_sheet(caller, connection, means, case.case_id, reason=why)
            content = None
            if pdf is not None and sheet.draft is not None:
                from claimwright.features.appeals import appeal_packet

                content = appeal_packet(caller, connection, means, case.case_id, reason=why).content
    print_sheet(sheet, with_text=not quiet)
    if pdf is not None:
        if content is None:
            fail(f"--pdf: appeal {case.case_id} has no letter: it is {case.state}.")
        _write(pdf, content)
    if (then := next_step(sheet.case)) is not None:
        out.print(f"Next: {then}", markup=False, soft_wrap=True)
    if sheet.case.state in ("not_eligible", "marked"):
        raise typer.Exit(Exit.FINDINGS)


def _write(path: Path, content: bytes) -> None:
    from claimwright.foundation.whole_files import WholeFile

    try:
        with WholeFile(path) as part:
            part.write_bytes(content)
    except OSError as problem:
        fail(f"{path}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    out.print(f"{path}: {len(content):,} bytes", markup=False, soft_wrap=True)
