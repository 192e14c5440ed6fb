"""The champion in the pipeline's place for whoever predicts."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from claimwright.features.checking import Checked, Checker
from claimwright.features.denial_world import World
from claimwright.features.pipeline import Breaker, GuardedPredictor
from claimwright.features.prediction import Registry, Trained, champion_predictor

DAY = datetime.date(2025, 6, 30)


@pytest.fixture(scope="module")
def checked(world: World) -> Checked:
    return Checker(as_of=DAY).check(world.batch.select(world.batch.claims["claim"].tail(50)))


def test_a_run_gets_probability_confidence_and_the_models_name_of_every_claim(
    checked: Checked, trained: Trained, tmp_path: Path
) -> None:
    registry = Registry(tmp_path)
    name = registry.add(trained.model, by="ann")
    registry.promote(name, approver="ben")
    predictor = champion_predictor(tmp_path, DAY)
    assert predictor is not None
    found = GuardedPredictor(predictor, Breaker("model", 3, 60.0, lambda _: None)).predict(checked)
    assert found.columns == ["denial_probability", "confidence", "predicted_by"]
    assert found.height == 50
    assert found["predicted_by"].unique().to_list() == [name]
    assert found["denial_probability"].null_count() == 0


def test_a_model_that_fails_leaves_the_claims_to_the_rules(checked: Checked, trained: Trained) -> None:
    class Broken:
        def predict(self, checked: Checked) -> object:
            raise ZeroDivisionError

    found = GuardedPredictor(Broken(), Breaker("model", 3, 60.0, lambda _: None)).predict(checked)
    assert found.height == 50
    assert found["predicted_by"].unique().to_list() == ["rules"]
