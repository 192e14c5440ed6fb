"""Opens a stored claim for a caller who gives a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.checking import Checked, Checker
    from claimwright.features.claims import Decide, OpenedClaim
    from claimwright.platform.access import Access
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def terminal_decision(caller: Caller, access: Access) -> Decide:
    """What of a claim the account that runs the process may see, by its labels."""

    def decide(facility: str, labels: frozenset[str]) -> tuple[dict[str, bool], dict[str, str]]:  # noqa: ARG001
        access.demand(caller, "claims.read")
        return access.shown_and_why(caller, labels)

    return decide


def open_claim(
    caller: Caller,
    settings: Settings,
    database: Database,
    checker: Checker,
    claim_key: int,
    *,
    access: Access,
    reason: str,
    unmasked: bool = False,
    recheck: bool = False,
) -> tuple[OpenedClaim, Checked]:
    """Open a claim with its findings. The caller and the reason are recorded in the audit log first.

    The findings are those of the run that processed the claim. Before a run, or with `recheck`, they are the
    structural findings and those of a new check.

    Both are masked by default; findings and prices are computed from the unmasked claim. Kinds of field that
    the policies withhold from the caller on a claim with these labels are taken out.

    Raises:
        ClaimNotFoundError: the tenant has no such claim.
        AccessDeniedError: the caller may not open claims.
        AuditError: the reason is not acceptable; nothing was opened.
        PhiError, RecordError: its record can't be opened or read.
    """
    from dataclasses import replace

    from claimwright.domain.masking import Masker
    from claimwright.features.claims import opened_claim, withhold
    from claimwright.foundation import clock

    sealer = open_sealer(settings, database)
    found = opened_claim(
        caller, database, sealer, claim_key=claim_key, reason=reason, unmasked=unmasked,
        decide=terminal_decision(caller, access),
    )  # fmt: skip
    if found.is_processed and not recheck:
        checked = checker.priced(found.batch, found.findings)
    else:
        checked = checker.check(found.batch, found.structural_findings)
    batch, shown = found.batch, dict(found.shown)
    if not unmasked:
        # Stand-ins and `MASKED` are nobody's identity and no narrative.
        batch = Masker(year=clock.today().year).mask(batch)
        shown |= {"identity": True, "narrative": True}
    batch, withheld = withhold(batch, shown, found.reasons)
    return replace(found, batch=batch, withheld=withheld), replace(checked, batch=batch)
