"""What the server says of itself, for metrics: one statement, readable by any role."""

from __future__ import annotations

from dataclasses import dataclass

from .database import Connection

_ASKED = """
select s.deadlocks, s.xact_commit, s.xact_rollback, pg_database_size(s.datid),
  current_setting('max_connections')::int,
  (select count(*) from pg_stat_activity a where a.datid = s.datid),
  (select count(*) from pg_stat_activity a where a.datid = s.datid and a.state = 'active'),
  (select count(*) from pg_stat_activity a where a.datid = s.datid and a.state like 'idle in transaction%'),
  (select coalesce(max(extract(epoch from clock_timestamp() - a.xact_start)), 0)
   from pg_stat_activity a where a.datid = s.datid and a.pid <> pg_backend_pid())
from pg_stat_database s where s.datname = current_database()
"""


@dataclass(frozen=True)
class ServerMetrics:
    """Of the database: counts since its statistics began, connections, size, the longest transaction."""

    deadlocks: int
    commits: int
    rollbacks: int
    size_bytes: int
    most_connections: int
    connections: int
    active: int
    idle_in_transaction: int
    longest_seconds: float


def server_metrics(connection: Connection) -> ServerMetrics:
    """The server's own counts."""
    row = connection.execute(_ASKED).fetchone()
    assert row is not None
    deadlocks, commits, rollbacks, size, most, now, active, idle, longest = row
    return ServerMetrics(deadlocks, commits, rollbacks, size, most, now, active, idle, float(longest))
