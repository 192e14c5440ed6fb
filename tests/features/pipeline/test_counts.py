"""What operators count is what the store has, over all workers, and after a crash."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from tests.features.pipeline.bench_of_claims import CALLER, begun, value, worker
from tests.features.pipeline.conftest import Staging

from claimwright.features.checking import Checker
from claimwright.store.metric_counts import LATENCY_EDGES, add_counts, all_counts


def test_counts_are_those_of_the_claims_whoever_processed_them(waiting: Staging, checker: Checker) -> None:
    with waiting.store.open() as database:
        run = begun(database, chunk_claims=40)
        workers = [worker(database, waiting.sealer, run, checker) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda each: each.work(), workers))
        with database.transaction(CALLER) as connection:
            counts = {(name, label): total for name, label, total in all_counts(connection)}
    for route in ("production", "review"):
        stored = value(
            waiting.store,
            f"select count(*) from production.claims where route = '{route}'",  # noqa: S608
        )
        assert counts.get(("claims", route), 0) == stored
    charge = value(waiting.store, "select sum(total_charge) * 100 from production.claims")
    assert counts["charge_cents", ""] == charge
    processed = counts.get(("claims", "production"), 0) + counts.get(("claims", "review"), 0)
    assert counts["latency_count", ""] == processed
    buckets = [counts.get(("latency_bucket", str(edge)), 0) for edge in (*LATENCY_EDGES, "+Inf")]
    assert sum(buckets) == processed
    chunks = value(waiting.store, "select count(*) from pipeline.chunks where state = 'done'")
    assert counts["stage_chunks", "write"] == chunks


def test_a_transaction_that_fails_counts_nothing(waiting: Staging) -> None:
    with waiting.store.open() as database:
        try:
            with database.transaction(CALLER) as connection:
                add_counts(connection, {("failed", "Reason"): 3})
                raise RuntimeError
        except RuntimeError:
            pass
        with database.transaction(CALLER) as connection:
            add_counts(connection, {("failed", "Reason"): 2, ("charge_cents", ""): Decimal(-5)})
        with database.transaction(CALLER) as connection:
            add_counts(connection, {("failed", "Reason"): 1})
            assert all_counts(connection) == [("failed", "Reason", Decimal(3))]
