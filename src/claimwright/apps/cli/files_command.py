"""`claimwright files`: received files, their refused claims, and findings about the file as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .consent import DryRun, Yes, require_consent
from .session import Environment, Tenant, explained, permitted_caller, settings_of, store_of
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.store.returned_files import ReturnableFile

app = typer.Typer(help="Received files: list them, show one, return one.", no_args_is_help=True)


@app.command("list")
def list_all(
    facility: Annotated[str | None, typer.Option("--facility", help="Files of this facility only.")] = None,
    before: Annotated[
        int | None, typer.Option("--before", metavar="FILE", help="Begin before this file number.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=10_000, help="Maximum number of rows.")
    ] = 50,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List received files, newest first, with the numbers of claims, staged claims and refused claims.

    Exit status: 0.
    """
    from claimwright.features.claims import list_files
    from claimwright.platform.list_order import after_key

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "files.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = list_files(connection, facility=facility, after=after_key(before), limit=limit)
    if not found:
        out.print("No files. Stage one: claimwright intake FILE --facility ID.", markup=False)
        return
    table = ValueTable("file", "facility", "received", "bytes", "claims", "staged", "refused", "faults")
    for each in found:
        table.add_row(
            str(each.file_id), each.facility, f"{each.received_at:%Y-%m-%d %H:%M}", f"{each.size:,}",
            f"{each.claims:,}", f"{each.staged:,}", f"{each.refused:,}", f"{each.faults:,}",
        )  # fmt: skip
    wide().print(table)
    if len(found) == limit:
        out.print(f"Next page: --before {found[-1].file_id}", markup=False)


@app.command("show")
def show(
    file_id: Annotated[int, typer.Argument(metavar="FILE", help="The file's number.")],
    after: Annotated[
        int, typer.Option("--after", min=0, metavar="POSITION", help="Start after this claim of the file.")
    ] = 0,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=10_000, help="Maximum number of rows.")
    ] = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show a file: findings about the file as a whole, and its refused claims.

    Exit status: 0, or 2 if there is no such file.
    """
    from claimwright.features.claims import file_of, findings_of_file, refusals_of

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "files.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = file_of(connection, file_id)
        findings = findings_of_file(connection, file_id, limit=limit)
        refusals = refusals_of(connection, file_id, after=after, limit=limit)
    if found is None:
        fail(f"there is no file {file_id}. `claimwright files list` lists them.")
    out.print(
        f"file {file_id} of facility {found.facility}, received {found.received_at:%Y-%m-%d %H:%M} UTC:"
        f" {found.claims:,} claims, {found.staged:,} staged, {found.refused:,} refused",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    if findings:
        table = ValueTable("code", "severity", "segment", "element", "detail")
        for each in findings:
            table.add_row(each.code, each.severity, str(each.segment or ""), each.element, each.detail)
        wide().print(table)
    if refusals:
        table = ValueTable("claim of file", "refused because", "repeats claim")
        for refusal in refusals:
            table.add_row(str(refusal.position), refusal.reason, str(refusal.first_key or ""))
        wide().print(table)
        if len(refusals) == limit:
            out.print(f"Next page: --after {refusals[-1].position}", markup=False)
    out.print(f"Its claims: claimwright claims list --file {file_id}", markup=False)


@app.command("return")
def give_back(
    file_id: Annotated[int, typer.Argument(metavar="FILE", help="The file's number.")],
    yes: Yes = False,
    dry_run: DryRun = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Undo the intake of a file: remove its claims that no run has processed.

    Use this for a file that was taken in under the wrong facility. Staged claims and dead letters are
    deleted, and their numbers can be used again. Claims that a run has processed stay, and so does a claim
    that a later file replaces or voids. If all claims are deleted, the same file can be taken in again.

    Exit status: 0 returned, 1 some of its claims stay, 2 there is no such file, or it cannot be returned.
    """
    from claimwright.assembly.errors import OwnerRequiredError
    from claimwright.assembly.intakes import give_back as returning
    from claimwright.features.intake import RunGoingOnError
    from claimwright.platform.objects import ObjectError

    def agree(found: ReturnableFile) -> None:
        going = [f"{found.going:,} claims of facility {found.facility}, with their findings and numbers"]
        if found.is_whole:
            going.append("the stored content of the file, and its row")
        require_consent(f"Returning file {file_id}", going, yes=yes, dry_run=dry_run)

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "files.return")
    with store_of(settings) as database, explained():
        try:
            found = returning(caller, settings, database, file_id, agree)
        except (OwnerRequiredError, RunGoingOnError, ObjectError) as problem:
            fail(str(problem))
    if found is None:
        fail(f"there is no file {file_id}. `claimwright files list` lists them.")
    out.print(_returned(found), markup=False, soft_wrap=True)
    if not found.is_whole:
        raise typer.Exit(Exit.FINDINGS)


def _returned(found: ReturnableFile) -> str:
    told = f"file {found.file_id} of facility {found.facility}: {found.going:,} claims returned"
    if found.is_whole:
        return f"{told}. The file can be taken in again: claimwright intake FILE --facility ID."
    return (
        f"{told}; {found.staying:,} stay, because a run has processed them or a later file replaces them."
        f" See: claimwright claims list --file {found.file_id}."
    )
