"""Precision and recall against real denials, computed by hand here; intervals against published values."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimwright.features.rule_workshop import (
    Agreement,
    Outcome,
    OutcomeError,
    Share,
    agreement,
    read_outcomes,
)

PAID = Outcome(False)


def written(folder: Path, text: str) -> Path:
    path = folder / "outcomes.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        # R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17
        # (1998), table I, method 3 (the score method without continuity correction).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(count: int, total: int, low: float, high: float) -> None:
    interval = Share(count, total).interval
    assert interval is not None
    assert interval == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_all_mirrors_that_of_none() -> None:
    none, all_ = Share(0, 20).interval, Share(20, 20).interval
    assert none is not None
    assert all_ is not None
    assert all_ == pytest.approx((1 - none[1], 1 - none[0]))


def test_a_share_of_nothing_has_no_value() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)


def test_claim_numbers_are_counted_in_four_squares() -> None:
    """Ten read; of a to i the outcome is known; the rule touches a, b, c and j; a, b, d are denied."""
    outcomes = dict.fromkeys("cefghi", PAID) | {number: Outcome(True) for number in "abd"}
    found = agreement(frozenset("abcj"), frozenset("abcdefghij"), outcomes)
    assert found == Agreement(2, 1, 1, 5, 1)
    assert (found.precision.count, found.precision.total) == (2, 3)
    assert (found.recall.count, found.recall.total) == (2, 3)
    assert (found.base_rate.count, found.base_rate.total) == (3, 9)


def test_outcomes_of_claims_that_were_not_read_count_for_nothing() -> None:
    found = agreement(frozenset("a"), frozenset("ab"), {"a": Outcome(True), "z": Outcome(True)})
    assert found == Agreement(1, 0, 0, 0, 0)


def test_a_denial_for_another_reason_is_none_that_the_rule_foresaw() -> None:
    outcomes = {"a": Outcome(True, frozenset({"16"})), "b": Outcome(True, frozenset({"45"})), "c": PAID}
    found = agreement(frozenset("ab"), frozenset("abc"), outcomes, carcs=frozenset({"16"}))
    assert found == Agreement(1, 1, 0, 1, 0)


def test_outcomes_are_read_with_several_rows_a_claim(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "claim_id,denied,carc\nA1,no,45\nA1,yes,CO-16\nA2,Yes,pr2 OA-23\n"
        'A3,0,45\n\nA4,TRUE,\nA5,y,"252;16"\n',
    )
    assert read_outcomes(path) == {
        "A1": Outcome(True, frozenset({"16"})),
        "A2": Outcome(True, frozenset({"2", "23"})),
        "A3": PAID,
        "A4": Outcome(True),
        "A5": Outcome(True, frozenset({"252", "16"})),
    }


def test_columns_stand_in_any_order_and_further_ones_are_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "﻿Payer,Denied,Claim_ID\nX,yes,A1\n")
    assert read_outcomes(path) == {"A1": Outcome(True)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ":1: no column claim_id and no denied"),
        ("claim,denied\n", ":1: no column claim_id"),
        ("claim_id,denied\n", ":1: there is no row"),
        ("claim_id,denied\nA1,yes\n,no\n", ":3: claim_id is empty"),
        ("claim_id,denied\nA1,perhaps\n", ":2: denied is neither yes nor no"),
        ("claim_id,denied\nA1\n", ":2: denied is neither yes nor no"),
    ],
)
def test_a_file_of_outcomes_is_refused_with_the_line(text: str, words: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(OutcomeError) as refused:
        read_outcomes(path)
    assert str(refused.value).startswith(f"{path}{words}")
    assert "A1" not in str(refused.value), "a claim number is not repeated"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_bytes(b"claim_id,denied\n\xff\xfe,yes\n")
    with pytest.raises(OutcomeError, match="not UTF-8"):
        read_outcomes(path)
