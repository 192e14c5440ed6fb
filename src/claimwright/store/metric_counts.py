"""What was processed since the beginning: counted in the transaction that processes it.

Exact over all processes and restarts, and not changed by retention.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from claimwright.platform.database import Connection

# Upper edges of the latency of claims, in seconds: from a second to a week, with the hours of service levels.
LATENCY_EDGES = (1, 5, 15, 60, 300, 900, 3_600, 14_400, 28_800, 86_400, 172_800, 604_800)
BEYOND = "+Inf"
Counts = dict[tuple[str, str], Decimal | int]


def add_counts(connection: Connection, counts: Mapping[tuple[str, str], Decimal | int]) -> None:
    """Add to the counts, by name and label, in the caller's transaction.

    Call it late: rows stay locked until the transaction ends. They are locked in one order.
    """
    wanted = sorted((name, label, Decimal(value)) for (name, label), value in counts.items() if value > 0)
    if not wanted:
        return
    names, labels, values = zip(*wanted, strict=True)
    connection.execute(
        "insert into pipeline.counts as c (name, label, value) "
        "select * from unnest(%s::text[], %s::text[], %s::numeric[]) "
        "on conflict (tenant, name, label) do update set value = c.value + excluded.value",
        [list(names), list(labels), list(values)],
    )


def all_counts(connection: Connection) -> list[tuple[str, str, Decimal]]:
    """The counts of the tenant: name, label, value."""
    return [
        (str(name), str(label), Decimal(value))
        for name, label, value in connection.execute(
            "select name, label, value from pipeline.counts"
        ).fetchall()
    ]


def latency_counts(received_at: pl.Series, now: datetime.datetime) -> Counts:
    """How long claims took from their arrival until now: by bucket (not cumulative), their sum and number."""
    seconds = (pl.lit(now) - received_at.cast(pl.Datetime("us", "UTC"))).dt.total_microseconds() / 1_000_000
    taken = pl.select(seconds.clip(lower_bound=0).alias("taken"))["taken"].drop_nulls()
    if not taken.len():
        return {}
    labels = [*map(str, LATENCY_EDGES), BEYOND]
    # The first edge that a latency is not beyond: buckets include their upper edge, as Prometheus has them.
    places = np.bincount(np.searchsorted(LATENCY_EDGES, taken.to_numpy()), minlength=len(labels))
    found: Counts = {
        ("latency_bucket", label): int(count) for label, count in zip(labels, places, strict=True)
    }
    found["latency_sum", ""] = Decimal(f"{float(taken.sum()):.3f}")
    found["latency_count", ""] = taken.len()
    return found


@dataclass(frozen=True)
class TenantMetrics:
    """What a tenant adds to the metrics of all: counts since the beginning, and what there is now."""

    counts: list[tuple[str, str, Decimal]]
    gauges: dict[tuple[str, str], int]


def tenant_metrics(connection: Connection) -> TenantMetrics:
    """The counts of the tenant, its queues, open alerts and messages."""
    rows = connection.execute(_GAUGES).fetchall()
    return TenantMetrics(all_counts(connection), {(name, label): int(count) for name, label, count in rows})


_GAUGES = """
select 'queue', 'staged', count(*) from staging.claims
union all select 'queue', 'chunks', count(*) from pipeline.chunks where state <> 'done'
union all select 'queue', 'dead_letters', count(*) from pipeline.dead_letters where state = 'dead'
union all select 'queue', 'review', count(*) from production.claims
  where status <> 'superseded' and route = 'review'
union all select 'chunks_stalled', '', count(*) from pipeline.chunks
  where state = 'leased' and leased_until < now()
union all select 'access_alerts', '', count(*) from platform.access_alerts where reviewed_at is null
union all select 'figure_alerts', severity, count(*) from alerting.incidents
  where state <> 'resolved' group by severity
union all select 'alert_messages', state, count(*) from alerting.deliveries
  where state in ('waiting', 'given_up') group by state
"""
