"""What a denial is worth, and its next step; numbers are worked by hand in each test."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from claimwright.domain.denial import Category
from claimwright.engines.deadlines import clocks
from claimwright.engines.denials import PRIORS, grouped, weigh


def denial(number: int = 1, **changes: Any) -> dict[str, Any]:
    row = {
        "denial": number, "payment": 1, "claim": number, "category": "medical_necessity",
        "root_cause": "not-medically-necessary", "usual_step": "appeal", "recoverable": True, "appealable":
        True, "group": "CO", "amount": Decimal("1000.00"),
    }  # fmt: skip
    return row | changes


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema_overrides={"amount": pl.Decimal(18, 2)}, infer_schema_length=None)


def medicare(day: date, **facts: Any) -> pl.DataFrame:
    given = {"denial": 1, "payer_kind": "medicare_ffs", "notice_on": date(2026, 1, 5), **facts}
    return clocks(pl.DataFrame([given]), as_of=day)


def test_expected_recovery_is_amount_times_chance_less_work() -> None:
    """1,000 x 0.44 - 118 = 322."""
    row = weigh(frame(denial())).row(0, named=True)
    assert (row["next_step"], row["expected_recovery"]) == ("appeal", Decimal("322.00"))
    assert (row["probability"], row["probability_from"]) == (0.44, "prior")
    assert "KFF" in row["probability_source"]


def test_a_models_probability_replaces_the_prior_and_says_so() -> None:
    """1,000 x 0.7 - 118 = 582."""
    given = pl.DataFrame({"denial": [1], "probability": [0.7], "source": ["appeal-outcome model"]})
    row = weigh(frame(denial()), probabilities=given).row(0, named=True)
    assert (row["expected_recovery"], row["probability_from"]) == (Decimal("582.00"), "model")
    assert row["probability_source"] == "appeal-outcome model"


def test_little_time_left_lowers_the_chance_in_proportion() -> None:
    """Redetermination until 11 May. On 7 May 5 days are left, the last one included, of 10 needed: x 0.5."""
    row = weigh(frame(denial()), medicare(date(2026, 5, 7))).row(0, named=True)
    assert (row["clock"], row["days_left"], row["clock_factor"]) == ("medicare-redetermination", 4, 0.5)
    assert row["expected_recovery"] == Decimal("102.00")  # 1,000 x 0.44 x 0.5 - 118


def test_when_every_clock_has_lapsed_a_write_off_is_proposed() -> None:
    day = date(2031, 1, 5)
    row = weigh(frame(denial()), medicare(day, service_from_on=date(2025, 12, 1))).row(0, named=True)
    assert (row["next_step"], row["probability"]) == ("write_off_for_approval", 0.0)
    assert row["expected_recovery"] == Decimal("-5.00")


def test_a_review_is_worth_nothing_once_its_clocks_have_lapsed() -> None:
    """1,000 x 0.63 - 15 = 615 while the appeal is open, for 180 days; then 0 - 15."""
    given = frame(denial(category="duplicate", root_cause="duplicate-claim", usual_step="review"))

    def weighed(day: date) -> dict[str, Any]:
        facts = {"denial": 1, "payer_kind": "erisa_self_funded", "notice_on": date(2026, 1, 5)}
        return weigh(given, clocks(pl.DataFrame([facts]), as_of=day)).row(0, named=True)

    in_time, too_late = weighed(date(2026, 2, 1)), weighed(date(2026, 11, 29))
    assert (in_time["next_step"], in_time["expected_recovery"]) == ("review", Decimal("615.00"))
    assert too_late["expected_recovery"] < 0


def test_without_appeal_rights_the_step_is_a_corrected_claim() -> None:
    found = medicare(date(2026, 2, 1), service_from_on=date(2025, 12, 1), appealable=False)
    row = weigh(frame(denial(appealable=False)), found).row(0, named=True)
    assert (row["next_step"], row["clock"]) == ("correct_and_resubmit", "medicare-timely-filing")


def test_a_late_correction_becomes_an_appeal_while_that_is_open() -> None:
    found = medicare(date(2026, 2, 1), service_from_on=date(2024, 12, 1)).filter(
        pl.col("kind") != "reopening"
    )
    row = weigh(frame(denial(category="coding", usual_step="correct_and_resubmit")), found).row(0, named=True)
    assert (row["next_step"], row["clock"]) == ("appeal", "medicare-redetermination")


@pytest.mark.parametrize(
    ("group", "next_payer", "step"),
    [
        ("PR", True, "bill_next_payer"),
        ("PR", False, "bill_patient"),
        ("CO", False, "write_off_for_approval"),
        ("PI", False, "write_off_for_approval"),
    ],
)
def test_what_the_payer_leaves_is_billed_only_to_who_owes_it(group: str, next_payer: bool, step: str) -> None:
    row = denial(category="not_covered", usual_step="bill_patient", recoverable=False, group=group)
    follows = pl.DataFrame({"denial": [1], "next_payer": [next_payer]})
    assert weigh(frame(row), has_next_payer=follows)["next_step"].to_list() == [step]


def test_an_unknown_amount_is_reviewed_and_has_no_worth() -> None:
    row = weigh(frame(denial(amount=None))).row(0, named=True)
    assert (row["next_step"], row["expected_recovery"]) == ("review", None)


def test_every_category_has_a_prior_with_its_source() -> None:
    assert set(PRIORS) == set(Category)
    assert all(0 < prior.share < 1 and len(prior.source) > 20 for prior in PRIORS.values())


def test_a_rate_of_appeals_says_what_it_is_where_the_step_is_none() -> None:
    corrected = denial(
        category="authorization", root_cause="no-authorization", usual_step="correct_and_resubmit"
    )
    resubmitted, appealed = (
        weigh(frame(corrected, denial(2))).select("next_step", "probability_source").rows()
    )
    assert resubmitted[0] == "correct_and_resubmit"
    assert (
        resubmitted[1] == f"{appealed[1]}; a rate of appeals, taken because none is published for this step"
    )


def test_the_order_and_every_other_column_are_kept() -> None:
    rows = frame(denial(2, note="b"), denial(1, note="a"))
    found = weigh(rows)
    assert found["denial"].to_list() == [2, 1]
    assert found["note"].to_list() == ["b", "a"]


def test_one_cause_and_one_fix_are_one_group() -> None:
    """Two appeals of 322 each are worth 644 and come before one correction of 200 x 0.63 - 25 = 101."""
    rows = frame(
        denial(1), denial(2),
        denial(3, category="coding", root_cause="modifier", usual_step="correct_and_resubmit",
        amount=Decimal(200)),
    )  # fmt: skip
    found = grouped(weigh(rows))
    assert found.select("root_cause", "denials", "claims", "amount", "expected_recovery").rows() == [
        ("not-medically-necessary", 2, 2, Decimal("2000.00"), Decimal("644.00")),
        ("modifier", 1, 1, Decimal("200.00"), Decimal("101.00")),
    ]
