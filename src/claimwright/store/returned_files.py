"""Return of a file: its unprocessed claims are deleted, and their numbers can be used again."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from claimwright.platform.database import Connection, partition

# Unprocessed claims of a file: staged or dead letters. A claim that another file replaces or voids stays.
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
    """What returning a file would do: `going` of its accepted claims are deleted, `staying` are not."""

    file_id: int
    facility: str
    correlation_id: uuid.UUID
    folder: str | None
    going: int
    staying: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the file stays, so that the same content can be submitted again."""
        return not self.staying


def run_is_going_on(connection: Connection) -> bool:
    """Whether a run of the tenant is processing claims."""
    found = connection.execute("select 1 from pipeline.runs where state = 'running' limit 1").fetchone()
    return found is not None


def find_going(connection: Connection, file_id: int) -> ReturnableFile | None:
    """Select the claims of a file that can be deleted, until the transaction ends; None if there is no such
    file.
    """
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
    """The 1-based positions in the file of the claims that `find_going` selected."""
    return {row[0] for row in connection.execute("select position from going").fetchall()}


def uncount_services(owner: Connection, services: Mapping[bytes, int]) -> None:
    """Subtract the claims' services from the counts, as if the claims had never arrived."""
    with owner.cursor() as cursor:
        cursor.executemany(
            "update staging.services set times = times - %s where services = %s",
            [(times, index) for index, times in sorted(services.items())],
        )
    owner.execute("delete from staging.services where times <= 0")


def delete_going(owner: Connection, found: ReturnableFile, now: datetime.datetime) -> None:
    """Delete the claims that `find_going` selected, and their file if nothing of it stays. Runs as the owner.

    The history still shows that they were received and returned.
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
