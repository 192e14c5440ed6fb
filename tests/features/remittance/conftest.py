"""A clinic whose claims are in production, and remittances posted for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.calling import act_for
from tests.database_server import Store, new_store
from tests.features.pipeline.bench_of_claims import AS_OF, CALLER, Shelf, begun, sealer_of, stage, worker

from claimwright.domain.caller import Caller
from claimwright.features.checking import Checker
from claimwright.features.remittance import PostedFile, RemittancePoster, UnderpaymentSearch, tell
from claimwright.platform.database import Connection, EmbeddedServer
from claimwright.platform.phi import Sealer

from .written_835 import Payment, Submitted, submitted, written

SEARCH = UnderpaymentSearch()
CLAIMS = (
    Submitted("A100", [("99213", "100"), ("85025", "50")]),
    Submitted("A200", [("99214", "200")], last="ROE", first="MARY", member="W000000002"),
    Submitted("A300", [("99213", "100")], last="POE", first="ANN", member="W000000003"),
    Submitted("A300", [("99213", "100")], turn="S", last="POE", first="ANN", member="W000000003"),
    Submitted("mixed-Case-Number-Beyond-20", [("99215", "300")], last="COE", first="TIM", member="W4"),
    Submitted(
        "A500", [("80053", "40"), ("80053", "40"), ("85025", "20")], last="LOE", first="SUE", member="W5"
    ),
    Submitted("A600", [("99212", "60")], last="MOE", first="KIM", member="W6"),
    Submitted("A700", [("99213", "100"), ("85025", "50")], last="NOE", first="LEE", member="W7"),
)
# A claim that names a second payer, which is the patient's spouse's.
SECOND_PAYER = (
    "SBR*S*01*GRP9******CI", "OI***Y***Y", "NM1*IL*1*DOE*JANE****MI*S900", "N3*12 ELM ST",
    "N4*BALTIMORE*MD*212021234", "NM1*PR*2*SECOND PLAN*****PI*67890",
)  # fmt: skip
CLAIMS = (
    *CLAIMS,
    Submitted(
        "A800", [("99213", "100"), ("85025", "50")], last="DOE", first="JACK", member="W8",
        other_payer=SECOND_PAYER,
    ),
)  # fmt: skip


class OneTransaction:
    """Stands in for a database: what would be a transaction is a part of one that is rolled back in the
    end.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def transaction(self, caller: Caller) -> Iterator[Connection]:
        """A part of the one transaction, on the caller's behalf."""
        with self.connection.transaction():
            act_for(self.connection, caller)
            yield self.connection
            # What a commit would check.
            self.connection.execute("set constraints all immediate")
            self.connection.execute("set constraints all deferred")


@dataclass
class Clinic:
    """A clinic's store, and what was posted."""

    database: Any
    sealer: Sealer
    checker: Checker
    # Of a store that other processes can open: its address, and the folder with the keys.
    address: str | None = None
    folder: Path | None = None

    def post(self, *payments: Payment, content: bytes | None = None, **options: Any) -> PostedFile:
        """Post these payments as one file."""
        made = content if content is not None else written(*payments)
        poster = RemittancePoster(self.database, self.sealer, Shelf(), tell)
        return poster.post(CALLER, lambda: [made], "test.835", **options)

    def submit(self, *claims: Submitted) -> None:
        """Submit more claims, and process them."""
        stage(self.database, self.sealer, submitted(*claims))
        worker(self.database, self.sealer, begun(self.database), self.checker).work()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the store, as the application sees them."""
        with self.database.transaction(CALLER) as connection:
            return list(connection.execute(query.encode()).fetchall())

    def answers(self) -> list[tuple[str, str | None]]:
        """State and reason of every answer, in order of arrival."""
        return [
            (a, b) for a, b in self.rows("select state, reason from remittance.answers order by answer_id")
        ]

    def key_of(self, number: str, turn: str = "P") -> int:
        """The key of a claim by its position among `CLAIMS`."""
        position = [(each.number, each.turn) for each in CLAIMS].index((number, turn)) + 1
        found = self.rows("select position, claim_key from production.claims order by file_id desc")
        return int(dict(found)[position])

    def balance(self, number: str) -> dict[str, int]:
        """The balances of a claim's account in cents, without those of zero."""
        found = self.rows(
            "select p.account_key, e.account || coalesce(':' || e.turn, ''), sum(e.amount_cents)::bigint "
            "from remittance.postings p join remittance.entries e using (tenant, posting_id) "
            "group by 1, 2 having sum(e.amount_cents) <> 0"
        )
        kept = dict(self.rows("select account_key, amount_cents from remittance.patient_balances"))
        owed = {key: cents for key, account, cents in found if account == "patient"}
        assert {key: cents for key, cents in kept.items() if cents} == owed
        return {account: cents for key, account, cents in found if key == self.key_of(number)}

    def totals(self) -> dict[str, int]:
        """The balance of every account."""
        found = self.rows(
            "select account, sum(amount_cents)::bigint from remittance.entries group by 1 "
            "having sum(amount_cents) <> 0 order by 1"
        )
        return dict(found)


@pytest.fixture(scope="session")
def checker() -> Checker:
    """All rules, on the reference data that ships."""
    return Checker(as_of=AS_OF)


@pytest.fixture(scope="session")
def clinic_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the keys of the clinic, in `home`."""
    return tmp_path_factory.mktemp("clinic")


@pytest.fixture(scope="session")
def filled(
    server: EmbeddedServer, template: str, clinic_folder: Path, checker: Checker
) -> Iterator[tuple[Store, Sealer]]:
    """A store with the clinic's claims in production; tests copy it."""
    folder = clinic_folder
    with new_store(server, template) as store:
        sealer = sealer_of(store, folder)
        with store.open() as database:
            stage(database, sealer, submitted(*CLAIMS))
            worker(database, sealer, begun(database), checker).work()
        yield store, sealer


@pytest.fixture
def clinic(filled: tuple[Store, Sealer], checker: Checker) -> Iterator[Clinic]:
    """The clinic, in one transaction that is rolled back: a test starts with nothing posted."""
    store, sealer = filled
    with psycopg.connect(store.address) as connection:
        connection.execute("set role claimwright_app")
        yield Clinic(OneTransaction(connection), sealer, checker)
        connection.rollback()


@pytest.fixture
def copied_clinic(filled: tuple[Store, Sealer], clinic_folder: Path, checker: Checker) -> Iterator[Clinic]:
    """The clinic, in a store of the test's own."""
    store, sealer = filled
    with store.copied() as copied, copied.open() as database:
        yield Clinic(database, sealer, checker, copied.address, clinic_folder)
