"""`claimwright documents`: notes, orders, letters of claims; what is read from them, and what a reviewer
accepts.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .appeals_session import demand_shown, told
from .options import Reason
from .session import After, Environment, Most, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

app = typer.Typer(
    help="Documents of claims: add, list, show; accept or strike what is read from them.",
    no_args_is_help=True,
)
DocumentId = Annotated[int, typer.Argument(metavar="DOCUMENT", min=1, help="The document's number.")]
Numbers = Annotated[list[int] | None, typer.Argument(metavar="FINDING...", help="Numbers of findings.")]


@app.command("add")
def add(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="PDF, TIFF, PNG, JPEG, DOCX, RTF, C-CDA or text files."),
    ],
    claim: Annotated[int, typer.Option("--claim", min=1, help="Key of the claim.")],
    type_: Annotated[
        str | None, typer.Option("--type", help="What it is, such as progress note. Default: recognised.")
    ] = None,
    dated: Annotated[
        datetime.datetime | None,
        typer.Option("--dated", formats=["%Y-%m-%d"], help="Its date. Default: recognised."),
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Add documents to a claim: read, checked against the patient, sealed. The same file again adds nothing.

    Exit status: 0, 1 if one has a problem, 2 if one can't be used; those before it are added.
    """
    from claimwright.features.documents import add_document, recognizer

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.work")
    status = Exit.CLEAN
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        for file in files:
            try:
                content = file.read_bytes()
            except OSError as problem:
                fail(f"{file}: can't be read: {problem.strerror}.")
            with told(), database.transaction(caller) as connection:
                demand_shown(caller, access, connection, sealer, claim)
                made = add_document(
                    caller, connection, sealer, claim, file.name, content, type_=type_,
                    dated_on=dated.date() if dated else None, recognize=recognizer(),
                )  # fmt: skip
            said = (
                f"document {made.document_id}: {made.type or made.kind}, "
                f"{made.dated_on or 'no date'}, {_counted(made.pages, 'page')}, "
                f"{_counted(made.proposed, 'finding')} proposed"
            )
            out.print(said, markup=False, soft_wrap=True)
            if made.problem:
                status = Exit.FINDINGS
                out.print(
                    f"  {'blocked: ' if made.is_blocked else ''}{made.problem}", markup=False, soft_wrap=True
                )
            if made.dated_on is None:
                out.print(
                    "  no letter cites it until it has a date: claimwright documents describe", markup=False
                )
    raise typer.Exit(status)


@app.command("list")
def list_(
    claim: Annotated[int | None, typer.Option("--claim", min=1, help="Of this claim only.")] = None,
    after: After = 0,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List documents, without names and contents. Exit status: 0."""
    from claimwright.features.documents import list_of_claim

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = list_of_claim(connection, claim, after=after, limit=limit)
    table = ValueTable(
        "document", "claim", "type", "date", "kind", "pages", "findings", "accepted", "problem"
    )
    for each in found:
        table.add_row(
            str(each.document_id), str(each.claim_key), each.type or "", str(each.dated_on or ""), each.kind,
            str(each.pages), str(each.findings), str(each.accepted), each.problem or "",
        )  # fmt: skip
    wide().print(table)


@app.command("show")
def show(
    document_id: DocumentId, reason: Reason, environment: Environment = None, tenant: Tenant = None
) -> None:
    """Show a document's findings, each with its words and its sense. Exit status: 0, or 2."""
    from claimwright.features.documents import open_document

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.read")
    with store_of(settings) as database, told():
        sealer = sealer_of(settings, database)
        with database.transaction(caller) as connection:
            demand_shown(caller, access, connection, sealer, _claim_of(connection, document_id))
            document, name, findings = open_document(caller, connection, sealer, document_id, reason=reason)
    one = document.document
    out.print(f"{name}: {one.type or one.kind}, {one.dated_on or 'no date'}", markup=False)
    if one.problem:
        out.print(one.problem, markup=False, soft_wrap=True)
    table = ValueTable("finding", "page", "words", "means", "sense", "state")
    for each in findings:
        said = each.clinical
        sense = [
            word
            for word in (said.polarity, said.subject, said.time, said.certainty)
            if word not in ("present", "patient", "current", "stated")
        ]
        value = f" {said.value} {said.unit or ''}".rstrip() if said.value else ""
        table.add_row(
            str(each.ordinal),
            str(each.page),
            each.words,
            f"{said.concept}{value}",
            ", ".join(sense) or "can be cited",
            each.state,
        )
    wide().print(table)


@app.command("accept")
def accept(
    document_id: DocumentId, findings: Numbers = None,
    every: Annotated[bool, typer.Option("--all", help="All that can be cited.")] = False,
    environment: Environment = None, tenant: Tenant = None,
) -> None:  # fmt: skip
    """Accept findings, as a reviewer who has read their places: letters may cite them. Exit status: 0, or
    2.
    """
    _decide(document_id, findings, every, "accepted", environment, tenant)


@app.command("strike")
def strike(
    document_id: DocumentId, findings: Numbers = None, environment: Environment = None, tenant: Tenant = None
) -> None:
    """Strike findings: no letter cites them. Exit status: 0, or 2."""
    _decide(document_id, findings, False, "struck", environment, tenant)


@app.command("describe")
def describe_(
    document_id: DocumentId,
    type_: Annotated[str | None, typer.Option("--type", help="What it is.")] = None,
    dated: Annotated[
        datetime.datetime | None, typer.Option("--dated", formats=["%Y-%m-%d"], help="Its date.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Set type and date of a document, where they were not recognised. Exit status: 0, or 2."""
    from claimwright.features.documents import describe

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.work")
    with store_of(settings) as database, told(), database.transaction(caller) as connection:
        describe(caller, connection, document_id, type_=type_, dated_on=dated.date() if dated else None)
    out.print(f"document {document_id} is described.", markup=False)


@app.command("unblock")
def unblock_(
    document_id: DocumentId, reason: Reason, environment: Environment = None, tenant: Tenant = None
) -> None:
    """Let a document be used that seemed to be of another patient. Exit status: 0, or 2."""
    from claimwright.features.documents import unblock

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "appeals.work")
    with store_of(settings) as database, told(), database.transaction(caller) as connection:
        unblock(caller, connection, document_id, reason=reason)
    out.print(f"document {document_id} can be used.", markup=False)


def _decide(
    document_id: int, findings: list[int] | None, every: bool, state: str, environment: str | None,
    tenant: str | None,
) -> None:  # fmt: skip
    from claimwright.features.documents import decide_finding, findings_of

    if not findings and not every:
        fail("name findings by their numbers, or accept --all that can be cited.")
    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.work")
    with store_of(settings) as database, told():
        sealer = sealer_of(settings, database)
        with database.transaction(caller) as connection:
            demand_shown(caller, access, connection, sealer, _claim_of(connection, document_id))
            wanted = findings or [
                each.ordinal
                for each in findings_of(caller, connection, sealer, [document_id])
                if each.is_usable
            ]
            if not wanted:
                fail(f"document {document_id} has no finding that can be cited.")
            count = decide_finding(caller, connection, document_id, wanted, state)
    out.print(f"{count} findings {state}.", markup=False)


def _claim_of(connection: Connection, document_id: int) -> int | None:
    from claimwright.store.documents import list_documents

    found = list_documents(connection, document_id=document_id, limit=1)
    return found[0].claim_key if found else None


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
