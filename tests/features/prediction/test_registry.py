"""Who may become champion, and how it goes back."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.engines.prediction import Model, from_files, model_id, to_files
from claimwright.features.prediction import (
    Comparison,
    PromotionRefusedError,
    Registry,
    RegistryError,
    State,
    Trained,
    load_champion_predictor,
)
from claimwright.features.prediction.training.comparing import worst_payer

from .conftest import TRAINING


def another(model: Model) -> Model:
    return dataclasses.replace(model, threshold=model.threshold / 2)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


def test_without_a_champion_nobody_predicts(registry: Registry) -> None:
    assert registry.champion() is None
    assert load_champion_predictor(registry.folder, TRAINING.train_until) is None
    with pytest.raises(RegistryError, match="no champion to roll back from"):
        registry.rollback(CALLER, by="lead")


def test_a_better_candidate_takes_the_champions_place_and_a_rollback_gives_it_back(
    registry: Registry, trained: Trained
) -> None:
    first = registry.add(CALLER, trained.model, by="ann", comparison=Comparison(None, None, 0.80, 900))
    assert registry.promote(CALLER, first, approver="ben") is None
    second = registry.add(
        CALLER, another(trained.model), by="ann", comparison=Comparison(first, 0.80, 0.83, 900)
    )
    assert registry.promote(CALLER, second, approver="ben") == first
    states = {entry.id: entry.state for entry in registry.entries().values()}
    assert states == {first: State.RETIRED, second: State.CHAMPION}
    assert registry.rollback(CALLER, by="ben") == (second, first)
    assert registry.champion_id() == first


def test_a_candidate_that_is_not_better_is_refused(registry: Registry, trained: Trained) -> None:
    first = registry.add(CALLER, trained.model, by="ann", comparison=Comparison(None, None, 0.80, 900))
    registry.promote(CALLER, first, approver="ben")
    second = registry.add(
        CALLER, another(trained.model), by="ann", comparison=Comparison(first, 0.80, 0.80, 900)
    )
    with pytest.raises(PromotionRefusedError, match="not better"):
        registry.promote(CALLER, second, approver="ben")
    assert registry.champion_id() == first


def test_a_candidate_that_predicts_a_payer_wrongly_is_refused(registry: Registry, trained: Trained) -> None:
    compared = Comparison(None, None, 0.9, 1000, None, 1.0, "P7", 0.031)
    name = registry.add(CALLER, trained.model, by="ann", comparison=compared)
    with pytest.raises(PromotionRefusedError, match="payer P7 wrongly"):
        registry.promote(CALLER, name, approver="ben")


def test_a_payer_is_predicted_wrongly_only_beyond_chance() -> None:
    """Of 400 claims at 20 percent, chance moves the share by 3.9 points: 1.96 x sqrt(0.2 x 0.8 / 400)."""
    payers = pl.Series(["P1"] * 400 + ["P2"] * 400 + ["P3"] * 100)
    denied = np.zeros(900, dtype=bool)
    denied[:80] = denied[400:540] = denied[800:] = True
    name, gap = worst_payer(np.full(900, 0.2), denied, payers) or ("", 0.0)
    assert (name, round(gap, 4)) == ("P2", round(0.15 - 1.96 * (0.16 / 400) ** 0.5, 4))


def test_a_candidate_that_was_compared_with_nobody_is_refused(registry: Registry, trained: Trained) -> None:
    first = registry.add(CALLER, trained.model, by="ann")
    registry.promote(CALLER, first, approver="ben")
    second = registry.add(CALLER, another(trained.model), by="ann")
    with pytest.raises(PromotionRefusedError, match="not compared"):
        registry.promote(CALLER, second, approver="ben")


@pytest.mark.parametrize(
    "approver",
    [
        "ann",
        "Ann",
        " ANN ",
        "user:ann",
        "os:Ann",
        "CLINIC\\ann",
        "ann@clinic.example",
        "a.n.n",
        " ",
        "",
        "--",
    ],
)
def test_nobody_approves_a_model_of_their_own_however_the_name_is_written(
    registry: Registry, trained: Trained, approver: str
) -> None:
    name = registry.add(CALLER, trained.model, by="user:ann@clinic.example")
    with pytest.raises(PromotionRefusedError):
        registry.promote(CALLER, name, approver=approver)
    assert registry.promote(CALLER, name, approver="Anna") is None


def test_whoever_trained_the_same_model_again_may_not_approve_it(
    registry: Registry, trained: Trained
) -> None:
    name = registry.add(CALLER, trained.model, by="ann")
    assert registry.add(CALLER, trained.model, by="ben") == name
    for approver in ("ann", "Ben"):
        with pytest.raises(PromotionRefusedError, match="second person"):
            registry.promote(CALLER, name, approver=approver)
    assert registry.promote(CALLER, name, approver="cas") is None


def test_a_second_rollback_never_reinstates_what_was_rolled_back(
    registry: Registry, trained: Trained
) -> None:
    first, second, third = (
        registry.add(CALLER, dataclasses.replace(trained.model, threshold=value), by="ann")
        for value in (0.2, 0.3, 0.4)
    )
    champion = None
    for name in (first, second, third):
        registry.compare(CALLER, name, Comparison(champion, 0.8 if champion else None, 0.9, 900), by="ann")
        registry.promote(CALLER, name, approver="ben")
        champion = name
    assert registry.rollback(CALLER, by="ben") == (third, second)
    assert registry.rollback(CALLER, by="ben") == (second, first)
    assert registry.rollback(CALLER, by="ben") == (first, None)
    assert registry.champion() is None


def test_a_model_that_was_promoted_again_after_a_rollback_is_the_champion_before_the_next(
    registry: Registry, trained: Trained
) -> None:
    first = registry.add(CALLER, trained.model, by="ann")
    second = registry.add(CALLER, another(trained.model), by="ann")
    registry.promote(CALLER, first, approver="ben")
    for _ in range(2):
        registry.compare(CALLER, second, Comparison(first, 0.8, 0.9, 900), by="ann")
        registry.promote(CALLER, second, approver="ben")
        assert registry.rollback(CALLER, by="ben") == (second, first)
    assert registry.rollback(CALLER, by="ben") == (first, None)


def test_a_log_from_before_lines_named_their_action_is_rolled_back_alike(
    registry: Registry, trained: Trained
) -> None:
    first = registry.add(CALLER, trained.model, by="ann")
    second = registry.add(CALLER, another(trained.model), by="ann")
    lines = [
        (first, "champion", "promoted"), (first, "retired", f"replaced by {second}"),
        (second, "champion", "promoted"), (second, "retired", "rolled back"),
        (first, "champion", f"back in the place of {second}"),
    ]  # fmt: skip
    with (registry.folder / "log.jsonl").open("a") as log:
        for model, state, why in lines:
            event = {
                "at": "2026-01-01T00:00:00+00:00",
                "model": model,
                "state": state,
                "by": "ben",
                "why": why,
            }
            log.write(json.dumps(event) + "\n")
    assert registry.champion_id() == first
    assert registry.rollback(CALLER, by="ben") == (first, None)


def test_edited_content_with_its_checksums_made_right_does_not_load_under_the_approved_id(
    registry: Registry, trained: Trained
) -> None:
    name = registry.add(CALLER, trained.model, by="ann")
    registry.promote(CALLER, name, approver="ben")
    shifted = dataclasses.replace(trained.model, shifts=trained.model.shifts - 3)
    files = to_files(shifted)
    assert from_files(files)
    for file, content in files.items():
        (registry.folder / name / file).write_bytes(content)
    with pytest.raises(RegistryError, match=f"{name}: its folder contains another model, {model_id(files)}"):
        registry.load(name)
    with pytest.raises(RegistryError, match="changed after it was registered"):
        load_champion_predictor(registry.folder, TRAINING.train_until)


def test_content_whose_digest_only_begins_like_the_approved_one_does_not_load(
    registry: Registry, trained: Trained
) -> None:
    """The id is 12 letters of the digest; the log keeps all of it."""
    name = registry.add(CALLER, trained.model, by="ann")
    log = registry.folder / "log.jsonl"
    event = json.loads(log.read_text())
    assert event["digest"].startswith(name.removeprefix("m-"))
    event["digest"] = event["digest"][:12] + "0" * 52
    log.write_text(json.dumps(event) + "\n")
    with pytest.raises(RegistryError, match="contains another model"):
        registry.load(name)


def test_a_shadow_has_no_say(registry: Registry, trained: Trained) -> None:
    name = registry.add(CALLER, trained.model, by="ann")
    registry.shadow(CALLER, name, by="ben")
    assert registry.champion() is None
    assert registry.entries()[name].state is State.SHADOW


def test_a_damaged_champion_is_said_and_never_silently_left_out(registry: Registry, trained: Trained) -> None:
    name = registry.add(CALLER, trained.model, by="ann")
    registry.promote(CALLER, name, approver="ben")
    path = registry.folder / name / "terms.npz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RegistryError, match=rf"{name}: terms\.npz is damaged"):
        load_champion_predictor(registry.folder, TRAINING.train_until)


def test_a_damaged_log_is_named_by_its_line(registry: Registry, trained: Trained) -> None:
    registry.add(CALLER, trained.model, by="ann")
    log = registry.folder / "log.jsonl"
    log.write_text(log.read_text() + "half a li")
    with pytest.raises(RegistryError, match="line 2"):
        registry.entries()
