"""Underpayments, worked by hand: one line of a claim beside what a payer answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from claimwright.engines.deadlines import interest_owed
from claimwright.engines.remittance import account_of
from claimwright.engines.underpayments import (
    CLAIMED,
    CONFIDENCE,
    KINDS,
    Confidence,
    Kind,
    Tolerance,
    ToleranceError,
    Tolerances,
    compare,
    find,
    interest_findings,
    payer_kinds,
    suspects,
)

DAY = date(2026, 1, 15)
_ANSWERED = {
    "answer": pl.Int64, "position": pl.Int32, "line": pl.Int32, "procedure": pl.String,
    "original_procedure": pl.String, "units": pl.Decimal(15, 3), "charge_cents": pl.Int64,
    "paid_cents": pl.Int64, "allowed_cents": pl.Int64,
}  # fmt: skip
_ADJUSTED = {
    "answer": pl.Int64, "position": pl.Int32, "group_code": pl.String, "carc": pl.String,
    "amount_cents": pl.Int64,
}  # fmt: skip
_EDITIONS = {
    "answer": pl.Int64, "line": pl.Int32, "priced_on": pl.Date, "schedule_year": pl.Int16,
    "allowed_cents": pl.Int64,
}  # fmt: skip
Adjustments = Sequence[tuple[str, str, int]]


def with_accounts(rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    """Adjustments with their accounts of the ledger."""
    made = pl.DataFrame(rows, schema=_ADJUSTED, orient="row")
    return made.with_columns(account=account_of(pl.col("group_code"), pl.col("carc")))


def compared(
    *, charge: int = 20_000, expected: int | None = 10_000, paid: int = 0, adjustments: Adjustments = (),
    stated: int | None = None, procedure: str = "99214", units: str = "1", basis: str = "medicare_pfs",
) -> pl.DataFrame:  # fmt: skip
    """One line of one claim: charged 200.00, expected 100.00 unless said."""
    claimed = pl.DataFrame(
        [(1, 1, "99214", None, Decimal(1), charge, expected, basis, DAY)], schema=CLAIMED, orient="row"
    )
    answered = pl.DataFrame(
        [(1, 1, 1, procedure, None, Decimal(units), charge, paid, stated)], schema=_ANSWERED, orient="row"
    )
    adjusted = with_accounts([(1, 1, *each) for each in adjustments])
    whole = pl.DataFrame({"answer": [1], "charge_cents": [charge], "paid_cents": [paid]})
    return compare(claimed, answered, adjusted, whole)


def findings(
    rows: pl.DataFrame, *, edit: bool = False, own: bool = True, editions: Sequence[tuple[Any, ...]] = (),
    tolerances: Tolerances | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The findings of these rows, priced by the contract `Acme` of the payer 12345."""
    known = suspects(rows).with_columns(
        contract=pl.lit("Acme"), payer_id=pl.lit("12345"), is_own_price=pl.lit(own), has_edit=pl.lit(edit),
        words=pl.lit("Acme: the schedule"),
    )  # fmt: skip
    other = pl.DataFrame(editions, schema=_EDITIONS, orient="row")
    return find(known, other, tolerances or Tolerances()).to_dicts()


# Charged 200.00, expected 100.00: what the payer answered, and what is wrong with it, by hand.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[Kind, int] | None]] = {
    "paid as expected": ({"paid": 10_000, "adjustments": [("CO", "45", 10_000)]}, {}, None),
    "80 paid, 20 owed by the patient": (
        {"paid": 8_000, "adjustments": [("CO", "45", 10_000), ("PR", "2", 2_000)]}, {}, None,
    ),
    "all of it deductible": (
        {"paid": 0, "adjustments": [("CO", "45", 10_000), ("PR", "1", 10_000)]}, {}, None,
    ),
    "2 percent kept back by sequestration": (
        {"paid": 9_800, "adjustments": [("CO", "45", 10_000), ("CO", "253", 200)]}, {}, None,
    ),
    "short by 1.00: within the tolerance": ({"paid": 9_900, "adjustments": [("CO", "45", 10_100)]}, {}, None),
    "short by 1.01": (
        {"paid": 9_899, "adjustments": [("CO", "45", 10_101)]}, {}, (Kind.UNDERPAID, 101),
    ),
    "short by 30.00": ({"paid": 7_000, "adjustments": [("CO", "45", 13_000)]}, {}, (Kind.UNDERPAID, 3_000)),
    "AMT*B6 says 100.00, though 70.00 is paid": (
        {"paid": 7_000, "stated": 10_000, "adjustments": [("CO", "45", 13_000)]}, {}, None,
    ),
    "AMT*B6 says 70.00": (
        {"paid": 5_000, "stated": 7_000, "adjustments": [("CO", "45", 13_000), ("PR", "2", 2_000)]}, {},
        (Kind.UNDERPAID, 3_000),
    ),
    "no price, nothing to compare": (
        {"expected": None, "paid": 1, "adjustments": [("CO", "45", 19_999)]}, {}, None,
    ),
    "written down to nothing": ({"adjustments": [("CO", "45", 20_000)]}, {}, (Kind.PAID_AT_ZERO, 10_000)),
    "denied: stands among the denials": ({"adjustments": [("CO", "50", 20_000)]}, {}, None),
    "unknown reason: a denial": ({"adjustments": [("CO", "999", 20_000)]}, {}, None),
    "capitated": ({"adjustments": [("CO", "24", 20_000)]}, {}, None),
    "bundled, no edit on the claim": (
        {"adjustments": [("CO", "97", 20_000)]}, {}, (Kind.BUNDLED_WITHOUT_EDIT, 10_000),
    ),
    "bundled by NCCI, no edit on the claim": (
        {"adjustments": [("CO", "236", 20_000)]}, {}, (Kind.BUNDLED_WITHOUT_EDIT, 10_000),
    ),
    "bundled, as our edit said": ({"adjustments": [("CO", "97", 20_000)]}, {"edit": True}, None),
    "reduced as a further procedure (CO 59)": (
        {"paid": 5_000, "adjustments": [("CO", "45", 10_000), ("CO", "59", 5_000)]}, {},
        (Kind.MODIFIER_REDUCTION, 5_000),
    ),
    "half of it, without a word": (
        {"paid": 5_000, "adjustments": [("CO", "45", 15_000)]}, {}, (Kind.MODIFIER_REDUCTION, 5_000),
    ),
    "an assistant's 16 percent": (
        {"paid": 1_600, "adjustments": [("CO", "45", 18_400)]}, {}, (Kind.MODIFIER_REDUCTION, 8_400),
    ),
    "the amount of 2025": (
        {"paid": 9_650, "adjustments": [("CO", "45", 10_350)]},
        {"editions": [(1, 1, date(2025, 1, 15), 2025, 9_650)]}, (Kind.OTHER_EDITION, 350),
    ),
    "the amount of 2025, within the tolerance": (
        {"paid": 9_950, "adjustments": [("CO", "45", 10_050)]},
        {"editions": [(1, 1, date(2025, 1, 15), 2025, 9_950)]}, (Kind.OTHER_EDITION, 50),
    ),
    "not the amount of 2025": (
        {"paid": 9_650, "adjustments": [("CO", "45", 10_350)]},
        {"editions": [(1, 1, date(2025, 1, 15), 2025, 9_700)]}, (Kind.UNDERPAID, 350),
    ),
    "paid as a lower visit": (
        {"paid": 7_000, "procedure": "99213", "adjustments": [("CO", "45", 13_000)]}, {},
        (Kind.DOWNCODED, 3_000),
    ),
    "paid as another procedure, at the full price": (
        {"paid": 10_000, "procedure": "99213", "adjustments": [("CO", "45", 10_000)]}, {}, None,
    ),
    "more than expected": ({"paid": 15_000, "adjustments": [("CO", "45", 5_000)]}, {}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_line_worked_by_hand(name: str) -> None:
    answered, known, wanted = CASES[name]
    found = findings(compared(**answered), **known)
    assert [(Kind(each["kind"]), each["amount_cents"]) for each in found] == ([wanted] if wanted else [])


def test_the_basis_says_line_by_line_how_the_amount_is_made() -> None:
    rows = compared(paid=5_000, units="1", adjustments=[("CO", "45", 13_000), ("PR", "2", 2_000)])
    assert findings(rows)[0]["basis"].split("\n") == [
        "charged $200.00",
        "allowed $70.00 = paid $50.00 + patient responsibility $20.00",
        "adjustments CO-45 PR-2",
        "expected $100.00",
        "Acme: the schedule",
        "short by $30.00, more than the tolerance of $1.00",
    ]


def test_confidence_is_high_by_codes_or_to_the_cent_and_low_without_a_price_of_the_payer() -> None:
    short = compared(paid=9_650, adjustments=[("CO", "45", 10_350)])
    edition = [(1, 1, date(2025, 1, 15), 2025, 9_650)]
    assert findings(short, editions=edition)[0]["confidence"] == Confidence.HIGH
    assert findings(short)[0]["confidence"] == Confidence.MEDIUM
    assert findings(short, own=False)[0]["confidence"] == Confidence.LOW
    assert set(CONFIDENCE) == set(Confidence)
    assert set(KINDS) == set(Kind)


def test_the_larger_of_share_and_amount_is_tolerated_by_contract_or_payer() -> None:
    short = compared(paid=9_500, adjustments=[("CO", "45", 10_500)])
    wide, narrow = Tolerance.read("6 %"), Tolerance.read("0.5% or 0.10")
    assert findings(short, tolerances=Tolerances(wide)) == []
    assert findings(short, tolerances=Tolerances(by_name={"acme": wide})) == []
    assert findings(short, tolerances=Tolerances(by_name={"12345": wide})) == []
    assert len(findings(short, tolerances=Tolerances(wide, {"ACME": narrow, "12345": wide}))) == 1
    assert Tolerance.read("2 % or 5.00") == Tolerance(Decimal(2), 500)
    with pytest.raises(ToleranceError, match="Write it as"):
        Tolerance.read("a little")


def test_a_whole_claim_is_compared_where_the_contract_prices_the_claim() -> None:
    rows = compared(paid=10_000, adjustments=[("CO", "45", 10_000)], basis="case_rate", expected=12_000)
    found = findings(rows)
    assert [(each["line"], each["kind"], each["amount_cents"]) for each in found] == [
        (None, "underpaid", 2_000)
    ]


def test_a_whole_claim_is_compared_where_the_payer_answers_without_lines() -> None:
    claimed = pl.DataFrame(
        [(1, n, "99214", None, Decimal(1), 10_000, 5_000, "rvu", DAY) for n in (1, 2)],
        schema=CLAIMED, orient="row",
    )  # fmt: skip
    adjusted = with_accounts([(1, None, "CO", "45", 14_000)])
    whole = pl.DataFrame({"answer": [1], "charge_cents": [20_000], "paid_cents": [6_000]})
    found = findings(compare(claimed, pl.DataFrame(schema=_ANSWERED), adjusted, whole))
    assert [(each["line"], each["amount_cents"]) for each in found] == [(None, 4_000)]


def late(**more: Any) -> dict[str, Any]:
    """A Medicare claim of 1,000.00, received on 2 January and paid on 11 February 2025: 10 days late."""
    return {
        "answer": 1, "payment_id": 1, "claim_filing": "MB", "state": "MD", "received_on": date(2025, 1, 2),
        "is_stated": True, "paid_on": date(2025, 2, 11), "paid_cents": 100_000, "charge_cents": 200_000,
        "amount": Decimal("1000.00"), "charge": Decimal("2000.00"),
        "interest_cents": None, "settled_cents": 0, **more,
    }  # fmt: skip


def owed(*claims: dict[str, Any]) -> list[tuple[int, int, str]]:
    given = pl.DataFrame(list(claims), infer_schema_length=None).with_columns(
        payer_kind=payer_kinds(pl.col("claim_filing"))
    )
    found = interest_findings(interest_owed(given))
    return [(each["answer"], each["amount_cents"], each["confidence"]) for each in found.to_dicts()]


def test_interest_on_a_late_payment_is_owed_less_what_was_paid() -> None:
    # New York: 12 percent a year, due on day 30: 1,000.00 x 12 % x 10 / 365 = 3.29.
    insured = {"claim_filing": "CI", "state": "NY"}
    assert owed(late(**insured)) == [(1, 329, "low")]
    assert owed(late(**insured, interest_cents=329)) == []
    assert owed(late(**insured, interest_cents=100)) == [(1, 229, "low")]
    assert owed(late(**insured, received_on=date(2025, 1, 12))) == []
    # 6.58 are owed for two claims; 3.29 were paid with the payment: half for each, 1.64 and 1.64.
    both = [late(**insured, settled_cents=329), late(**insured, settled_cents=329, answer=2)]
    assert owed(*both) == [(1, 165, "low"), (2, 165, "low")]


def test_interest_is_sure_where_the_payer_states_the_day_of_receipt() -> None:
    # Medicare: 4.625 percent in the first half of 2025, due on day 30: 1,000.00 x 4.625 % x 10 / 365 = 1.27.
    assert owed(late()) == [(1, 127, "high")]
    assert owed(late(is_stated=False)) == [(1, 127, "low")]
