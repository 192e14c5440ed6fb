"""`claimwright audit`: verify, search and export the audit log, and sign its latest record."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.foundation.whole_files import WholeFile

from .session import (
    After,
    AllTenants,
    Environment,
    Most,
    Tenant,
    caller_of,
    callers_of,
    connection_of,
    permitted_caller,
    settings_of,
    store_of,
)
from .terminal import Exit, ValueTable, err, fail, out, wide

if TYPE_CHECKING:
    from claimwright.platform.audit import Verdict

app = typer.Typer(help="The audit log: verify, search, export, sign.", no_args_is_help=True)

_DAY = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
_SHOWN = 20


@app.command("verify")
def verify(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[EXPORT]", help="An audit export. Default: the log in the database."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--public-key", help="PEM file of the public key that signed the checkpoints."),
    ] = None,
    checkpoints: Annotated[
        Path | None,
        typer.Option("--checkpoints", help="Folder of checkpoints from object storage."),
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Prove that no audit record was changed, deleted, moved or cut off at the end.

    An export is verified without a database, network or settings. Records missing at the end are found only
    with checkpoints.

    Exit status: 0 the log is intact, 1 it is not, 2 unusable input.
    """
    with _explained():
        verdict = _of_export(path, key, checkpoints) if path else _of_store(environment, tenant, key)
    for fault in verdict.faults[:_SHOWN]:
        out.print(f"record {fault.sequence}: {fault.message}", markup=False)
    if len(verdict.faults) > _SHOWN:
        out.print(f"and {len(verdict.faults) - _SHOWN:,} more faults.")
    span = f"{verdict.records:,} records ({verdict.first} to {verdict.last}) of tenant {verdict.tenant}"
    proof = (
        f"checkpoints prove them up to record {verdict.proven_to}"
        if verdict.proven_to
        else "no checkpoint proves which record is the last"
    )
    word = "are intact" if verdict.holds else "are not intact"
    out.print(f"{span} {word}; {proof}.", markup=False, soft_wrap=True)
    raise typer.Exit(Exit.CLEAN if verdict.holds else Exit.FINDINGS)


def _of_export(path: Path, key: Path | None, folder: Path | None) -> Verdict:
    from claimwright.platform.audit import Checkpoint, public_key, read_export
    from claimwright.platform.audit import verify as verified

    more = (
        [Checkpoint.from_json(each.read_bytes()) for each in sorted(folder.glob("*.json"))] if folder else ()
    )
    with path.open(encoding="utf-8") as lines:
        tenant, parts = read_export(lines)
        known = public_key(key.read_bytes()) if key else None
        return verified(parts, known, tenant=tenant, checkpoints=more)


def _of_store(environment: str | None, tenant: str | None, key: Path | None) -> Verdict:
    from claimwright.assembly.audit_checks import verified_log

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    with store_of(settings) as database:
        return verified_log(caller, settings, database, public_key_pem=key.read_bytes() if key else None)


@app.command("search")
def search(
    actor: Annotated[str | None, typer.Option("--actor", help="Who did it, such as user:7.")] = None,
    action: Annotated[
        str | None, typer.Option("--action", help="What was done; the beginning of the action's name.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", help="On what it was done; the beginning of the subject.")
    ] = None,
    correlation: Annotated[str | None, typer.Option("--correlation", help="A correlation id.")] = None,
    since: Annotated[
        datetime.datetime | None, typer.Option("--since", formats=_DAY, help="From this time, UTC.")
    ] = None,
    until: Annotated[
        datetime.datetime | None, typer.Option("--until", formats=_DAY, help="Before this time, UTC.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Maximum number of records.")] = 50,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show the newest audit records that match all given options.

    Exit status: 0 records found, 1 none found, 2 unusable input.
    """
    from claimwright.platform.audit import canonical
    from claimwright.platform.audit import search as found_by

    settings = settings_of(environment)
    with connection_of(settings) as connection:
        found = found_by(
            caller_of(settings, tenant),
            connection,
            actor=actor,
            action=action,
            subject=subject,
            correlation_id=correlation,
            since=since.replace(tzinfo=datetime.UTC) if since else None,
            until=until.replace(tzinfo=datetime.UTC) if until else None,
            limit=limit,
        )
    table = ValueTable("record", "at", "actor", "action", "subject", "detail", box=None, pad_edge=False)
    for record in found:
        said = record.content
        table.add_row(
            str(record.sequence), record.at,
            *(str(said.get(name, "")) for name in ("actor", "action", "subject")),
            canonical(said["detail"]) if "detail" in said else "",
        )  # fmt: skip
    wide().print(table)
    raise typer.Exit(Exit.CLEAN if found else Exit.FINDINGS)


@app.command("export")
def export(
    target: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write to, instead of standard output.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Write the audit log and its checkpoints as JSON Lines, to verify on any machine.

    Exit status: 0, or 2 if the log cannot be read or the file cannot be written.
    """
    from claimwright.platform.audit import append, checkpoints, records
    from claimwright.platform.audit import export as exported
    from claimwright.platform.database import tenancy
    from claimwright.platform.objects import open_objects

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    with _explained(), connection_of(settings) as connection:
        with tenancy(connection, caller):
            # Appended before the log is read, so that the export contains the record of itself.
            append(
                caller, connection, action="audit.exported", subject=f"tenant:{caller.tenant}", detail={},
                correlation_id="",
            )  # fmt: skip
        signed = checkpoints(open_objects(settings), tenant=caller.tenant)
        rows = records(caller, connection)
        if target is None:
            exported(sys.stdout, tenant=caller.tenant, records=rows, checkpoints=signed)
            return
        with WholeFile(target) as part, part.open("w", encoding="utf-8") as file:
            count = exported(file, tenant=caller.tenant, records=rows, checkpoints=signed)
    out.print(f"{target}: {count:,} records, {len(signed)} checkpoints.", markup=False, soft_wrap=True)


@app.command("checkpoint")
def checkpoint(
    environment: Environment = None, tenant: Tenant = None, all_tenants: AllTenants = False
) -> None:
    """Sign the latest audit record and store the signature in object storage. Run this every hour.

    Exit status: 0, 1 if a log does not match its last checkpoint, 2 if it cannot be signed or stored.
    """
    from claimwright.platform.audit import AuditError, SigningKey
    from claimwright.platform.audit import checkpoint as signed
    from claimwright.platform.objects import open_objects

    settings, broken = settings_of(environment), False
    with _explained(), store_of(settings) as database, database.connect() as connection:
        key, objects = SigningKey.open(settings.audit.signing_key_file), open_objects(settings)
        for caller in callers_of(settings, database, tenant, everyone=all_tenants):
            try:
                made = signed(caller, connection, objects, key)
            except AuditError as problem:
                # The logs of the other tenants are still signed.
                err.print(f"claimwright: {problem}", style="red", markup=False, soft_wrap=True)
                broken = True
                continue
            if made is not None:
                out.print(f"Record {made.sequence} of tenant {caller.tenant} is signed.", markup=False)
            else:
                whose = f"tenant {caller.tenant}"
                out.print(f"No new audit records for {whose} since the last checkpoint.", markup=False)
    if broken:
        raise typer.Exit(Exit.FINDINGS)


@app.command("accept-beginning")
def accept_beginning(
    reason: Annotated[
        str, typer.Option("--reason", help="Proof that nothing else is missing; kept in the audit log.")
    ],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Sign, once, that the log begins after record 1 because retention deleted the records before.

    `db retain` signs this automatically. This command is for a log that was cut before it did so. First read
    the log and compare it with an export or a backup: nobody can verify later what you sign here.

    Exit status: 0 signed or nothing to sign, 2 it can't be signed.
    """
    from claimwright.platform.audit import SigningKey
    from claimwright.platform.audit import accept_beginning as accepted
    from claimwright.platform.objects import open_objects

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    with _explained(), connection_of(settings) as connection:
        key, objects = SigningKey.open(settings.audit.signing_key_file), open_objects(settings)
        made = accepted(caller, connection, objects, key, reason=reason)
    if made is None:
        out.print("Nothing to sign: the log begins at record 1, or its beginning is proven.")
    else:
        out.print(f"Signed: the log begins after record {made.sequence}.", markup=False)


@contextmanager
def _explained() -> Iterator[None]:
    from claimwright.platform.audit import AuditError
    from claimwright.platform.objects import ObjectError

    try:
        yield
    except (AuditError, ObjectError) as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{problem.filename}: {problem.strerror}.")
    except UnicodeDecodeError:
        fail("this is not an audit export.")


@app.command("unusual")
def unusual(
    days: Annotated[int, typer.Option("--days", min=1, max=90, help="How many days, today included.")] = 2,
    all_tenants: AllTenants = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Look for unusual access to patient data in the audit log; raise an alert and an event for each, once.

    Compared are volume, hours, claims in order of their keys, access past what is withheld, and rare surnames
    with the 90 days before and with other people. `serve` looks every hour.

    Exit status: 0 nothing new, 1 new alerts.
    """
    from claimwright.features.access_watch import KINDS, watch_accesses
    from claimwright.foundation import clock

    settings = settings_of(environment)
    found = 0
    with store_of(settings) as database:
        for caller in callers_of(settings, database, tenant, everyone=all_tenants):
            for each in watch_accesses(caller, database, until=clock.now(), days=days):
                found += 1
                out.print(
                    f"{caller.tenant}: alert {each.alert_id}, {each.day}, {each.actor}: {KINDS[each.kind]} "
                    f"({each.counted}, usual up to {each.usual})",
                    markup=False, soft_wrap=True,
                )  # fmt: skip
    if found:
        raise typer.Exit(Exit.FINDINGS)
    out.print("Nothing unusual that is new.")


@app.command("alerts")
def alerts(
    after: After = 0,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List the alerts of unusual access that nobody has reviewed.

    Exit status: 0 there are none, 1 some wait.
    """
    from claimwright.platform.access import alerts_after

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "alerts.read")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = alerts_after(connection, after=after, limit=limit, only_open=True)
    if not found:
        out.print("No alert waits for a review.")
        return
    table = ValueTable("alert", "day", "identity", "what", "counted", "usual")
    for each in found:
        table.add_row(
            str(each.alert_id), str(each.day), each.actor, each.kind, str(each.counted), str(each.usual)
        )
    wide().print(table)
    raise typer.Exit(Exit.FINDINGS)


@app.command("review")
def review(
    alert: Annotated[int, typer.Argument(metavar="ALERT", help="The alert's number.")],
    reason: Annotated[
        str, typer.Option("--reason", help="What was found, 8 to 200 characters; kept in the audit log.")
    ],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Close an alert of unusual access. Nobody closes one about their own access.

    Exit status: 0, or 2 if no such alert waits, or the reason is invalid.
    """
    from claimwright.platform.access import AlertNotFoundError, review_alert
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "alerts.review")
    try:
        with store_of(settings) as database, database.transaction(caller) as connection:
            review_alert(caller, connection, alert, reason=reason)
    except AlertNotFoundError as problem:
        fail(str(problem))
    except AuditError as problem:
        fail(f"--reason: {problem}")
    out.print(f"Alert {alert} is closed.", markup=False)
