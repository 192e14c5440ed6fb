"""What is missing of a store is found, wherever it is missing, and what is there is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from tests.database_server import Store, new_store
from tests.features.pipeline.bench_of_claims import AS_OF, CALLER, TENANT, begun, sample, worker

from claimwright.assembly.deliveries import deliver_claims
from claimwright.assembly.intakes import make_intake
from claimwright.assembly.stores import open_sealer
from claimwright.assembly.verification import verify_store
from claimwright.features.checking import Checker
from claimwright.platform.database import EmbeddedServer
from claimwright.platform.settings import Settings, load_settings
from claimwright.store.reconciliation import disagreements

CLAIMS = 12


@dataclass(frozen=True)
class Whole:
    """A store with processed and delivered claims, its home, and the target."""

    store: Store
    target: Store
    folder: Path

    def settings(self) -> Settings:
        return load_settings(
            folder=self.folder,
            variables={
                "CLAIMWRIGHT_HOME": str(self.folder / "home"),
                "CLAIMWRIGHT_DATABASE_URL": self.store.url,
                "CLAIMWRIGHT_PIPELINE__TARGET_URL": self.target.superuser,
            },
        )

    def faults(self, *, deep: bool = False) -> set[str]:
        """The parts that do not agree."""
        settings = self.settings()
        with self.store.open() as database:
            found = list(verify_store(CALLER, settings, database, deep=deep))
        assert {"database", "stored files", "keys", "delivery target", "audit log"} <= {
            each.part for each in found
        }
        return {each.part for each in found if each.faults}


@pytest.fixture(scope="module")
def whole(server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("whole")
    with new_store(server, template) as store, new_store(server, None) as target:
        made = Whole(store, target, folder)
        settings = made.settings()
        with store.open() as database:
            make_intake(settings, database).stage(CALLER, [sample(folder, CLAIMS)], facility="FAC001")
            sealer = open_sealer(settings, database)
            worker(database, sealer, begun(database), Checker(as_of=AS_OF)).work()
            with database.transaction(CALLER) as connection:
                connection.execute("update production.claims set route = 'production'")
            assert sum(each.claims for each in deliver_claims(CALLER, settings, database)) == CLAIMS
        yield made


def test_a_store_that_is_whole_agrees_in_every_part(whole: Whole) -> None:
    assert whole.faults(deep=True) == set()


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("delete from staging.records where claim_key = 3", "claims without a sealed record"),
        ("delete from production.claims where claim_key = 3", "sealed records without a claim"),
        ("delete from staging.claim_keys where claim_key = 3", "claims without their number"),
        ("delete from staging.files", "claims of an unknown file"),
        (
            "delete from production.lines where claim_key = 3 and line = 1",
            "claims with missing lines",
        ),
        (
            "update production.claims set findings = 99 where claim_key = 3",
            "claims with missing findings",
        ),
    ],
)
def test_what_is_missing_of_the_tables_is_named(whole: Whole, damage: str, what: str) -> None:
    with psycopg.connect(whole.store.superuser) as connection:
        connection.execute(damage.encode())
        found = {each.what: each for each in disagreements(connection)}
        connection.rollback()
    [named] = [each for name, each in found.items() if name.startswith(what)]
    assert named.examples[:1] in {(3,), (1,)}


def test_what_is_missing_around_the_database_is_found(whole: Whole) -> None:
    files = whole.folder / "home" / "objects" / "files" / TENANT
    [piece] = [path for path in files.rglob("*") if path.is_file()]
    content = piece.read_bytes()

    def damaged(change: Callable[[], object], *, deep: bool = False) -> set[str]:
        change()
        try:
            return whole.faults(deep=deep)
        finally:
            piece.parent.mkdir(parents=True, exist_ok=True)
            piece.write_bytes(content)

    assert damaged(lambda: shutil.rmtree(piece.parent)) == {"stored files"}
    assert damaged(lambda: piece.write_bytes(content[:-1])) == {"stored files"}
    changed = content[:-1] + bytes([content[-1] ^ 1])
    assert damaged(lambda: piece.write_bytes(changed)) == set()
    assert damaged(lambda: piece.write_bytes(changed), deep=True) == {"contents"}
    with psycopg.connect(whole.target.superuser, autocommit=True) as target:
        target.execute("delete from claimwright.claims where claim_key = 3")
        assert whole.faults() == {"delivery target"}
    with psycopg.connect(whole.store.superuser) as connection:
        connection.execute("delete from production.deliveries where claim_key = 3")
        connection.execute("update staging.records set sealed = substr(sealed, 1, 40) where claim_key = 5")
    assert whole.faults(deep=True) == {"sealed records"}
    with psycopg.connect(whole.store.superuser) as connection:
        connection.execute(
            "insert into staging.files select tenant, 99, facility, sha256('x'), bytes, null, now(),"
            " received_on, correlation_id, claims, staged, refused, faults from staging.files"
        )
    assert whole.faults() == {"audited files"}
    with psycopg.connect(whole.store.superuser) as connection:
        connection.execute("alter table platform.audit_log disable trigger user")
        connection.execute("delete from platform.audit_log where sequence = 2")
    assert whole.faults() == {"audited files", "audit log"}
