"""What became of claims of the store, kept for training: answers of payers and corrections of people.

Remittances and reviews call `record_outcomes` and `record_correction`; both keep who said so, and when.
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

# Whose turn to pay it was, as intake writes it beside a claim's number: first, second and third payer.
_TURNS = ("P", "S", "T")


class Finds(Opens, Blinds, Protocol):
    """What is asked of `claimwright.platform.phi.Sealer`."""


@dataclass(frozen=True)
class Recorded:
    """What came of a remittance: claims that it answers, how many of them are known and not ambiguous, and
    how many lines are kept; the others had been answered before.
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
    """Keep what an 835 answers to claims in production, in the caller's transaction, with its SHA-256.

    Claims meet by CLP01, among those of `facility` where one is named; a number that several facilities use
    is ambiguous and left out. The first payer's claim is answered before the second's. What was answered
    once stays as it is: that is the answer that the claim as sent got.

    Raises:
        AnswerError: the content is no 835 that can be read; `name` is what it is called.
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
    """Keep what a person, by default the caller, says will become of a claim in production.

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
    """Everything that was said of claims in production, with the columns of `FEEDBACK`.

    `claim_id` is the claim's key, as histories of the store have it.
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
    """Keys of the claims in production with these numbers, one a number; and how many are ambiguous."""
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
        # The sort is stable: of equals the newest version.
        keys.append(min(candidates, key=lambda each: each[:2])[3])
    return sorted(keys), ambiguous
