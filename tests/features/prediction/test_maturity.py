"""Decisions that are known by a day stand for those that are still to come."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from claimwright.engines.prediction.calibration import platt
from claimwright.engines.prediction.maturity import LONGEST_DAYS, days_to_maturity, weights_as_of
from claimwright.engines.prediction.measures import RESAMPLED, intervals, resampled
from claimwright.features.prediction import History, Trained


def slow_denials() -> tuple[np.ndarray, ...]:
    """A year of claims, a fifth of them denied; payments take 10 to 19 days, denials 40 to 79."""
    random = np.random.default_rng(4)
    sent = np.sort(random.integers(0, 365, 20_000))
    denied = random.random(20_000) < 0.2
    delay = np.where(denied, random.integers(40, 80, 20_000), random.integers(10, 20, 20_000))
    return sent, sent + delay, denied, np.ones(20_000, dtype=np.int64)


def test_answered_claims_of_the_last_weeks_are_denied_too_seldom_and_weights_correct_it() -> None:
    sent, answered, denied, payer = slow_denials()
    weights = weights_as_of(sent, answered, denied, payer, 365)
    lately = (sent > 365 - 75) & (sent < 365 - 50)
    known = lately & (answered < 365)
    assert denied[known].mean() < 0.14
    assert (weights[lately] * denied[lately]).sum() / weights[lately].sum() == pytest.approx(
        denied[lately].mean(), abs=0.03
    )


def test_decisions_that_had_not_arrived_count_for_nothing() -> None:
    sent, answered, denied, payer = slow_denials()
    weights = weights_as_of(sent, answered, denied, payer, 200)
    assert (weights[answered >= 200] == 0).all()
    assert (weights[sent < 200 - LONGEST_DAYS] == 1).all()


def test_a_period_is_mature_when_nearly_all_denials_have_come() -> None:
    sent, answered, denied, _ = slow_denials()
    assert 70 <= days_to_maturity(sent, answered, denied) <= 80


def test_training_and_calibration_know_no_decision_of_the_judged_time(
    trained: Trained, history: History
) -> None:
    """Turned round: answers that came after judging began change neither training nor calibration."""
    periods = trained.model.about["periods"]
    first = (datetime.date.fromisoformat(periods["judge"]["from"]) - datetime.date(1970, 1, 1)).days
    late = history.answers.answered_day >= first
    learned = np.isin(history.fingerprint, trained.model.learned_from)
    # A claim that repeats a learned one has its fingerprint; there are few.
    assert (learned & late & (history.sent_day < first)).sum() <= 0.01 * learned.sum()


def test_a_line_stays_near_the_score_where_few_claims_say_otherwise() -> None:
    random = np.random.default_rng(1)
    score = random.normal(-2, 1, 200)
    few = platt(score, random.random(200) < 0.5)
    assert abs(few.values[0]) < 1.2
    many = np.tile(score, 2_000)
    exact = platt(many, random.random(len(many)) < 1 / (1 + np.exp(-(1.3 * many + 0.5))))
    assert exact.corners[0] == pytest.approx(1.3, abs=0.03)
    assert exact.values[0] == pytest.approx(0.5, abs=0.06)


def test_an_interval_covers_its_value_and_shrinks_with_more_claims() -> None:
    random = np.random.default_rng(2)
    widths = []
    for size in (500, 8_000):
        truth = random.beta(1, 6, size)
        denied = random.random(size) < truth
        draws = resampled(
            {"guess": np.clip(truth * 1.2, 0, 1), "truth": truth}, denied, optimal="truth", draws=60
        )
        assert draws["guess"].shape == (61, len(RESAMPLED))
        found = intervals(draws["guess"])["pr_auc"]
        assert found.low <= found.value <= found.high
        widths.append(found.high - found.low)
        assert intervals(draws["truth"])["share"].value == pytest.approx(1.0)
    assert widths[1] < widths[0]
