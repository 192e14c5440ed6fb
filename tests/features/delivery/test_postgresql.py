"""Delivery to another PostgreSQL: everything, once, whatever breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import polars as pl
import psycopg
import pytest
from tests.calling import caller_of
from tests.database_server import Store
from tests.hand_clock import HandClock

from claimwright.features.delivery import (
    TRANSIENT,
    DeliveryError,
    Patience,
    Put,
    Target,
    TargetUnavailableError,
    TargetWithBreaker,
    deliver,
    deliver_patiently,
    open_target,
    undelivered,
)
from claimwright.features.delivery.postgresql import PostgresTarget
from claimwright.platform.breakers import Breaker, State, database_notifier_of, standing_of
from claimwright.platform.database import SUPERUSER, Database, EmbeddedServer


@pytest.fixture
def target_url(server: EmbeddedServer) -> Iterator[str]:
    """An empty database on the same server: to us it is another one."""
    with psycopg.connect(server.address(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute("create database delivered_to")
    yield server.address(SUPERUSER, "delivered_to")
    with psycopg.connect(server.address(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute("drop database delivered_to with (force)")


@pytest.fixture
def database(store: Store) -> Iterator[Database]:
    with store.open() as opened:
        yield opened


def produce(
    database: Database, count: int, *, tenant: str = "north", first: int = 1, route: str = "production"
) -> None:
    """Production claims of two months, with two lines each."""
    with database.transaction(caller_of(tenant)) as connection:
        for month in ("2026-10-01", "2026-11-01"):
            for table in ("claims", "lines"):
                name = f"production.{table}"
                connection.execute("select store.partition(%s::regclass, %s)", (name, month))
        connection.execute(
            "insert into production.claims (received_on, claim_key, version, file_id, position, facility,"
            " form, payer_id, total_charge, expected, lines, unpriced_lines, findings, predicted_by, route,"
            " correlation_id, run_id, received_at, created_at)"
            " select date '2026-10-15' + ((k %% 2) * 30)::integer, k, 1, 1, k, 'FAC001', 'P', '00060',"
            " k + 0.25, k, 2, 0, 0, 'rules', %s, gen_random_uuid(), 1, now(), now()"
            " from generate_series(%s::bigint, %s) k",
            (route, first, first + count - 1),
        )
        connection.execute(
            "insert into production.lines (received_on, claim_key, line, procedure, units, charge)"
            " select c.received_on, c.claim_key, l, '99213', 1.5, 10 from production.claims c,"
            " generate_series(1, 2) l where c.claim_key between %s and %s",
            (first, first + count - 1),
        )


def totals(url: str) -> tuple[int, Decimal, int]:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select count(*), sum(total_charge), (select count(*) from claimwright.lines)"
            " from claimwright.claims"
        ).fetchone()
    assert row is not None
    return row


def run(database: Database, url: str, batch: int = 40) -> int:
    with open_target(url) as target:
        return sum(each.new for each in deliver(caller_of(), database, target, batch=batch))


def test_every_claim_arrives_once_with_its_lines_and_amounts(database: Database, target_url: str) -> None:
    produce(database, 100)
    assert run(database, target_url) == 100
    assert totals(target_url) == (100, Decimal("5075.00"), 200)
    assert run(database, target_url) == 0
    assert totals(target_url) == (100, Decimal("5075.00"), 200)


def test_what_comes_later_is_delivered_later(database: Database, target_url: str) -> None:
    produce(database, 10)
    run(database, target_url)
    produce(database, 5, first=11)
    assert run(database, target_url) == 5
    assert totals(target_url)[0] == 15


def test_a_claim_that_a_person_reviews_is_not_delivered(database: Database, target_url: str) -> None:
    produce(database, 3, route="review")
    assert run(database, target_url) == 0


def test_a_claim_of_another_tenant_is_not_delivered(database: Database, target_url: str) -> None:
    produce(database, 3, tenant="south")
    assert run(database, target_url) == 0


def test_another_claim_under_the_same_key_at_the_target_is_named_and_hinders_no_other(
    database: Database, store: Store, target_url: str
) -> None:
    """As after the restore of an older backup: the keys of what came since are given out again."""
    produce(database, 20)
    run(database, target_url)
    with psycopg.connect(store.superuser) as connection:
        connection.execute("delete from production.deliveries")
        # One file was taken in again, and its claims have the keys of others; the rest is what is there.
        connection.execute(
            "update production.claims set correlation_id = gen_random_uuid(), total_charge = 1"
            " where claim_key between 5 and 7"
        )
    produce(database, 10, first=21)
    before = totals(target_url)
    with open_target(target_url) as target:
        done = list(deliver(caller_of(), database, target, batch=6))
        assert target.highest_key() == 30
    assert {key for each in done for key in each.differing} == {5, 6, 7}
    assert sum(each.new for each in done) == 10
    assert sum(each.claims for each in done) == 27
    assert totals(target_url)[0] == before[0] + 10
    assert totals(target_url)[2] == before[2] + 20
    with database.transaction(caller_of()) as connection:
        # Of these nobody says that they were delivered.
        assert undelivered(connection, target.name) == 3


class Breaking:
    """A target that breaks once: before it writes, or after, before we hear of it."""

    def __init__(self, url: str, *, after: bool) -> None:
        self.real = PostgresTarget(url)
        self.name = self.real.name
        self.after, self.broken = after, False

    def put(self, frames: Mapping[str, pl.DataFrame]) -> Put:
        if self.broken:
            return self.real.put(frames)
        self.broken = True
        if self.after:
            self.real.put(frames)
        # The network goes: the server ends the connection under us.
        assert self.real._connection is not None
        self.real._connection.close()
        return self.real.put(frames)


@pytest.mark.parametrize("after", [False, True])
def test_a_connection_that_breaks_loses_and_doubles_nothing(
    database: Database, target_url: str, after: bool
) -> None:
    produce(database, 100)
    breaking = Breaking(target_url, after=after)
    with breaking.real, pytest.raises(psycopg.OperationalError):
        list(deliver(caller_of(), database, breaking, batch=40))  # type: ignore[arg-type]
    assert totals(target_url)[0] == (40 if after else 0)
    assert run(database, target_url) == (60 if after else 100)
    assert totals(target_url) == (100, Decimal("5075.00"), 200)


def test_a_target_that_fails_is_connected_to_anew_with_growing_waits(
    database: Database, target_url: str
) -> None:
    produce(database, 100)
    failures = iter([True, True, False, True, False])
    waits: list[float] = []

    class Shaky(PostgresTarget):
        def put(self, frames: Mapping[str, pl.DataFrame]) -> Put:
            if next(failures, False):
                assert self._connection is not None
                self._connection.close()
            return super().put(frames)

    done = list(
        deliver_patiently(
            caller_of(), database, lambda: Shaky(target_url), batch=40,
            patience=Patience(3, 0.01, 0.1), sleep=waits.append,
        )
    )  # fmt: skip
    assert [each.new for each in done] == [40, 40, 20]
    assert totals(target_url) == (100, Decimal("5075.00"), 200)
    assert len(waits) >= 2


def test_a_target_that_stays_away_is_given_up(database: Database) -> None:
    produce(database, 1)
    waits: list[float] = []
    nowhere = deliver_patiently(
        caller_of(), database, lambda: PostgresTarget("postgresql://u:p@127.0.0.1:9/d"),
        patience=Patience(4, 0.01, 0.1), sleep=waits.append,
    )  # fmt: skip
    with pytest.raises(psycopg.OperationalError):
        list(nowhere)
    assert len(waits) == 3


def test_the_target_is_partitioned_by_month(database: Database, target_url: str) -> None:
    produce(database, 4)
    run(database, target_url)
    with psycopg.connect(target_url) as connection:
        rows = connection.execute(
            "select inhrelid::regclass::text from pg_inherits"
            " where inhparent = 'claimwright.claims'::regclass"
        ).fetchall()
    assert sorted(name for (name,) in rows) == ["claimwright.claims_2026_10", "claimwright.claims_2026_11"]


def test_a_target_of_no_known_kind_is_refused_without_its_password() -> None:
    for url in ("oracle://u:hunter2@h/d", "postgresql://u:hunter2@db.example/d?sslmode=disable", "mssql://h"):
        with pytest.raises(DeliveryError) as raised:
            open_target(url)
        assert "hunter2" not in str(raised.value)


class Away:
    """A target that is away."""

    name = "away"

    def __init__(self) -> None:
        self.calls = 0

    def __enter__(self) -> Away:
        self.calls += 1
        raise psycopg.OperationalError

    def __exit__(self, *_: object) -> None:
        pass

    def put(self, frames: Mapping[str, pl.DataFrame]) -> Put:
        raise AssertionError("nothing is put where nobody got in")


def test_a_target_that_fails_again_and_again_is_left_alone_and_its_claims_wait(
    database: Database, target_url: str
) -> None:
    produce(database, 10)
    now, away = HandClock(), Away()
    breaker = Breaker("target", 3, 30, database_notifier_of(caller_of(), database), now=now)
    patience = Patience(attempts=10)

    def delivered(target: Target) -> list[int]:
        guarded = TargetWithBreaker(target, breaker, TRANSIENT)
        done = deliver_patiently(
            caller_of(), database, lambda: guarded, patience=patience, sleep=lambda _: None
        )
        return [each.new for each in done]

    for passed in (0, 29):
        now.move(passed)
        with pytest.raises(TargetUnavailableError):
            delivered(away)
        assert away.calls == 3
    with database.transaction(caller_of()) as connection:
        found = standing_of(connection, "target")
        assert undelivered(connection, PostgresTarget(target_url).name) == 10
    assert found is not None
    assert found.state is State.OPEN
    now.move(1)
    assert sum(delivered(open_target(target_url))) == 10
    assert breaker.state is State.CLOSED
    with database.transaction(caller_of()) as connection:
        assert undelivered(connection, PostgresTarget(target_url).name) == 0
