"""The world that predictions are judged in."""

from __future__ import annotations

import numpy as np
import polars as pl

from claimwright_lab.denial_world import World, WorldOptions, make_world


def test_the_same_options_make_the_same_world() -> None:
    first, second = (make_world(WorldOptions(claims=1_500, seed=5)) for _ in range(2))
    assert first.batch.claims.equals(second.batch.claims)
    assert first.truth.equals(second.truth)
    assert first.services.equals(second.services)


def test_another_seed_is_another_world_with_other_policies() -> None:
    first, second = (make_world(WorldOptions(claims=1_500, seed=seed)) for seed in (5, 6))
    assert not first.policies.authorization.equals(second.policies.authorization)


def test_claims_are_denied_as_often_as_their_true_probabilities_say(world: World) -> None:
    """The sum of independent coins lies within four standard deviations of its mean."""
    probability = world.truth["probability"].to_numpy()
    denied = world.truth["denied"].to_numpy()
    deviation = np.sqrt((probability * (1 - probability)).sum())
    assert abs(denied.sum() - probability.sum()) < 4 * deviation


def test_each_range_of_true_probabilities_is_denied_that_often(world: World) -> None:
    probability = world.truth["probability"].to_numpy()
    denied = world.truth["denied"].to_numpy()
    for low in np.arange(0, 1, 0.1):
        part = (probability >= low) & (probability < low + 0.1)
        if part.sum() >= 50:
            deviation = np.sqrt((probability[part] * (1 - probability[part])).sum())
            assert abs(denied[part].sum() - probability[part].sum()) < 4.5 * deviation + 1, low


def test_policies_change_in_the_middle_of_the_year(world: World) -> None:
    for name, table in world.policies.tables().items():
        if name in ("authorization", "necessity", "documentation"):
            assert table["from_on"].n_unique() > 1, name


def test_every_amount_of_an_answer_adds_up(world: World) -> None:
    """The charge is contractual, the patient's, denied or paid: how an 835 balances (TR3, 1.10.2.1)."""
    parts = pl.sum_horizontal("contractual_cents", "patient_cents", "denied_cents", "paid_cents")
    assert world.services.filter(parts != pl.col("charge_cents")).is_empty()


def test_an_answer_comes_after_its_claim(world: World) -> None:
    waited = (world.payments["paid_on"] - world.submitted_on).dt.total_days()
    assert waited.min() >= 10
    assert waited.max() <= 60


def test_claims_are_sent_after_their_services(world: World) -> None:
    last = world.batch.lines.group_by("claim").agg(pl.col("service_to_on").max()).sort("claim")
    assert ((world.submitted_on - last["service_to_on"]).dt.total_days().drop_nulls() >= 2).all()
