"""Derived names: each against a hand calculation, and exact sums against plain Python."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import ABOVE, DERIVED, SeenClaims, facts, names_at, tallies, with_names
from claimwright.domain.dictionary import Level, schema

DAY = date(2025, 3, 13)


def batch(**frames: list[dict[str, Any]]) -> ClaimBatch:
    """A batch of rows by frame; columns take the dictionary's types."""
    made = {}
    for name, rows in frames.items():
        types = schema(Level(name))
        given_names = {key for row in rows for key in row}
        made[Level(name)] = pl.DataFrame(
            {key: pl.Series([row.get(key) for row in rows], dtype=types[key]) for key in given_names}
        )
    return ClaimBatch.of(made)


def values(of: ClaimBatch, level: Level, *names: str) -> list[Any]:
    known = facts(of, as_of=DAY)
    columns = [known.column(level, name).to_list() for name in names]
    return columns[0] if len(names) == 1 else list(zip(*columns, strict=True))


@pytest.mark.parametrize("derived", DERIVED, ids=lambda entry: f"{entry.level}.{entry.name}")
def test_a_derived_name_has_its_type_over_nothing_and_over_something(derived: Any) -> None:
    something = batch(
        claims=[{"claim": 7, "form": "P"}, {"claim": 3, "form": "I"}],
        lines=[{"claim": 7, "line": 1}, {"claim": 3, "line": 1}],
        diagnoses=[{"claim": 7, "position": 1}],
        procedures=[{"claim": 3, "position": 1}],
        institutional_codes=[{"claim": 3, "position": 1}],
        other_payers=[{"claim": 7, "other_payer": 1}],
        line_adjudications=[{"claim": 7, "line": 1, "adjudication": 1}],
        adjustments=[{"claim": 7, "other_payer": 1, "position": 1}],
        notes=[{"claim": 7, "position": 1}],
        teeth=[{"claim": 7, "line": 1, "position": 1}],
    )
    for of in (ClaimBatch(), something):
        known = facts(of, as_of=DAY)
        column = known.column(derived.level, derived.name)
        assert column.dtype == derived.dtype
        assert len(column) == known.height(derived.level)
    assert derived.meaning


def test_a_derived_name_is_no_field_and_is_derived_once() -> None:
    names = Counter(entry.name for entry in DERIVED)
    assert [name for name, count in names.items() if count > 1] == []
    fields = {name for level in Level for name in schema(level)}
    assert sorted(set(names) & fields) == []


def test_a_name_means_one_thing_at_every_level_that_sees_it() -> None:
    for level in ABOVE:
        for name, entry in names_at(level).items():
            if name in {"line", "position", "other_payer", "adjudication"}:
                continue  # keys: of the level's own rows
            assert names_at(entry.level)[name].meaning == entry.meaning


def test_the_patient_is_the_dependent_where_there_is_one() -> None:
    of = batch(
        claims=[
            {
                "claim": 1,
                "subscriber_sex": "F",
                "subscriber_birth_on": date(1980, 1, 1),
                "subscriber_relationship": "18",
            },
            {"claim": 2, "subscriber_sex": "F", "dependent_relationship": "19", "dependent_sex": "M"},
        ]
    )
    assert values(of, Level.CLAIM, "patient_sex", "patient_relationship", "patient_is_dependent") == [
        ("F", "18", False),
        ("M", "19", True),
    ]
    assert values(of, Level.CLAIM, "patient_birth_on") == [date(1980, 1, 1), None], "not the subscriber's"


@pytest.mark.parametrize(
    ("born", "served", "years"),
    [
        (date(2000, 3, 3), date(2025, 3, 3), 25),
        (date(2000, 3, 4), date(2025, 3, 3), 24),
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2025, 3, 3), date(2025, 3, 3), 0),
        (date(2025, 3, 4), date(2025, 3, 3), -1),
    ],
)
def test_an_age_grows_on_the_birthday(born: date, served: date, years: int) -> None:
    of = batch(
        claims=[{"claim": 1, "subscriber_birth_on": born}],
        lines=[{"claim": 1, "line": 1, "service_from_on": served}],
    )
    assert values(of, Level.CLAIM, "patient_age_years") == [years]
    assert values(of, Level.LINE, "age_at_service_years") == [years]
    assert values(of, Level.CLAIM, "patient_age_days") == [(served - born).days]


days = st.dates(date(1900, 1, 1), date(2030, 12, 31))


@given(st.lists(st.tuples(days, days), min_size=1, max_size=20))
def test_an_age_is_the_birthdays_that_have_passed(pairs: list[tuple[date, date]]) -> None:
    of = batch(
        claims=[{"claim": number, "subscriber_birth_on": born} for number, (born, _) in enumerate(pairs)],
        lines=[{"claim": n, "line": 1, "service_from_on": served} for n, (_, served) in enumerate(pairs)],
    )
    expected = [
        served.year - born.year - ((served.month, served.day) < (born.month, born.day))
        for born, served in pairs
    ]
    assert values(of, Level.CLAIM, "patient_age_years") == expected


def test_service_dates_are_the_statements_then_the_lines_then_the_claims() -> None:
    lines = [
        {"claim": 2, "line": 1, "service_from_on": date(2025, 1, 5), "service_to_on": date(2025, 1, 9)},
        {"claim": 2, "line": 2, "service_from_on": date(2025, 1, 3)},
        {"claim": 1, "line": 1, "service_from_on": date(2025, 1, 7)},
    ]
    of = batch(
        claims=[
            {"claim": 1, "statement_from_on": date(2025, 1, 1), "statement_to_on": date(2025, 1, 8)},
            {"claim": 2},
            {"claim": 3, "claim_service_from_on": date(2025, 1, 4)},
            {"claim": 4},
        ],
        lines=lines,
    )
    assert values(of, Level.CLAIM, "first_service_on", "last_service_on", "days_since_service") == [
        (date(2025, 1, 1), date(2025, 1, 8), 64),
        (date(2025, 1, 3), date(2025, 1, 9), 63),
        (date(2025, 1, 4), date(2025, 1, 4), 68),
        (None, None, None),
    ]


def test_a_line_takes_from_the_claim_what_it_does_not_say() -> None:
    of = batch(
        claims=[
            {
                "claim": 1,
                "place_of_service": "11",
                "rendering_npi": "R",
                "billing_npi": "B",
                "clia_number": "C",
            }
        ],
        lines=[
            {"claim": 1, "line": 1},
            {"claim": 1, "line": 2, "line_place_of_service": "22", "line_rendering_npi": "L"},
        ],
    )
    names = ("effective_place_of_service", "effective_rendering_npi", "effective_clia_number")
    assert values(of, Level.LINE, *names) == [("11", "R", "C"), ("22", "L", "C")]


def test_totals_leave_the_total_line_out() -> None:
    of = batch(
        claims=[{"claim": 1}, {"claim": 2}],
        lines=[
            {
                "claim": 1,
                "line": 1,
                "revenue_code": "0120",
                "line_charge": Decimal("100.10"),
                "units": Decimal(2),
            },
            {"claim": 1, "line": 2, "revenue_code": "0250", "line_charge": Decimal("0.05")},
            {
                "claim": 1,
                "line": 3,
                "revenue_code": "0180",
                "line_charge": Decimal("1.00"),
                "units": Decimal(1),
            },
            {"claim": 1, "line": 4, "revenue_code": "0001", "line_charge": Decimal("101.15")},
        ],
    )
    assert values(
        of, Level.CLAIM, "line_count", "line_charge_total", "accommodation_days", "accommodation_lines"
    ) == [
        (4, Decimal("101.15"), Decimal("2.000"), 1),
        (0, Decimal("0.00"), Decimal("0.000"), 0),
    ]


def test_diagnoses_by_role_and_code_set() -> None:
    rows = [("ABJ", "J189"), ("ABK", "J189"), ("ABF", "I10"), ("BF", "4019"), ("ABN", "W19XXXA")]
    of = batch(
        claims=[{"claim": 1}, {"claim": 2}],
        diagnoses=[
            {"claim": 1, "position": number, "diagnosis_qualifier": qualifier, "diagnosis": code}
            for number, (qualifier, code) in enumerate(rows, start=1)
        ],
        lines=[
            {"claim": 1, "line": 1, "diagnosis_pointer_1": 2, "diagnosis_pointer_2": 1},
            {"claim": 1, "line": 2, "diagnosis_pointer_1": 4},
            {"claim": 1, "line": 3},
        ],
    )
    assert values(
        of, Level.CLAIM, "diagnoses", "diagnosis_count", "principal_diagnosis", "admitting_diagnosis"
    ) == [
        (["J189", "I10", "4019"], 3, "J189", "J189"),
        ([], 0, None, None),
    ]
    assert values(of, Level.CLAIM, "has_icd9", "has_icd10") == [(True, True), (False, False)]
    assert values(of, Level.LINE, "pointed_diagnosis", "highest_pointer", "pointer_count") == [
        ("I10", 2, 2),
        (None, 4, 1),
        (None, None, 0),
    ]
    assert values(of, Level.DIAGNOSIS, "diagnosis_role") == [
        "admitting", "principal", "other", "other", "external_cause",
    ]  # fmt: skip


def test_what_payers_decided_is_summed_payer_by_payer() -> None:
    """Two payers; payer 98 decided twice on line 1. Sums by hand."""
    of = batch(
        claims=[{"claim": 1}],
        lines=[{"claim": 1, "line": 1}, {"claim": 1, "line": 2}],
        other_payers=[
            {"claim": 1, "other_payer": 1, "other_payer_id": "98", "other_payer_paid": Decimal(70)},
            {"claim": 1, "other_payer": 2, "other_payer_id": "99", "other_payer_paid": Decimal(5)},
        ],
        line_adjudications=[
            {
                "claim": 1,
                "line": 1,
                "adjudication": 1,
                "adjudication_payer_id": "98",
                "line_paid": Decimal(50),
            },
            {
                "claim": 1,
                "line": 1,
                "adjudication": 2,
                "adjudication_payer_id": "99",
                "line_paid": Decimal(5),
            },
            {
                "claim": 1,
                "line": 1,
                "adjudication": 3,
                "adjudication_payer_id": "98",
                "line_paid": Decimal(20),
            },
            {
                "claim": 1,
                "line": 2,
                "adjudication": 1,
                "adjudication_payer_id": "97",
                "line_paid": Decimal(1),
            },
        ],
        adjustments=[
            {"claim": 1, "other_payer": 1, "position": 1, "adjustment_amount": Decimal("2.50")},
            {"claim": 1, "line": 1, "adjudication": 1, "position": 1, "adjustment_amount": Decimal(10)},
            {"claim": 1, "line": 1, "adjudication": 3, "position": 1, "adjustment_amount": Decimal(4)},
            {"claim": 1, "line": 1, "adjudication": 3, "position": 2, "adjustment_amount": Decimal(3)},
        ],
    )
    assert values(
        of, Level.OTHER_PAYER,
        "payer_line_paid_total", "payer_line_adjustment_total", "payer_claim_adjustment_total",
        "payer_adjudication_count",
    ) == [(Decimal(70), Decimal(17), Decimal("2.5"), 2), (Decimal(5), Decimal(0), Decimal(0), 1)]  # fmt: skip
    assert values(
        of, Level.ADJUDICATION, "line_payer_rank", "line_payer_paid_total", "line_payer_adjustment_total"
    ) == [
        (1, Decimal(70), Decimal(17)),
        (1, Decimal(5), Decimal(0)),
        (2, Decimal(70), Decimal(17)),
        (1, Decimal(1), Decimal(0)),
    ]
    assert values(of, Level.ADJUDICATION, "adjudication_payer_known") == [True, True, True, False]
    assert values(
        of, Level.CLAIM, "claim_adjustment_total", "line_adjustment_total", "other_payer_paid_total"
    ) == [(Decimal("2.5"), Decimal(17), Decimal(75))]


def test_claims_need_not_be_in_order() -> None:
    of = batch(
        claims=[{"claim": 9, "claim_id": "nine"}, {"claim": 2, "claim_id": "two"}],
        lines=[{"claim": 2, "line": 1}, {"claim": 9, "line": 1}, {"claim": 5, "line": 1}],
    )
    assert values(of, Level.LINE, "claim_id") == ["two", "nine", None]
    assert values(of, Level.CLAIM, "line_count") == [1, 1]


def test_a_frame_takes_derived_columns() -> None:
    of = batch(claims=[{"claim": 1, "facility_type": "11", "frequency_code": "1"}])
    assert with_names(of, Level.CLAIM, ["type_of_bill"], as_of=DAY)["type_of_bill"].to_list() == ["111"]
    with pytest.raises(KeyError):
        with_names(of, Level.CLAIM, ["nothing"], as_of=DAY)


amounts = st.decimals(Decimal(-10_000_000), Decimal(10_000_000), places=2)


@given(st.lists(st.tuples(st.one_of(st.none(), amounts), st.integers(-1, 4)), max_size=30))
def test_sums_are_exact(rows: list[tuple[Decimal | None, int]]) -> None:
    series = pl.Series([amount for amount, _ in rows], dtype=pl.Decimal(18, 2))
    where = np.array([row for _, row in rows], dtype=np.int64)
    expected = [sum((amount or 0 for amount, row in rows if row == target), Decimal()) for target in range(5)]
    assert tallies.total(series, where, 5).to_list() == expected


@given(st.lists(st.tuples(st.one_of(st.none(), st.text(max_size=3)), st.integers(-1, 3)), max_size=20))
def test_lists_keep_order_and_leave_nulls_out(rows: list[tuple[str | None, int]]) -> None:
    series = pl.Series([text for text, _ in rows], dtype=pl.String)
    where = np.array([row for _, row in rows], dtype=np.int64)
    expected = [[text for text, row in rows if row == target and text is not None] for target in range(4)]
    assert tallies.lists(series, where, 4).to_list() == expected


@given(st.lists(st.lists(st.integers(0, 6), max_size=12), max_size=6))
def test_occurrences_are_counted_over_blocks(blocks: list[list[int]]) -> None:
    seen, counted = SeenClaims(), Counter[int]()
    for block in blocks:
        expected = []
        for key in block:
            counted[key] += 1
            expected.append(counted[key])
        assert seen.occurrences("k", np.array(block, dtype=np.uint64)).tolist() == expected


@given(st.lists(st.integers(0, 5), max_size=20))
def test_equals_are_numbered_in_order(keys: list[int]) -> None:
    ordinal, number = tallies.ordinal_among_equals(np.array(keys, dtype=np.uint64))
    assert ordinal.tolist() == [keys[: place + 1].count(key) for place, key in enumerate(keys)]
    assert number.tolist() == [keys.count(key) for key in keys]
