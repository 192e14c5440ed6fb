"""Deadlines worked from each law: the law, the steps, and the last day.

The cases and their steps are in `worked_cases.tsv`. Their days were computed apart from the engine, by plain
calendar arithmetic with holidays typed from the calendar. Saturdays, Sundays and Federal holidays extend a
time only where the law says so. Which laws were read again, and which are from knowledge:
docs/authorities.md.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from claimwright.engines.deadlines import (
    Override,
    alerts,
    clocks,
    federal_holidays,
    interest_owed,
    load_deadlines,
    read_deadlines,
    soonest,
    with_payer_kinds,
)
from claimwright.foundation.located_yaml import YamlError


class Case(NamedTuple):
    """A clock, its facts, the last day, the law and the steps."""

    clock: str
    payer_kind: str
    facts: dict[str, Any]
    due: str
    law: str
    steps: str


def _cases() -> list[Case]:
    """One line a case: facts as name=value, separated by spaces."""
    with (Path(__file__).parent / "worked_cases.tsv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    words = {"true": True, "false": False}
    return [
        Case(
            row["clock"], row["payer_kind"],
            {name: words.get(value, value) for name, value in (pair.split("=") for pair in
            row["facts"].split())}, row["last_day"], row["law"], row["steps"],
        )
        for row in rows
    ]  # fmt: skip


CASES = _cases()


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """Facts of denials; texts that are days become dates."""
    read = [
        {name: date.fromisoformat(value) if name.endswith("_on") else value for name, value in row.items()}
        for row in rows
    ]
    return pl.DataFrame(
        [{"denial": number, **row} for number, row in enumerate(read, start=1)], infer_schema_length=None
    )


@pytest.fixture(scope="module")
def all_found() -> pl.DataFrame:
    facts = frame(*({"payer_kind": case.payer_kind, **case.facts} for case in CASES))
    return clocks(facts, as_of=date(2026, 1, 5))


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: f"{CASES[n].clock}-{CASES[n].due}")
def test_the_last_day_is_that_of_the_law(all_found: pl.DataFrame, number: int) -> None:
    case = CASES[number]
    found = all_found.filter(pl.col("denial") == number + 1, pl.col("clock") == case.clock)
    assert found["due_on"].to_list() == [date.fromisoformat(case.due)], f"{case.law}: {case.steps}"


def test_every_clock_has_a_worked_case() -> None:
    assert len(CASES) >= 80
    assert {clock.code for clock in load_deadlines().clocks} == {case.clock for case in CASES}


def test_days_left_are_zero_on_the_last_day_and_the_clock_has_lapsed_on_the_next() -> None:
    facts = frame({"payer_kind": "medicare_ffs", "notice_on": "2026-01-05"})
    last = date(2026, 5, 11)
    on_time, late = (clocks(facts, as_of=day).row(0, named=True) for day in (last, last + timedelta(days=1)))
    assert (on_time["clock"], on_time["days_left"], on_time["is_lapsed"]) == (
        "medicare-redetermination",
        0,
        False,
    )
    assert (late["days_left"], late["is_lapsed"]) == (-1, True)


def test_without_appeal_rights_only_the_time_to_resubmit_runs() -> None:
    """MA130: Medicare Claims Processing Manual, ch. 1, section 80.3.1: correct and resubmit, no appeal."""
    facts = frame(
        {
            "payer_kind": "medicare_ffs",
            "notice_on": "2026-01-05",
            "service_from_on": "2025-12-01",
            "appealable": False,
        }
    )
    assert clocks(facts, as_of=date(2026, 2, 1))["clock"].to_list() == ["medicare-timely-filing"]


def test_the_amount_in_controversy_is_that_of_the_year_of_the_request() -> None:
    """42 CFR 405.1006(b): $190 in 2025, $200 in 2026 (90 FR 55869)."""
    facts = frame({"payer_kind": "medicare_ffs", "decision_2_on": "2025-12-15", "amount": "195.00"})
    facts = facts.with_columns(pl.col("amount").cast(pl.Decimal(18, 2)))
    for day, least, below in ((date(2025, 12, 30), "190.00", False), (date(2026, 1, 2), "200.00", True)):
        row = clocks(facts, as_of=day).row(0, named=True)
        assert (row["minimum_amount"], row["is_below_minimum"]) == (Decimal(least), below)


def test_a_contract_replaces_the_filing_time_of_the_law_and_adds_to_appeals() -> None:
    facts = frame(
        {"payer_kind": "erisa_insured", "state": "NY", "payer_id": "P1", "service_from_on": "2026-01-05",
         "notice_on": "2026-02-02"},
        {"payer_kind": "erisa_insured", "state": "NY", "payer_id": "P2", "service_from_on": "2026-01-05"},
    )  # fmt: skip
    contract = [
        Override("P1", "Contract of 2026, section 7.1", 90, kind="filing"),
        Override("P1", "Contract of 2026, section 9.3", 45, kind="dispute"),
    ]
    found = clocks(facts, as_of=date(2026, 2, 10), overrides=contract)
    first = found.filter(pl.col("denial") == 1)
    assert dict(first.select("clock", "due_on").rows()) == {
        "contract-filing": date(2026, 4, 5), "contract-dispute": date(2026, 3, 19), "erisa-appeal":
        date(2026, 8, 1),
    }  # fmt: skip
    assert first.filter("is_contract")["law"].to_list() == [
        "Contract of 2026, section 9.3", "Contract of 2026, section 7.1",
    ]  # fmt: skip
    assert found.filter(pl.col("denial") == 2)["clock"].to_list() == ["ny-filing"]


def test_an_override_of_one_clock_keeps_its_start_and_ends_with_the_contract() -> None:
    contract = [
        Override("P1", "Contract", 365, clock="erisa-appeal", effective_to=date(2026, 1, 31)),
    ]
    facts = frame(
        {"payer_kind": "erisa_insured", "payer_id": "P1", "notice_on": "2026-01-05"},
        {"payer_kind": "erisa_insured", "payer_id": "P1", "notice_on": "2026-02-02"},
    )
    found = clocks(facts, as_of=date(2026, 2, 10), overrides=contract)
    assert found.select("due_on", "is_contract").rows() == [
        (date(2027, 1, 5), True),
        (date(2026, 8, 1), False),
    ]


def test_a_clock_whose_start_is_not_known_is_not_there() -> None:
    facts = frame({"payer_kind": "medicare_ffs"}, {"payer_kind": "other", "notice_on": "2026-01-05"})
    assert clocks(facts, as_of=date(2026, 2, 1)).is_empty()


def test_the_soonest_open_clock_and_its_alert() -> None:
    facts = frame({"payer_kind": "medicare_ffs", "notice_on": "2026-01-05", "service_from_on": "2025-04-20"})
    found = clocks(facts, as_of=date(2026, 4, 15))
    assert soonest(found)["clock"].to_list() == ["medicare-timely-filing"]
    due = alerts(found, thresholds=(30, 14, 7))
    assert due.select("clock", "days_left", "threshold").rows() == [
        ("medicare-timely-filing", 5, 7), ("medicare-redetermination", 26, 30),
    ]  # fmt: skip


def test_holidays_are_those_of_the_law() -> None:
    """5 U.S.C. 6103: 4 July 2026 is a Saturday, kept on Friday; 19 June is a holiday since 2021."""
    assert date(2026, 7, 3) in federal_holidays(2026)
    assert date(2021, 6, 18) in federal_holidays(2021)
    assert date(2020, 6, 19) not in federal_holidays(2020)
    assert date(2021, 12, 31) in federal_holidays(2022)
    assert [len(federal_holidays(year)) for year in (2020, 2026)] == [10, 11]


def test_a_file_with_a_fault_is_refused_by_line() -> None:
    with pytest.raises(YamlError, match=r"x\.yaml"):
        read_deadlines({"x.yaml": "regime: A\nclocks:\n  - {code: a}\n"})
    with pytest.raises(YamlError, match="empty"):
        read_deadlines({"x.yaml": ""})


def owed(**claim: Any) -> dict[str, Any]:
    given = {"amount": Decimal("1000.00"), **claim}
    return interest_owed(frame(given)).row(0, named=True)


def test_medicare_pays_interest_from_day_31_at_the_rate_of_the_day_of_payment() -> None:
    """$1,000 received 1 March 2024 is due 31 March; paid 10 April: 10 days x 4.875 % = 1.3356."""
    found = owed(payer_kind="medicare_ffs", received_on="2024-03-01", paid_on="2024-04-10")
    assert (found["due_on"], found["days_late"], found["interest"]) == (
        date(2024, 3, 31),
        10,
        Decimal("1.34"),
    )
    # Received 15 December 2022, due 14 January 2023, paid 3 February: 20 days x 4.625 % = 2.5342.
    found = owed(payer_kind="medicare_ffs", received_on="2022-12-15", paid_on="2023-02-03")
    assert found["interest"] == Decimal("2.53")


def test_a_half_year_without_a_known_rate_says_so() -> None:
    found = owed(payer_kind="medicare_ffs", received_on="2031-01-01", paid_on="2031-03-01")
    assert (found["interest"], found["basis"]) == (None, "the rate of the half-year of payment is not known")


def test_paid_in_time_unclean_or_self_funded_owes_nothing() -> None:
    in_time = owed(payer_kind="medicare_ffs", received_on="2024-03-01", paid_on="2024-03-31")
    unclean = owed(payer_kind="medicare_ffs", received_on="2024-03-01", paid_on="2024-06-30", is_clean=False)
    self_funded = owed(
        payer_kind="erisa_self_funded", state="TX", received_on="2024-03-01", paid_on="2024-12-01"
    )
    assert [each["interest"] for each in (in_time, unclean, self_funded)] == [Decimal("0.00")] * 3
    assert self_funded["rule"] == "erisa-none"


@pytest.mark.parametrize(
    ("state", "received", "paid", "interest"),
    [
        ("NY", "2026-01-05", "2026-03-06", "9.86"),  # due 4 February, 30 days x 12 %: 9.863
        ("IL", "2026-01-05", "2026-03-06", "7.40"),  # due 4 February, 30 days x 9 %: 7.397
        ("FL", "2026-01-05", "2026-03-06", "13.15"),  # due 25 January, 40 days x 12 %: 13.151
        ("CA", "2026-01-05", "2026-03-06", "12.33"),  # due 4 February, 30 days x 15 %: 12.329
        ("NJ", "2026-01-05", "2026-03-06", "9.86"),  # due 4 February, 30 days x 12 %
        ("OH", "2026-01-05", "2026-03-06", "14.79"),  # due 4 February, 30 days x 18 %: 14.795
        ("PA", "2026-01-05", "2026-03-06", "4.11"),  # due 19 February, 15 days x 10 %: 4.110
        ("NC", "2026-01-05", "2026-03-06", "14.79"),  # due 4 February, 30 days x 18 %
        ("MD", "2026-01-05", "2026-03-26", "28.33"),  # days 31 to 60 at 1.5 %: 15; 61 to 80 at 2 %: 13.333
    ],
)
def test_state_interest_is_computed_by_hand(state: str, received: str, paid: str, interest: str) -> None:
    found = owed(payer_kind="erisa_insured", state=state, received_on=received, paid_on=paid)
    assert found["interest"] == Decimal(interest)


@pytest.mark.parametrize(
    ("paid", "penalty", "interest"),
    [
        ("2026-02-05", "250.00", "0.00"),  # 1 day late: half of 1,500 - 1,000
        ("2026-03-22", "500.00", "0.00"),  # 46 days late: all of it
        ("2026-05-06", "500.00", "22.44"),  # 91 days late: 500 x 18 % x 91 / 365 = 22.438
    ],
)
def test_texas_penalties_are_shares_of_charge_less_rate(paid: str, penalty: str, interest: str) -> None:
    found = owed(
        payer_kind="erisa_insured", state="TX", is_contracted=True, received_on="2026-01-05", paid_on=paid,
        charge=Decimal("1500.00"),
    )  # fmt: skip
    assert (found["penalty"], found["interest"]) == (Decimal(penalty), Decimal(interest))


def test_a_state_without_a_rule_and_a_small_amount_say_so() -> None:
    none = owed(payer_kind="erisa_insured", state="WY", received_on="2026-01-05", paid_on="2026-06-05")
    assert (none["rule"], none["interest"]) == (None, None)
    # 100 x 9 % x 30 / 365 = 0.74, less than the dollar of 215 ILCS 5/368a.
    small = owed(
        payer_kind="erisa_insured", state="IL", received_on="2026-01-05", paid_on="2026-03-06",
        amount=Decimal("100.00"),
    )  # fmt: skip
    assert small["interest"] == Decimal("0.00")


def test_the_claim_filing_code_says_which_kinds_of_payer_are_possible() -> None:
    codes = ["MB", "MC", "CI", "16", "WC", None]
    denials = pl.DataFrame({"claim_filing": codes, "category": "coding", "appealable": True})
    found = with_payer_kinds(denials)
    assert found.select("claim_filing", "payer_kind", "is_contracted").rows() == [
        ("MB", "medicare_ffs", None),
        ("MC", "medicaid_managed_care", None),
        ("MC", "medicaid_ffs", None),
        ("CI", "erisa_insured", None),
        ("16", "medicare_advantage", False),
        ("WC", "other", None),
        (None, "other", None),
    ]


def test_a_claim_that_medicare_denies_as_late_has_no_appeal() -> None:
    denials = pl.DataFrame(
        {"denial": [1, 2], "claim_filing": ["MB", "CI"], "category": "timely_filing", "appealable": True}
    )
    facts = with_payer_kinds(
        denials.with_columns(notice_on=date(2026, 2, 1), service_from_on=date(2025, 1, 2))
    )
    found = clocks(facts, date(2026, 2, 10))
    assert found.filter(denial=1)["kind"].to_list() == ["filing"]
    assert found.filter(denial=2)["clock"].to_list() == ["erisa-appeal"]
