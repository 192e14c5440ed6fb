"""Opens a stored claim for a caller who gives a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.checking import Checked, Checker
    from claimwright.features.claims import OpenedClaim
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def open_claim(
    caller: Caller,
    settings: Settings,
    database: Database,
    checker: Checker,
    claim_key: int,
    *,
    reason: str,
    unmasked: bool = False,
    recheck: bool = False,
) -> tuple[OpenedClaim, Checked]:
    """Open a claim with its findings. The caller and the reason are recorded in the audit log first.

    The findings are those of the run that processed the claim. Before a run, or with `recheck`, they are the
    structural findings and those of a new check.

    Both are masked by default; findings and prices are computed from the unmasked claim.

    Raises:
        ClaimNotFoundError: the tenant has no such claim.
        AuditError: the reason is not acceptable; nothing was opened.
        PhiError, RecordError: its record can't be opened or read.
    """
    from dataclasses import replace

    from claimwright.domain.masking import Masker
    from claimwright.features.claims import opened_claim
    from claimwright.foundation import clock

    sealer = open_sealer(settings, database)
    found = opened_claim(caller, database, sealer, claim_key=claim_key, reason=reason, unmasked=unmasked)
    if found.is_processed and not recheck:
        checked = checker.priced(found.batch, found.findings)
    else:
        checked = checker.check(found.batch, found.structural_findings)
    if unmasked:
        return found, checked
    masked = Masker(year=clock.today().year).mask(found.batch)
    return replace(found, batch=masked), replace(checked, batch=masked)
