"""How many jobs wait, run, are stalled or have failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

# A worker tells that it lives every five seconds; after thirty its jobs go to another one. After two minutes
# nobody has taken them over.
STALLED_SECONDS = 120
_COUNTS = """
select count(*) filter (where j.status = 'todo'),
  count(*) filter (where j.status = 'doing' and not is_silent),
  count(*) filter (where j.status = 'doing' and is_silent),
  count(*) filter (where j.status = 'failed')
from public.procrastinate_jobs j
left join public.procrastinate_workers w on w.id = j.worker_id,
lateral (select w.id is null or w.last_heartbeat < now() - make_interval(secs => %s) as is_silent) silent
where j.status in ('todo', 'doing', 'failed')
"""


def job_counts(connection: psycopg.Connection) -> dict[str, int]:
    """Jobs of all tenants by state: waiting, running, stalled, failed."""
    row = connection.execute(_COUNTS, [STALLED_SECONDS]).fetchone()
    return dict(zip(("waiting", "running", "stalled", "failed"), map(int, row or (0,) * 4), strict=True))
