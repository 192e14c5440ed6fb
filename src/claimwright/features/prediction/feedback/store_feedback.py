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
from claimwright.features.prediction.scoring.store_claims import Opens, opened
from claimwright.foundation import clock
from claimwright.platform import audit
from claimwright.platform.database import Connection

from .feedback_guard import CORRECTION, FEEDBACK, REMITTANCE
from .remittances import matched, read_835

_AT_ONCE = 5_000
# Whose turn to pay it was, as intake writes it beside a claim's number: first, second and third payer.
_TURNS = ("P", "S", "T")


class Finds(Opens, Protocol):
    """What is asked of `claimwright.platform.phi.Sealer`."""

    def blind(self, kind: str, tenant: str, values: Sequence[str | None]) -> list[bytes | None]:
        """An index of each value that says nothing but which are equal."""


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
    for first in range(0, len(keys), _AT_ONCE):
        batch = opened(caller, connection, finder, keys[first : first + _AT_ONCE])
        kept += _keep(connection, matched(batch, answers), evidence, told_by or caller.actor)
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
    if not connection.execute("select 1 from production.claims where claim_key = %s", [claim_key]).fetchone():
        raise ClaimNotFoundError(f"there is no claim {claim_key} in production.")
    row = connection.execute(
        "insert into prediction.corrections (claim_key, label, said_by, said_at) values (%s, %s, %s, %s) "
        "returning correction_id",
        [claim_key, will_be_denied, said_by or caller.actor, clock.now()],
    ).fetchone()
    assert row is not None
    audit.append(
        caller,
        connection,
        action="prediction.corrected",
        subject=f"claim:{claim_key}",
        detail={"claim_key": claim_key},
        correlation_id=str(uuid.uuid4()),
    )
    return int(row[0])


def stored_feedback(connection: Connection) -> pl.DataFrame:
    """Everything that was said of claims in production, with the columns of `FEEDBACK`.

    `claim_id` is the claim's key, as histories of the store have it.
    """
    outcomes = connection.execute(
        "select o.claim_key::text, c.payer_id, bool_or(o.carc is not null), min(o.told_by), max(o.told_at) "
        "from prediction.outcomes o join production.claims c using (tenant, claim_key) "
        "group by o.claim_key, c.payer_id order by o.claim_key"
    ).fetchall()
    corrections = connection.execute(
        "select k.claim_key::text, c.payer_id, k.label, k.said_by, k.said_at "
        "from prediction.corrections k join production.claims c using (tenant, claim_key) "
        "order by k.correction_id"
    ).fetchall()
    rows = [
        (key, payer, label, source, by, at.isoformat())
        for source, found in ((REMITTANCE, outcomes), (CORRECTION, corrections))
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
    rows = connection.execute(
        "select k.number, k.facility, k.claim_key, "
        "exists (select from prediction.outcomes o where o.claim_key = c.claim_key) "
        "from staging.claim_keys k join production.claims c using (tenant, claim_key) "
        "where k.number = any(%s) and (%s::text is null or k.facility = %s) order by k.version desc",
        [list(wanted), facility, facility],
    ).fetchall()
    found: dict[str, list[tuple[bool, int, str, int]]] = {}
    for index, where, key, is_answered in rows:
        turn, number = wanted[bytes(index)]
        found.setdefault(number, []).append((is_answered, turn, where, int(key)))
    keys, ambiguous = [], 0
    for candidates in found.values():
        if len({where for _, _, where, _ in candidates}) > 1:
            ambiguous += 1
            continue
        # The sort is stable: of equals the newest version.
        keys.append(min(candidates, key=lambda each: each[:2])[3])
    return sorted(keys), ambiguous


def _keep(connection: Connection, lines: pl.DataFrame, evidence: bytes, told_by: str) -> int:
    columns = [lines[name].to_list() for name in ("claim", "line", "carc", "charge_cents", "paid_cents")]
    written = connection.execute(
        "insert into prediction.outcomes "
        "(claim_key, line, carc, charge_cents, paid_cents, answered_on, evidence, told_by, told_at) "
        "select *, %s::bytea, %s, %s from unnest(%s::bigint[], %s::integer[], %s::text[], %s::bigint[], "
        "%s::bigint[], %s::date[]) on conflict (tenant, claim_key, line) do nothing",
        [evidence, told_by, clock.now(), *columns, lines["answered_on"].to_list()],
    )
    return written.rowcount
