"""A small world and a quick model of it, made once."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.database_server import Store, new_store
from tests.features.pipeline.bench_of_claims import CALLER, sealer_of, stage, worker

from claimwright.engines.prediction import Model, model_id, to_files
from claimwright.engines.prediction.learning import Effort
from claimwright.features.checking import Checker
from claimwright.features.pipeline import begin_run
from claimwright.features.prediction import (
    ChampionPredictor,
    History,
    Trained,
    Training,
    history_of,
    train,
)
from claimwright.platform.database import EmbeddedServer
from claimwright.platform.phi import Sealer
from claimwright_lab.denial_world import World, WorldOptions, answered_lines, make_world, write_world

SMALL = WorldOptions(claims=8_000, seed=11)
TRAINING = Training(
    seed=3,
    train_until=datetime.date(2025, 1, 1),
    calibrate_until=datetime.date(2025, 3, 1),
    effort=Effort(pairs=5, rounds=200, bags=1),
)


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(SMALL)


@pytest.fixture(scope="session")
def history(world: World) -> History:
    return history_of(
        world.batch, world.submitted_on, answered_lines(world), source="world of 8,000, seed 11"
    )


@pytest.fixture(scope="session")
def trained(history: History, world: World) -> Trained:
    return train(history, TRAINING, optimal=world.truth["probability"].to_numpy())


# Claims of a month are judged as of its last day.
MONTHS = {"2025-03": "2025-03-31", "2025-04": "2025-04-30", "2025-05": "2025-05-31"}


@dataclass(frozen=True)
class Shop:
    """A store with three months of claims in production, scored by a champion and a shadow, and the files."""

    store: Store
    sealer: Sealer
    files: Path
    models: dict[str, Model]

    @property
    def champion(self) -> str:
        """The id of the champion."""
        return next(iter(self.models))

    @property
    def shadow(self) -> str:
        """The id of the shadow."""
        return list(self.models)[1]


@pytest.fixture(scope="session")
def shop(
    server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory, trained: Trained
) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    write_world(make_world(WorldOptions(900, seed=11)), folder)
    pair = (trained.model, dataclasses.replace(trained.model, shifts=trained.model.shifts + 1))
    models = {model_id(to_files(model)): model for model in pair}
    (champion, model), (shadow, other) = models.items()
    with new_store(server, template) as store:
        sealer = sealer_of(store, folder)
        with store.open() as database:
            for month, day in MONTHS.items():
                judged = datetime.date.fromisoformat(day)
                stage(database, sealer, (folder / f"claims-{month}.837").read_bytes())
                with database.transaction(CALLER) as connection:
                    run = begin_run(connection, chunk_claims=25, as_of=judged)
                assert run is not None
                predictor = ChampionPredictor(champion, model, judged, {shadow: other})
                worker(database, sealer, run, Checker(as_of=judged), predictor=predictor).work()
        yield Shop(store, sealer, folder, models)


@pytest.fixture
def copied(shop: Shop) -> Iterator[Shop]:
    """A store of the test's own."""
    with shop.store.copied() as store:
        yield dataclasses.replace(shop, store=store)
