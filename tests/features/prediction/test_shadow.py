"""A boosted model without reasons: it can be a shadow, and nothing else."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import numpy as np
import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.engines.prediction import ArtifactError, Model, from_files, model_id, to_files
from claimwright.engines.prediction.learning import fit_trees
from claimwright.engines.prediction.model import NotExplainedError
from claimwright.engines.prediction.trees import TreeTables
from claimwright.features.checking import Checker
from claimwright.features.prediction import (
    ChampionPredictor,
    PromotionRefusedError,
    Registry,
    State,
    Trained,
    explain,
    load_champion_predictor,
)
from claimwright_lab.denial_world import World

DAY = datetime.date(2025, 6, 30)


@pytest.fixture(scope="module")
def boosted(trained: Trained) -> Model:
    trees = fit_trees(trained.held_out.columns, trained.held_out.denied, seed=1)
    return dataclasses.replace(trained.model, terms=trees)


def test_a_boosted_model_read_from_its_files_predicts_the_same(boosted: Model, world: World) -> None:
    batch = world.batch.select(world.batch.claims["claim"].tail(300))
    again = from_files(to_files(boosted))
    found, expected = again.predict(batch, DAY), boosted.predict(batch, DAY)
    assert found.claims.equals(expected.claims)
    assert found.contributions.shape == (300, 0)
    assert model_id(to_files(again)) == model_id(to_files(boosted))


def test_a_boosted_model_can_be_a_shadow_and_never_champion(
    boosted: Model, trained: Trained, world: World, tmp_path: Path
) -> None:
    registry = Registry(tmp_path)
    champion = registry.add(CALLER, trained.model, by="ann")
    registry.promote(CALLER, champion, approver="ben")
    name = registry.add(CALLER, boosted, by="ann")
    with pytest.raises(PromotionRefusedError, match="gives no reasons for its predictions"):
        registry.promote(CALLER, name, approver="ben")
    registry.shadow(CALLER, name, by="ben")
    assert registry.entries()[name].state is State.SHADOW
    predictor = load_champion_predictor(tmp_path, DAY)
    assert isinstance(predictor, ChampionPredictor)
    checked = Checker(as_of=DAY).check(world.batch.select(world.batch.claims["claim"].tail(50)))
    found = predictor.predict(checked)
    beside = found.kept.filter(found.kept["role"] == "shadow")
    assert beside["model"].unique().to_list() == [name]
    assert beside["contributions"].null_count() == 50
    assert found.claims["predicted_by"].unique().to_list() == [champion]
    own = found.kept.filter(found.kept["role"] == "champion")
    assert not np.allclose(beside["probability"].to_numpy(), own["probability"].to_numpy())


def test_a_boosted_model_is_not_asked_for_reasons(boosted: Model, world: World) -> None:
    with pytest.raises(NotExplainedError, match="can only be a shadow"):
        explain(boosted, world.batch.select(world.batch.claims["claim"].tail(1)), DAY)


def test_trees_that_read_a_feature_that_does_not_exist_are_not_loaded(boosted: Model) -> None:
    trees = boosted.terms
    assert isinstance(trees, TreeTables)
    wrong = dataclasses.replace(trees, feature=np.full_like(trees.feature, 10_000))
    with pytest.raises(ArtifactError, match=r"trees\.feature"):
        from_files(to_files(dataclasses.replace(boosted, terms=wrong)))
