"""Circuit breakers: they open, they close, and everyone can see where they stand."""

from __future__ import annotations

import datetime
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from tests.database_server import Store, new_store, running_server, template_of
from tests.features.pipeline.bench_of_claims import (
    CALLER,
    called,
    command,
    environment_of,
    sample,
    sealer_of,
    stage,
    value,
)
from tests.hand_clock import HandClock

from claimwright.platform.breakers import (
    Breaker,
    Standing,
    State,
    database_notifier_of,
    file_notifier_of,
    noted_standings,
    standing_of,
)
from claimwright.platform.observability import METRICS

SAYS_NOTHING = OSError("a patient's name")


def opened(tell: Callable[..., None] = lambda _: None, *, seconds: float = 60) -> Breaker:
    breaker = Breaker("target", 2, seconds, tell)
    breaker.failed(SAYS_NOTHING)
    breaker.failed(SAYS_NOTHING)
    return breaker


def test_a_breaker_opens_after_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker("target", 2, 60, lambda _: None)
    breaker.failed(SAYS_NOTHING)
    breaker.succeeded()
    breaker.failed(SAYS_NOTHING)
    assert breaker.allows()
    breaker.failed(SAYS_NOTHING)
    assert not breaker.allows()
    assert (breaker.state, breaker.failures, breaker.problem) == (State.OPEN, 2, "OSError")


def test_a_breaker_lets_calls_try_after_its_time_and_the_next_outcome_decides() -> None:
    told: list[str] = []
    now = HandClock()
    breaker = Breaker("model", 1, 30, lambda each: told.append(each.state.value), now=now)
    breaker.failed(SAYS_NOTHING)
    now.move(29)
    assert not breaker.allows()
    # What began before it opened, and went well, closes nothing.
    breaker.succeeded()
    assert not breaker.allows()
    now.move(1)
    assert breaker.allows()
    breaker.failed(SAYS_NOTHING)
    assert not breaker.allows()
    now.move(30)
    assert breaker.allows()
    breaker.succeeded()
    assert told == ["open", "half_open", "open", "half_open", "closed"]


def test_the_gauge_says_where_a_breaker_stands() -> None:
    opened()
    text = METRICS().text().decode()
    assert 'claimwright_breaker_state{breaker="target",state="open"} 1.0' in text
    assert 'claimwright_breaker_state{breaker="target",state="closed"} 0.0' in text


def test_a_breaker_that_is_open_stays_open_in_the_next_process_for_the_rest_of_its_time() -> None:
    before, now = opened().standing, HandClock()
    after = Breaker("target", 2, 60, lambda _: None, before=before, now=now)
    assert not after.allows()
    assert after.retry_at == before.retry_at
    now.move(60)
    assert after.allows()
    long_ago = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    rested = Standing("target", State.OPEN, 2, "OSError", long_ago, long_ago)
    assert Breaker("target", 2, 60, lambda _: None, before=rested).allows()


def test_what_is_noted_on_this_machine_is_read_again_and_says_nothing_of_a_message(tmp_path: Path) -> None:
    folder = tmp_path / "breakers"
    breaker = opened(file_notifier_of(folder))
    [found] = noted_standings(folder)
    assert (found.name, found.state, found.failures, found.problem) == ("target", State.OPEN, 2, "OSError")
    assert found.retry_at == breaker.retry_at
    assert "patient" not in (folder / "target.json").read_text()
    (folder / "half.json").write_text("{")
    assert len(noted_standings(folder)) == 1


def test_what_is_told_in_the_store_is_there_for_every_process_with_an_event(store: Store) -> None:
    with store.open() as database:
        opened(database_notifier_of(CALLER, database))
        with database.transaction(CALLER) as connection:
            found = standing_of(connection, "target")
            assert standing_of(connection, "another") is None
    assert found is not None
    assert (found.state, found.problem) == (State.OPEN, "OSError")
    assert value(store, "select data->>'state' from platform.outbox") == "open"


@pytest.fixture
def own_store() -> Iterator[Store]:
    """A store on a server of its own, which may be stopped."""
    with running_server() as server, new_store(server, template_of(server)) as store:
        yield store


def told_by_health(environment: dict[str, str]) -> dict[str, dict[str, object]]:
    said: dict[str, dict[str, object]] = json.loads(called(["health"], environment).stdout)["breakers"]
    return said


@pytest.mark.slow
def test_whoever_watches_waits_for_a_database_that_is_away_and_everyone_sees_it(
    own_store: Store, tmp_path: Path
) -> None:
    server = own_store.server
    environment = environment_of(
        own_store,
        tmp_path,
        CLAIMWRIGHT_DATABASE_POOL_WAIT_SECONDS="0.5",
        CLAIMWRIGHT_PIPELINE_RETRY_FIRST_SECONDS="0.1",
        CLAIMWRIGHT_PIPELINE_BREAKER_FAILURES="2",
        CLAIMWRIGHT_PIPELINE_BREAKER_SECONDS="1",
        CLAIMWRIGHT_PIPELINE_POLL_SECONDS="0.2",
    )
    words = command("run", "--watch", "--workers", "1", "--as-of", "2025-09-15", "--quiet")
    watching = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)
    try:
        with own_store.open() as database:
            stage(database, sealer_of(own_store, tmp_path), sample(tmp_path, 20))
        await_(lambda: value(own_store, "select count(*) from production.claims") == 20)
        pid = server.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        await_(lambda: told_by_health(environment).get("database", {}).get("state") in {"open", "half_open"})
        assert watching.poll() is None
        server.start()
        with own_store.open() as database:
            stage(database, sealer_of(own_store, tmp_path), sample(tmp_path, 10, seed=4), facility="FAC002")
        await_(lambda: value(own_store, "select count(*) from production.claims") == 30)
        assert told_by_health(environment)["database"]["state"] == "closed"
        shown = called(["runs", "show", "1"], environment)
        assert "breaker database: closed since" in shown.stdout
    finally:
        watching.terminate()
        assert watching.wait(120) == 0


def await_(condition: Callable[[], object]) -> None:
    """Wait until it is so, also while the server is away; the limit of each test ends what hangs."""
    while True:
        with suppress(psycopg.OperationalError):
            if condition():
                return
        time.sleep(0.05)
