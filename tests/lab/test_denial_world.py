"""The world that predictions are judged in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright.features.prediction import read_history
from claimwright_lab.denial_world import World, WorldOptions, adjudicated_again, make_world, write_world
from claimwright_lab.denial_world.attainable import attainable


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


# Worlds whose parameters are all drawn from the seed.


@pytest.fixture(scope="module")
def published() -> World:
    return make_world(WorldOptions(claims=6_000, seed=31, kind="published"))


def test_a_drawn_world_is_the_same_every_time(published: World) -> None:
    again = make_world(published.options)
    assert again.batch.claims.equals(published.batch.claims)
    assert again.truth.equals(published.truth)
    assert again.services.equals(published.services)
    assert again.later_payments.equals(published.later_payments)


def test_the_published_world_denies_about_as_often_as_is_published(published: World) -> None:
    """11.8 in a hundred in 2024 (Kodiak Solutions); the seed draws from 10.5 to 13, chance adds a little."""
    first = published.batch.claims["frequency_code"] == "1"
    assert 0.09 < published.truth.filter(first)["denied"].mean() < 0.15


def test_causes_of_denials_are_near_the_published_shares(published: World) -> None:
    """Registration and eligibility 26.6 in a hundred denials (Change Healthcare 2020), authorization 11.6."""
    reasons = adjudicated_again(published, published.batch).drop("claim", "probability").sum()
    share = {name: reasons[name][0] / sum(reasons.row(0)) for name in reasons.columns}
    registration = sum(
        share[n] for n in ("eligibility", "any_coverage", "other_coverage", "parents_coverage")
    )
    assert 0.18 < registration < 0.36
    assert 0.05 < share["authorization"] + share["wrong_authorization"] < 0.18


def test_payers_differ_much_in_size(published: World) -> None:
    sizes = published.batch.claims["payer_id"].value_counts()["count"].sort(descending=True)
    assert sizes[0] > 5 * sizes.median()


def test_the_optimum_is_calibrated_in_every_range(published: World) -> None:
    probability = published.truth["probability"].to_numpy()
    denied = published.truth["denied"].to_numpy()
    for low in np.arange(0, 1, 0.1):
        part = (probability >= low) & (probability < low + 0.1)
        if part.sum() >= 40:
            deviation = np.sqrt((probability[part] * (1 - probability[part])).sum())
            assert abs(denied[part].sum() - probability[part].sum()) < 4.5 * deviation + 1, low


def test_who_is_not_told_the_demands_learns_them_and_is_calibrated(published: World) -> None:
    """The second reference: the truth before the judged time, then what answers that arrived have taught."""
    first = date(2025, 3, 1)
    found = attainable(published, first)
    truth, denied = (published.truth[name].to_numpy() for name in ("probability", "denied"))
    late = (published.submitted_on >= first).to_numpy()
    assert np.allclose(found[~late], truth[~late])
    assert not np.allclose(found[late], truth[late], atol=0.05)
    deviation = np.sqrt((found[late] * (1 - found[late])).sum())
    assert abs(denied[late].sum() - found[late].sum()) < 4 * deviation
    # It is told less than everything, and more than the denial rate.
    gaps = [np.mean((each - denied[late]) ** 2) for each in (truth[late], found[late], denied[late].mean())]
    assert gaps == sorted(gaps)


def test_judging_the_claims_again_unchanged_gives_their_true_probabilities(published: World) -> None:
    again = adjudicated_again(published, published.batch)
    assert np.allclose(again["probability"], published.truth["probability"], atol=1e-12)


def test_some_of_the_claims_can_be_judged_again_alone(published: World) -> None:
    some = published.batch.claims["claim"].gather_every(7)
    again = adjudicated_again(published, published.batch.select(some))
    truth = published.truth.filter(pl.col("claim").is_in(some.implode()))
    assert np.allclose(again["probability"], truth["probability"], atol=1e-12)


def test_an_authorization_number_takes_away_exactly_the_reason_for_want_of_one(published: World) -> None:
    before = adjudicated_again(published, published.batch)
    numbered = ClaimBatch.of(
        published.batch.frames()
        | {
            Level.CLAIM: published.batch.claims.with_columns(
                prior_authorization=pl.col("prior_authorization").fill_null("AUTH00000001")
            )
        }
    )
    after = adjudicated_again(published, numbered)
    assert before["authorization"].max() > 0.3
    assert after["authorization"].max() == 0
    others = [
        name
        for name in before.columns
        if name not in ("claim", "probability", "authorization", "wrong_authorization")
    ]
    assert before.select(others).equals(after.select(others))


def test_the_easy_world_too_judges_changed_claims(world: World) -> None:
    again = adjudicated_again(world, world.batch)
    assert np.allclose(again["probability"], world.truth["probability"], atol=1e-12)


def test_some_claims_are_never_answered_and_others_late(published: World) -> None:
    assert 0 < len(published.batch) - published.payments.height < 0.06 * len(published.batch)
    sent = pl.DataFrame({"claim": published.batch.claims["claim"], "sent": published.submitted_on})
    waited = (
        published.payments.join(sent, on="claim")
        .select((pl.col("paid_on") - pl.col("sent")).dt.total_days())
        .to_series()
    )
    assert waited.quantile(0.5) < 45
    assert waited.max() > 90


def test_amounts_of_first_and_later_decisions_add_up(published: World) -> None:
    parts = pl.sum_horizontal("contractual_cents", "patient_cents", "denied_cents", "paid_cents")
    assert published.services.filter(parts != pl.col("charge_cents")).is_empty()
    assert published.later_services.filter(parts != pl.col("charge_cents")).is_empty()


def test_denied_claims_come_back_corrected_appealed_or_reversed(published: World) -> None:
    corrected = published.batch.claims.filter(pl.col("claim_id").str.ends_with("C"))
    assert corrected.height > 50
    assert (corrected["frequency_code"] == "7").all()
    assert published.appeals.height > 20
    assert 0 < published.appeals["granted"].mean() < 1
    assert set(published.later_payments["why"]) == {"appeal", "takeback"}
    assert (published.later_payments["paid_on"] > published.later_payments["before"]).all()


def test_policies_change_inside_the_judged_period(published: World) -> None:
    judged = (date(2025, 3, 1), date(2025, 6, 30))
    changes = pl.any_horizontal(pl.col(name).is_between(*judged) for name in ("from_on", "until_on"))
    assert sum(table.filter(changes).height for table in published.policies.tables().values()) > 3


def test_two_seeds_share_no_limit(published: World) -> None:
    """Edges are drawn: what one seed teaches about limits is wrong in the next."""
    other = make_world(WorldOptions(claims=1_500, seed=32, kind="published"))
    for name, column in (("charge", "from_cents"), ("other_coverage", "from_age")):
        first, second = (w.policies.tables()[name][column].to_list() for w in (published, other))
        assert len(set(first) & set(second)) <= 1, name


@pytest.mark.parametrize("kind", ["drifting", "small-practice"])
def test_other_kinds_of_worlds_are_made(kind: str) -> None:
    made = make_world(WorldOptions(claims=1_500, seed=33, kind=kind))
    assert 0.05 < made.truth["denied"].mean() < 0.25
    if kind == "small-practice":
        assert made.batch.claims["billing_npi"].n_unique() == 1
    else:
        assert made.payers.height > 8


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="published"):
        WorldOptions(claims=10, kind="real")


def test_the_files_of_a_drawn_world_say_what_its_payers_decided(tmp_path: Path) -> None:
    """All three forms, with reversals: strict readers accept them; the first decision is the label."""
    made = make_world(WorldOptions(claims=200, seed=34, kind="published"))
    paths = write_world(made, tmp_path)
    reversals = [path for path in paths if path.name.startswith("reversals-")]
    assert reversals
    claims = [str(path) for path in paths if path.suffix == ".837"]
    history = read_history(claims, [path for path in paths if path.suffix == ".835"], None)
    assert history.answered.sum() == made.payments.height
    answered = made.payments.select("claim").join(made.truth, on="claim", how="left")
    assert history.denied.sum() == answered["denied"].sum()
