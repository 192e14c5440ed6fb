"""Turns sealed claims into production rows: open, read, check, price, predict, route.

Does not access the store.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from claimwright.domain import findings as found
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import KnownOccurrences
from claimwright.domain.predicted import Predicted
from claimwright.engines.rules import Waiver
from claimwright.engines.x12 import Records, read_records
from claimwright.features.checking import Checked, Checker
from claimwright.foundation import clock
from claimwright.foundation.errors import StoreError
from claimwright.foundation.overlap import WORKERS
from claimwright.platform.observability import span
from claimwright.store.columns import PRODUCED_CLAIM
from claimwright.store.dead_letters import Dead
from claimwright.store.production import ProductionRows
from claimwright.store.sealed_claims import Opens
from claimwright.store.staged_claims import StagedClaims

from .chunk import Outcome
from .prediction import Predictor, RulesOnly
from .routing import Thresholds, routes

# If more than this number of claims of a chunk fail, and most of the chunk, the cause is not in the claims.
_MOST_POISON = 20


class ChunkError(StoreError):
    """A chunk failed for a reason that is not in its claims; `cause` is the class of the first failure."""

    def __init__(self, cause: str, claims: int) -> None:
        super().__init__(f"{claims:,} claims of one chunk failed with {cause}")
        self.cause = cause


@dataclass(frozen=True)
class Blame:
    """Decides whether the claims of a chunk are at fault if most of them fail.

    At first they are not blamed, because an external cause may pass. At the `last_attempt` they are blamed if
    other claims could be processed: some of the same chunk or, according to `others_succeed`, other chunks of
    the run. Otherwise a chunk that always fails would block all later ones.
    """

    last_attempt: bool = False
    others_succeed: bool = False

    def covers(self, dead: Sequence[Dead], work: StagedClaims) -> bool:
        """Whether this number of failed claims may be blamed on the claims."""
        return self.last_attempt and (self.others_succeed or len(dead) < len(work))


@dataclass
class Processor:
    """Turns chunks of claims into rows; several chunks can be processed concurrently."""

    checker: Checker
    opener: Opens
    tenant: str
    run_id: int
    predictor: Predictor
    thresholds: Thresholds
    # Exceptions that are never blamed on a claim; they are raised unchanged.
    systemic: tuple[type[BaseException], ...] = (MemoryError,)
    # Number of chunks processed concurrently, each in one thread.
    threads: int = WORKERS

    def open(self, work: StagedClaims) -> Records:
        """The opened records of the work.

        Raises:
            PhiError: one of them can't be opened.
        """
        return work.sealed.opened(self.opener, self.tenant)

    def read(self, work: StagedClaims) -> ClaimBatch:
        """The claims of the work, numbered from 1 in order, without `segments`.

        Raises:
            PhiError: a record can't be opened.
            RecordError: a record's content does not match its description.
        """
        return read_records(self.open(work), verbatim=False)

    def process(
        self, work: StagedClaims, batch: ClaimBatch | None, outcome: Outcome, blame: Blame | None = None
    ) -> None:
        """Add the rows of all claims to the outcome; claims that fail are added to the dead letters.

        `batch` is the work already read, if reading succeeded. `blame` decides how many claims may be at
        fault; a few, by default.

        Raises:
            ChunkError: so many claims fail that the cause is probably external, and may pass.
        """
        dead: list[Dead] = []
        self._bisect(work, batch, outcome, dead)
        if len(dead) > max(_MOST_POISON, len(work) // 2) and not (blame or Blame()).covers(dead, work):
            raise ChunkError(dead[0].reason, len(dead))
        outcome.dead += dead

    def _bisect(
        self, work: StagedClaims, batch: ClaimBatch | None, outcome: Outcome, dead: list[Dead]
    ) -> None:
        """Process the work; if it fails, bisect it down to the claims at fault."""
        if not len(work):
            return
        stage = ["read"]
        try:
            if batch is None:
                batch = self.read(work)
            outcome.results.append((work, self._compute(work, batch, outcome, stage)))
        except self.systemic:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever a claim provokes, its neighbours go on
            if len(work) == 1:
                dead.append(Dead(int(work.claims["claim_key"][0]), type(problem).__name__, stage[0]))
                return
            middle = len(work) // 2
            self._bisect(work.part(0, middle), None, outcome, dead)
            self._bisect(work.part(middle, len(work)), None, outcome, dead)

    def _compute(
        self, work: StagedClaims, batch: ClaimBatch, outcome: Outcome, stage: list[str]
    ) -> ProductionRows:
        def timed(name: str, call: Callable[[], Any]) -> Any:
            stage[0] = name
            begun = clock.seconds()
            with span(f"pipeline.{name}", claims=len(work)):
                made = call()
            outcome.spent(name, clock.seconds() - begun)
            return made

        # Intake reads a file in order, but workers process its chunks in any order.
        seen = KnownOccurrences(
            work.claims["number_occurrence"].to_numpy(), work.claims["content_occurrence"].to_numpy()
        )
        # Chunks are processed concurrently, in threads or by other processes, so each uses one processor.
        checked: Checked = timed(
            "check", lambda: self.checker.check(batch, _structural(work), seen=seen, threads=1)
        )
        predicted: Predicted = timed(
            "predict", lambda: self.predictor.predict(checked, work.claims["sent_before"])
        )
        rows: ProductionRows = timed("route", lambda: self._rows(work, checked, predicted))
        return rows

    def _rows(self, work: StagedClaims, checked: Checked, predicted: Predicted) -> ProductionRows:
        now = clock.now()
        keys = work.claims["claim_key"]
        outcomes = checked.outcomes
        claims = work.claims.with_columns(
            outcomes["expected"],
            outcomes["lines"].cast(pl.Int32),
            outcomes["unpriced_lines"].cast(pl.Int32),
            outcomes["status"].cast(pl.String).alias("severity"),
            outcomes["findings"].cast(pl.Int32),
            *predicted.claims.get_columns(),
        )
        claims = claims.with_columns(
            *routes(claims, self.thresholds).get_columns(),
            # The store's integer types, because bulk loads do not convert wider ones.
            pl.col("denial_probability", "confidence").cast(pl.Float32),
            run_id=pl.lit(self.run_id),
            created_at=pl.lit(now),
        )
        days = claims["received_on"]
        return ProductionRows(
            claims.select(PRODUCED_CLAIM.written),
            _lines(checked, keys, days),
            _findings(checked, keys, days),
            claims.select(
                "claim_key",
                "correlation_id",
                happened_on=pl.lit(now.date()),
                happened_at=pl.lit(now),
                state="route",
                run_id="run_id",
            ),
            _predictions(predicted, keys, days),
            predicted.spread,
        )


def _structural(work: StagedClaims) -> pl.DataFrame | None:
    """The structural findings of intake, by the claim's position in the work."""
    if not work.findings.height:
        return None
    places = work.claims.select("claim_key", claim=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    return found.complete(work.findings.join(places, on="claim_key", maintain_order="left"))


def _lines(checked: Checked, keys: pl.Series, days: pl.Series) -> pl.DataFrame:
    lines, prices = checked.batch.lines, checked.prices
    place = lines["claim"] - 1
    modifiers = pl.concat_str(
        [f"modifier_{number}" for number in range(1, 5)], separator=" ", ignore_nulls=True
    )
    return lines.select(
        days.gather(place).alias("received_on"),
        keys.gather(place).alias("claim_key"),
        "line",
        "procedure",
        pl.when(pl.col("modifier_1").is_not_null()).then(modifiers).alias("modifiers"),
        "revenue_code",
        pl.col("line_place_of_service").alias("place_of_service"),
        "units",
        pl.col("line_charge").alias("charge"),
        prices["allowed"],
        prices["basis"].cast(pl.String),
        "service_from_on",
    )


def _findings(checked: Checked, keys: pl.Series, days: pl.Series) -> pl.DataFrame:
    findings = checked.findings.filter(pl.col("claim").is_not_null())
    place = findings["claim"] - 1
    return findings.select(
        days.gather(place).alias("received_on"),
        keys.gather(place).alias("claim_key"),
        "line", "code", pl.col("severity").cast(pl.String), "snip", "field", "loop", "segment_id", "element",
        "detail", "amount", "waiver",
    )  # fmt: skip


def _predictions(predicted: Predicted, keys: pl.Series, days: pl.Series) -> pl.DataFrame:
    place = predicted.kept["row"]
    return predicted.kept.select(
        days.gather(place).alias("received_on"),
        keys.gather(place).alias("claim_key"),
        pl.exclude("row", "probability", "confidence", "review_from"),
        pl.col("probability", "confidence", "review_from").cast(pl.Float32),
    )


def ready(
    opener: Opens,
    *,
    tenant: str,
    run_id: int,
    as_of: datetime.date,
    predictor: Predictor | None = None,
    thresholds: Thresholds | None = None,
    systemic: tuple[type[BaseException], ...] = (MemoryError,),
    threads: int = WORKERS,
    waivers: Iterable[Waiver] = (),
) -> Processor:
    """A processor with today's rulebook and prices, and these waivers."""
    return Processor(
        Checker(as_of=as_of, waivers=waivers),
        opener,
        tenant,
        run_id,
        predictor or RulesOnly(),
        thresholds or Thresholds(),
        systemic,
        threads,
    )
