"""Searches stored claims by the numbers that people hold, without opening any claim."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import partial

from claimwright.domain.caller import Caller
from claimwright.engines.remittance.matching import folded_number
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.listings import ListedClaim, keys_of_numbers, list_claims
from claimwright.store.sealed_claims import Blinds

# Payer responsibility (005010X222A1, SBR01): part of the blind index of a claim's number.
_TURNS = "PSTABCDEFGHU"
_KEY_DIGITS = 19  # a bigint


def claims_numbered(
    caller: Caller, connection: Connection, finder: Blinds, number: str, *, limit: int = 100
) -> list[ListedClaim]:
    """All claims, in all versions and for all payers, that a number belongs to, in order of key.

    The number is that of the claim (CLM01), also as payers return it, cut to 20 characters, in other case or
    without signs; or that which a payer gave the claim (CLP07); or the key that Claimwright gave it; or the
    member id of the subscriber (NM109), in any case and with or without signs.

    The audit log records who searched and how many were found, never the number.
    """
    blind = partial(finder.blind, "claim-number", caller.tenant)
    folded = folded_number(number)
    exact = blind([f"{number} {letter}" for letter in _TURNS])
    # A number that is its own folded form is stored once, as the number.
    loose = [] if folded is None else blind([f"{folded} {letter}" for letter in _TURNS])
    keys = keys_of_numbers(
        connection,
        numbers=_known([*exact, *loose]),
        folded=_known(loose),
        members=_known(finder.blind("member-id", caller.tenant, [folded])),
        payer_numbers=_known(finder.blind("payer-claim-number", caller.tenant, [number])),
        key=int(number) if number.isascii() and number.isdigit() and len(number) < _KEY_DIGITS else None,
    )
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


def _known(blinded: Iterable[bytes | None]) -> list[bytes]:
    return [bytes(each) for each in blinded if each is not None]
