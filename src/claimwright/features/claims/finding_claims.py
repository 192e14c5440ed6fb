"""Searches stored claims by claim number, without opening any claim."""

from __future__ import annotations

import uuid

from claimwright.domain.caller import Caller
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.listings import ListedClaim, keys_of_numbers, list_claims
from claimwright.store.sealed_claims import Blinds

# Payer responsibility (005010X222A1, SBR01): part of the blind index of a claim's number.
_TURNS = "PSTABCDEFGHU"


def claims_numbered(
    caller: Caller, connection: Connection, finder: Blinds, number: str, *, limit: int = 100
) -> list[ListedClaim]:
    """All claims with this number (CLM01), in all versions and for all payers, in order of key.

    The audit log records who searched and how many were found, never the number.
    """
    texts = [f"{number} {letter}" for letter in _TURNS]
    blinded = [each for each in finder.blind("claim-number", caller.tenant, texts) if each is not None]
    keys = keys_of_numbers(connection, blinded)
    found = list_claims(connection, keys=keys, limit=limit) if keys else []
    audit.append(
        caller,
        connection,
        action="claims.searched",
        subject=f"tenant:{caller.tenant}",
        detail={"found": len(found), "claim_keys": [each.claim_key for each in found]},
        correlation_id=str(uuid.uuid4()),
    )
    return found
