"""Claims staged once, and a copy of them for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.database_server import Store, new_store
from tests.features.pipeline.bench_of_claims import AS_OF, begun, contents, sample, sealer_of, stage, worker

from claimwright.features.checking import Checker
from claimwright.platform.database import EmbeddedServer
from claimwright.platform.phi import Sealer

CLAIMS = 160


@pytest.fixture(scope="session")
def checker() -> Checker:
    return Checker(as_of=AS_OF)


@dataclass(frozen=True)
class Staging:
    """A store with claims that wait, and what opens them."""

    store: Store
    folder: Path
    sealer: Sealer


@pytest.fixture(scope="session")
def staged(
    server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Staging]:
    """Staged once; tests copy it."""
    folder = tmp_path_factory.mktemp("staged")
    with new_store(server, template) as store:
        sealer = sealer_of(store, folder)
        with store.open() as database:
            stage(database, sealer, sample(folder, CLAIMS))
        yield Staging(store, folder, sealer)


@pytest.fixture
def waiting(staged: Staging, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staging]:
    """Claims that wait, in a store and a home folder of the test's own: a checkpoint is about one store."""
    folder = tmp_path_factory.mktemp("waiting")
    shutil.copytree(staged.folder, folder, dirs_exist_ok=True)
    with staged.store.copied() as store:
        yield Staging(store, folder, staged.sealer)


@pytest.fixture(scope="session")
def undisturbed(staged: Staging, checker: Checker) -> dict[str, tuple[int, str]]:
    """What a run that nobody disturbs comes to."""
    with staged.store.copied() as store:
        with store.open() as database:
            worker(database, staged.sealer, begun(database, 1_000), checker).work()
        return contents(store)
