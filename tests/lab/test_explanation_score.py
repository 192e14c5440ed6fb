"""Explanations scored by machine: what counts as false, and that every condition has its truth."""

from __future__ import annotations

import datetime

import pytest

from claimwright.engines.prediction.catalogue import ENCODING_OF
from claimwright.engines.prediction.learning import Effort
from claimwright.features.prediction import Training, history_of, train
from claimwright_lab.denial_world import WorldOptions, answered_lines, make_world
from claimwright_lab.denial_world.rules import BY_NAME
from claimwright_lab.explanation_score import FAULTS, Scored, score_explanations, shares
from claimwright_lab.explanation_score.score import TRUE_OF


def _scored(*faults: str, is_main: bool = True) -> Scored:
    return Scored(1, 0.5, 0.5, frozenset(faults), (), {}, is_main, is_doubted=False)


def test_shares_are_of_all_explanations_and_main_causes_of_those_that_name_one() -> None:
    found = shares([_scored(), _scored("main", "high"), _scored("left out", is_main=False), _scored()])
    counted = {what: (claims, of) for what, claims, of, _ in found.iter_rows()}
    assert counted["true"] == (2, 4)
    assert counted["main cause true"] == (2, 3)
    assert (counted["main"], counted["high"], counted["left out"], counted["low"]) == (
        (1, 4),
        (1, 4),
        (1, 4),
        (0, 4),
    )


def test_every_condition_is_one_of_the_model_and_its_truth_one_of_the_world() -> None:
    assert set(TRUE_OF) - {"duplicate", "bundling"} <= set(ENCODING_OF)
    assert {rule for rules in TRUE_OF.values() for rule in rules} <= set(BY_NAME)


@pytest.mark.long
def test_what_is_named_is_compared_with_the_world() -> None:
    """A cause is false if and only if the world would hardly deny the claim for it."""
    world = make_world(WorldOptions(12_000, 5, "published"))
    history = history_of(world.batch, world.submitted_on, answered_lines(world), source="seed 5")
    model = train(
        history,
        Training(
            train_until=datetime.date(2025, 1, 1), calibrate_until=datetime.date(2025, 3, 1), baselines=False,
            effort=Effort(pairs=5, rounds=200, bags=1), draws=2,
        ),
    ).model  # fmt: skip
    days = [datetime.date(2025, 6, day) for day in range(1, 15)]
    found = score_explanations(world, history, model, days)
    assert len(found) > 20
    assert {fault for each in found for fault in each.faults} <= set(FAULTS)
    truth = dict(world.truth.select("claim", "probability").iter_rows())
    for each in found:
        assert each.true == pytest.approx(truth[each.claim])
        named = [value for _, role, value in each.told if role in ("cause", "hint")]
        if each.is_main:
            highest = max(each.causes.values(), default=0.0)
            assert ("main" in each.faults) == (named[0] < max(0.1, 0.5 * highest))
