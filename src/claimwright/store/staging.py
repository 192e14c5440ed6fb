"""Staging of a file: what its transaction writes, and the row with its totals."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from claimwright.platform.database import Connection, copy_in, partition_of, partitions

from .columns import STAGED_CLAIM, STAGED_FINDING, shaped
from .sealed_claims import SealedClaims, write_sealed_claims

# Tables that a file fills in bulk, each in the partition of its month.
_BULK = ("staging.claims", "staging.records", "staging.findings", "production.claim_events")
# The first half of a facility's advisory lock; the second half is computed from its name.
_FACILITIES = 7_837_003


@dataclass(frozen=True)
class FileTotals:
    """Totals of a file's claims; `faults` counts structural findings, of the file and of claims."""

    claims: int
    staged: int
    refused: Mapping[str, int]
    faults: int


def prepare_partitions(connection: Connection, day: datetime.date) -> None:
    """Create the partitions for the rows of a file of this date, in a separate transaction."""
    partitions(connection, _BULK, day)


def file_with_digest(connection: Connection, digest: bytes) -> int | None:
    """The file whose content has this SHA-256; None if there is none."""
    row = connection.execute("select file_id from staging.files where digest = %s", [digest]).fetchone()
    return int(row[0]) if row else None


def facility_of_file(connection: Connection, file_id: int) -> str:
    """The facility of a file; empty if there is no such file."""
    row = connection.execute("select facility from staging.files where file_id = %s", [file_id]).fetchone()
    return str(row[0]) if row else ""


def next_file_id(connection: Connection) -> int:
    """A new unique file number."""
    return next_file_ids(connection, 1)[0]


def next_file_ids(connection: Connection, count: int) -> list[int]:
    """A number of new, unique file numbers, in order."""
    rows = connection.execute(
        "select nextval('staging.file_ids') from generate_series(1, %s)", [count]
    ).fetchall()
    return sorted(int(row[0]) for row in rows)


def next_claim_keys(connection: Connection, count: int) -> range:
    """A number of new, unique, consecutive claim keys."""
    if not count:
        return range(0)
    row = connection.execute("select staging.take_claim_keys(%s)", [count]).fetchone()
    assert row is not None
    return range(row[0], row[0] + count)


def versions_of(connection: Connection, keys: Sequence[int]) -> dict[int, int]:
    """The version of each claim among those with its number, by claim key."""
    rows = connection.execute(
        "select claim_key, version from staging.claim_keys where claim_key = any(%s)", [list(keys)]
    ).fetchall()
    return {int(key): int(version) for key, version in rows}


def lock_facility(connection: Connection, tenant: str, facility: str) -> None:
    """Lock a facility until the transaction ends, so that its files are staged one after another."""
    connection.execute(
        "select pg_advisory_xact_lock(%s, hashtext(%s))", [_FACILITIES, f"{tenant}/{facility}"]
    )


def busy_facilities(connection: Connection, tenant: str, facilities: Iterable[str]) -> set[str]:
    """Those of the facilities of which another transaction stages files.

    The others are locked until the transaction of the connection ends, which should be at once.
    """
    found = set()
    for facility in set(facilities):
        row = connection.execute(
            "select pg_try_advisory_xact_lock(%s, hashtext(%s))", [_FACILITIES, f"{tenant}/{facility}"]
        ).fetchone()
        if row is not None and not row[0]:
            found.add(facility)
    return found


def lock_content(connection: Connection, tenant: str, digest: bytes) -> None:
    """Lock a content until the transaction ends: sent for two facilities at once, it is staged once."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 837))", [f"{tenant}/{digest.hex()}"]
    )


def stage_claims(
    connection: Connection, claims: pl.DataFrame, sealed: SealedClaims, received_at: datetime.datetime
) -> None:
    """Stage claims with their records, and record in their history that they were received.

    `claims` has the columns of `STAGED_CLAIM`.
    """
    day = received_at.date()
    copy_in(connection, partition_of("staging.claims", day), shaped(claims.select(STAGED_CLAIM.written)))
    write_sealed_claims(connection, partition_of("staging.records", day), sealed)
    history = claims.select(
        "claim_key",
        "correlation_id",
        happened_on=pl.lit(day),
        happened_at=pl.lit(received_at),
        state=pl.lit("received"),
    )
    copy_in(connection, partition_of("production.claim_events", day), history)


def stage_findings(connection: Connection, findings: pl.DataFrame, day: datetime.date) -> None:
    """Stage structural findings, with the columns of `STAGED_FINDING`."""
    copy_in(connection, partition_of("staging.findings", day), findings.select(STAGED_FINDING.written))


def insert_file(
    connection: Connection,
    file_id: int,
    totals: FileTotals,
    *,
    facility: str,
    digest: bytes,
    size: int,
    folder: str,
    received_at: datetime.datetime,
    correlation_id: uuid.UUID,
) -> None:
    """Write the row of a file: what it is, where its sealed content is stored, and its claim totals."""
    connection.execute(
        "insert into staging.files (file_id, facility, digest, bytes, object, received_at, received_on, "
        "correlation_id, claims, staged, refused, faults) values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)",
        [
            file_id, facility, digest, size, folder, received_at, received_at.date(), correlation_id,
            totals.claims, totals.staged, sum(totals.refused.values()), totals.faults,
        ],
    )  # fmt: skip
