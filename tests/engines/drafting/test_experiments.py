"""Experiments: cases are divided evenly and always alike; the stop rule errs at most as often as it says."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from claimwright.engines.drafting import arm_of, judge_experiment

ERROR = 5


def stops(seed: int, a: float, b: float, pairs: int) -> str | None:
    """The result of one experiment whose arms overturn with these shares."""
    rng = np.random.default_rng(seed)
    arms = np.where(rng.random(2 * pairs) < 0.5, "a", "b")
    won = rng.random(2 * pairs) < np.where(arms == "a", a, b)
    decided = list(zip(arms.tolist(), won.tolist(), strict=True))
    return judge_experiment(decided, error_percent=ERROR, most_pairs=pairs).result


def test_cases_are_divided_evenly_and_always_alike() -> None:
    arms = Counter(arm_of("letters-2", case_id) for case_id in range(4_000))
    # Binomial: 2,000 plus or minus four standard deviations of 31.6.
    assert 1_870 < arms["a"] < 2_130
    assert [arm_of("letters-2", 7) for _ in range(3)] == [arm_of("letters-2", 7)] * 3


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_arms_that_are_equal_are_stopped_for_a_difference_at_most_as_often_as_stated(share: float) -> None:
    results = [stops(seed, share, share, 200) for seed in range(400)]
    wrong = sum(1 for each in results if each in {"a_better", "b_better"})
    # 5 percent of 400 are 20. The rule holds for any length, so that it is well below it here.
    assert wrong <= 20


def test_a_difference_that_is_there_is_found_and_the_right_arm_wins() -> None:
    results = Counter(stops(seed, 0.4, 0.6, 400) for seed in range(100))
    assert results["b_better"] >= 90
    assert results["a_better"] == 0


def test_what_was_decided_stays_decided() -> None:
    """Twelve discordant pairs of one kind: 2^12 B(14, 2)/B(2, 2) = 4096 * 6/210 = 117, past 1/0.05 = 20."""
    decided = [each for _ in range(12) for each in (("a", False), ("b", True))]
    found = judge_experiment(decided, error_percent=ERROR, most_pairs=400)
    assert found.result == "b_better"
    # It stopped at 9 pairs: 2^9 B(11, 2)/B(2, 2) = 512 * 6/132 = 23.3.
    assert (found.only_b_won, round(found.evidence, 1)) == (9, 23.3)
    later = decided + [each for _ in range(50) for each in (("a", True), ("b", False))]
    assert judge_experiment(later, error_percent=ERROR, most_pairs=400).result == "b_better"


def test_without_a_difference_it_gives_up_after_so_many_pairs() -> None:
    decided = [each for _ in range(10) for each in (("a", True), ("b", True))]
    found = judge_experiment(decided, error_percent=ERROR, most_pairs=10)
    assert (found.result, found.pairs, found.evidence) == ("no_difference_found", 10, 1.0)
