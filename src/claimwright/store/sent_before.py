"""How often the services of a claim were sent before, in its file or any other: `sent_before` of predictions.

Counted once, by intake, in order of arrival, so that the count depends neither on the worker that processes a
claim nor on the other claims of its chunk.
"""

from __future__ import annotations

import datetime

import polars as pl

from claimwright.platform.database import Connection, copy_in


class ServiceCounts:
    """Collects the services of a file's claims as blind indexes: 24 bytes per claim."""

    def __init__(self) -> None:
        self._accepted: list[pl.DataFrame] = []

    def add(self, accepted: pl.DataFrame) -> None:
        """Add accepted claims by `claim_key` and `services`, which is null if no patient is named."""
        self._accepted.append(accepted.select("claim_key", "services").drop_nulls())

    def count(self, connection: Connection, file_id: int, day: datetime.date) -> None:
        """Write, for each added claim whose services were sent before, how often.

        Called once per file, and in the order of the index: of two concurrent files with common services, one
        waits for the other, but they never deadlock.
        """
        services = pl.concat(self._accepted) if self._accepted else None
        if services is None or not services.height:
            return
        connection.execute(
            "create temporary table if not exists sent (claim_key bigint, services bytea) "
            "on commit delete rows"
        )
        copy_in(connection, "sent", services)
        connection.execute(_COUNT, {"file": file_id, "day": day})


_COUNT = """
with counted as (
  insert into staging.services as s (services, times, seen_on)
  select services, count(*), %(day)s from sent group by services order by services
  on conflict (tenant, services) do update set times = s.times + excluded.times, seen_on = excluded.seen_on
  returning services, times
)
insert into staging.sent_before (claim_key, file_id, times)
select claim_key, %(file)s,
  times - count(*) over (partition by services)
    + row_number() over (partition by services order by claim_key) - 1
from sent join counted using (services)
where times > 1
"""
