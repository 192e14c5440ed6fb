"""`claimwright feedback`: record outcomes of production claims for training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .session import Environment, Tenant, caller_of, sealer_of, settings_of, store_of
from .terminal import Exit, fail, out

app = typer.Typer(
    help="Record outcomes of production claims: payer decisions and corrections by people.",
    no_args_is_help=True,
)
Who = Annotated[
    str | None,
    typer.Option(
        "--by", help="Who corrects: user:ID or a system, never a person's name. Default: your account."
    ),
]


@app.command()
def remittances(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="835 files or folders.")],
    by: Who = None,
    facility: Annotated[
        str | None, typer.Option("--facility", help="Facility whose claim numbers these are. Default: any.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Record the payers' decisions from remittances, by service line, with the SHA-256 of each file.

    Each file is one transaction. A file that is given again is not recorded twice.

    Exit status: 0 all claims are known, 1 some are not, 2 unusable file.
    """
    from claimwright.features.prediction import AnswerError, record_outcomes, remittance_files

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    unknown = 0
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        try:
            for path, content in remittance_files(paths):
                with database.transaction(caller) as connection:
                    found = record_outcomes(
                        caller, connection, sealer, content, str(path), told_by=by, facility=facility
                    )
                missing = found.answered - found.found - found.ambiguous
                unknown += missing + found.ambiguous
                said = f"{path}: {found.answered:,} claims, {found.lines:,} new lines recorded"
                said += f"; {missing:,} claims are not in production" if missing else ""
                said += (
                    f"; {found.ambiguous:,} numbers are used by several facilities" if found.ambiguous else ""
                )
                out.print(said, markup=False, soft_wrap=True)
        except AnswerError as problem:
            fail(str(problem))
    raise typer.Exit(Exit.FINDINGS if unknown else Exit.CLEAN)


@app.command()
def correction(
    claim_key: Annotated[int, typer.Argument(metavar="KEY", min=1, help="The claim's key in the store.")],
    denied: Annotated[bool, typer.Option("--denied/--paid", help="The expected outcome.")],
    by: Who = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Record a person's correction of the predicted outcome of a claim.

    Exit status: 0 recorded, 2 there is no such claim in production.
    """
    from claimwright.features.prediction import ClaimNotFoundError, record_correction

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    try:
        with store_of(settings) as database, database.transaction(caller) as connection:
            number = record_correction(caller, connection, claim_key, will_be_denied=denied, said_by=by)
    except ClaimNotFoundError as problem:
        fail(str(problem))
    out.print(f"correction {number}", markup=False)


@app.command()
def status(environment: Environment = None, tenant: Tenant = None) -> None:
    """Show how much feedback there is, and which of it blocks training until a person approves it.

    Exit status: 0 nothing blocks training, 1 some feedback does.
    """
    import polars as pl

    from claimwright.features.prediction import stored_feedback, suspicious

    settings = settings_of(environment)
    with store_of(settings) as database, database.transaction(caller_of(settings, tenant)) as connection:
        feedback = stored_feedback(connection)
    corrections = feedback.filter(pl.col("source") == "correction").height
    out.print(f"{feedback.height - corrections:,} claims with payer decisions, {corrections:,} corrections")
    holds = suspicious(feedback)
    for hold in holds:
        out.print(f"{hold.what}: {hold.words}", markup=False, soft_wrap=True)
    raise typer.Exit(Exit.FINDINGS if holds else Exit.CLEAN)
