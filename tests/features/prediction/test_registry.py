"""Who may become champion, and how it goes back."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from claimwright.engines.prediction import Model
from claimwright.features.prediction import (
    Comparison,
    PromotionRefusedError,
    Registry,
    RegistryError,
    State,
    Trained,
    champion_predictor,
)

from .conftest import TRAINING


def another(model: Model) -> Model:
    return dataclasses.replace(model, threshold=model.threshold / 2)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


def test_without_a_champion_nobody_predicts(registry: Registry) -> None:
    assert registry.champion() is None
    assert champion_predictor(registry.folder, TRAINING.train_until) is None
    with pytest.raises(RegistryError, match="no champion to roll back from"):
        registry.rollback(by="lead")


def test_a_better_candidate_takes_the_champions_place_and_a_rollback_gives_it_back(
    registry: Registry, trained: Trained
) -> None:
    first = registry.add(trained.model, by="ann", comparison=Comparison(None, None, 0.80, 900))
    assert registry.promote(first, approver="ben") is None
    second = registry.add(another(trained.model), by="ann", comparison=Comparison(first, 0.80, 0.83, 900))
    assert registry.promote(second, approver="ben") == first
    states = {entry.id: entry.state for entry in registry.entries().values()}
    assert states == {first: State.RETIRED, second: State.CHAMPION}
    assert registry.rollback(by="ben") == (second, first)
    assert registry.champion_id() == first


def test_a_candidate_that_is_not_better_is_refused(registry: Registry, trained: Trained) -> None:
    first = registry.add(trained.model, by="ann", comparison=Comparison(None, None, 0.80, 900))
    registry.promote(first, approver="ben")
    second = registry.add(another(trained.model), by="ann", comparison=Comparison(first, 0.80, 0.80, 900))
    with pytest.raises(PromotionRefusedError, match="not better"):
        registry.promote(second, approver="ben")
    assert registry.champion_id() == first


def test_a_candidate_that_was_compared_with_nobody_is_refused(registry: Registry, trained: Trained) -> None:
    first = registry.add(trained.model, by="ann")
    registry.promote(first, approver="ben")
    second = registry.add(another(trained.model), by="ann")
    with pytest.raises(PromotionRefusedError, match="not compared"):
        registry.promote(second, approver="ben")


@pytest.mark.parametrize("approver", ["ann", " ", ""])
def test_nobody_approves_a_model_of_his_own(registry: Registry, trained: Trained, approver: str) -> None:
    name = registry.add(trained.model, by="ann")
    with pytest.raises(PromotionRefusedError):
        registry.promote(name, approver=approver)


def test_a_shadow_has_no_say(registry: Registry, trained: Trained) -> None:
    name = registry.add(trained.model, by="ann")
    registry.shadow(name, by="ben")
    assert registry.champion() is None
    assert registry.entries()[name].state is State.SHADOW


def test_a_damaged_champion_is_said_and_never_silently_left_out(registry: Registry, trained: Trained) -> None:
    name = registry.add(trained.model, by="ann")
    registry.promote(name, approver="ben")
    path = registry.folder / name / "terms.npz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RegistryError, match=rf"{name}: terms\.npz is damaged"):
        champion_predictor(registry.folder, TRAINING.train_until)


def test_a_damaged_log_is_named_by_its_line(registry: Registry, trained: Trained) -> None:
    registry.add(trained.model, by="ann")
    log = registry.folder / "log.jsonl"
    log.write_text(log.read_text() + "half a li")
    with pytest.raises(RegistryError, match="line 2"):
        registry.entries()
