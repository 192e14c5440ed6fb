"""A file given back: its claims that no run has processed leave the store, their numbers are free again."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from claimwright.platform.database import Connection, partition

# Claims of a file that still wait: staged, or a dead letter. One that another file replaces or voids stays.
_GOING = """
create temporary table going on commit drop as
select claim_key, position, correlation_id from (
  select claim_key, position, correlation_id from staging.claims where file_id = %(file)s
  union all
  select claim_key, position, correlation_id from pipeline.dead_letters where file_id = %(file)s
) as waiting
where not exists (
  select from staging.claim_keys as later
  where later.original_key = waiting.claim_key and later.file_id <> %(file)s
)
"""
_OF_CLAIMS = (
    "staging.sent_before", "staging.records", "staging.findings", "staging.claim_keys",
    "pipeline.dead_letters", "staging.claims",
)  # fmt: skip


@dataclass(frozen=True)
class ReturnableFile:
    """What giving a file back would come to: `going` of its accepted claims leave, `staying` do not."""

    file_id: int
    facility: str
    correlation_id: uuid.UUID
    folder: str | None
    going: int
    staying: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left of the file, so that the same content can be taken in again."""
        return not self.staying


def run_is_going_on(connection: Connection) -> bool:
    """Whether a run of the tenant has claims in hand."""
    found = connection.execute("select 1 from pipeline.runs where state = 'running' limit 1").fetchone()
    return found is not None


def find_going(connection: Connection, file_id: int) -> ReturnableFile | None:
    """Choose the claims of a file that can go, until the transaction ends; None where there is no file."""
    row = connection.execute(
        "select facility, correlation_id, object from staging.files where file_id = %s", [file_id]
    ).fetchone()
    if row is None:
        return None
    connection.execute(_GOING, {"file": file_id})
    counts = connection.execute(
        "select (select count(*) from going), (select count(*) from staging.claim_keys where file_id = %s)",
        [file_id],
    ).fetchone()
    assert counts is not None
    facility, correlation_id, folder = row
    return ReturnableFile(file_id, facility, correlation_id, folder, counts[0], counts[1] - counts[0])


def positions_going(connection: Connection) -> set[int]:
    """The places in their file, from 1, of the claims that `find_going` chose."""
    return {row[0] for row in connection.execute("select position from going").fetchall()}


def uncount_services(owner: Connection, services: Mapping[bytes, int]) -> None:
    """Count services so many times less, as if their claims had never come."""
    with owner.cursor() as cursor:
        cursor.executemany(
            "update staging.services set times = times - %s where services = %s",
            [(times, index) for index, times in sorted(services.items())],
        )
    owner.execute("delete from staging.services where times <= 0")


def delete_going(owner: Connection, found: ReturnableFile, now: datetime.datetime) -> None:
    """Delete the claims that `find_going` chose, and their file where nothing of it stays. As the owner.

    Their history keeps that they came and were returned.
    """
    day = now.date()
    partition(owner, "production.claim_events", day)
    owner.execute(
        "insert into production.claim_events (happened_on, happened_at, claim_key, state, correlation_id)"
        " select %s, %s, claim_key, 'returned', correlation_id from going",
        [day, now],
    )
    for table in _OF_CLAIMS:
        statement = f"delete from {table} where claim_key in (select claim_key from going)"  # noqa: S608
        owner.execute(statement.encode())
    if found.is_whole:
        for table in ("staging.refusals", "staging.findings", "staging.files"):
            statement = f"delete from {table} where file_id = %s"  # noqa: S608 - of three names
            owner.execute(statement.encode(), [found.file_id])
