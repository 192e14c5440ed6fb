"""`claimwright appeals ...`: letters as files, many to print, letters of payers, search in a case,
standstills.
"""

from __future__ import annotations

import datetime
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from .appeals_command import AppealId, app
from .appeals_session import day_of, demand_shown, means_of, told
from .options import AsOf, Reason
from .session import Environment, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .shapes import Shape, ShapeOption, print_json
from .terminal import Exit, ValueTable, fail, out, wide

appeals_app = app


@app.command("letter")
def letter(
    appeal_id: AppealId,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="File to write.")],
    reason: Reason,
    form: Annotated[str, typer.Option("--form", help="pdf, docx (the letter alone), or fax (TIFF).")] = "pdf",
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Write a letter as PDF with its exhibits, as Word document, or as pages for a fax.

    Exit status: 0, or 2.
    """
    from claimwright.features.appeals import FORMS, appeal_packet, one_case

    if form not in FORMS:
        fail(f"--form is one of {', '.join(FORMS)}.")
    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.read")
    with store_of(settings) as database, told():
        sealer = sealer_of(settings, database)
        means = means_of(settings, database, sealer)
        with database.transaction(caller) as connection:
            demand_shown(caller, access, connection, sealer, one_case(connection, appeal_id).claim_key)
            made = appeal_packet(caller, connection, means, appeal_id, reason=reason)
        _write(to, made.form(form))


@app.command("print")
def print_(
    appeal_ids: Annotated[list[int], typer.Argument(metavar="APPEAL...", min=1, help="Approved appeals.")],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="PDF to write.")],
    reason: Reason,
    as_of: AsOf = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Write approved letters as one PDF to print, each behind a cover sheet. Exit status: 0, or 2."""
    from claimwright.features.appeals import one_case, print_letters

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.read")
    with store_of(settings) as database, told():
        sealer = sealer_of(settings, database)
        means = means_of(settings, database, sealer)
        with database.transaction(caller) as connection:
            for each in appeal_ids:
                demand_shown(caller, access, connection, sealer, one_case(connection, each).claim_key)
            content = print_letters(caller, connection, means, appeal_ids, reason=reason, as_of=day_of(as_of))
        _write(to, content)


@app.command("answer")
def answer(
    appeal_id: AppealId,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The payer's letter: PDF, TIFF, DOCX, text.")],
    received: Annotated[
        datetime.datetime | None,
        typer.Option("--received", formats=["%Y-%m-%d"], help="Day on which it came. Default: today."),
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """File a payer's letter to an appeal that was sent, and show what the rules read in it. Nothing follows
    yet.

    Exit status: 0, 1 if the letter is unclear or does not name the claim, 2 if it can't be used.
    """
    from claimwright.features.appeals import file_letter, one_case
    from claimwright.features.documents import recognizer

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.work")
    try:
        content = file.read_bytes()
    except OSError as problem:
        fail(f"{file}: can't be read: {problem.strerror}.")
    with store_of(settings) as database, told():
        sealer = sealer_of(settings, database)
        means = means_of(settings, database, sealer)
        with database.transaction(caller) as connection:
            demand_shown(caller, access, connection, sealer, one_case(connection, appeal_id).claim_key)
            made = file_letter(
                caller, connection, means, appeal_id, file.name, content, recognize=recognizer(),
                received_on=received.date() if received else day_of(None),
            )  # fmt: skip
    said = made.letter
    out.print(
        f"letter {said.entry_id} (document {said.document_id}): {said.says}, decided "
        f"{said.decided_on or 'unknown'}"
        f"{'' if said.names_claim else '; it names neither our claim number nor theirs'}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    if said.says in {"won", "partly_won", "lost"}:
        out.print(f"Next: read it, then claimwright appeals apply {appeal_id} {said.entry_id}", markup=False)
    if said.says == "unclear" or not said.names_claim:
        raise typer.Exit(Exit.FINDINGS)


@app.command("apply")
def apply(
    appeal_id: AppealId,
    letter_id: Annotated[int, typer.Argument(metavar="LETTER", min=1, help="The letter's number.")],
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="won, partly_won or lost. Default: what the rules read.")
    ] = None,
    on: Annotated[
        datetime.datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="Date of the decision. Default: the letter's."),
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Make a payer's letter the outcome of the appeal, as somebody who has read it. Exit status: 0, or 2."""
    from claimwright.features.appeals import apply_letter

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.send")
    with store_of(settings) as database, told(), database.transaction(caller) as connection:
        case = apply_letter(
            caller, connection, appeal_id, letter_id, outcome=outcome, decided_on=on.date() if on else None
        )
    out.print(f"appeal {appeal_id}: {case.state}.", markup=False)
    if case.state != "won":
        out.print(f"Next level: claimwright appeal {case.denial_id}", markup=False)


@app.command("search")
def search(
    appeal_id: AppealId,
    query: Annotated[str, typer.Argument(metavar="WORDS", help="What is looked for.")],
    reason: Reason,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Search the documents of a case; other names of a concept are found too. With the extra `meaning`,
    also what is said in other words. Exit status: 0, 1 if nothing is found.
    """
    from claimwright.features.appeals import one_case
    from claimwright.features.documents import documents_to_search

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.read")
    with store_of(settings) as database, told():
        sealer = sealer_of(settings, database)
        with database.transaction(caller) as connection:
            case = one_case(connection, appeal_id)
            if case.claim_key is None:
                fail(f"appeal {appeal_id} has no claim, so it has no documents.")
            demand_shown(caller, access, connection, sealer, case.claim_key)
            documents = documents_to_search(caller, connection, sealer, case.claim_key, reason=reason)
    found = documents.search(query)
    table = ValueTable("document", "type", "page", "found by", "words")
    for each in found.passages:
        table.add_row(str(each.document_id), each.type or "", str(each.page), each.found_by, each.words)
    wide().print(table)
    if found.searched_by == "words":
        out.print(
            "Searched by words only. For meaning too: pip install 'claimwright[meaning]'.", markup=False
        )
    elif found.not_by_meaning:
        out.print(f"{found.not_by_meaning:,} passages were compared by words only.", markup=False)
    if not found.passages:
        raise typer.Exit(Exit.FINDINGS)


@app.command("track")
def track(
    tracking_id: Annotated[str, typer.Argument(metavar="TRACKING", help="As drafting gave it.")],
    shape: ShapeOption = Shape.TABLE,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """How far a letter is: not_found, in_progress, completed, or failed with its stage and why.

    Exit status: 0, 1 in progress or failed, 2 there is no such appeal.
    """
    import uuid

    from claimwright.features.appeals import track_appeal

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.list")
    try:
        wanted = uuid.UUID(tracking_id)
    except ValueError:
        fail("a tracking id has 32 hexadecimal digits.")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = track_appeal(connection, wanted)
    if shape is Shape.JSON:
        print_json(asdict(found))
    elif found.case is not None:
        why = "" if found.status != "failed" else f" at {found.stage}: {found.problem or found.reason}"
        out.print(f"{found.status}{why}: appeal {found.case.case_id} is {found.case.state}.", markup=False)
    if found.status == "not_found":
        fail("not_found: there is no appeal with this tracking id.")
    if found.status != "completed":
        raise typer.Exit(Exit.FINDINGS)


@app.command("stalled")
def stalled(
    minutes: Annotated[
        int,
        typer.Option(
            "--minutes", min=1, max=10_080, help="Longer than this without a stage is a standstill."
        ),
    ] = 30,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Tell of cases in progress that stand: an event each, once. `appeals work` does it by itself.

    Exit status: 0, 1 if there are some.
    """
    from claimwright.features.appeals import tell_stalled

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.work")
    with store_of(settings) as database, told(), database.transaction(caller) as connection:
        found = tell_stalled(caller, connection, minutes=minutes, targets=settings.appeals.stalled_targets)
    for case in found:
        out.print(
            f"appeal {case.case_id} stands after {case.stage or 'being opened'} since "
            f"{case.changed_at:%Y-%m-%d %H:%M}."
            f" Next: claimwright appeal {case.denial_id}",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    if found:
        raise typer.Exit(Exit.FINDINGS)


def _write(to: Path, content: bytes) -> None:
    from claimwright.foundation.whole_files import WholeFile

    try:
        with WholeFile(to) as part:
            part.write_bytes(content)
    except OSError as problem:
        fail(f"{to}: can't be written: {problem.strerror}.")
    out.print(f"{to}: {len(content):,} bytes", markup=False)
