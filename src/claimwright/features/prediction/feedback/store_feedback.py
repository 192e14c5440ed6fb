"""Stores the outcomes of stored claims for training: payer decisions and people's corrections.

Remittances and reviews call `record_outcomes` and `record_correction`; both store source and time.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.domain.errors import ClaimNotFoundError
from claimwright.features.prediction.scoring import open_claims
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.feedback import (
    claims_with_numbers,
    corrections,
    insert_correction,
    insert_outcomes,
    outcomes_by_claim,
)
from claimwright.store.production import is_in_production
from claimwright.store.sealed_claims import RECORDS_AT_ONCE, Blinds, Opens

from .feedback_guard import CORRECTION, FEEDBACK, REMITTANCE
from .remittances import matched, read_835

# Payer responsibility, as intake stores it with a claim's number: primary, secondary and tertiary payer.
_TURNS = ("P", "S", "T")


class Finds(Opens, Blinds, Protocol):
    """The interface of `claimwright.platform.phi.Sealer` that is used here."""


@dataclass(frozen=True)
class Recorded:
    """Totals of a remittance: its claims, how many of them are known and unambiguous, and how many lines were
    stored; the other lines already had a decision.
    """

    answered: int
    found: int
    ambiguous: int
    lines: int


def record_outcomes(
    caller: Caller,
    connection: Connection,
    finder: Finds,
    content: bytes,
    name: str,
    *,
    told_by: str | None = None,
    facility: str | None = None,
) -> Recorded:
    """Store an 835's decisions on production claims, in the caller's transaction, with its SHA-256.

    Claims are matched by CLP01, among those of `facility` if it is given; a number that several facilities
    use is ambiguous and left out. The primary payer's claim is matched before the secondary payer's. An
    existing decision stays unchanged, because it is the decision on the claim as it was sent.

    Raises:
        AnswerError: the content is not a readable 835; `name` is the file's name for messages.
    """
    answers = read_835(content, name)
    numbers = answers["claim_id"].unique(maintain_order=True).drop_nulls().to_list()
    keys, ambiguous = _keys(caller, connection, finder, numbers, facility)
    kept = 0
    evidence = hashlib.sha256(content).digest()
    for first in range(0, len(keys), RECORDS_AT_ONCE):
        batch = open_claims(caller, connection, finder, keys[first : first + RECORDS_AT_ONCE])
        kept += insert_outcomes(
            connection, matched(batch, answers), evidence=evidence, told_by=told_by or caller.actor
        )
    audit.append(
        caller,
        connection,
        action="outcomes.recorded",
        subject=f"remittance:{evidence.hex()}",
        detail={"claims": len(keys), "rows": kept},
        correlation_id=str(uuid.uuid4()),
    )
    return Recorded(len(numbers), len(keys), ambiguous, kept)


def record_correction(
    caller: Caller,
    connection: Connection,
    claim_key: int,
    *,
    will_be_denied: bool,
    said_by: str | None = None,
) -> int:
    """Store the expectation of a person, by default the caller, for a claim in production.

    Returns the correction's number.

    Raises:
        ClaimNotFoundError: there is no such claim in production.
    """
    if not is_in_production(connection, claim_key):
        raise ClaimNotFoundError(f"there is no claim {claim_key} in production.")
    correction_id = insert_correction(
        connection, claim_key, label=will_be_denied, said_by=said_by or caller.actor
    )
    audit.append(
        caller,
        connection,
        action="prediction.corrected",
        subject=f"claim:{claim_key}",
        detail={"claim_key": claim_key},
        correlation_id=str(uuid.uuid4()),
    )
    return correction_id


def stored_feedback(connection: Connection) -> pl.DataFrame:
    """All feedback on production claims, with the columns of `FEEDBACK`.

    `claim_id` is the claim's key, as in histories from the store.
    """
    rows = [
        (key, payer, label, source, by, at.isoformat())
        for source, found in (
            (REMITTANCE, outcomes_by_claim(connection)),
            (CORRECTION, corrections(connection)),
        )
        for key, payer, label, by, at in found
    ]
    return pl.DataFrame(rows, schema=FEEDBACK, orient="row")


def _keys(
    caller: Caller, connection: Connection, finder: Finds, numbers: Sequence[str], facility: str | None
) -> tuple[list[int], int]:
    """Keys of the production claims with these numbers, one per number; and the number of ambiguous ones."""
    wanted: dict[bytes, tuple[int, str]] = {}
    for turn, letter in enumerate(_TURNS):
        blinded = finder.blind("claim-number", caller.tenant, [f"{number} {letter}" for number in numbers])
        wanted |= {
            bytes(index): (turn, number)
            for index, number in zip(blinded, numbers, strict=True)
            if index is not None
        }
    found: dict[str, list[tuple[bool, int, str, int]]] = {}
    for index, where, key, is_answered in claims_with_numbers(connection, list(wanted), facility):
        turn, number = wanted[index]
        found.setdefault(number, []).append((is_answered, turn, where, key))
    keys, ambiguous = [], 0
    for candidates in found.values():
        if len({where for _, _, where, _ in candidates}) > 1:
            ambiguous += 1
            continue
        # The sort is stable, so that the newest version is first among equals.
        keys.append(min(candidates, key=lambda each: each[:2])[3])
    return sorted(keys), ambiguous
