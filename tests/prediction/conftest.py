"""A small world and a quick model of it, made once."""

from __future__ import annotations

import datetime

import polars as pl
import pytest

from claimwright.engines.prediction.learning import Effort
from claimwright.features.denial_world import World, WorldOptions, make_world
from claimwright.features.prediction import History, Trained, Training, history_of, train

SMALL = WorldOptions(claims=8_000, seed=11)
TRAINING = Training(
    seed=3,
    train_until=datetime.date(2025, 1, 1),
    calibrate_until=datetime.date(2025, 3, 1),
    effort=Effort(bags=2, pairs=0, rounds=400),
)


def answered(world: World) -> pl.DataFrame:
    days = world.payments.select("claim", answered_on="paid_on")
    return world.services.join(days, on="claim", how="left").select(
        "claim", "line", "carc", "charge_cents", "paid_cents", "answered_on"
    )


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(SMALL)


@pytest.fixture(scope="session")
def history(world: World) -> History:
    return history_of(world.batch, world.submitted_on, answered(world), source="world of 8,000, seed 11")


@pytest.fixture(scope="session")
def trained(history: History, world: World) -> Trained:
    return train(history, TRAINING, optimal=world.truth["probability"].to_numpy())
