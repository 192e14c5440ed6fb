"""The queue: ids alone, with the change or not at all, and nothing lost with the worker that had it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from tests.calling import caller_of
from tests.database_server import Store
from tests.platform.job_worker import QUICK, jobs_of

from claimwright.domain.caller import Caller
from claimwright.platform.jobs import JobError, Jobs, install
from claimwright.store.schema import migrate

Connect = Callable[[], psycopg.Connection]


@pytest.fixture
def jobs(app_url: str) -> Jobs:
    # Nobody dies here: a worker that the machine lets wait is not to be taken for one that did.
    return Jobs(app_url, patience=replace(QUICK, silent_seconds=600))


def stored(connect: Connect) -> list[Any]:
    with connect() as connection:
        return connection.execute(
            "select task_name, args, status::text, attempts from procrastinate_jobs order by id"
        ).fetchall()


def until(met: Callable[[], object]) -> None:
    """Wait until it is so; the limit of each test ends what hangs."""
    while not met():
        time.sleep(0.05)


# --- ids alone ----------------------------------------------------------------------------------------


def test_a_job_that_asks_for_more_than_ids_is_refused(jobs: Jobs) -> None:
    def with_text(patient_last_name: str) -> None: ...
    def with_an_id_as_text(member_id: str) -> None: ...
    def with_anything(run_id: int, **more: int) -> None: ...
    def untyped(run_id) -> None: ...  # type: ignore[no-untyped-def]

    for task in (with_text, with_an_id_as_text, with_anything, untyped):
        with pytest.raises(JobError, match="a job can have"):
            jobs.job("x")(task)


@pytest.mark.parametrize(
    "arguments",
    [
        {"run_id": "RIVERA"},
        {"run_id": 1.5},
        {"run_id": True},
        {"run_id": [1]},
        {"patient": 1},
        {"tenant": 1},
        {"correlation_id": "RIVERA"},
    ],
)
def test_an_argument_that_is_not_an_id_is_refused_and_not_repeated(
    jobs: Jobs, connect: Connect, arguments: dict[str, Any]
) -> None:
    @jobs.job("work")
    def work(caller: Caller, correlation_id: str, run_id: int) -> None: ...

    with connect() as connection, pytest.raises(JobError, match="is not an id") as raised:
        jobs.defer(caller_of(), connection, "work", **arguments)
    assert "ivera" not in str(raised.value).lower()
    assert stored(connect) == []


def test_a_job_that_nobody_knows_is_refused(jobs: Jobs, connect: Connect) -> None:
    with connect() as connection, pytest.raises(JobError, match="no job named"):
        jobs.defer(caller_of(), connection, "nothing")


# --- with the change ----------------------------------------------------------------------------------


def test_a_job_is_queued_with_the_change_or_not_at_all(jobs: Jobs, connect: Connect) -> None:
    ran: list[tuple[Caller, int]] = []

    @jobs.job("work")
    def work(caller: Caller, run_id: int) -> None:
        ran.append((caller, run_id))

    with connect() as connection:
        jobs.defer(caller_of(), connection, "work", run_id=1)
        connection.rollback()
        jobs.defer(caller_of(), connection, "work", run_id=2)
    jobs.work(wait=False, signals=False)
    assert ran == [(caller_of().as_job(), 2)]
    assert stored(connect) == [
        ("work", {"tenant": "north", "actor": "user:7", "purpose": "payment", "run_id": 2}, "succeeded", 1)
    ]


def test_a_worker_leaves_jobs_that_it_does_not_know_to_those_that_do(app_url: str, connect: Connect) -> None:
    ran: list[int] = []

    def known(*names: str) -> Jobs:
        jobs = Jobs(app_url)
        for name in names:

            @jobs.job(name)
            def run(run_id: int) -> None:
                ran.append(run_id)

        return jobs

    with connect() as connection:
        known("theirs").defer(caller_of(), connection, "theirs", run_id=1)
        known("ours").defer(caller_of(), connection, "ours", run_id=2)
    for names in ((), ("ours",)):
        known(*names).work(wait=False, signals=False)
    assert ran == [2]
    assert [(name, status) for name, _, status, _ in stored(connect)] == [
        ("theirs", "todo"), ("ours", "succeeded"),
    ]  # fmt: skip


def test_a_job_that_fails_is_tried_again_and_then_given_up(jobs: Jobs, connect: Connect) -> None:
    tries: list[int] = []

    @jobs.job("fragile")
    def fragile(run_id: int) -> None:
        tries.append(run_id)
        if run_id == 1 or len(tries) < 3:
            raise ValueError("RIVERA")

    with connect() as connection:
        jobs.defer(caller_of(), connection, "fragile", run_id=2)
    until(lambda: jobs.work(wait=False, signals=False) or stored(connect)[0][2] == "succeeded")
    assert len(tries) == 3
    tries.clear()
    with connect() as connection:
        jobs.defer(caller_of(), connection, "fragile", run_id=1)
    until(lambda: jobs.work(wait=False, signals=False) or stored(connect)[1][2] == "failed")
    assert len(tries) == QUICK.attempts


def test_nothing_of_a_failure_is_stored_but_that_it_was(jobs: Jobs, connect: Connect, store: Store) -> None:
    @jobs.job("fragile")
    def fragile(run_id: int) -> None:
        raise ValueError("RIVERA")

    with connect() as connection:
        jobs.defer(caller_of(), connection, "fragile", run_id=1)
    jobs.work(wait=False, signals=False)
    with connect() as connection:
        for table in ("jobs", "events", "workers", "periodic_defers"):
            name = sql.Identifier(f"procrastinate_{table}")
            rows = connection.execute(sql.SQL("select t::text from {} t").format(name)).fetchall()
            assert "RIVERA" not in str(rows)


@pytest.mark.timeout(120)
def test_a_worker_ends_even_where_a_cancellation_is_lost(
    app_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = Jobs(app_url, patience=replace(QUICK, heartbeat_seconds=0.01, silent_seconds=600))

    async def swallowing(_app: object) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.3)

    monkeypatch.setattr(jobs, "_take_over", swallowing)
    jobs.work(wait=False, signals=False)


# --- killed -------------------------------------------------------------------------------------------


def worker(address: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.platform.job_worker", address, str(folder)])


@pytest.mark.slow
def test_the_job_of_a_killed_worker_is_resumed_by_another(
    app_url: str, connect: Connect, tmp_path: Path
) -> None:
    with connect() as connection:
        jobs_of(app_url, tmp_path).defer(caller_of(), connection, "two.stages", thing_id=1)
    first = worker(app_url, tmp_path)
    try:
        until((tmp_path / "1.first").exists)
        first.send_signal(signal.SIGKILL)
        first.wait()
        second = worker(app_url, tmp_path)
        try:
            until((tmp_path / "1.second").exists)
            until(lambda: stored(connect)[0][2] == "succeeded")
        finally:
            second.terminate()
            assert second.wait(120) == 0
    finally:
        if first.poll() is None:
            first.kill()
            first.wait()
    assert (tmp_path / "1.first").read_text() != (tmp_path / "1.second").read_text()


@pytest.mark.slow
def test_a_job_that_kills_its_workers_is_given_up(app_url: str, connect: Connect, tmp_path: Path) -> None:
    with connect() as connection:
        jobs_of(app_url, tmp_path).defer(caller_of(), connection, "deadly", thing_id=1)
    for _ in range(QUICK.attempts + 1):
        one = worker(app_url, tmp_path)
        until(lambda: one.poll() is not None or stored(connect)[0][2] == "failed")  # noqa: B023
        if one.poll() is None:
            one.terminate()
        one.wait(120)
        if stored(connect)[0][2] == "failed":
            break
    assert stored(connect)[0][2] == "failed"
    assert len((tmp_path / "deaths").read_text()) <= QUICK.attempts


# --- the tables ---------------------------------------------------------------------------------------


def test_the_tables_come_and_go_with_the_migrations(bare_store: Store) -> None:
    def tables() -> int:
        with psycopg.connect(bare_store.owner) as connection:
            row = connection.execute(
                "select (select count(*) from pg_class where relname ~ '^procrastinate_')"
                " + (select count(*) from pg_proc where proname ~ '^procrastinate_')"
                " + (select count(*) from pg_type where typname ~ '^procrastinate_')"
            ).fetchone()
        assert row is not None
        return int(row[0])

    migrate(bare_store.owner)
    there = tables()
    assert there > 10
    with psycopg.connect(bare_store.owner) as connection:
        install(connection)
    assert tables() == there
    migrate(bare_store.owner, "base")
    assert tables() == 0
    migrate(bare_store.owner)
    assert tables() == there
