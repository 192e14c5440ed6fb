"""Models are judged on claims that they have not learned from."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import fingerprints
from claimwright.features.prediction import (
    History,
    Registry,
    SeenClaimsError,
    Trained,
    beside_champion,
    judge_beside,
)
from claimwright_lab.denial_world import World

NAME = "m-000000000001"


def later(trained: Trained, history: History, answered: np.ndarray) -> History:
    """The history with answers to these claims alone."""
    return dataclasses.replace(history, answered=answered)


@pytest.fixture
def held_out(trained: Trained, history: History) -> np.ndarray:
    flags = np.zeros(len(history), dtype=bool)
    flags[trained.held_out.rows] = True
    return flags & ~trained.model.has_seen(history.fingerprint)


def test_a_model_knows_the_claims_of_training_and_calibration(trained: Trained, history: History) -> None:
    periods = trained.model.about["periods"]
    learned = sum(periods[name]["claims"] for name in ("train", "calibrate"))
    seen = trained.model.has_seen(history.fingerprint)
    until = history.facts.claims["submitted_on"] <= pl.lit(periods["calibrate"]["to"]).str.to_date()
    until = history.facts.claims.select(until)["submitted_on"].to_numpy() & history.answered
    # Of those that were sent by then, decisions had arrived for nearly all.
    assert 0.9 * until.sum() < learned <= until.sum()
    assert (seen & until).sum() >= learned
    # Of those that were sent later, only the ones that repeat an earlier claim.
    again = seen & ~until
    assert again.sum() < 0.03 * (~until).sum()


def test_one_claim_of_the_training_among_new_ones_is_refused_with_its_number(
    trained: Trained, history: History, held_out: np.ndarray
) -> None:
    known = held_out.copy()
    known[np.flatnonzero(trained.model.has_seen(history.fingerprint) & history.answered)[0]] = True
    with pytest.raises(SeenClaimsError, match=f"learned from 1 of these {known.sum():,} claims"):
        judge_beside(NAME, trained.model, None, later(trained, history, known))
    found = judge_beside(NAME, trained.model, None, later(trained, history, known), leave_out_seen=True)
    assert (found.left_out, found.quality.claims) == (1, held_out.sum())


def test_claims_of_the_training_alone_judge_nothing(trained: Trained, history: History) -> None:
    known = trained.model.has_seen(history.fingerprint) & history.answered
    with pytest.raises(SeenClaimsError, match="every one of these"):
        judge_beside(NAME, trained.model, None, later(trained, history, known), leave_out_seen=True)


def test_claims_that_the_champion_learned_from_judge_neither(
    trained: Trained, history: History, held_out: np.ndarray
) -> None:
    rows = np.flatnonzero(held_out)
    learned = np.unique(history.fingerprint[rows[: len(rows) // 2]])
    champion = dataclasses.replace(trained.model, learned_from=learned)
    found = judge_beside(NAME, trained.model, ("m-champion", champion), later(trained, history, held_out))
    assert found.champion is not None
    assert found.quality.claims == found.champion.claims == len(rows) - found.left_out
    assert found.left_out >= len(rows) // 2


def test_a_candidate_whose_claims_the_champion_knows_all_counts_as_not_compared(
    trained: Trained, history: History, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(tmp_path_factory.mktemp("models"))
    champion = dataclasses.replace(trained.model, learned_from=np.unique(history.fingerprint))
    name = registry.add(CALLER, champion, by="ann")
    registry.promote(CALLER, name, approver="ben")
    found = beside_champion(registry, history, trained.held_out)
    assert found.champion is None


def test_a_new_claim_number_makes_no_other_claim(world: World) -> None:
    batch = world.batch.select(world.batch.claims["claim"].head(300))
    renumbered = ClaimBatch(
        transactions=batch.transactions,
        claims=batch.claims.with_columns(claim_id=pl.lit("X") + pl.col("claim_id")),
        lines=batch.lines,
        diagnoses=batch.diagnoses,
        attachments=batch.attachments,
    )
    assert np.array_equal(fingerprints(batch), fingerprints(renumbered))
    assert len(np.unique(fingerprints(batch))) > 290


def test_claims_without_a_member_go_by_their_number(world: World) -> None:
    batch = world.batch.select(world.batch.claims["claim"].head(300))
    nobody = batch.claims.with_columns(
        subscriber_member_id=pl.lit(None, pl.String), claim_id=pl.col("claim").cast(pl.String)
    )
    nameless = ClaimBatch(claims=nobody, lines=batch.lines)
    assert len(np.unique(fingerprints(nameless))) == 300
    assert np.array_equal(fingerprints(nameless), fingerprints(ClaimBatch(claims=nobody, lines=batch.lines)))
