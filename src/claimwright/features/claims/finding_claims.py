"""Searches stored claims by the numbers that people hold, and by the name of the patient."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from claimwright.domain import code_shapes
from claimwright.domain.caller import Caller
from claimwright.domain.patient_names import typed_names
from claimwright.engines.remittance.matching import folded_number
from claimwright.engines.x12 import read_records
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.listings import ListedClaim, keys_of_numbers, keys_of_patients, list_claims
from claimwright.store.sealed_claims import Blinds, Opens, sealed_claims_of

from .sensitivity import sensitivity_labels
from .shown_claim import Decide, Reads

# Payer responsibility (005010X222A1, SBR01): part of the blind index of a claim's number.
_TURNS = "PSTABCDEFGHU"
_KEY_DIGITS = 19  # a bigint
_NPI = re.compile(code_shapes.NPI[0])


def claims_numbered(
    caller: Caller,
    connection: Connection,
    finder: Blinds,
    number: str,
    *,
    by_member: bool = True,
    limit: int = 100,
) -> list[ListedClaim]:
    """All claims, in all versions and for all payers, that a number belongs to, in order of key.

    The number is that of the claim (CLM01), also as payers return it, cut to 20 characters, in other case or
    without signs; or that which a payer gave the claim (CLP07); or the key that Claimwright gave it; or the
    member id of the subscriber (NM109), in any case and with or without signs; or the NPI of who bills,
    renders or attends. No claim is opened. That a member has a claim here says whose it is: without
    `by_member`, for those who may not see that, a member id finds nothing.

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
        members=_known(finder.blind("member-id", caller.tenant, [folded])) if by_member else [],
        payer_numbers=_known(finder.blind("payer-claim-number", caller.tenant, [number])),
        npi=number if _NPI.match(number) else None,
        key=int(number) if number.isascii() and number.isdigit() and len(number) < _KEY_DIGITS else None,
    )
    found = list_claims(connection, keys=keys, limit=limit) if keys else []
    _record(caller, connection, "number", found)
    return found


def claims_of_patient(
    caller: Caller,
    connection: Connection,
    finder: Reads,
    name: str,
    *,
    decide: Callable[[int], Decide],
    facilities: Sequence[str] | None = None,
    limit: int = 100,
) -> list[ListedClaim]:
    """The newest claims, in order of key, of patients with a name: `Last, First` or `First Last`.

    That a claim is found says whose it is. So each is opened and labeled, and left out unless the caller may
    see on it who the patient is. `decide` gives the decision about a claim key; see `shown_claim`.

    The audit log records who searched and what was found, never the name.

    Raises:
        AccessDeniedError: the caller may not open claims of the facility.
        PhiError: a record can't be opened.
    """
    patients = _known(finder.blind("patient-name", caller.tenant, typed_names(name)))
    keys = keys_of_patients(connection, patients, facilities=facilities, limit=limit) if patients else []
    found = list_claims(connection, keys=keys, limit=limit) if keys else []
    labels = labels_of_claims(caller, connection, finder, [each.claim_key for each in found])
    shown = [
        each
        for each in found
        if each.claim_key in labels
        and decide(each.claim_key)(each.facility, labels[each.claim_key])[0]["identity"]
    ]
    _record(caller, connection, "patient", shown)
    return shown


def labels_of_claims(
    caller: Caller, connection: Connection, opener: Opens, keys: Sequence[int]
) -> dict[int, frozenset[str]]:
    """The sensitivity labels of claims, by key; nothing else of them is returned. Unknown keys are left out.

    Raises:
        PhiError: a record can't be opened.
    """
    sealed = sealed_claims_of(connection, keys)
    if not len(sealed):
        return {}
    of_place = sensitivity_labels(read_records(sealed.opened(opener, caller.tenant)))
    return {key: of_place.get(at, frozenset()) for at, key in enumerate(sealed.keys.tolist(), 1)}


def _record(caller: Caller, connection: Connection, field: str, found: Sequence[ListedClaim]) -> None:
    audit.append(
        caller,
        connection,
        action="claims.searched",
        subject=f"tenant:{caller.tenant}",
        detail={"field": field, "found": len(found), "claim_keys": [each.claim_key for each in found]},
        correlation_id=str(uuid.uuid4()),
    )


def _known(blinded: Iterable[bytes | None]) -> list[bytes]:
    return [bytes(each) for each in blinded if each is not None]
