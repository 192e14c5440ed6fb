"""Rates of keys with few decisions: numbers by hand, and which kind of prior the counts choose."""

from __future__ import annotations

import numpy as np
import pytest

from claimwright.engines.prediction.priors import Prior


def test_one_denial_tells_of_a_demand_and_none_in_three_little() -> None:
    """Two kinds: 1 % (like 100 decisions) and 80 % (like 5); the wider rate is 5 %.

    So 0.04 / 0.79 = 5.063 % of the keys are of the high kind. After one denial in one decision: 0.05063 x 0.8
    = 0.040506 against 0.94937 x 0.01 = 0.0094937, so 81.01 % high; the rate is 0.8101 x (1 + 4) / 6 + 0.1899
    x (1 + 1) / 101 = 0.67887. After none in three: high 0.05063 x (1 x 2 x 3) / (5 x 6 x 7) = 0.0014466, low
    0.94937 x (99 x 100 x 101) / (100 x 101 x 102) = 0.92145; 0.1568 % high; 0.001568 x 4 / 8 + 0.998432 x 1
    / 103 = 0.010477.
    """
    prior = Prior(strength=100.0, low=0.01, high=0.8, high_strength=5.0)
    found = prior.rate(np.array([1.0, 3.0]), np.array([1.0, 0.0]), 0.05)
    assert found == pytest.approx([0.67887, 0.010477], abs=2e-5)


def test_without_decisions_the_rate_is_that_of_the_wider_key() -> None:
    none = np.zeros(3)
    wider = np.array([0.0, 0.2, 0.95])
    for prior in (Prior(4.0), Prior(100.0, 0.01, 0.8, 5.0)):
        assert prior.rate(none, none, wider) == pytest.approx(wider)


def test_the_counts_choose_the_kind_of_prior() -> None:
    """Keys of two kinds, one in ten with a demand; and keys that differ little from each other."""
    draws = np.random.default_rng(1)
    total = draws.integers(1, 30, 4_000).astype(float)
    demanded = draws.random(4_000) < 0.1
    mixed = draws.binomial(total.astype(int), np.where(demanded, 0.7, 0.005)).astype(float)
    wider = np.full(4_000, mixed.sum() / total.sum())
    found = Prior.likeliest(total, mixed, wider, float(wider[0]))
    assert found.has_two_kinds
    assert found.high == pytest.approx(0.7)
    alike = draws.binomial(total.astype(int), 0.1).astype(float)
    assert not Prior.likeliest(total, alike, np.full(4_000, 0.1), 0.1).has_two_kinds
