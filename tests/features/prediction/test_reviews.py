"""From which probability on a person looks: what it would have brought, and who may say otherwise."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from typer.testing import CliRunner

from claimwright.apps.cli.main import app
from claimwright.engines.prediction import (
    ALL,
    Economics,
    Model,
    RemedyModel,
    ReviewCurve,
    ReviewPolicy,
)
from claimwright.engines.prediction.review import ReviewRule
from claimwright.features.prediction import (
    PolicyError,
    Registry,
    Trained,
    model_report,
    models_folder,
    review_points,
    review_policy,
)
from claimwright_lab.denial_world import World

# Of ten claims at 60 percent six are denied, of ten at 10 percent one; a denial takes 100 dollars.
PROBABILITY = np.array([0.6] * 10 + [0.1] * 10)
DENIED = np.array([True] * 6 + [False] * 4 + [True] + [False] * 9)
STAKE = np.full(20, 10_000, dtype=np.int64)
# A review averts every second denial: it saves half of 20 dollars of work and of half of the 100 dollars.
EVERY_SECOND = Economics(review_cents=1_000, rework_cents=2_000, avoidable=0.5, recovered=0.5)


def test_the_threshold_is_where_reviews_would_have_brought_most() -> None:
    curve = ReviewCurve.of(PROBABILITY, DENIED, STAKE)
    worth = curve.worth_cents(EVERY_SECOND)
    # From 0.60 on: 6 denials x 0.5 x (20 + 50) dollars less 10 reviews of 10 dollars.
    assert worth[59] == 6 * 3_500 - 10 * 1_000
    assert worth[9] == 7 * 3_500 - 20 * 1_000
    assert worth[60] == 0
    assert curve.chosen(EVERY_SECOND) == 0.6


def test_cheap_reviews_are_wanted_of_unlikely_denials_too() -> None:
    curve = ReviewCurve.of(PROBABILITY, DENIED, STAKE)
    assert curve.chosen(Economics(100, 2_000, 0.5, 0.5)) == 0.1


def test_where_no_review_pays_nobody_looks_for_the_probability() -> None:
    assert ReviewCurve.of(PROBABILITY, DENIED, STAKE).chosen(Economics(100_000, 2_000, 0.5, 0.5)) == 1.0


def test_a_curve_is_the_same_after_its_card(trained: Trained) -> None:
    curve = ReviewCurve.of(PROBABILITY, DENIED, STAKE)
    again = ReviewCurve.from_numbers(curve.as_numbers())
    assert again.frame(EVERY_SECOND).equals(curve.frame(EVERY_SECOND))


@pytest.fixture(scope="module")
def of_two_payers(trained: Trained) -> Model:
    """A model with enough claims of two payers for a curve of each."""
    curve = ReviewCurve.of(PROBABILITY, DENIED, STAKE).as_numbers()
    about = trained.model.about | {"review_curves": {ALL: curve, "SYN01": curve, "SYN02": curve}}
    # Without a step that has evidence, the probability decides.
    return dataclasses.replace(
        trained.model,
        about={key: each for key, each in about.items() if key != "remedies"},
        threshold=0.5,
        thresholds={"SYN01": 0.6, "SYN02": 0.3},
        remedies=RemedyModel(),
        review=ReviewRule(),
    )


def test_the_settings_probability_is_before_the_curves_and_a_payers_own_before_that(
    of_two_payers: Model,
) -> None:
    ruled = of_two_payers.under(ReviewPolicy(probability=0.4, probabilities={"SYN01": 0.2}))
    assert (ruled.threshold, ruled.thresholds) == (0.4, {"SYN01": 0.2, "SYN02": 0.4})


def test_a_payers_economics_move_its_threshold_and_no_other(of_two_payers: Model) -> None:
    ruled = of_two_payers.under(ReviewPolicy(payers={"SYN01": Economics(100, 2_000, 0.5, 0.5)}))
    assert (ruled.threshold, ruled.thresholds) == (0.5, {"SYN01": 0.1, "SYN02": 0.3})
    ruled = of_two_payers.under(ReviewPolicy(payers={"SYN01": Economics(review_cents=1_000_000)}))
    assert ruled.thresholds == {"SYN01": 1.0, "SYN02": 0.3}


def test_a_tenants_economics_move_all_thresholds(of_two_payers: Model) -> None:
    ruled = of_two_payers.under(ReviewPolicy(economics=EVERY_SECOND))
    assert (ruled.threshold, ruled.thresholds) == (0.6, {"SYN01": 0.6, "SYN02": 0.6})


def test_each_claim_is_decided_by_its_payers_threshold(of_two_payers: Model, world: World) -> None:
    batch = world.batch.select(world.batch.claims["claim"].tail(500))
    found = of_two_payers.predict(batch, world.submitted_on.max()).claims
    payer = batch.claims["payer_id"]
    expected = payer.replace_strict({"SYN01": 0.6, "SYN02": 0.3}, default=0.5)
    assert found["review_from"].equals(expected.alias("review_from"))
    assert ((found["decision"] == "review") == (found["denial_probability"] >= expected)).all()


def test_a_prediction_that_is_not_sure_of_itself_goes_to_a_person(trained: Trained, world: World) -> None:
    batch = world.batch.select(world.batch.claims["claim"].tail(200))
    day = world.submitted_on.max()
    found = trained.model.under(ReviewPolicy(1.0, confidence_floor=1.0)).predict(batch, day).claims
    assert (found["decision"] == "review").sum() == (found["confidence"] < 1.0).sum() > 0
    found = trained.model.under(ReviewPolicy(1.0)).predict(batch, day).claims
    assert set(found["decision"]) == {"send"}


POLICY = """\
default: {review_cents: 700}
payers:
  P1: {rework_cents: 5000}
  P2: {review_from: 0.3}
tenants:
  north:
    default: {recovered: 0.5}
    payers:
      P2: {avoidable: 0.2}
"""


def test_a_tenant_says_what_differs_from_the_others(tmp_path: Path) -> None:
    path = tmp_path / "reviews.yaml"
    path.write_text(POLICY)
    everyone = review_policy(path, "south", probability=0.8)
    assert everyone.economics == Economics(review_cents=700)
    assert everyone.payers == {"P1": Economics(review_cents=700, rework_cents=5_000)}
    assert everyone.probabilities == {"P2": 0.3}
    north = review_policy(path, "north")
    assert north.economics == Economics(review_cents=700, recovered=0.5)
    assert north.payers["P2"] == Economics(review_cents=700, recovered=0.5, avoidable=0.2)
    assert north.probabilities == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("payers: {P1: {review_cent: 3}}", "payers.P1.review_cent: is not known here"),
        ("default: {review_cents: 9.5}", "default.review_cents: input should be a valid integer"),
        ("payers: {P1: {review_from: 30}}", "payers.P1.review_from: input should be less than or equal to 1"),
        ("tenants: {north: {defaults: {}}}", "tenants.north.defaults: is not known here"),
        ("- 1", "yaml:1: not a mapping of names to values"),
        ("{", "yaml:1: not YAML"),
    ],
)
def test_a_policy_that_is_none_is_refused_with_the_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "reviews.yaml"
    path.write_text(text)
    with pytest.raises(PolicyError, match=said):
        review_policy(path, "north")


def test_a_tenant_with_models_of_its_own_is_predicted_by_them(tmp_path: Path) -> None:
    assert models_folder(tmp_path, "north") == tmp_path / "models"
    (tmp_path / "models" / "tenants" / "north").mkdir(parents=True)
    assert models_folder(tmp_path, "north") == tmp_path / "models" / "tenants" / "north"
    assert models_folder(tmp_path, "south") == tmp_path / "models"


def test_the_card_shows_every_payers_curve_with_its_point(
    of_two_payers: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [point.payer for point in review_points(of_two_payers)] == [ALL, "SYN01", "SYN02"]
    page = model_report("m-1", of_two_payers)
    assert "Payer SYN01" in page
    assert "Payer SYN02" in page
    registry = Registry(tmp_path / "models")
    name = registry.add(CALLER, of_two_payers, by="ann")
    monkeypatch.setenv("CLAIMWRIGHT_PIPELINE_REVIEW_PROBABILITY", "0.37")
    said = CliRunner().invoke(app, ["model", "show", name, "--models", str(registry.folder)]).output
    assert "all others" in said
    assert "37%" in said
