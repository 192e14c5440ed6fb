"""A small world and a quick model of it, made once."""

from __future__ import annotations

import datetime

import pytest

from claimwright.engines.prediction.learning import Effort
from claimwright.features.denial_world import World, WorldOptions, answered_lines, make_world
from claimwright.features.prediction import History, Trained, Training, history_of, train

SMALL = WorldOptions(claims=8_000, seed=11)
TRAINING = Training(
    seed=3,
    train_until=datetime.date(2025, 1, 1),
    calibrate_until=datetime.date(2025, 3, 1),
    effort=Effort(bags=2, pairs=0, rounds=400),
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
