"""A store with claims of known defects that a run has processed, and a desk at which they are corrected."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.database_server import Store, new_store
from tests.features.pipeline.bench_of_claims import (
    AS_OF,
    CALLER,
    Shelf,
    begun,
    rows,
    sample,
    sealer_of,
    worker,
)

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.claim_changes import Change, with_changes
from claimwright.engines.x12 import write_837
from claimwright.features.checking import Checker, check
from claimwright.features.claims import Decide
from claimwright.features.intake import Intake, read_837, tell
from claimwright.features.repairs import BulkWanted, Edit, Opening, RepairDesk, Wanted
from claimwright.features.repairs.trials import Benches
from claimwright.features.repairs.writing import beside
from claimwright.features.review import ReviewPolicy, gather_items
from claimwright.foundation import clock
from claimwright.platform.database import Database, EmbeddedServer
from claimwright.platform.phi import Sealer

# The rules are made ready once for all tests.
BENCHES = Benches()
ALL = {"billing": True, "clinical": True, "identity": True, "narrative": True}
WHY = "the finding was looked at"


def everything(_facility: str, _labels: frozenset[str]) -> tuple[dict[str, bool], dict[str, str]]:
    return dict(ALL), dict.fromkeys(ALL, "")


def no_identity(_facility: str, _labels: frozenset[str]) -> tuple[dict[str, bool], dict[str, str]]:
    return ALL | {"identity": False}, dict.fromkeys(ALL, "no policy shows it")


def opening(decide: Decide = everything) -> Opening:
    return Opening(decide, WHY, "00000000-0000-4000-8000-000000000001")


def by_hand(*edits: Edit) -> Wanted:
    return Wanted((), edits)


class Files(Shelf):
    """Object storage in memory, with a listing."""

    def put(self, key: str, content: bytes) -> None:
        self.objects[key] = content

    def aged(self, folder: str) -> Iterator[tuple[str, datetime.datetime]]:
        yield from [(key, clock.now()) for key in self.objects if key.startswith(folder)]


@dataclass
class Clinic:
    """A store, what opens it, and the claims by the name of their defect."""

    store: Store
    folder: Path
    sealer: Sealer
    shelf: Shelf
    keys: dict[str, int]
    database: Database

    @property
    def intake(self) -> Intake:
        return Intake(self.database, self.sealer, self.shelf, tell)

    def gather(self, caller: Caller, approval_cents: int = 10**12) -> None:
        with self.database.transaction(caller) as connection:
            gather_items(caller, connection, ReviewPolicy(approval_cents))

    def desk(self, approval_cents: int = 10**12) -> RepairDesk:
        """A desk; claims above an amount need an approval."""
        return RepairDesk(
            self.intake, self.sealer, gather=lambda caller, _keys: self.gather(caller, approval_cents),
            today=lambda: AS_OF, benches=BENCHES,
        )  # fmt: skip

    def run(self, checker: Checker) -> None:
        worker(self.database, self.sealer, begun(self.database, 1_000), checker).work()

    def files(self) -> Files:
        """The storage of files, as what returns a file needs it."""
        return Files(self.shelf.objects)


def clean_professional_claim(folder: Path) -> ClaimBatch:
    """A claim of the samples on which nothing is found."""
    path = folder / "sample.837"
    path.write_bytes(sample(folder, 60))
    batch = read_837(path)
    result = check(batch, as_of=AS_OF)
    fine = set(batch.claims["claim"]) - set(result.findings["claim"].drop_nulls())
    chosen = batch.claims.filter(form="P")["claim"].to_list()
    claim = next(each for each in chosen if each in fine)
    return batch.select([claim])


# What is wrong with each claim; `line` is its first.
DEFECTS: dict[str, list[Change]] = {
    "state": [Change(1, "billing_state", "oh")],
    "zip": [Change(1, "subscriber_zip", "43201-1234")],
    "phone": [Change(1, "billing_contact_phone", "614-555-0100")],
    "state and street": [Change(1, "billing_state", "oh"), Change(1, "billing_address_1", "PO BOX 7")],
    "street": [Change(1, "billing_address_1", "PO BOX 7")],
    "place": [Change(1, "place_of_service", "30")],
    "second state": [Change(1, "billing_state", "in ")],
    "typing error": [Change(1, "billing_state", "ox")],
    "twice": [Change(1, "billing_state", "oh")],
    "fine": [],
}


def content_of(base: ClaimBatch) -> bytes:
    claims = []
    for number, (name, changes) in enumerate(DEFECTS.items(), start=1):
        # A claim with the patient of another one, and all else, would repeat it.
        patient = 1 if name == "twice" else number
        own = [
            Change(1, "claim_id", f"CL{number:04}"),
            Change(1, "subscriber_member_id", f"SYN{patient:08}"),
            *changes,
        ]
        claims.append(with_changes(base, [replaced(base, each) for each in own])[0])
    return b"".join(write_837([beside(claims)]))


def replaced(base: ClaimBatch, change: Change) -> Change:
    [claim] = base.claims["claim"]
    return Change(claim, change.field, change.new, change.line, change.position)


@pytest.fixture(scope="session")
def checker() -> Checker:
    return Checker(as_of=AS_OF)


@pytest.fixture(scope="session")
def processed_clinic(
    server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory, checker: Checker
) -> Iterator[Clinic]:
    folder = tmp_path_factory.mktemp("repairs")
    with new_store(server, template) as store:
        sealer, shelf = sealer_of(store, folder), Shelf()
        with store.open() as database:
            made = Clinic(store, folder, sealer, shelf, {}, database)
            content = content_of(clean_professional_claim(folder))
            made.intake.stage(CALLER, [content], facility="FAC001")
            made.run(checker)
            with database.transaction(CALLER) as connection:
                found = connection.execute(
                    "select position, claim_key from production.claims order by position"
                ).fetchall()
        names = list(DEFECTS)
        keys = {names[position - 1]: key for position, key in found}
        yield Clinic(store, folder, sealer, shelf, keys, database)


@pytest.fixture
def clinic(processed_clinic: Clinic, tmp_path: Path) -> Iterator[Clinic]:
    """A copy of the processed claims, to be changed."""
    shutil.copytree(processed_clinic.folder / "home", tmp_path / "home")
    with processed_clinic.store.copied() as store:
        sealer = sealer_of(store, tmp_path)
        shelf = Shelf(dict(processed_clinic.shelf.objects))
        with store.open() as database:
            yield Clinic(store, tmp_path, sealer, shelf, processed_clinic.keys, database)


BILLER, OTHER = Caller("default", "user:1"), Caller("default", "user:2")


def route_of(clinic: Clinic, key: int) -> object:
    query = f"select route, status from production.claims where claim_key = {key}"  # noqa: S608
    return rows(clinic.store, query)


def asked(code: str) -> BulkWanted:
    return BulkWanted(code, everything, "all of these have one cause", "00000000-0000-4000-8000-000000000004")
