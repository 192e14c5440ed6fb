"""Rejections before adjudication: the files that they came in, and their rows among the denials."""

from __future__ import annotations

import datetime

import polars as pl

from claimwright.platform.database import Connection, insert_frame

REJECTIONS: dict[str, pl.DataType] = {
    "denial_id": pl.Int64(), "rejection_file_id": pl.Int64(), "number": pl.Binary(),
    "claim_key": pl.Int64(), "facility": pl.String(), "category": pl.String(), "root_cause": pl.String(),
    "stage": pl.String(), "preventable": pl.Boolean(), "recoverable": pl.Boolean(),
    "responsible": pl.String(), "usual_step": pl.String(), "core_scenario": pl.Int16(),
    "rules": pl.String(), "amount_cents": pl.Int64(), "appealable": pl.Boolean(),
    "denied_on": pl.Date(), "found_at": pl.Datetime("us", "UTC"),
}  # fmt: skip


def file_with_digest(connection: Connection, digest: bytes) -> int | None:
    """The file of rejections with this content, if there is one."""
    row = connection.execute(
        "select file_id from remittance.rejection_files where digest = %s", [digest]
    ).fetchone()
    return None if row is None else int(row[0])


def insert_rejection_file(
    connection: Connection,
    file_id: int,
    kind: str,
    digest: bytes,
    received_at: datetime.datetime,
    rejections: int,
    matched: int,
    *,
    accepted: int = 0,
) -> None:
    """Store a file of rejections."""
    connection.execute(
        "insert into remittance.rejection_files (file_id, kind, digest, received_at, rejections, matched, "
        "accepted) values (%s, %s, %s, %s, %s, %s, %s)",
        [file_id, kind, digest, received_at, rejections, matched, accepted],
    )


def insert_rejections(connection: Connection, rejections: pl.DataFrame) -> None:
    """Store rejections as denials without an answer; columns are those of `REJECTIONS`."""
    insert_frame(connection, "remittance.denials", rejections.select(list(REJECTIONS)))
