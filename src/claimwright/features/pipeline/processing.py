"""Sealed claims to rows of production: open, read, check, price, predict, route. No store is asked."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain import findings as found
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import SeenClaims
from claimwright.domain.predicted import Predicted
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

# Where more claims of a chunk fail than this, and most of it, the fault is not theirs.
_MOST_POISON = 20


class ChunkError(StoreError):
    """A chunk fails for a reason that is not in its claims; `cause` is the class of the first failure."""

    def __init__(self, cause: str, claims: int) -> None:
        super().__init__(f"{claims:,} claims of one chunk failed with {cause}")
        self.cause = cause


@dataclass(frozen=True)
class Blame:
    """Whether a chunk of which most claims fail, fails because of its claims.

    At first nobody says so: a cause elsewhere may pass. At the `last_attempt` it is its claims where others
    could be processed: some of the same chunk, or, as `others_succeed` says, other chunks of the run. Else a
    chunk that fails for ever would keep all later ones waiting.
    """

    last_attempt: bool = False
    others_succeed: bool = False

    def covers(self, dead: Sequence[Dead], work: StagedClaims) -> bool:
        """Whether these of the claims may be blamed."""
        return self.last_attempt and (self.others_succeed or len(dead) < len(work))


class _KnownOccurrences(SeenClaims):
    """How often a claim's number and content came before in its file, as intake counted.

    Intake reads a file in order, workers take its chunks as they come: a duplicate must be found whoever
    is first.
    """

    def __init__(self, claims: pl.DataFrame) -> None:
        super().__init__()
        self._known = {
            "number": claims["number_occurrence"].to_numpy(),
            "content": claims["content_occurrence"].to_numpy(),
        }

    def occurrences(self, kind: str, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:  # noqa: ARG002
        """As counted; the keys are not looked at."""
        return self._known[kind].astype(np.int32)


@dataclass
class Processor:
    """Everything that turns claims into rows, ready to take chunks, several at a time."""

    checker: Checker
    opener: Opens
    tenant: str
    run_id: int
    predictor: Predictor
    thresholds: Thresholds
    # What must never be blamed on a claim: raised on as it is.
    systemic: tuple[type[BaseException], ...] = (MemoryError,)
    # How many chunks are processed at once, each in one thread.
    threads: int = WORKERS

    def open(self, work: StagedClaims) -> Records:
        """The records of the work, open.

        Raises:
            PhiError: one of them does not open.
        """
        return work.sealed.opened(self.opener, self.tenant)

    def read(self, work: StagedClaims) -> ClaimBatch:
        """The claims of the work, numbered from 1 in its order, without `segments`.

        Raises:
            PhiError: a record does not open.
            RecordError: the records are not what they are said to be.
        """
        return read_records(self.open(work), verbatim=False)

    def process(
        self, work: StagedClaims, batch: ClaimBatch | None, outcome: Outcome, blame: Blame | None = None
    ) -> None:
        """Add the rows of all claims to the outcome; a claim that fails stands alone among the dead.

        `batch` is the work already read, where that has gone well. `blame` says how many claims may be at
        fault; a few, by default.

        Raises:
            ChunkError: so many claims fail that the fault is likely elsewhere, and may pass.
        """
        dead: list[Dead] = []
        self._bisect(work, batch, outcome, dead)
        if len(dead) > max(_MOST_POISON, len(work) // 2) and not (blame or Blame()).covers(dead, work):
            raise ChunkError(dead[0].reason, len(dead))
        outcome.dead += dead

    def _bisect(
        self, work: StagedClaims, batch: ClaimBatch | None, outcome: Outcome, dead: list[Dead]
    ) -> None:
        """Process the work; where it fails, each half of it, down to the claim that is at fault."""
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

        seen = _KnownOccurrences(work.claims)
        # Chunks are processed side by side, in threads or by other processes: one has one processor.
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
            # As the store keeps them: its bulk loads take no wider numbers.
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
    """The findings that came with reading the file, by the claim's place in the work."""
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
) -> Processor:
    """A processor with today's rulebook and prices."""
    return Processor(
        Checker(as_of=as_of),
        opener,
        tenant,
        run_id,
        predictor or RulesOnly(),
        thresholds or Thresholds(),
        systemic,
        threads,
    )
