"""Consistency checks of a tenant's tables, for example: no claim without its record, none in two places.

Each check is one statement that runs in the database and returns the number of inconsistencies and the first
keys. Run all checks in one snapshot, so that other work can continue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out

# Number of example keys per inconsistency.
EXAMPLES = 10
LEFT_OVER = "stored files without a row"

# The place of each claim of the tenant; any check can use it.
_PLACES = """
with places as (
  select claim_key from staging.claims
  union all select claim_key from production.claims
  union all select claim_key from pipeline.dead_letters where state = 'dead'
)"""
# Each check: what it finds, and the query for the keys. A discarded dead letter can outlive its record.
_QUESTIONS: dict[str, str] = {
    "claims without a sealed record": """
        select p.claim_key from places p
        where not exists (select from staging.records r where r.claim_key = p.claim_key)""",
    "sealed records without a claim": """
        select r.claim_key from staging.records r
        where not exists (select from places p where p.claim_key = r.claim_key)
        and not exists (select from pipeline.dead_letters d where d.claim_key = r.claim_key)""",
    "claims in two places": "select claim_key from places group by claim_key having count(*) > 1",
    "claims without their number": """
        select p.claim_key from places p
        where not exists (select from staging.claim_keys k where k.claim_key = p.claim_key)""",
    "claims with missing lines": """
        select c.claim_key from production.claims c
        left join (select claim_key, count(*) as rows from production.lines group by claim_key) l
        using (claim_key) where c.lines <> coalesce(l.rows, 0)""",
    "claims with missing findings": """
        select c.claim_key from production.claims c
        left join (select claim_key, count(*) as rows from production.findings group by claim_key) f
        using (claim_key) where c.findings <> coalesce(f.rows, 0)""",
    "claims of an unknown file": """
        select k.claim_key from staging.claim_keys k join places p using (claim_key)
        where not exists (select from staging.files f where f.file_id = k.file_id)""",
    "versions in force although a later one exists": """
        select c.claim_key from production.claims c join staging.claim_keys k on k.original_key = c.claim_key
        join production.claims l on l.claim_key = k.claim_key where c.status <> 'superseded'""",
}


@dataclass(frozen=True)
class Disagreement:
    """An inconsistency: how many, and the ids of the first ones."""

    what: str
    count: int
    examples: tuple[int, ...] = ()


def count_claims(connection: Connection) -> int:
    """How many claims the tenant has, in all places."""
    row = connection.execute(f"{_PLACES} select count(*) from places".encode()).fetchone()  # noqa: S608
    return int(row[0]) if row else 0


def disagreements(connection: Connection) -> list[Disagreement]:
    """The inconsistencies of a tenant's tables. Call it in a transaction of the tenant."""
    asked = (_ask(connection, what, query) for what, query in _QUESTIONS.items())
    return [each for each in asked if each.count]


def _ask(connection: Connection, what: str, query: str) -> Disagreement:
    statement = (
        f"{_PLACES}, asked (id) as materialized ({query}) select count(*),"  # noqa: S608 - texts of this module
        f" array(select id from asked order by id limit {EXAMPLES}) from asked"
    )
    row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return Disagreement(what, int(row[0]), tuple(row[1]))


def compare_objects(
    connection: Connection, listed: Iterable[tuple[int, int, int]], *, overhead: int
) -> tuple[int, list[Disagreement]]:
    """Compare files with the list of object storage: number of the file, number of the piece, size of the
    piece.

    A sealed piece is `overhead` bytes larger than its content. Returns the number of files whose content is
    stored, and the inconsistencies. Creates a temporary table in the tenant's transaction.
    """
    connection.execute(
        "create temporary table listed_objects (file_id bigint, piece integer, size bigint) on commit drop"
    )
    with connection.cursor() as cursor, cursor.copy("copy listed_objects from stdin (format binary)") as into:
        into.set_types(["int8", "int4", "int8"])
        for row in listed:
            into.write_row(row)
    connection.execute("analyze pg_temp.listed_objects")
    files = connection.execute("select count(*) from store.stored_files").fetchone()
    sums = (
        "(select file_id, count(*) as pieces, max(piece) as last, sum(size) as size"
        " from pg_temp.listed_objects group by file_id)"
    )
    asked = [
        _ask(
            connection,
            "files whose content is missing or incomplete",
            f"select f.file_id from store.stored_files f left join {sums} o using (file_id)"  # noqa: S608
            " where f.bytes > 0 and (o.pieces is null or o.last <> o.pieces - 1"
            f" or o.size <> f.bytes + {int(overhead)} * o.pieces)",
        ),
        _ask(
            connection,
            LEFT_OVER,
            f"select o.file_id from {sums} o where not exists"  # noqa: S608 - as above
            " (select from store.stored_files f where f.file_id = o.file_id)",
        ),
    ]
    return int(files[0]) if files else 0, [each for each in asked if each.count]


def keys_in_use(connection: Connection) -> list[tuple[bytes, int, int]]:
    """For each data key that sealed a record: its prefix, the number of records, and the first claim key."""
    rows = connection.execute(
        "select substr(sealed, 1, 5), count(*), min(claim_key) from staging.records group by 1"
    ).fetchall()
    return [(bytes(prefix), int(count), int(first)) for prefix, count, first in rows]


def files_after(connection: Connection, file_id: int, limit: int) -> list[tuple[int, str, bytes]]:
    """Number, folder and digest of the next files whose content is stored."""
    rows = connection.execute(
        "select file_id, object, digest from store.stored_files where file_id > %s order by file_id limit %s",
        [file_id, limit],
    ).fetchall()
    return [(int(number), str(folder), bytes(digest)) for number, folder, digest in rows]


def unrecorded_files(connection: Connection) -> Disagreement:
    """Files without an audit record, among those that arrived since the log begins."""
    return _ask(
        connection,
        "files without an audit record",
        "select f.file_id from staging.files f"
        # Retention may have deleted the records of older files.
        " where f.received_at >= (select case when min(sequence) > 1 then min(at) else '-infinity' end"
        "  from platform.audit_log)"
        " and not exists (select from platform.audit_log l"
        " where l.action = 'claims.staged' and l.subject = 'file:' || f.file_id)",
    )


DELIVERED: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(),
    "version": pl.Int32(),
    "received_on": pl.Date(),
    "total_charge": pl.Decimal(18, 2),
}


def delivered_after(connection: Connection, target: str, claim_key: int, limit: int) -> pl.DataFrame:
    """The next claims that are recorded as delivered to a target, by key; columns as `DELIVERED`."""
    query = sql.SQL(
        "select c.claim_key, c.version, c.received_on, c.total_charge from production.deliveries d"
        " join production.claims c on c.claim_key = d.claim_key and c.version = d.version"
        " where d.target = {} and d.claim_key > {} order by d.claim_key limit {}"
    ).format(sql.Literal(target), sql.Literal(claim_key), sql.Literal(limit))
    return copy_out(connection, query, DELIVERED)
