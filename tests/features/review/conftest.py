"""A store whose claims are processed, with accounts, for tests of the queue of work items."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.database_server import Store, new_store
from tests.features.pipeline.bench_of_claims import AS_OF, begun, sample, sealer_of, stage, worker

from claimwright.domain.caller import Caller
from claimwright.features.checking import Checker
from claimwright.features.review import (
    ActResult,
    Assignment,
    GatheredItems,
    ItemFilter,
    ReviewPolicy,
    ShownItem,
    WantedAct,
    act_on,
    active_people,
    gather_items,
    list_work,
)
from claimwright.foundation import clock
from claimwright.platform.access import ROLES
from claimwright.platform.database import Connection, Database, EmbeddedServer
from claimwright.platform.identity import create_account
from claimwright.platform.phi import Sealer

ROOT = Caller("default", "system:test")
WHY = "the charge was confirmed"


@dataclass
class Queue:
    """A queue over a store, and people who work on it."""

    database: Database
    store: Store
    sealer: Sealer
    # Nothing needs an approval, unless a test gathers by another policy.
    policy: ReviewPolicy = field(default_factory=lambda: ReviewPolicy(approval_cents=10**12))

    @contextmanager
    def open(self, caller: Caller = ROOT) -> Iterator[Connection]:
        """A transaction of somebody."""
        with self.database.transaction(caller) as connection:
            yield connection

    def person(self, name: str, *roles: str, facilities: list[str] | None = None) -> Caller:
        """Somebody with an account."""
        with self.open() as connection:
            made = create_account(
                ROOT, connection, name, roles=roles or ("claims_processor",), known_roles=ROLES,
                facilities=facilities,
            )  # fmt: skip
        return Caller("default", made.actor)

    def gather(self, policy: ReviewPolicy | None = None) -> GatheredItems:
        """Bring the items up to date."""
        with self.open() as connection:
            return gather_items(ROOT, connection, policy or self.policy)

    def items(self, **filters: Any) -> list[ShownItem]:
        """Items in the order of the queue."""
        with self.open() as connection:
            return list_work(connection, ItemFilter(clock.today(), **filters), limit=1_000).items

    def item(self, item_id: int) -> ShownItem:
        """One item."""
        return self.items(item_id=item_id)[0]

    def act(
        self,
        caller: Caller,
        act: str,
        *item_ids: int,
        reason: str | None = WHY,
        forbidden: str | None = None,
        **more: Any,
    ) -> ActResult:
        """Have somebody do something with items, whichever version they have; they may all but one action."""
        with self.open(caller) as connection:
            wanted = WantedAct(act, dict.fromkeys(item_ids), reason, **more)
            return act_on(caller, connection, wanted, may=lambda action: action != forbidden)

    def assignment(self, **more: Any) -> Assignment:
        """An assignment by somebody who may give items to anybody."""
        with self.open() as connection:
            return Assignment(active_people(connection), may_assign=True, **more)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What a query finds, whoever's it is."""
        with psycopg.connect(self.store.superuser) as connection:
            return connection.execute(query.encode()).fetchall()

    def change(self, statement: str) -> None:
        """Change the store directly."""
        with psycopg.connect(self.store.superuser) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def reviewed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the store, with its keys."""
    return tmp_path_factory.mktemp("reviewed")


@pytest.fixture(scope="session")
def reviewed(server: EmbeddedServer, template: str, reviewed_folder: Path) -> Iterator[tuple[Store, Sealer]]:
    """Claims of two facilities, staged and processed."""
    folder = reviewed_folder
    with new_store(server, template) as store:
        sealer = sealer_of(store, folder)
        with store.open() as database:
            stage(database, sealer, sample(folder, 200), "FAC001")
            stage(database, sealer, sample(folder, 80, seed=9).replace(b"CLM*", b"CLM*Y"), "FAC002")
            worker(database, sealer, begun(database, 1_000), Checker(as_of=AS_OF)).work()
        yield store, sealer


@pytest.fixture
def queue(reviewed: tuple[Store, Sealer]) -> Iterator[Queue]:
    """The queue over a copy of the processed claims, with items gathered."""
    store, sealer = reviewed
    with store.copied() as copy, copy.open() as database:
        made = Queue(database, copy, sealer)
        made.gather()
        yield made
