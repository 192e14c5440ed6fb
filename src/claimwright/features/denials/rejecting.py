"""Posts rejections before adjudication: a 277CA or a 999 becomes denials that are corrected and sent again.

What a 277CA accepts is stored too: it is the proof that a claim arrived in time.

A TA1 rejects a whole interchange and names no claim: it is counted, like a transaction that a 999 rejects
without naming one.

Claims are found by their number. A number that several facilities have, or none, stays without a claim: the
rejection is in the list all the same. The same file again adds nothing.

RejectionFileError   the file is no 277CA, 999 or TA1
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.denials import classify_rejections
from claimwright.engines.denials.rejections import REJECTED
from claimwright.engines.remittance import folded_number
from claimwright.engines.x12 import read_277ca, read_999, read_ta1
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError
from claimwright.platform.database import Connection
from claimwright.store.rejections import (
    REJECTIONS,
    file_with_digest,
    insert_rejection_file,
    insert_rejections,
)
from claimwright.store.remittance_candidates import claims_with_numbers
from claimwright.store.remittances import lock_remittances, next_ids
from claimwright.store.sealed_claims import Blinds, Seals
from claimwright.store.tenants import require_tenant

from .acceptances import accepted_claims, no_acceptances, store_acceptances
from .audit_events import tell_rejections

_TURNS = ("P", "S", "T")
# IK501: rejected; M, W, X: rejected for assurance, authentication or decryption.
_REFUSED = ("R", "M", "W", "X")
# A 999 names segments and elements, not statuses. In the words of a 277CA: returned as unprocessable,
# missing or invalid information.
_AS_STATUS = ("A3", "21")


class RejectionFileError(InputError):
    """The file is no 277CA, 999 or TA1."""


@dataclass(frozen=True)
class PostedRejections:
    """The result for a file. `earlier` is an earlier file with the same content; then nothing was done.

    `accepted` claims of a 277CA are in the store, each with its day as proof of filing. `unnamed`
    rejections name no claim: of a transaction, a provider or the whole file. `whole` says which
    interchanges and transactions: their control numbers, with the code of the reason.
    """

    file_id: int
    kind: str
    rejections: int = 0
    matched: int = 0
    accepted: int = 0
    unnamed: int = 0
    earlier: int | None = None
    whole: tuple[str, ...] = ()


def post_rejections(
    caller: Caller,
    connection: Connection,
    sealer: Seals,
    content: bytes,
    name: str,
    *,
    facility: str | None = None,
) -> PostedRejections:
    """Store the rejections of a 277CA, a 999 or a TA1 as denials. `name` is for messages.

    Raises:
        RejectionFileError: it is none of them.
        UnknownTenantError: the caller's tenant was never created.
    """
    require_tenant(caller, connection)
    lock_remittances(connection)
    kind, rejected, unnamed, whole, accepted = _read(content, name)
    digest = hashlib.sha256(content).digest()
    earlier = file_with_digest(connection, digest)
    if earlier is not None:
        return PostedRejections(earlier, kind, earlier=earlier, whole=whole)
    [file_id, *ids] = next_ids(connection, rejected.height + 1)
    placed = _placed(caller, connection, sealer, rejected, facility)
    taken = _placed(caller, connection, sealer, accepted, facility).drop_nulls(["claim_key", "accepted_on"])
    matched = placed["claim_key"].drop_nulls().len()
    now = clock.now()
    insert_rejection_file(
        connection, file_id, kind, digest, now, placed.height, matched, accepted=taken.height
    )
    store_acceptances(caller, connection, sealer, file_id, taken)
    rows = placed.with_columns(
        pl.col("rules").list.join(" "),
        pl.col("denied_on").fill_null(clock.today()),
        denial_id=pl.Series(ids, dtype=pl.Int64),
        rejection_file_id=pl.lit(file_id, pl.Int64),
        amount_cents=pl.coalesce((pl.col("amount") * 100).cast(pl.Int64), "claimed_cents"),
        found_at=pl.lit(now).cast(pl.Datetime("us", "UTC")),
    )
    insert_rejections(
        connection, rows.select([pl.col(each).cast(dtype) for each, dtype in REJECTIONS.items()])
    )
    posted = PostedRejections(file_id, kind, placed.height, matched, taken.height, unnamed, whole=whole)
    tell_rejections(caller, connection, file_id, placed.height, matched, unnamed, str(uuid.uuid4()))
    return posted


def _read(content: bytes, name: str) -> tuple[str, pl.DataFrame, int, tuple[str, ...], pl.DataFrame]:
    """The kind of a file; its rejected claims with `claim_id`, `denied_on`; how many name no claim; which
    interchanges and transactions are rejected as a whole; and the claims that are accepted.
    """
    answer = read_277ca(content)
    if answer.statuses.height:
        statuses = answer.statuses.with_columns(line=pl.lit(None, pl.Int64))
        rejected = pl.col("category").is_in(list(REJECTED))
        said = answer.statuses.group_by("claim").agg(denied_on=pl.col("answered_on").max())
        found = classify_rejections(statuses)
        named = found.join(
            answer.claims.select("claim_id", claim="segment"), on="claim", how="left", maintain_order="left"
        ).join(said, on="claim", how="left", maintain_order="left")
        unnamed = answer.statuses.filter(rejected, pl.col("claim").is_null()).height
        return "277CA", named, unnamed, (), accepted_claims(answer)
    refusal = read_999(content)
    interchanges = read_ta1(content)
    whole = tuple(
        f"interchange {number or '?'} (TA1, {note or 'no reason'})"
        for number, note in interchanges.filter(pl.col("status") == "R")
        .select("control_number", "note")
        .iter_rows()
    )
    is_999 = refusal.groups.height > 0 or refusal.transactions.height > 0
    if not is_999 and not interchanges.height:
        raise RejectionFileError(f"{name}: the file is no 277CA, 999 or TA1. Post an 835 with `remit`.")
    refused = refusal.transactions.filter(pl.col("status").is_in(list(_REFUSED)))["control_number"]
    wrong = refusal.segments.filter(pl.col("transaction").is_in(refused.implode()))
    claims = (
        wrong.drop_nulls("claim_id")
        .unique("claim_id", maintain_order=True)
        .select(
            "claim_id", claim="segment", line=pl.lit(None, pl.Int64), category=pl.lit(_AS_STATUS[0]),
            status=pl.lit(_AS_STATUS[1]), entity=pl.lit(None, pl.String),
            amount=pl.lit(None, pl.Decimal(18, 2)),
        )
    )  # fmt: skip
    found = classify_rejections(claims).join(
        claims.select("claim", "claim_id"), on="claim", how="left", maintain_order="left"
    )
    with_claims = wrong.drop_nulls("claim_id")["transaction"]
    silent = refused.filter(~refused.is_in(with_claims.implode()))
    whole += tuple(f"transaction {number} (999)" for number in silent.to_list())
    kind = "999" if is_999 else "TA1"
    none = no_acceptances()
    return kind, found.with_columns(denied_on=pl.lit(None, pl.Date)), len(whole), whole, none


def _placed(
    caller: Caller, connection: Connection, blinder: Blinds, rejected: pl.DataFrame, facility: str | None
) -> pl.DataFrame:
    """The rejections with `number`, and `claim_key`, `facility`, `claimed_cents` if known."""
    numbers = rejected["claim_id"].to_list()
    asked = [
        (row, turn, text, text == number)
        for row, number in enumerate(numbers)
        if number is not None
        for turn in _TURNS
        for text in dict.fromkeys((number, folded_number(number)))
        if text is not None
    ]
    blinded = blinder.blind("claim-number", caller.tenant, [f"{text} {turn}" for _, turn, text, _ in asked])
    found = claims_with_numbers(
        connection, list(range(len(asked))), [bytes(each or b"") for each in blinded], facility
    )
    known = pl.DataFrame(
        [(at, row, turn, exact) for at, (row, turn, _, exact) in enumerate(asked)],
        schema={"asked": pl.Int64, "row": pl.Int64, "asked_turn": pl.String, "exact": pl.Boolean},
        orient="row",
    )
    rows = rejected.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    candidates = (
        found.join(known, on="asked")
        .join(rows.select("row", "amount"), on="row")
        .with_columns(
            points=pl.when(pl.col("exact") & ~pl.col("is_folded")).then(4).otherwise(0)
            + pl.when(
                ((pl.col("amount") * 100).cast(pl.Int64) == pl.col("charge_cents")).fill_null(value=False)
            )
            .then(2)
            .otherwise(0)
            + pl.when(pl.col("asked_turn") == "P").then(1).otherwise(0)
        )
    )
    best = candidates.filter(pl.col("points") == pl.col("points").max().over("row"))
    chosen = (
        best.sort("version", "claim_key", descending=True)
        .group_by("row", maintain_order=True)
        .agg(
            pl.col("claim_key", "charge_cents").first(),
            facility=pl.col("facility").first(), places=pl.col("facility").n_unique(),
        )
        .filter(pl.col("places") == 1)
    )  # fmt: skip
    own = blinder.blind("claim-number", caller.tenant, [None if n is None else f"{n} P" for n in numbers])
    return rows.join(
        chosen.select("row", "claim_key", "facility", claimed_cents="charge_cents"),
        on="row", how="left", maintain_order="left",
    ).with_columns(number=pl.Series(own, dtype=pl.Binary))  # fmt: skip
