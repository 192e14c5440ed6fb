"""`claimwright claims`: list claims of the store, find them by number, or open one for a stated reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import AsOf
from .session import Environment, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .terminal import Exit, ValueTable, dollars, fail, out, wide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claimwright.domain.caller import Caller
    from claimwright.features.claims import ListedClaim
    from claimwright.platform.access import Access

app = typer.Typer(help="Claims of the store: list them, find them, open one.", no_args_is_help=True)


After = Annotated[int, typer.Option("--after", min=0, metavar="KEY", help="Start after this claim key.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="Maximum number of claims.")]


@app.command("list")
def list_all(
    place: Annotated[
        str | None,
        typer.Option("--place", help="staged, production, review, returned, dead or discarded."),
    ] = None,
    facility: Annotated[str | None, typer.Option("--facility", help="Claims of this facility only.")] = None,
    file_id: Annotated[
        int | None, typer.Option("--file", help="Claims of this file only, by file number.")
    ] = None,
    after: After = 0,
    limit: Limit = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List claims of the store by key, with the place and status of each one.

    Exit status: 0, or 2 if the place is unknown.
    """
    from claimwright.features.claims import PLACES, list_claims

    if place is not None and place not in PLACES:
        fail(f"--place: one of {', '.join(PLACES)}.")
    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "claims.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = list_claims(
            connection, place=place, facility=facility, file_id=file_id, after=after, limit=limit
        )
    _print_claims(_visible(found, caller, access))
    if len(found) == limit:
        out.print(f"Next page: --after {found[-1].claim_key}", markup=False)


@app.command("find")
def find(
    number: Annotated[
        str,
        typer.Argument(
            metavar="NUMBER",
            help="Number of the claim (CLM01) or the payer's, key, member ID or NPI. - reads standard input.",
        ),
    ],
    patient: Annotated[
        bool, typer.Option("--patient", help="Search by the patient's name instead: Last, First.")
    ] = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Find all versions of claims by a number, or the newest claims of a patient. The search is audited.

    What is on the command line stays in the shell's history: for a patient's name, use `-`.

    Exit status: 0 found, 1 not found, 2 unusable input.
    """
    import sys

    from claimwright.assembly.claims import terminal_decision
    from claimwright.features.claims import claims_numbered, claims_of_patient

    if number == "-":
        number = sys.stdin.readline().strip()
    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "claims.identity" if patient else "claims.list")
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        with database.transaction(caller) as connection:
            if patient:
                decide = terminal_decision(caller, access)
                found = claims_of_patient(caller, connection, sealer, number, decide=lambda _: decide)
            else:
                by_member = access.shown(caller, ())["identity"].allowed
                found = claims_numbered(caller, connection, sealer, number, by_member=by_member)
    if not found:
        nothing = "patient has this name" if patient else "claim has this number. Check for missing digits"
        out.print(f"No {nothing}.", soft_wrap=True)
        raise typer.Exit(Exit.FINDINGS)
    _print_claims(_visible(found, caller, access))


def _visible(claims: Sequence[ListedClaim], caller: Caller, access: Access) -> Sequence[ListedClaim]:
    """The claims, without the day of service if the caller may not see who the patients are."""
    from claimwright.features.claims import without_days

    return claims if access.shown(caller, ())["identity"].allowed else without_days(claims)


def _print_claims(claims: Sequence[ListedClaim]) -> None:
    if not claims:
        out.print("No claims.")
        return
    table = ValueTable(
        "claim", "version", "place", "status", "why", "facility", "file", "of file", "form", "payer",
        "service", "charge", "severity",
    )  # fmt: skip
    for each in claims:
        table.add_row(
            str(each.claim_key), str(each.version), each.place, each.status, each.why, each.facility,
            str(each.file_id), str(each.position), each.form, each.payer_id, _day(each.service_from_on),
            dollars(each.total_charge), each.severity,
        )  # fmt: skip
    wide().print(table)


def _day(day: object) -> str:
    return "" if day is None else str(day)


@app.command("show")
def show(
    claim_key: Annotated[int, typer.Argument(metavar="KEY", help="The claim's key in the store.")],
    reason: Annotated[
        str, typer.Option("--reason", help="Reason for access, 8 to 200 characters; kept in the audit log.")
    ],
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Show patient identifiers. This is recorded in the audit log.")
    ] = False,
    as_of: AsOf = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Decrypt a claim and show it on one page. Patient identifiers are masked unless you ask for them.

    The policies decide, as over the API, which kinds of fields the account may see on a claim with its
    sensitivity labels: the setting `terminal.roles`. What is withheld is named.

    The findings are those of the run that processed the claim. With --as-of, or before the claim is
    processed, the claim is checked again, as of that date or today. The access and its reason are written to
    the audit log before anything is shown: `claimwright audit search --subject claim:KEY`.

    Exit status: 0, or 2 if there is no such claim, it cannot be decrypted, or the reason is invalid.
    """
    from claimwright.assembly.claims import open_claim
    from claimwright.engines.x12 import RecordError
    from claimwright.features.claims import ClaimNotFoundError
    from claimwright.platform.audit import AuditError
    from claimwright.platform.phi import PhiError

    from .claim_sheet import draw
    from .options import checker_from

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "claims.read")
    checker = checker_from(as_of, None, None, None)
    with store_of(settings) as database:
        try:
            found, checked = open_claim(
                caller, settings, database, checker, claim_key,
                access=access, reason=reason, unmasked=unmasked, recheck=as_of is not None,
            )  # fmt: skip
        except ClaimNotFoundError as problem:
            fail(f"{problem}.")
        except AuditError as problem:
            fail(f"--reason: {problem}")
        except (PhiError, RecordError) as problem:
            fail(f"claim {claim_key}: {problem}")
    rechecked = as_of is not None or not found.is_processed
    judged = f"checked as of {checker.as_of}" if rechecked else "findings of the run that processed it"
    stands = found.place + (f" ({found.why})" if found.why else "")
    out.print(
        f"claim {claim_key}: {stands}; facility {found.facility}, file {found.file_id},"
        f" position {found.position}; {judged}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    draw(checked, checker, wide())
    for each in found.withheld:
        out.print(f"withheld, {each.kind} ({each.reason}): {', '.join(each.fields)}", markup=False)
