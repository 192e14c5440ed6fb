"""A champion and a shadow for runs that are to predict: quickly trained, and good for nothing else."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.engines.prediction.learning import Effort
from claimwright.features.prediction import Registry, Training, history_of, train
from claimwright_lab.denial_world import WorldOptions, answered_lines, make_world

_TRAINING = Training(
    seed=3,
    train_until=datetime.date(2025, 1, 1),
    calibrate_until=datetime.date(2025, 3, 1),
    effort=Effort(pairs=0, rounds=60, bags=1),
)


def install_champion(home: Path) -> None:
    """Make and promote one, with a shadow, among the models of an installation."""
    world = make_world(WorldOptions(claims=1_500, seed=11))
    history = history_of(world.batch, world.submitted_on, answered_lines(world), source="a small world")
    model = train(history, _TRAINING).model
    registry = Registry(home / "models")
    registry.promote(CALLER, registry.add(CALLER, model, by="ann"), approver="ben")
    registry.shadow(
        CALLER, registry.add(CALLER, dataclasses.replace(model, shifts=model.shifts + 1), by="ann"), by="ann"
    )
