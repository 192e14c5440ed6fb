"""What a target holds: the delivered columns, from which the SQL of each kind of database is written.

Columns are those of `store.columns` that are marked as delivered; none of them is PHI. A claim's key there is
tenant, claim key and version, and the day on which it came in, by whose month the tables are partitioned.
"""

from __future__ import annotations

from dataclasses import dataclass

from claimwright.store.columns import Column
from claimwright.store.deliveries import DELIVERED_CLAIM, DELIVERED_LINE


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, key, indexes, and the columns that numbers are made from.

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
# By these a claim there is recognized as this one. What is decided about a claim may change after it was
# sent.
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
