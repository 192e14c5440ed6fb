"""A claim of the store, opened for a caller who says why."""

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
    """Open a claim with its findings; who looks, and why, is in the audit log before.

    The findings are those of the run that processed it. Before a run, or with `recheck`, they are those of
    its structure and of a check now.

    Both are masked unless asked otherwise; findings and prices are those of the claim as it is.

    Raises:
        ClaimNotFoundError: the tenant has no such claim.
        AuditError: the reason can't be kept; nothing was opened.
        PhiError, RecordError: its record does not open, or not read.
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
