"""The next payer: what a first payer leaves to the patient is billed to the second payer, once released.

NextClaimError   a claim does not wait for release, or its 837 would have a structural fault
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.engines.next_payer import next_payers, secondary_claims
from claimwright.engines.x12 import cut_claim_blocks, read_records, write_837
from claimwright.foundation.errors import InputError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import next_claims as store
from claimwright.store.remittances import lock_remittances
from claimwright.store.sealed_claims import RECORDS_AT_ONCE, Opens, sealed_claims_of

from .answer_secrets import secrets_of
from .ledger_writer import LedgerWriter
from .opened_claims import OpenedClaims

FORWARDED = "19"  # CLP02: processed as primary, and forwarded to another payer


class NextClaimError(InputError):
    """A claim to the next payer can't be released; the message says why."""


def find_next_payers(
    connection: Connection, opened: OpenedClaims, now: datetime.datetime, *, answers: Sequence[int]
) -> None:
    """Look at those of these answers by which a first payer leaves something to the patient: who is next."""
    new = store.new_answers(connection, answers)
    for first in range(0, new.height, RECORDS_AT_ONCE):
        part = new[first : first + RECORDS_AT_ONCE]
        store.insert_next_claims(connection, next_claims_of(part, opened, now))


def next_claims_of(new: pl.DataFrame, opened: OpenedClaims, now: datetime.datetime) -> pl.DataFrame:
    """Who is next for answers that leave something to the patient: the columns of `NEXT_CLAIMS`.

    `new` has `answer_id`, `claim_key`, `account_key`, `facility`, `claim_status` and `amount_cents`.
    """
    named = [next_payers(batch) for batch in opened.of(new["claim_key"])]
    second = pl.concat([next_payers(ClaimBatch()), *named]).rename({"claim": "claim_key"})
    return (
        new.join(second, on="claim_key", how="left", maintain_order="left")
        .with_columns(
            state=pl.when(pl.col("claim_status") == FORWARDED)
            .then(pl.lit("forwarded"))
            .when(pl.col("claim_key").is_in(second["claim_key"].implode()))
            .then(pl.lit("waiting"))
            .otherwise(pl.lit("patient")),
            found_at=pl.lit(now).cast(pl.Datetime("us", "UTC")),
        )
        .select([pl.col(name).cast(dtype) for name, dtype in store.NEXT_CLAIMS.items()])
    )


def next_claim_837(
    caller: Caller,
    connection: Connection,
    opener: Opens,
    claim_key: int,
    *,
    reason: str,
    decide: Callable[[ClaimBatch], None] | None = None,
) -> bytes:
    """The 837 of a claim to its second payer, for a stated reason, which the audit log keeps.

    `decide` gets the opened claim, and raises if the caller may not have it.

    Raises:
        NextClaimError: the claim does not name a second payer, or its first one left nothing.
        AuditError: the reason is not acceptable; nothing was opened.
    """
    known = store.list_next_claims(connection, state=None, claims=[claim_key])
    if not any(each.state in ("waiting", "released") for each in known):
        raise NextClaimError(f"no claim to a next payer is made from claim {claim_key}.")
    reason = audit.stated_reason(reason, "a claim is shown whole")
    made = b"".join(write_837([_built(caller, connection, opener, [claim_key], decide)]))
    _record_opened(caller, connection, claim_key, reason)
    return made


def release_next_claims(
    caller: Caller,
    connection: Connection,
    opener: Opens,
    claims: Sequence[int],
    now: datetime.datetime,
    *,
    reason: str,
    decide: Callable[[ClaimBatch], None] | None = None,
) -> bytes:
    """Release claims to their second payers: all of them, or none. Returns their 837.

    `decide` is as for `next_claim_837`.

    What the first payer left to the patient is transferred to the second payer in the ledger, by line.

    Raises:
        NextClaimError: one of them does not wait, or the 837 has a structural fault.
        AuditError: the reason is not acceptable; nothing was opened.
    """
    reason = audit.stated_reason(reason, "claims are released")
    lock_remittances(connection)
    wanted = list(dict.fromkeys(claims))
    waiting = store.list_next_claims(connection, claims=wanted, limit=len(wanted) * 10 + 1)
    missing = sorted(set(wanted) - {each.claim_key for each in waiting})
    if missing or not wanted:
        listed = ", ".join(map(str, missing)) or "none given"
        raise NextClaimError(f"claims that do not wait for release: {listed}. Nothing was released.")
    made = b"".join(write_837([_built(caller, connection, opener, wanted, decide)]))
    faults = sorted(
        {code for block in cut_claim_blocks([made]) for code in block.reading().findings["code"].to_list()}
    )
    if faults:
        raise NextClaimError(
            f"the 837 would have structural faults: {', '.join(faults)}. Nothing was released."
        )
    writer = LedgerWriter(connection, caller, now)
    transferred = store.transferred_answers(connection, [each.answer_id for each in waiting])
    for each in waiting:
        if each.answer_id not in transferred:
            writer.transfer(each.account_key, each.answer_id, "S", "released to the second payer")
    store.set_released(connection, [each.answer_id for each in waiting], caller.actor, now)
    # Last, since it locks the end of the audit log.
    for claim_key in wanted:
        _record_opened(caller, connection, claim_key, reason)
    audit.append(
        caller, connection, action="next_claims.released", subject="next_claims",
        detail={
            "claim_keys": wanted, "reason": reason,
            "amount_cents": sum(each.amount_cents for each in waiting),
        },
        correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
    return made


def _record_opened(caller: Caller, connection: Connection, claim_key: int, reason: str) -> None:
    """Record that everything of a claim leaves the store, as an 837."""
    audit.record_phi_access(
        caller, connection, subject=f"claim:{claim_key}", fields=("identity", "clinical"), reason=reason,
        correlation_id=str(uuid.uuid4()),
    )  # fmt: skip


def _built(
    caller: Caller,
    connection: Connection,
    opener: Opens,
    claims: Sequence[int],
    decide: Callable[[ClaimBatch], None] | None,
) -> ClaimBatch:
    batch = _opened(caller, connection, opener, sorted(claims))
    if decide is not None:
        decide(batch)
    first = store.first_answers(connection, claims)
    known = secrets_of(caller, connection, opener, first.whole["answer_id"].to_list())
    numbers = {key: values.get("payer_claim_number") for key, values in known.items()}
    whole = first.whole.with_columns(
        payer_claim_number=pl.col("answer_id").replace_strict(numbers, default=None, return_dtype=pl.String)
    )
    return secondary_claims(batch, first.lines, first.adjustments, whole)


def _opened(caller: Caller, connection: Connection, opener: Opens, keys: Sequence[int]) -> ClaimBatch:
    """Whole claims, with all that their 837 said; `claim` is the key."""
    sealed = sealed_claims_of(connection, keys)
    if not len(sealed):
        return ClaimBatch()
    batch = read_records(sealed.opened(opener, caller.tenant))
    numbers = pl.Series(np.asarray(sealed.keys))

    def keyed(frame: pl.DataFrame) -> pl.DataFrame:
        if "claim" not in frame.columns:
            return frame
        return frame.with_columns(claim=numbers.gather(frame["claim"] - 1))

    return ClaimBatch.of({level: keyed(frame) for level, frame in batch.frames().items()})
