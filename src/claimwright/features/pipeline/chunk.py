"""A chunk on its way through: what was fetched, what was found, what could not be processed."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from claimwright.engines.x12.claims837.records import Records

STAGED: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(),
    "received_on": pl.Date(),
    "file_id": pl.Int64(),
    "position": pl.Int32(),
    "facility": pl.String(),
    "version": pl.Int16(),
    "original_key": pl.Int64(),
    "form": pl.String(),
    "payer_id": pl.String(),
    "claim_filing": pl.String(),
    "service_from_on": pl.Date(),
    "service_to_on": pl.Date(),
    "total_charge": pl.Decimal(18, 2),
    "lines": pl.Int32(),
    "number_occurrence": pl.Int32(),
    "content_occurrence": pl.Int32(),
    "correlation_id": pl.String(),
    "received_at": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True)
class Lease:
    """The right to process a chunk, for a time. `turn` counts leases: an older one is worth nothing."""

    run_id: int
    chunk: int
    first_key: int
    last_key: int
    turn: int
    failures: int
    # How many workers were lost, or fell silent, while they held it; and how many that held nothing else.
    crashes: int = 0
    crashes_alone: int = 0


@dataclass(frozen=True)
class Work:
    """Claims to be processed together, as staging has them, with their sealed records.

    `claims` has the columns of `STAGED`, and `sent_before`, how often the same services came before; ordered
    by key. `findings` are structural ones by `claim_key`.
    """

    claims: pl.DataFrame
    sealed: list[bytes]
    heading_bytes: list[int]
    provider_bytes: list[int]
    findings: pl.DataFrame

    def __len__(self) -> int:
        return self.claims.height

    def part(self, first: int, last: int) -> Work:
        """The claims from `first` up to, not with, `last`."""
        claims = self.claims[first:last]
        keys = claims["claim_key"].implode()
        return Work(
            claims,
            self.sealed[first:last],
            self.heading_bytes[first:last],
            self.provider_bytes[first:last],
            self.findings.filter(pl.col("claim_key").is_in(keys)),
        )

    def between(self, first_key: int, last_key: int) -> Work:
        """The claims with these keys and those between."""
        keys = self.claims["claim_key"]
        first = int(keys.search_sorted(first_key, side="left"))
        return self.part(first, int(keys.search_sorted(last_key, side="right")))


@dataclass(frozen=True)
class Opened:
    """Work whose records are open."""

    work: Work
    records: Records


@dataclass(frozen=True)
class Result:
    """Rows for production, by table, all of the same claims.

    `predictions` has a row a claim and model; `spread` is how the champion's features are spread over the
    claims, empty where there is no champion.
    """

    claims: pl.DataFrame
    lines: pl.DataFrame
    findings: pl.DataFrame
    events: pl.DataFrame
    predictions: pl.DataFrame
    spread: bytes = b""


@dataclass(frozen=True)
class Dead:
    """A claim that could not be processed: the class of what went wrong, and in which stage."""

    claim_key: int
    reason: str
    detail: str


# The stages of a chunk, in their order: checking includes pricing.
STAGES = ("fetch", "read", "check", "predict", "route", "write")


@dataclass
class Outcome:
    """What became of the claims of a chunk, and how long each stage worked on them."""

    results: list[tuple[Work, Result]] = field(default_factory=list)
    dead: list[Dead] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def spent(self, stage: str, seconds: float) -> None:
        """Note time that a stage took."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds
