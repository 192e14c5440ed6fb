"""Denials: what payers denied, reduced or took back, as it was found when the remittance was posted.

A denial counts as long as its answer is in force; one whose answer was reversed or superseded is over. A
rejection has no answer: it counts until its claim is answered or replaced.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from claimwright.platform.database import Connection, insert_frame

DENIALS: dict[str, pl.DataType] = {
    "denial_id": pl.Int64(), "answer_id": pl.Int64(), "claim_key": pl.Int64(), "facility": pl.String(),
    "position": pl.Int32(), "category": pl.String(), "root_cause": pl.String(), "stage": pl.String(),
    "preventable": pl.Boolean(), "recoverable": pl.Boolean(), "responsible": pl.String(),
    "usual_step": pl.String(), "core_scenario": pl.Int16(), "group_code": pl.String(), "carc": pl.String(),
    "rarcs": pl.String(), "rules": pl.String(), "amount_cents": pl.Int64(), "appealable": pl.Boolean(),
    "payer_id": pl.String(), "claim_filing": pl.String(), "denied_on": pl.Date(),
    "found_at": pl.Datetime("us", "UTC"),
}  # fmt: skip


def insert_denials(connection: Connection, denials: pl.DataFrame) -> None:
    """Store denials; columns are those of `DENIALS`."""
    insert_frame(connection, "remittance.denials", denials.select(list(DENIALS)))


def set_denial_states(connection: Connection, denial_ids: Sequence[int], state: str, reason: str) -> None:
    """Set the state of denials."""
    connection.execute(
        "update remittance.denials set state = %s, state_reason = %s where denial_id = any(%s)",
        [state, reason, list(denial_ids)],
    )


def lock_open_denials(connection: Connection, denial_ids: Sequence[int]) -> list[int]:
    """Those of the denials that are open and in force, in order, locked until the transaction ends."""
    rows = connection.execute(
        "select denial_id from remittance.denials where state = 'open' and denial_id = any(%(ids)s) "
        "and denial_id in (select denial_id from remittance.denials_in_force where denial_id = any(%(ids)s)) "
        "order by 1 for update",
        {"ids": list(denial_ids)},
    ).fetchall()
    return [row[0] for row in rows]
