"""A chunk that fails for ever keeps nobody waiting: its claims become dead letters."""

from __future__ import annotations

import psycopg
import pytest
from tests.features.pipeline.bench_of_claims import CALLER, begun, called, environment_of, value, worker
from tests.features.pipeline.conftest import Staging

from claimwright.features.checking import Checker
from claimwright.features.claims import ChunkNotOpenError, give_up_chunk
from claimwright.features.pipeline import RunStoppedError

Contents = dict[str, tuple[int, str]]


def spoil(waiting: Staging, condition: str) -> None:
    """Records that nobody can open any more."""
    with psycopg.connect(waiting.store.superuser) as connection:
        connection.execute(
            f"update staging.records set sealed = sealed || '\\x00' where {condition}".encode()  # noqa: S608 - of this file
        )


def test_a_chunk_of_which_most_claims_fail_for_ever_keeps_nobody_waiting(
    waiting: Staging, checker: Checker, undisturbed: Contents
) -> None:
    spoil(waiting, "claim_key <= 70")
    with waiting.store.open() as database:
        worker(database, waiting.sealer, begun(database, 100), checker).work()
    assert value(waiting.store, "select count(*) from staging.claims") == 0
    assert value(waiting.store, "select count(*) from pipeline.dead_letters") == 70
    assert value(waiting.store, "select count(*) from production.claims") == (
        undisturbed["production.claims"][0] - 70
    )
    assert value(waiting.store, "select state from pipeline.runs") == "done"


def test_a_chunk_of_which_all_claims_fail_is_given_up_where_other_chunks_succeed_and_one_at_a_time(
    waiting: Staging, checker: Checker
) -> None:
    spoil(waiting, "claim_key <= 80")
    with waiting.store.open() as database:
        run = begun(database, 40)
        for dead in (40, 80):
            # A worker may use up the attempts of a bad chunk before it comes to the good one.
            for _ in range(3):
                with pytest.raises(RunStoppedError) as stopped:
                    worker(database, waiting.sealer, run, checker).work()
                if "give-up" not in str(stopped.value):
                    break
            assert "are dead letters" in str(stopped.value)
            assert value(waiting.store, "select count(*) from pipeline.dead_letters") == dead
        worker(database, waiting.sealer, run, checker).work()
    assert value(waiting.store, "select count(*) from staging.claims") == 0
    assert value(waiting.store, "select state from pipeline.runs") == "done"


def test_a_person_gives_up_a_chunk_and_the_log_says_why(waiting: Staging, checker: Checker) -> None:
    spoil(waiting, "true")
    with waiting.store.open() as database:
        run = begun(database, 80)
        with pytest.raises(RunStoppedError, match=r"give-up 1 [12]"):
            worker(database, waiting.sealer, run, checker).work()
        environment = environment_of(waiting.store, waiting.folder)
        words = ["runs", "give-up", str(run.run_id), "1", "--reason", "records of a lost key"]
        asked = called(words, environment)
        assert (asked.returncode, "80 claims" in asked.stderr) == (2, True)
        assert value(waiting.store, "select count(*) from pipeline.dead_letters") == 0
        done = called([*words, "--yes"], environment)
        assert done.returncode == 0, done.stderr
        assert (
            value(waiting.store, "select count(*) from pipeline.dead_letters where reason = 'GivenUp'") == 80
        )
        with database.transaction(CALLER) as connection:
            assert give_up_chunk(CALLER, connection, run.run_id, 2, reason="records of a lost key") == 80
            with pytest.raises(ChunkNotOpenError):
                give_up_chunk(CALLER, connection, run.run_id, 2, reason="records of a lost key")
    assert value(waiting.store, "select state from pipeline.runs") == "done"
    said = value(
        waiting.store, "select body::text from platform.audit_log where body like '%chunk.given_up%'"
    )
    assert "records of a lost key" in str(said)
