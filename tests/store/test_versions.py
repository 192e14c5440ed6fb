"""Which version of a claim is in force: replacements supersede, voids count nothing, whatever the order."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import (
    AS_OF,
    CALLER,
    begun,
    rows,
    sample,
    sealer_of,
    stage,
    value,
    worker,
)

from claimwright.features.checking import Checker
from claimwright.store.versions import settle_versions

CLAIMS = 20


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker(as_of=AS_OF)


def sent_again(content: bytes, frequency: bytes, interchange: bytes) -> bytes:
    """Every claim of a file under another frequency, in an interchange of another number."""
    text = re.sub(rb"(CLM\*[^~]*\*\d\d:[AB]:)1", rb"\g<1>" + frequency, content)
    return re.sub(rb"(ISA(?:\*[^*]*){12}\*)\d{9}", rb"\g<1>" + interchange, text)


def settled(store: Store) -> list[tuple[object, ...]]:
    """By status: how many claims, and how many chains of versions."""
    return rows(
        store,
        "select status, count(*), count(distinct number) from production.claims c "
        "join staging.claim_keys k using (tenant, claim_key) group by status order by status",
    )


@pytest.fixture
def three_versions(store: Store, tmp_path: Path) -> Store:
    """Claims, their replacements and then their voids, all staged."""
    content = sample(tmp_path, CLAIMS)
    sealer = sealer_of(store, tmp_path)
    with store.open() as database:
        originals = stage(database, sealer, content)
        replaced = stage(database, sealer, sent_again(content, b"7", b"000000101"))
        assert replaced.staged == originals.staged
    return store


def run_all(store: Store, folder: Path, checker: Checker, chunk_claims: int) -> None:
    with store.open() as database:
        run = begun(database, chunk_claims=chunk_claims)
        worker(database, sealer_of(store, folder), run, checker).work()


@pytest.mark.parametrize("chunk_claims", [7, 1000])
def test_a_replacement_supersedes_and_totals_count_each_claim_once(
    three_versions: Store, tmp_path: Path, checker: Checker, chunk_claims: int
) -> None:
    run_all(three_versions, tmp_path, checker, chunk_claims)
    dead = value(three_versions, "select count(*) from pipeline.dead_letters")
    assert dead == 0
    assert settled(three_versions) == [("active", CLAIMS, CLAIMS), ("superseded", CLAIMS, CLAIMS)]
    assert value(
        three_versions, "select sum(total_charge) from production.claims where status = 'active'"
    ) == (value(three_versions, "select sum(total_charge) from production.claims where version = 1"))
    assert rows(
        three_versions,
        "select state, count(*) from production.claim_events where state = 'superseded' group by state",
    ) == [("superseded", CLAIMS)]


def test_a_returned_claim_comes_again_under_its_number_and_others_do_not(
    three_versions: Store, tmp_path: Path, checker: Checker
) -> None:
    run_all(three_versions, tmp_path, checker, 50)
    with psycopg.connect(three_versions.superuser) as connection:
        returned = connection.execute(
            "update production.claims set route = 'returned' where claim_key ="
            " (select max(claim_key) from production.claims) returning claim_key"
        ).fetchone()
    content = sample(tmp_path, CLAIMS)
    again = re.sub(rb"(ISA(?:\*[^*]*){12}\*)\d{9}", rb"\g<1>000000103", content)
    with three_versions.open() as database:
        staged = stage(database, sealer_of(three_versions, tmp_path), again)
    assert (staged.staged, dict(staged.refused)) == (1, {"claim number used before": CLAIMS - 1})
    run_all(three_versions, tmp_path, checker, 50)
    assert returned is not None
    assert rows(
        three_versions,
        "select n.version, n.status, o.status from production.claims n join production.claims o"  # noqa: S608
        f" on o.claim_key = n.original_key where o.claim_key = {returned[0]}",
    ) == [(3, "active", "superseded")]


def test_a_void_supersedes_what_was_before_it_and_counts_nothing(
    three_versions: Store, tmp_path: Path, checker: Checker
) -> None:
    run_all(three_versions, tmp_path, checker, 50)
    content = sample(tmp_path, CLAIMS)
    with three_versions.open() as database:
        stage(database, sealer_of(three_versions, tmp_path), sent_again(content, b"8", b"000000102"))
    run_all(three_versions, tmp_path, checker, 50)
    assert settled(three_versions) == [
        ("superseded", 2 * CLAIMS, CLAIMS),
        ("void", CLAIMS, CLAIMS),
    ]


def test_versions_that_come_to_production_in_the_wrong_order_settle_alike(
    three_versions: Store, tmp_path: Path, checker: Checker
) -> None:
    """The replacements are there first: the originals find them."""
    run_all(three_versions, tmp_path, checker, 1000)
    with psycopg.connect(three_versions.superuser) as owner:
        owner.execute("update production.claims set status = 'active'")
        owner.execute("delete from production.claim_events where state = 'superseded'")
    with three_versions.open() as database, database.transaction(CALLER) as connection:
        assert settle_versions(connection, 1, CLAIMS, [], 1) == CLAIMS
        assert settle_versions(connection, 1, CLAIMS, [], 1) == 0
    assert settled(three_versions) == [("active", CLAIMS, CLAIMS), ("superseded", CLAIMS, CLAIMS)]
