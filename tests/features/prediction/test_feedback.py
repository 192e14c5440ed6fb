"""Corrections teach, but nobody turns the champion by himself."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.prediction import (
    FEEDBACK,
    History,
    HistoryError,
    PromotionRefusedError,
    Registry,
    Trained,
    accepted,
    beside_champion,
    drift_of,
    feature_columns,
    read_feedback,
    suspicious,
    train,
    with_corrections,
    with_labels,
)
from claimwright_lab.denial_world import World

from .conftest import TRAINING


def feedback(rows: list[tuple[str, str, bool, str, str]]) -> pl.DataFrame:
    return pl.DataFrame([(*row, "2025-06-01T00:00:00Z") for row in rows], schema=FEEDBACK, orient="row")


def poison(history: History, count: int) -> tuple[pl.Series, pl.DataFrame]:
    """An operator says the opposite of what happened, of the first `count` claims."""
    ids = history.claim_id
    payers = history.facts.claims["payer"]
    rows = [
        (ids[row], str(payers[row]), not bool(history.denied[row]), "correction", "mallory")
        for row in range(count)
    ]
    return ids, feedback(rows)


def test_an_operator_who_mislabels_500_claims_is_held_before_training(history: History, world: World) -> None:
    _, wrong = poison(history, 500)
    assert [hold.what for hold in suspicious(wrong)] == ["volume by by"]
    assert accepted(wrong).is_empty()


def test_what_payers_answered_stands_against_any_correction(history: History, world: World) -> None:
    ids, wrong = poison(history, 500)
    outcomes = feedback(
        [(ids[row], "P", bool(history.denied[row]), "remittance", "835") for row in range(500)]
    )
    both = pl.concat([outcomes, wrong])
    assert "contradicted" in [hold.what for hold in suspicious(both)]
    labels = accepted(both)
    kept = with_labels(history, labels)
    assert np.array_equal(kept.denied, history.denied)


@pytest.mark.slow
def test_500_mislabelled_claims_do_not_move_the_champion_even_where_somebody_lets_them_in(
    history: History, world: World, trained: Trained, tmp_path: Path
) -> None:
    """Forced past the guard, the poisoned candidate is judged by what payers answered, and stays out."""
    registry = Registry(tmp_path)
    champion = registry.add(
        CALLER, trained.model, by="ann", comparison=beside_champion(registry, history, trained.held_out)
    )
    registry.promote(CALLER, champion, approver="ben")
    _, wrong = poison(history, 500)
    poisoned = with_labels(history, wrong)
    assert (poisoned.denied != history.denied).sum() == 500
    candidate = train(poisoned, TRAINING)
    compared = beside_champion(registry, history, candidate.held_out)
    name = registry.add(CALLER, candidate.model, by="mallory", comparison=compared)
    assert not compared.is_better
    with pytest.raises(PromotionRefusedError, match="not better"):
        registry.promote(CALLER, name, approver="ben")
    assert registry.champion_id() == champion


def test_poison_from_many_accounts_is_held_though_none_of_them_says_much(history: History) -> None:
    """Fifty accounts, ten corrections each, all wrong: half are of claims that payers answered."""
    ids, payers = history.claim_id, history.facts.claims["payer"]
    rows = [
        (ids[row], str(payers[row]), not bool(history.denied[row]), "correction", f"account {row % 50}")
        for row in range(500)
    ]
    answers = [
        (ids[row], str(payers[row]), bool(history.denied[row]), "remittance", "835") for row in range(250)
    ]
    both = feedback(rows + answers)
    holds = [hold.what for hold in suspicious(both)]
    assert "contradicted" in holds
    # None of the claims that they speak of is answered: what they say is far from what payers do.
    unanswered = feedback(
        [row for row in rows[250:] if row[2]]
        + [(f"other {place}", *answer[1:]) for place, answer in enumerate(answers)]
    )
    assert [hold.what for hold in suspicious(unanswered)] == ["one-sided"]
    for each in (both, unanswered):
        assert set(accepted(each)["source"]) == {"remittance"}


def test_feedback_of_several_people_is_accepted_where_they_agree() -> None:
    rows = [(f"C{n}", f"P{n % 5}", n % 2 == 0, "correction", f"biller {n % 7}") for n in range(70)]
    rows.append(("C3", "P3", True, "correction", "biller 6"))
    found = accepted(feedback(rows))
    assert suspicious(feedback(rows)) == []
    assert found.height == 69
    assert "C3" not in found["claim_id"]


def test_claims_like_those_of_training_do_not_drift(trained: Trained, history: History) -> None:
    found = drift_of(trained.model, history, feature_columns(trained.model, history))
    assert [hold for hold in found if hold.what == "stability"] == []


def test_claims_that_are_sent_half_a_year_late_are_a_drift(trained: Trained, history: History) -> None:
    columns = feature_columns(trained.model, history)
    columns[:, 0] += 180
    found = drift_of(trained.model, history, columns)
    assert any("days_to_filing" in hold.words for hold in found)


def test_feedback_from_a_file_is_read_and_what_is_wrong_is_named(tmp_path: Path) -> None:
    path = tmp_path / "feedback.csv"
    path.write_text("claim_id,payer,label,source,by,at\nC1,P1,true,correction,ann,2025-06-01\n")
    assert read_feedback(path).row(0)[:4] == ("C1", "P1", True, "correction")
    path.write_text("claim_id,payer,label,source,by,at\nC1,P1,perhaps,correction,ann,2025-06-01\n")
    with pytest.raises(HistoryError, match="row 1"):
        read_feedback(path)
    path.write_text("claim_id,label\n")
    with pytest.raises(HistoryError, match="no column payer, source, by, at"):
        read_feedback(path)


def test_people_teach_of_claims_that_nobody_answered_and_judge_none(history: History) -> None:
    answered = history.answered.copy()
    late = np.flatnonzero(history.sent_day >= history.sent_day.max() - 5)
    answered[late] = False
    waiting = dataclasses.replace(history, answered=answered)
    ids = history.claim_id.to_list()
    said = feedback([(ids[row], "P", True, "correction", "ann") for row in (0, int(late[0]))])
    found = with_corrections(waiting, said)
    # What a payer answered stands; what nobody answered is as the person says, and never judges.
    assert found.denied[0] == history.denied[0]
    assert found.denied[late[0]]
    assert found.answered[late[0]]
    assert not found.by_payers[late[0]]
    assert found.by_payers.sum() == answered.sum()
