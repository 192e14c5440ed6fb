"""How often the services of a claim came before, in its file or any other: `sent_before` of predictions.

Counted once, by intake, in the order of arrival: it then depends neither on the worker that processes a claim
nor on which others are in its chunk.
"""

from __future__ import annotations

import datetime

import polars as pl

from claimwright.platform.database import Connection, copy_in


class ServiceCounts:
    """The services of a file's claims, as blind indexes: 24 bytes a claim, until all are there."""

    def __init__(self) -> None:
        self._accepted: list[pl.DataFrame] = []

    def add(self, accepted: pl.DataFrame) -> None:
        """Note accepted claims by `claim_key` and `services`, which is null where nobody is named."""
        self._accepted.append(accepted.select("claim_key", "services").drop_nulls())

    def count(self, connection: Connection, file_id: int, day: datetime.date) -> None:
        """Write how often the services of each claim that was noted came before, where they did.

        Once a file, and in the order of the index: of two files at the same time one waits for the other
        where they have services in common, and never for one that waits for it.
        """
        services = pl.concat(self._accepted) if self._accepted else None
        if services is None or not services.height:
            return
        connection.execute("create temporary table sent (claim_key bigint, services bytea) on commit drop")
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
