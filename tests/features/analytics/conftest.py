"""The practice of 40 claims, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.database_server import new_store
from tests.features.pipeline.bench_of_claims import sealer_of
from tests.features.remittance.conftest import Clinic, checker

from claimwright.features.checking import Checker
from claimwright.platform.database import EmbeddedServer

from .practice_of_forty import Practice, fill

__all__ = ["checker"]


@pytest.fixture(scope="module")
def practice(
    server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory, checker: Checker
) -> Iterator[Practice]:
    """The practice on April 15, 2026."""
    folder = tmp_path_factory.mktemp("practice")
    with (
        new_store(server, template) as store,
        store.open() as database,
        pytest.MonkeyPatch.context() as patch,
    ):
        made = Practice(Clinic(database, sealer_of(store, folder), checker), patch)
        fill(made)
        yield made
