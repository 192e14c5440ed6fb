"""The tables of a target: the delivered columns, from which the SQL for each kind of database is generated.

The columns are those marked as delivered in `store.columns`; none of them is PHI. The primary key of a claim
in the target is tenant, claim key, version, and the date on which it arrived; the tables are partitioned by
its month.
"""

from __future__ import annotations

from dataclasses import dataclass

from claimwright.store.columns import Column
from claimwright.store.deliveries import DELIVERED_CLAIM, DELIVERED_LINE


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, key, indexes, and the columns for metrics.

    `indexes` name their columns; `metrics` are those of the columnstore.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    metrics: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


PARTITIONED_BY = "received_on"
# Columns that must be equal for a delivered claim to be the same one. Decisions about a claim can change
# after it was sent, so their columns are not included.
CONTENT = (
    "facility", "correlation_id", "form", "payer_id", "service_from_on", "service_to_on", "total_charge",
    "received_at",
)  # fmt: skip


CLAIMS = Table(
    "claims",
    DELIVERED_CLAIM.columns,
    key=("tenant", "claim_key", "version", PARTITIONED_BY),
    indexes=(("tenant", "facility", "status"), ("tenant", "correlation_id"), ("created_at",)),
    metrics=(
        "tenant", PARTITIONED_BY, "facility", "form", "payer_id", "route", "severity", "total_charge",
        "expected", "denial_probability", "lines", "findings",
    ),
)  # fmt: skip

LINES = Table(
    "lines",
    DELIVERED_LINE.columns,
    key=("tenant", "claim_key", "version", "line", PARTITIONED_BY),
    metrics=(
        "tenant", PARTITIONED_BY, "procedure", "revenue_code", "place_of_service", "units", "charge",
        "allowed",
    ),
)  # fmt: skip

TABLES = (CLAIMS, LINES)
