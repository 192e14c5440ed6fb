"""Claims go through the pipeline once, whoever works on them and whatever happens meanwhile."""

from __future__ import annotations

import datetime
import os
import re
import signal
import threading
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl
import psycopg
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import (
    AS_OF,
    CALLER,
    TENANT,
    begun,
    called,
    contents,
    environment_of,
    rows,
    sample,
    sealer_of,
    stage,
    value,
    worker,
)
from tests.features.pipeline.conftest import CLAIMS, Staging

from claimwright.features.checking import Checked, Checker
from claimwright.features.claims import dead_letters, discard, retry
from claimwright.features.intake import read_blocks
from claimwright.features.pipeline import PredictorWithBreaker, RunStoppedError, Thresholds, routes
from claimwright.platform.breakers import Breaker, database_notifier_of
from claimwright.platform.database import tenancy
from claimwright.store.runs import begin_run, close_run, lease_chunk, register_worker, release_chunk

Contents = dict[str, tuple[int, str]]


def test_every_staged_claim_is_in_production_once_with_its_money(
    staged: Staging, undisturbed: Contents
) -> None:
    waited = value(staged.store, "select count(*) from staging.claims")
    assert undisturbed["production.claims"][0] == waited
    assert undisturbed["production.claim_events"][0] == 2 * int(str(waited))
    assert undisturbed["staging.claims"][0] == undisturbed["pipeline.dead_letters"][0] == 0


def test_the_store_holds_what_a_check_of_the_file_finds(waiting: Staging) -> None:
    content = (waiting.folder / f"{CLAIMS}-3.837").read_bytes()
    fresh = Checker(as_of=AS_OF)
    with waiting.store.open() as database:
        worker(database, waiting.sealer, begun(database, 40), fresh).work()
    positions = dict(rows(waiting.store, "select position, claim_key from production.claims"))
    expected = []
    checked = list(Checker(as_of=AS_OF).check_readings(read_blocks([content])))
    for each in checked:
        expected += [
            (positions[claim], line, code)
            for claim, line, code in each.findings.select("claim", "line", "code").iter_rows()
            if claim in positions
        ]
    found = rows(waiting.store, "select claim_key, line, code from production.findings")
    assert sorted(map(str, found)) == sorted(map(str, expected))
    allowed = sum(
        (Decimal(str(each.filter(pl.col("claim").is_in(list(positions)))["allowed"].sum() or 0))
         for each in (part.prices for part in checked)), Decimal(0),
    )  # fmt: skip
    assert value(waiting.store, "select sum(expected) from production.claims") == allowed


@pytest.mark.parametrize("chunk_claims", [17, 60])
def test_the_size_of_chunks_changes_nothing(
    waiting: Staging, checker: Checker, undisturbed: Contents, chunk_claims: int
) -> None:
    with waiting.store.open() as database:
        worker(database, waiting.sealer, begun(database, chunk_claims), checker).work()
    assert contents(waiting.store) == undisturbed


def test_workers_share_a_run(waiting: Staging, checker: Checker, undisturbed: Contents) -> None:
    with waiting.store.open() as database:
        run = begun(database, 20)
        workers = [worker(database, waiting.sealer, run, checker) for _ in range(3)]
        threads = [threading.Thread(target=each.work) for each in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert contents(waiting.store) == undisturbed
    assert value(waiting.store, "select state from pipeline.runs") == "done"
    assert value(waiting.store, "select count(distinct worker_id) from pipeline.chunks") != 1


@pytest.mark.slow
def test_claims_that_charge_less_than_nothing_go_the_way_of_all_others(store: Store, tmp_path: Path) -> None:
    negative = re.sub(rb"(CLM\*[^*]+\*)(\d)", rb"\1-\2", sample(tmp_path, 3))
    with store.open() as database:
        assert stage(database, sealer_of(store, tmp_path), negative).staged == 3
    environment = environment_of(store, tmp_path, CLAIMWRIGHT_PIPELINE_CHUNK_CLAIMS="1")
    done = called(["run", "--workers", "1", "--as-of", str(AS_OF)], environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert value(store, "select count(*) from production.claims where total_charge < 0") == 3


def test_every_input_twice_changes_nothing(waiting: Staging, checker: Checker, undisturbed: Contents) -> None:
    content = (waiting.folder / f"{CLAIMS}-3.837").read_bytes()
    with waiting.store.open() as database:
        again = stage(database, waiting.sealer, content)
        assert (again.earlier, again.staged) == (1, 0)
        # Another file, the same claims: a later control number.
        other = stage(database, waiting.sealer, content.replace(b"*0*T*:~", b"*1*T*:~", 1))
        assert (other.earlier, other.staged, other.claims) == (None, 0, CLAIMS)
        worker(database, waiting.sealer, begun(database), checker).work()
        with database.transaction(CALLER) as connection:
            assert begin_run(connection, chunk_claims=10) is None
    assert contents(waiting.store) == undisturbed


def test_a_lease_takes_one_chunk_and_a_worker_that_is_gone_gives_its_own_back(waiting: Staging) -> None:
    with waiting.store.open() as database:
        run = begun(database, 50)
        first, second = database.connect(), database.connect()
        with tenancy(first, CALLER):
            one = register_worker(first, run.run_id)
            taken = lease_chunk(first, run.run_id, one, seconds=60)
        assert taken is not None
        assert value(waiting.store, "select count(*) from pipeline.chunks where state = 'leased'") == 1
        with tenancy(second, CALLER):
            two = register_worker(second, run.run_id)
            other = lease_chunk(second, run.run_id, two, seconds=60)
        assert other is not None
        assert other.chunk != taken.chunk
        first.close()
        back = None
        # Until the server notices that the connection is gone.
        while back is None or back.chunk != taken.chunk:
            with tenancy(second, CALLER):
                back = lease_chunk(second, run.run_id, two, seconds=60)
        assert back is not None
        assert (back.chunk, back.turn) == (taken.chunk, 2)
        second.close()


def test_a_lease_that_has_run_out_goes_to_another_worker(waiting: Staging) -> None:
    with waiting.store.open() as database:
        run = begun(database, 1_000)
        first, second = database.connect(), database.connect()
        with tenancy(first, CALLER):
            assert lease_chunk(first, run.run_id, register_worker(first, run.run_id), seconds=0) is not None
        with tenancy(second, CALLER):
            two = register_worker(second, run.run_id)
            taken = lease_chunk(second, run.run_id, two, seconds=60)
            assert taken is not None
            assert taken.turn == 2
            # It failed, and waits until then.
            later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
            release_chunk(second, taken, two, "OSError", later)
            assert lease_chunk(second, run.run_id, two, seconds=60) is None
            assert not close_run(second, run.run_id)
        first.close()
        second.close()


def test_a_claim_that_does_not_open_becomes_a_dead_letter_and_its_neighbours_go_on(
    waiting: Staging, checker: Checker, undisturbed: Contents
) -> None:
    with psycopg.connect(waiting.store.superuser) as connection:
        connection.execute(
            "create table public.kept as "
            "select claim_key, sealed from staging.records where claim_key in (5, 77)"
        )
        connection.execute("update staging.records set sealed = sealed || '\\x00' where claim_key in (5, 77)")
    told: dict[str, int] = {}
    with waiting.store.open() as database:
        each = worker(database, waiting.sealer, begun(database), checker)
        each.reports.committed = lambda done: told.update(done.dead_reasons)
        each.work()
        with database.transaction(CALLER) as connection:
            dead = dead_letters(connection)
        assert set(told) == {"PhiSealError"}
        assert sorted((each.claim_key, each.reason) for each in dead) == [
            (5, "PhiSealError"),
            (77, "PhiSealError"),
        ]
        assert value(waiting.store, "select count(*) from production.claims") == (
            undisturbed["production.claims"][0] - 2
        )
        # Mended and tried again, nothing tells them from the others but their history.
        with psycopg.connect(waiting.store.superuser) as connection:
            connection.execute(
                "update staging.records r set sealed = k.sealed from public.kept k "
                "where k.claim_key = r.claim_key"
            )
        with database.transaction(CALLER) as connection:
            assert retry(CALLER, connection, None) == [5, 77]
        worker(database, waiting.sealer, begun(database), checker).work()
    after = contents(waiting.store)
    assert {table: after[table] for table in after if table != "production.claim_events"} == {
        table: undisturbed[table] for table in undisturbed if table != "production.claim_events"
    }
    history = rows(
        waiting.store, "select state from production.claim_events where claim_key = 5 order by happened_at"
    )
    assert [state for (state,) in history] == ["received", "dead", "retried", *[
        row[0] for row in rows(waiting.store, "select route from production.claims where claim_key = 5")
    ]]  # fmt: skip


def test_a_dead_letter_that_is_given_up_stays_with_its_reason_in_the_audit_log(
    waiting: Staging, checker: Checker
) -> None:
    with psycopg.connect(waiting.store.superuser) as connection:
        connection.execute("update staging.records set sealed = '' where claim_key = 9")
    with waiting.store.open() as database:
        worker(database, waiting.sealer, begun(database), checker).work()
        with database.transaction(CALLER) as connection:
            assert discard(CALLER, connection, [9], reason="sent on paper instead") == [9]
            assert retry(CALLER, connection, None) == []
            assert [each.state for each in dead_letters(connection)] == ["discarded"]
    said = value(waiting.store, "select body from platform.audit_log where action = 'dead_letters.discarded'")
    assert "sent on paper instead" in str(said)


class _Closed:
    """A sealer whose keys are away."""

    def open(self, sealed: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        raise OSError("away")


def test_a_failure_of_everything_is_blamed_on_no_claim(waiting: Staging, checker: Checker) -> None:
    with waiting.store.open() as database:
        run = begun(database, 100)
        failing = worker(database, waiting.sealer, run, checker)
        failing.processor.opener = _Closed()
        with pytest.raises(RunStoppedError, match="4 times"):
            failing.work()
        assert value(waiting.store, "select count(*) from pipeline.dead_letters") == 0
        assert value(waiting.store, "select max(problem) from pipeline.chunks") == "OSError"
        # Once the cause is corrected, the run goes on where it stands.
        worker(database, waiting.sealer, begun(database), checker).work()
    assert value(waiting.store, "select count(*) from staging.claims") == 0


class _Failing:
    """A model that is broken."""

    calls = 0

    def predict(self, checked: Checked, sent_before: object = None) -> pl.DataFrame:
        self.calls += 1
        raise ValueError("no model")


def test_a_model_that_fails_is_left_out_and_everyone_can_see_it(
    waiting: Staging, checker: Checker, undisturbed: Contents
) -> None:
    model = _Failing()
    with waiting.store.open() as database:
        breaker = Breaker("prediction", 3, 60, database_notifier_of(CALLER, database))
        guarded = PredictorWithBreaker(model, breaker)
        worker(database, waiting.sealer, begun(database, 30), checker, predictor=guarded).work()
    assert model.calls == 3
    assert contents(waiting.store) == undisturbed
    assert rows(waiting.store, "select name, state, failures, problem from platform.breakers") == [
        ("prediction", "open", 3, "ValueError")
    ]


def test_connections_that_are_cut_cost_time_and_no_claim(
    waiting: Staging, checker: Checker, undisturbed: Contents
) -> None:
    with waiting.store.open() as database:
        each = worker(database, waiting.sealer, begun(database, 16), checker)
        cut = [0]

        def cutting(_: object) -> None:
            # Every third chunk the server throws all workers out.
            cut[0] += 1
            if cut[0] % 3 == 0:
                with psycopg.connect(waiting.store.superuser, autocommit=True) as connection:
                    connection.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity "
                        "where datname = current_database() and pid <> pg_backend_pid()"
                    )

        each.reports.committed = cutting
        each.work()
    assert cut[0] >= CLAIMS // 16 - 1
    assert contents(waiting.store) == undisturbed


@pytest.mark.slow
def test_a_server_that_crashes_under_a_run_costs_time_and_no_claim(
    waiting: Staging, checker: Checker, undisturbed: Contents
) -> None:
    server = waiting.store.server
    with waiting.store.open() as database:
        each = worker(database, waiting.sealer, begun(database, 40), checker)
        crashes = [0]

        def crashing(_: object) -> None:
            pid = server.status().pid
            if crashes[0] < 2 and pid is not None:
                crashes[0] += 1
                # An immediate shutdown: no checkpoint, no goodbye; the next start recovers from the log.
                os.kill(pid, signal.SIGQUIT)
                while server.status().running:
                    time.sleep(0.02)
                server.start()

        each.reports.committed = crashing
        each.work()
    assert crashes[0] == 2
    assert contents(waiting.store) == undisturbed


def test_claims_staged_into_the_range_of_a_chunk_meanwhile_are_not_passed_over(
    waiting: Staging, checker: Checker
) -> None:
    with psycopg.connect(waiting.store.superuser, autocommit=True) as connection:
        connection.execute("create table public.late as select * from staging.claims where claim_key = 20")
        connection.execute("delete from staging.claims where claim_key = 20")
        with waiting.store.open() as database:
            each = worker(database, waiting.sealer, begun(database, 1_000), checker)
            process = each.processor.process
            came = [False]

            def processing(*given: object) -> None:
                process(*given)  # type: ignore[arg-type]
                if not came[0]:
                    came[0] = True
                    connection.execute("insert into staging.claims select * from public.late")

            each.processor.process = processing  # type: ignore[method-assign]
            each.work()
    assert value(waiting.store, "select count(*) from production.claims where claim_key = 20") == 1
    assert value(waiting.store, "select count(*) from staging.claims") == 0


def test_each_chunk_is_one_audit_record_and_one_event_that_name_its_claims(
    waiting: Staging, checker: Checker
) -> None:
    with waiting.store.open() as database:
        worker(database, waiting.sealer, begun(database, 100), checker).work()
    chunks = value(waiting.store, "select count(*) from pipeline.chunks")
    told = rows(
        waiting.store,
        "select (data->>'claims')::int, (data->>'production')::int + jsonb_array_length(data->'reviewed') "
        "from platform.outbox where type = 'claims.processed.v1'",
    )
    assert len(told) == chunks
    assert all(claims == routed for claims, routed in told)
    assert (
        value(waiting.store, "select count(*) from platform.audit_log where action = 'claims.processed'")
        == chunks
    )
    assert value(waiting.store, "select count(*) from platform.outbox where type = 'run.finished.v1'") == 1


def test_routes_name_the_gravest_reason() -> None:
    claims = pl.DataFrame(
        {
            "severity": ["block", "warn", "note", None, None, None, None, None],
            "total_charge": [
                Decimal(5),
                Decimal(5),
                Decimal(5),
                Decimal(10_000),
                Decimal(5),
                Decimal(5),
                None,
                Decimal(5),
            ],
            "denial_probability": [0.9, 0.1, 0.1, 0.1, 0.5, 0.1, None, 0.1],
            "confidence": [0.1, 0.9, 0.9, 0.9, 0.9, 0.49, None, 0.9],
            "review_from": pl.Series([None] * 8, dtype=pl.Float64),
            "is_worth_review": pl.Series([None] * 8, dtype=pl.Boolean),
            "needs_approval": [True, *[False] * 6, True],
        }
    )
    routed = routes(claims, Thresholds())
    assert routed["route_reason"].to_list() == [
        "blocked", "warned", None, "high_value", "likely_denied", "low_confidence", "no_charge",
        "to_be_approved",
    ]  # fmt: skip
    assert routed["route"].to_list() == ["review", "review", "production", *["review"] * 5]


def test_a_claim_is_reviewed_from_the_probability_that_its_prediction_brings() -> None:
    claims = pl.DataFrame(
        {
            "severity": pl.Series([None] * 4, dtype=pl.String),
            "total_charge": [Decimal(5)] * 4,
            "denial_probability": [0.3, 0.3, 0.6, 0.6],
            "confidence": [0.9] * 4,
            "review_from": [0.25, 0.35, 0.7, None],
            "is_worth_review": pl.Series([None] * 4, dtype=pl.Boolean),
            "needs_approval": [False] * 4,
        }
    )
    assert routes(claims, Thresholds())["route_reason"].to_list() == [
        "likely_denied", None, None, "likely_denied",
    ]  # fmt: skip


def test_the_expected_gain_decides_before_the_probability() -> None:
    claims = pl.DataFrame(
        {
            "severity": pl.Series([None] * 3, dtype=pl.String),
            "total_charge": [Decimal(5)] * 3,
            "denial_probability": [0.95, 0.1, 0.95],
            "confidence": [0.9] * 3,
            "review_from": pl.Series([None] * 3, dtype=pl.Float64),
            "is_worth_review": [False, True, None],
            "needs_approval": [False] * 3,
        }
    )
    assert routes(claims, Thresholds())["route_reason"].to_list() == [None, "likely_denied", "likely_denied"]


def test_spans_tell_how_long_each_part_of_each_chunk_took_and_of_which_run(
    waiting: Staging, checker: Checker, exporter: InMemorySpanExporter
) -> None:
    exporter.clear()
    with waiting.store.open() as database:
        run = begun(database, 100)
        worker(database, waiting.sealer, run, checker).work()
    found = exporter.get_finished_spans()
    chunks = value(waiting.store, "select count(*) from pipeline.chunks")
    for name in ("fetch", "chunk", "check", "predict", "route", "write"):
        assert len([each for each in found if each.name == f"pipeline.{name}"]) == chunks, name
    for each in found:
        told = dict(each.attributes or {})
        assert (told["run_id"], told["tenant"]) == (run.run_id, TENANT)
    whole = {each.context.span_id for each in found if each.name == "pipeline.chunk" and each.context}
    assert {each.parent.span_id for each in found if each.name == "pipeline.check" and each.parent} <= whole
