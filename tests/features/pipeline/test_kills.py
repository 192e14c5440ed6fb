"""Processes are killed with -9 while they work; what is left is what an undisturbed run leaves."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from tests.features.pipeline.bench_of_claims import (
    command,
    contents,
    environment_of,
    rows,
    sample,
    stage,
    value,
)
from tests.features.pipeline.champions import install_champion
from tests.features.pipeline.conftest import CLAIMS, Staging
from tests.features.pipeline.killing import run_killed


@pytest.mark.slow
@pytest.mark.long
def test_killed_at_random_moments_a_run_comes_to_the_rows_and_predictions_of_one_chunk_of_all(
    waiting: Staging, tmp_path: Path
) -> None:
    # Other tests share the folder of the keys, and are to have no champion.
    shutil.copytree(waiting.folder / "home", tmp_path / "home")
    install_champion(tmp_path / "home")
    # The same services again, under other numbers: far from the first ones, in other chunks.
    with waiting.store.open() as database:
        stage(database, waiting.sealer, sample(tmp_path, 160).replace(b"CLM*", b"CLM*X"), "FAC002")
    assert rows(waiting.store, "select times, count(*) from staging.sent_before group by times") == [(1, 160)]
    with waiting.store.copied() as quiet:
        # `make kills` does it fifty times.
        assert run_killed(waiting.store, tmp_path, 2, seed=5, chunk_claims=8, workers=2) == 2
        run_killed(quiet, tmp_path, 0, seed=0, chunk_claims=1_000)
        assert value(quiet, "select count(*) from pipeline.chunks") == 1
        expected = contents(quiet)
    assert contents(waiting.store) == expected
    # Of each claim, one of the champion and one of its shadow.
    assert expected["production.predictions"][0] == 2 * expected["production.claims"][0] > 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="tells children apart as Linux lists them")
@pytest.mark.parametrize("which", [0, 1], ids=["first worker", "helper"])
def test_a_run_one_of_whose_workers_is_killed_goes_on_by_itself_with_another(
    waiting: Staging, undisturbed: dict[str, tuple[int, str]], which: int
) -> None:
    environment = environment_of(
        waiting.store, waiting.folder, CLAIMWRIGHT_PIPELINE_CHUNK_CLAIMS="2", **_PATIENT
    )
    with held_up(waiting, claim=CLAIMS):
        process = subprocess.Popen(
            command("run", "--workers", "3", "--as-of", "2025-09-15"), env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        await_first_chunk(waiting)
        workers = list(map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()))
        assert len(workers) == 3
        os.kill(workers[which], signal.SIGKILL)
        assert process.stderr is not None
        complaint = process.stderr.readline()
    said, complaints = process.communicate(timeout=600)
    assert (process.returncode, complaint, complaints) == (
        0, f"worker {which + 1} of 3 was ended by SIGKILL; a new process continues\n", "",
    )  # fmt: skip
    assert "0 dead letters" in said
    assert contents(waiting.store) == undisturbed
    assert not any(Path(f"/proc/{each}").exists() for each in workers)


# Whoever waits for a lock of ours waits for as long as the test holds it.
_PATIENT = {
    "CLAIMWRIGHT_DATABASE_LOCK_TIMEOUT_SECONDS": "600",
    "CLAIMWRIGHT_DATABASE_STATEMENT_TIMEOUT_SECONDS": "600",
}


@contextmanager
def held_up(waiting: Staging, *, claim: int) -> Iterator[None]:
    """No run comes to its end meanwhile: the claim is locked, so its chunk can't be committed."""
    with psycopg.connect(waiting.store.superuser) as connection:
        locked = connection.execute("select from staging.claims where claim_key = %s for update", [claim])
        assert locked.rowcount == 1
        yield


def await_first_chunk(waiting: Staging) -> None:
    while value(waiting.store, "select count(*) from production.claims") == 0:
        time.sleep(0.01)


@pytest.mark.slow
def test_asked_to_end_a_run_finishes_its_chunks_and_resumes_later(
    waiting: Staging, undisturbed: dict[str, tuple[int, str]]
) -> None:
    environment = environment_of(
        waiting.store, waiting.folder, CLAIMWRIGHT_PIPELINE_CHUNK_CLAIMS="2", **_PATIENT
    )
    words = command("run", "--workers", "1", "--as-of", "2025-09-15")
    # Half of the chunks can't be done before the request to stop is heard, and nobody says when it is.
    with held_up(waiting, claim=80):
        process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
        await_first_chunk(waiting)
        os.kill(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "left. Continue with: claimwright run" in said
    assert value(waiting.store, "select count(*) from pipeline.chunks where state = 'leased'") == 0
    assert subprocess.run(words, env=environment, capture_output=True).returncode == 0
    assert contents(waiting.store) == undisturbed
