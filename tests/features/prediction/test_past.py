"""What is known of the past when a claim is scored: as of the morning of the day on which it is sent."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import (
    NAMES,
    Answers,
    Model,
    Past,
    facts_of,
    same_services,
    score_features,
)
from claimwright.engines.prediction.features import past_of
from claimwright.features.prediction import History, Trained, explain, feature_columns
from claimwright_lab.denial_world import World

DAY = datetime.date(2025, 5, 20)


@pytest.fixture(scope="module")
def knowing(trained: Trained, history: History) -> Model:
    past = Past.of(history.facts, history.answers, trained.model, DAY)
    assert past.recent is not None
    return trained.model.with_past(past)


@pytest.fixture(scope="module")
def of_the_day(world: World) -> ClaimBatch:
    return world.batch.select(world.batch.claims["claim"].filter(world.submitted_on == DAY))


def test_claims_have_the_features_that_training_would_have_made_of_them(
    knowing: Model, trained: Trained, history: History, of_the_day: ClaimBatch
) -> None:
    """Everything that arrived on the day or later is left out, to the last digit."""
    rows = history.claim.is_in(of_the_day.claims["claim"].implode()).to_numpy()
    expected = feature_columns(trained.model, history)[rows]
    order = pl.Series(history.claim.filter(pl.Series(rows)))
    batch = ClaimBatch(
        claims=order.to_frame("claim").join(of_the_day.claims, on="claim", how="left", maintain_order="left"),
        lines=of_the_day.lines,
        diagnoses=of_the_day.diagnoses,
        attachments=of_the_day.attachments,
    )
    found = score_features(facts_of(batch, DAY), knowing.evidence)
    assert len(found) > 10
    different = [
        name for at, name in enumerate(NAMES) if not np.allclose(found[:, at], expected[:, at], atol=1e-12)
    ]
    assert different == []


def test_a_claim_that_was_sent_before_is_known_by_its_patient_provider_day_and_services(
    knowing: Model, world: World
) -> None:
    before = world.batch.select(world.batch.claims["claim"].filter(world.submitted_on < DAY)[:50])
    again = score_features(facts_of(before, DAY), knowing.evidence)[:, NAMES.index("sent_before")]
    assert (again >= 1).all()
    lines = before.lines.with_columns(procedure=pl.lit("99999"))
    others = dataclasses.replace(before, lines=lines)
    assert not score_features(facts_of(others, DAY), knowing.evidence)[:, NAMES.index("sent_before")].any()


def test_patients_without_a_number_are_not_one_person(knowing: Model, of_the_day: ClaimBatch) -> None:
    claims = of_the_day.claims.with_columns(
        subscriber_member_id=pl.lit(None, pl.String), billing_npi=pl.lit("1")
    )
    lines = of_the_day.lines.with_columns(
        procedure=pl.lit("99213"), service_from_on=pl.lit(DAY), service_to_on=pl.lit(None, pl.Date)
    )
    found = score_features(
        facts_of(dataclasses.replace(of_the_day, claims=claims, lines=lines), DAY), knowing.evidence
    )
    assert not found[:, [NAMES.index("sent_before"), NAMES.index("patient_denials")]].any()


def test_what_intake_counts_is_what_training_counts(world: World) -> None:
    batch = world.batch
    some = batch.claims["claim"].is_in(batch.claims["claim"].sample(fraction=0.2, seed=3).implode())
    nobody = pl.when(some).then(pl.lit(None)).otherwise(pl.col("subscriber_member_id"))
    # Lines in another order, another line of the same service, and claims of nobody.
    lines = pl.concat([batch.lines.reverse(), batch.lines.sample(fraction=0.1, seed=5)])
    batches = [batch, dataclasses.replace(batch, lines=lines.sort("claim", maintain_order=True))]
    batches.append(dataclasses.replace(batch, claims=batch.claims.with_columns(subscriber_member_id=nobody)))
    both = ClaimBatch.concat(batches)
    counted = (
        pl.DataFrame({"services": same_services(both)})
        .with_columns(before=pl.int_range(pl.len()).over("services"))
        .select(pl.when(pl.col("services").is_null()).then(0).otherwise("before"))
        .to_series()
    )
    facts = facts_of(both, DAY)
    answers = Answers.of(
        np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int8), np.full(len(facts), -1, dtype=np.int64)
    )
    expected = past_of(facts, answers)["sent_before"]
    assert counted.cast(pl.Float64).equals(expected.alias("services"), check_names=False)
    assert 0.2 < (expected > 0).mean() < 0.7


def test_what_was_counted_is_taken_in_the_place_of_what_is_in_the_batch(
    knowing: Model, of_the_day: ClaimBatch
) -> None:
    at = NAMES.index("sent_before")
    twice = ClaimBatch.concat([of_the_day, of_the_day])
    alone = score_features(facts_of(of_the_day, DAY), knowing.evidence)[:, at]
    within = score_features(facts_of(twice, DAY), knowing.evidence)[:, at]
    assert (within[len(alone) :] >= alone + 1).all()
    counted = pl.Series([3] * len(of_the_day), dtype=pl.Int32)
    told = score_features(facts_of(of_the_day, DAY), knowing.evidence, counted)[:, at]
    assert (told >= 3).all()


def test_with_too_few_answers_the_rates_of_training_stand(trained: Trained, history: History) -> None:
    past = Past.of(history.facts, history.answers, trained.model, datetime.date(2024, 2, 5))
    assert past.recent is None
    assert trained.model.with_past(past).evidence.recent is trained.model.evidence.recent


def test_reasons_speak_of_the_last_90_days_where_these_are_known(
    knowing: Model, trained: Trained, history: History, of_the_day: ClaimBatch
) -> None:
    def words(model: Model) -> str:
        return " ".join(reason.words for each in explain(model, of_the_day, DAY) for reason in each.reasons)

    assert f"answered in the 90 days before {DAY}" in words(knowing)
    # The counts of the model itself end with the last answer of its history, which is not that of training.
    last = datetime.date(1970, 1, 2) + datetime.timedelta(days=int(history.answers.answered_day.max()))
    assert f"in the 90 days before {last}" in words(trained.model)
