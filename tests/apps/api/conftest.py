"""The API over a store with claims that a run has processed, made once; a copy for whoever changes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.database_server import Store, new_store
from tests.features.pipeline.bench_of_claims import AS_OF, begun, sample, sealer_of, stage, worker

from claimwright.apps.api.application import create_app
from claimwright.apps.api.services import Services
from claimwright.domain.caller import Caller
from claimwright.features.checking import Checker
from claimwright.platform.access import ROLES, SCOPES, Access
from claimwright.platform.database import EmbeddedServer
from claimwright.platform.identity import create_account, issue_token
from claimwright.platform.settings import load_settings

PASSWORD = "seven brown foxes jump"
ROOT = Caller("default", "system:test")


@dataclass
class Doors:
    """The API in this process, and what stands behind it."""

    client: TestClient
    services: Services
    store: Store

    def account(
        self, name: str, *roles: str, tenant: str = "default", facilities: list[str] | None = None
    ) -> int:
        """An account with the password of all."""
        caller = ROOT.of_tenant(tenant)
        with self.services.database.transaction(caller) as connection:
            made = create_account(
                caller,
                connection,
                name,
                roles=roles,
                known_roles=ROLES,
                facilities=facilities,
                password=PASSWORD,
            )
        return made.account_id

    def token(
        self,
        *roles: str,
        tenant: str = "default",
        facilities: list[str] | None = None,
        scopes: tuple[str, ...] = ("all",),
    ) -> dict[str, str]:
        """The header of somebody with these roles."""
        number = self.account(f"{roles[0]}-{len(self._made)}", *roles, tenant=tenant, facilities=facilities)
        self._made.append(number)
        caller = ROOT.of_tenant(tenant)
        with self.services.database.transaction(caller) as connection:
            _, bearer = issue_token(
                caller,
                connection,
                label="test",
                scopes=scopes,
                known_scopes=SCOPES,
                days=1,
                account_id=number,
            )
        return {"Authorization": f"Bearer {bearer}"}

    def __post_init__(self) -> None:
        self._made: list[int] = []


@pytest.fixture(scope="session")
def processed(
    server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Path]]:
    """Claims of two facilities, staged and processed."""
    folder = tmp_path_factory.mktemp("doors")
    with new_store(server, template) as store:
        sealer = sealer_of(store, folder)
        with store.open() as database:
            stage(database, sealer, sample(folder, 40), "FAC001")
            stage(database, sealer, sample(folder, 20, seed=9).replace(b"CLM*", b"CLM*Y"), "FAC002")
            worker(database, sealer, begun(database, 1_000), Checker(as_of=AS_OF)).work()
        yield store, folder


@contextmanager
def opened(store: Store, folder: Path, **more: str) -> Iterator[Doors]:
    """The API over a store."""
    settings = load_settings(
        folder=folder,
        variables={"CLAIMWRIGHT_HOME": str(folder / "home"), "CLAIMWRIGHT_DATABASE_URL": store.url, **more},
    )
    with store.open() as database:
        services = Services(settings, database, sealer_of(store, folder), Access())
        app = create_app(settings, services)
        with TestClient(app, base_url="https://testserver", raise_server_exceptions=False) as client:
            yield Doors(client, services, store)


@pytest.fixture
def doors(processed: tuple[Store, Path], tmp_path: Path) -> Iterator[Doors]:
    """The API over a copy of the processed claims."""
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with store.copied() as copy, opened(copy, tmp_path) as made:
        yield made
