"""`claimwright review`: claims in manual review, and the decision on each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from .options import Reason
from .session import Environment, Tenant, permitted_caller, settings_of, store_of
from .terminal import Exit, ValueTable, dollars, fail, out, wide

app = typer.Typer(
    help="Claims in manual review before submission: list, release, return.", no_args_is_help=True
)
Keys = Annotated[list[int], typer.Argument(metavar="KEY...", help="Keys of claims in review.")]


@app.command("list")
def list_waiting(
    facility: Annotated[str | None, typer.Option("--facility", help="Claims of this facility only.")] = None,
    why: Annotated[
        str | None, typer.Option("--why", help="Claims with this reason only, such as blocked or high_value.")
    ] = None,
    after: Annotated[
        int, typer.Option("--after", min=0, metavar="KEY", help="Start after this claim key.")
    ] = 0,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=10_000, help="Maximum number of rows.")
    ] = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List the claims in manual review by key, with the reason for each.

    Exit status: 0 no claim waits, 1 some claims wait.
    """
    from claimwright.features.claims import in_review, without_days

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "review.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = in_review(caller, connection, facility=facility, why=why, after=after, limit=limit)
    if not found:
        out.print("No claim waits for review.")
        return
    if not access.shown(caller, ())["identity"].allowed:
        found = without_days(found)
    table = ValueTable(
        "claim",
        "why",
        "severity",
        "findings",
        "facility",
        "file",
        "of file",
        "form",
        "payer",
        "service",
        "charge",
    )
    for each in found:
        table.add_row(
            str(each.claim_key), each.why, each.severity, str(each.findings), each.facility,
            str(each.file_id), str(each.position), each.form, each.payer_id, str(each.service_from_on or ""),
            dollars(each.total_charge),
        )  # fmt: skip
    wide().print(table)
    if len(found) == limit:
        out.print(f"Next page: --after {found[-1].claim_key}", markup=False)
    raise typer.Exit(Exit.FINDINGS)


@app.command("release")
def release(keys: Keys, reason: Reason, environment: Environment = None, tenant: Tenant = None) -> None:
    """Release claims from review to production; the next delivery sends them. All are released, or none.

    A claim whose work item needs another person's approval is released in the queue: claimwright queue.

    Exit status: 0, or 2 if a claim is not in review or needs an approval, or the reason is invalid.
    """
    from claimwright.features.claims import release as released

    _decide(released, "released to production", keys, reason, environment, tenant)


@app.command("return")
def send_back(keys: Keys, reason: Reason, environment: Environment = None, tenant: Tenant = None) -> None:
    """Return claims to their facility: they are not delivered or counted. All are returned, or none.

    Exit status: 0, or 2 if a claim is not in review or the reason is invalid.
    """
    from claimwright.features.claims import send_back as returned

    _decide(returned, "returned to their facility", keys, reason, environment, tenant)


def _decide(
    decide: Callable[..., list[int]],
    what: str,
    keys: list[int],
    reason: str,
    environment: str | None,
    tenant: str | None,
) -> None:
    from claimwright.assembly.reviews import gather
    from claimwright.features.claims import ApprovalNeededError, NotInReviewError
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "review.decide")
    try:
        with store_of(settings) as database:
            gather(caller, settings, database)
            with database.transaction(caller) as connection:
                decided = decide(caller, connection, keys, reason=reason)
    except ApprovalNeededError as problem:
        fail(f"{problem}: claimwright queue do propose ITEM --propose release.")
    except NotInReviewError as problem:
        fail(f"{problem}. `claimwright review list` shows what is.")
    except AuditError as problem:
        fail(f"--reason: {problem}")
    out.print(f"{len(decided):,} {what}.", markup=False)
