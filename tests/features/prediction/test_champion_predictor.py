"""The champion in the pipeline's place for whoever predicts."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.domain.predicted import ROUTED_BY
from claimwright.features.checking import Checked, Checker
from claimwright.features.pipeline import PredictorWithBreaker
from claimwright.features.prediction import ChampionPredictor, Registry, Trained, load_champion_predictor
from claimwright.features.prediction.scoring import unpacked
from claimwright.platform.breakers import Breaker
from claimwright_lab.denial_world import World

DAY = datetime.date(2025, 6, 30)


@pytest.fixture(scope="module")
def checked(world: World) -> Checked:
    return Checker(as_of=DAY).check(world.batch.select(world.batch.claims["claim"].tail(50)))


def test_a_run_gets_probability_confidence_and_the_models_name_of_every_claim(
    checked: Checked, trained: Trained, tmp_path: Path
) -> None:
    registry = Registry(tmp_path)
    name = registry.add(CALLER, trained.model, by="ann")
    registry.promote(CALLER, name, approver="ben")
    predictor = load_champion_predictor(tmp_path, DAY)
    assert predictor is not None
    found = PredictorWithBreaker(predictor, Breaker("model", 3, 60.0, lambda _: None)).predict(checked)
    assert found.claims.columns == list(ROUTED_BY)
    assert found.claims.height == 50
    assert found.claims["predicted_by"].unique().to_list() == [name]
    assert found.claims["denial_probability"].null_count() == 0


def test_a_model_that_fails_leaves_the_claims_to_the_rules(checked: Checked, trained: Trained) -> None:
    class Broken:
        def predict(self, checked: Checked, sent_before: object = None) -> object:
            raise ZeroDivisionError

    found = PredictorWithBreaker(Broken(), Breaker("model", 3, 60.0, lambda _: None)).predict(checked)
    assert found.claims.height == 50
    assert found.claims["predicted_by"].unique().to_list() == ["rules"]
    assert found.kept.is_empty()


def test_the_contributions_that_are_kept_add_up_to_the_score(
    checked: Checked, trained: Trained, tmp_path: Path
) -> None:
    found = ChampionPredictor("m-1", trained.model, DAY).predict(checked)
    parts = unpacked(found.kept["contributions"].to_list())
    payer = trained.model.evidence.words.codes("payer", checked.batch.claims["payer_id"])
    probability = trained.model.probability(trained.model.tables.score(parts), payer)
    assert np.array_equal(probability, found.claims["denial_probability"].to_numpy())
    assert found.kept["contributions"].bin.size().max() == 2 * len(trained.model.tables.terms)


def test_a_shadow_is_kept_beside_the_champion_and_decides_nothing(checked: Checked, trained: Trained) -> None:
    alone = ChampionPredictor("m-1", trained.model, DAY).predict(checked)
    eager = dataclasses.replace(trained.model, shifts=trained.model.shifts + 5, threshold=0.01)
    found = ChampionPredictor("m-1", trained.model, DAY, {"m-2": eager}).predict(checked)
    assert found.claims.equals(alone.claims)
    shadow = found.kept.filter(pl.col("role") == "shadow")
    assert shadow["model"].unique().to_list() == ["m-2"]
    assert (shadow["probability"] > alone.claims["denial_probability"]).all()
    assert shadow["contributions"].null_count() == 50


def test_a_shadow_that_fails_costs_nothing(checked: Checked, trained: Trained) -> None:
    broken = dataclasses.replace(trained.model, shifts=np.zeros(0))
    found = ChampionPredictor("m-1", trained.model, DAY, {"m-2": broken}).predict(checked)
    assert found.kept["model"].unique().to_list() == ["m-1"]


def test_a_shadow_that_can_not_be_read_is_said_and_left_out(trained: Trained, tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.promote(CALLER, registry.add(CALLER, trained.model, by="ann"), approver="ben")
    other = registry.add(CALLER, dataclasses.replace(trained.model, threshold=0.9), by="ann")
    registry.shadow(CALLER, other, by="ben")
    predictor = load_champion_predictor(tmp_path, DAY)
    assert predictor is not None
    assert list(predictor.shadows) == [other]
    (tmp_path / other / "terms.npz").write_bytes(b"nothing")
    said: list[str] = []
    predictor = load_champion_predictor(tmp_path, DAY, damaged=said.append)
    assert predictor is not None
    assert predictor.shadows == {}
    assert "terms.npz is damaged" in said[0]


def test_how_features_are_spread_is_counted_as_drift_counts_it(checked: Checked, trained: Trained) -> None:
    found = ChampionPredictor("m-1", trained.model, DAY).predict(checked)
    profile = trained.model.profile
    columns = trained.model.predict(checked.batch, DAY).columns
    counted = np.frombuffer(found.spread, dtype="<i4")
    assert counted.sum() == 50 * len(profile.cuts)
    assert np.array_equal(profile.stability_of(counted), profile.stability(columns))
    with pytest.raises(ValueError, match="steps were counted"):
        profile.stability_of(counted[1:])
