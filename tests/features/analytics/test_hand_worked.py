"""Every number of the practice of 40 claims, worked out by hand."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.analytics import (
    FigureError,
    KpiAnswer,
    answer,
    ask,
    claims_behind,
    figure_named,
    reading,
    refresh_in,
)
from claimwright.store import analytics_sums

from .practice_of_forty import Practice

JANUARY = ("2026-01-01", "2026-01-31")
FEBRUARY = ("2026-02-01", "2026-02-28")
MARCH = ("2026-03-01", "2026-03-31")
QUARTER = ("2026-01-01", "2026-03-31")


def figure(practice: Practice, name: str, days: tuple[str, str] = QUARTER, **more: Any) -> KpiAnswer:
    """A figure as everybody sees it who may see everything."""
    begins, ends = map(datetime.date.fromisoformat, days)
    if "as_of" in more:
        more["as_of"] = datetime.date.fromisoformat(more["as_of"])
    hide = more.pop("hide_small", False)
    with practice.clinic.database.transaction(CALLER) as connection:
        refresh_in(connection)
        return answer(connection, ask(name, begins=begins, ends=ends, **more), hide_small=hide)


def value(practice: Practice, name: str, days: tuple[str, str] = QUARTER, **more: Any) -> Any:
    return figure(practice, name, days, **more).totals[0].value


def by(
    practice: Practice, name: str, *dimensions: str, days: tuple[str, str] = QUARTER, **more: Any
) -> dict[Any, Any]:
    found = figure(practice, name, days, group_by=dimensions, **more)
    return {
        tuple(each.group.values()) if len(dimensions) > 1 else each.group[dimensions[0]]: each.value
        for each in found.rows
    }


# name, days, value, and how it is worked out. Sums of c: 1,000.00 all, 400.00 of 12345, 600.00 of 67890.
BY_HAND: list[tuple[str, tuple[str, str], float | int | None, str]] = [
    # 8 of each group are answered, and late, A9: 33. Denied: 6, 7, 8 of each group, and A9: 13.
    ("initial_denial_rate", QUARTER, 13 / 33, "(3 x 4 + 1) / (8 x 4 + 1)"),
    ("initial_denial_rate", JANUARY, 7 / 17, "groups A and C, and A9: (3 x 2 + 1) / (8 x 2 + 1)"),
    (
        "initial_denial_rate",
        FEBRUARY,
        6 / 16,
        "groups B and D: 6 / 16; what is paid of claim 7 later changes nothing",
    ),
    ("initial_denial_rate", MARCH, None, "no first answer in March"),
    # Denied dollars: c + c + .3 c of each group, and 100.00 of A9. Charged: 8 c of each, and 100.00.
    ("initial_denial_rate_dollars", QUARTER, 2_400 / 8_100, "(2.3 x 1,000 + 100) / (8 x 1,000 + 100)"),
    ("initial_denial_rate_lines", QUARTER, 13 / 33, "each claim has one line"),
    ("primary_denial_rate", QUARTER, 9 / 33, "6 and 7 of each group pay nothing, and A9"),
    ("authorization_denial_rate", QUARTER, 4 / 33, "claim 6 of each group"),
    ("first_pass_resolution_rate", QUARTER, 20 / 33, "claims 1 to 5 of each group"),
    # Sent: 9 of each group on January 6.
    ("claim_volume", QUARTER, 36, "9 x 4"),
    ("claim_dollars", QUARTER, 900_000, "9 x 1,000.00"),
    ("charge_lag_days", QUARTER, 5.0, "December 31 to January 5"),
    ("bill_lag_days", QUARTER, 6.0, "December 31 to January 6"),
    ("pipeline_sla", QUARTER, 1.0, "all processed when they came in"),
    (
        "days_to_answer",
        QUARTER,
        (16 * 14 + 16 * 30 + 19) / 33,
        "16 after 14 days, 16 after 30, A9 on January 25 after 19",
    ),
    # Paid first: 1 to 5 and 8 with the first answer, 7 with the second: after 45 days (12345), 58 (67890).
    ("days_to_payment_paid", QUARTER, (12 * 14 + 12 * 30 + 2 * 45 + 2 * 58) / 28, "734 / 28"),
    ("days_to_payment_paid", JANUARY, 14.0, "the 12 that 12345 pays"),
    (
        "median_days_to_payment",
        QUARTER,
        30,
        "of 36, 24 wait after 14 days, and 12 after 30: no more than half",
    ),
    # Cash: 12345 in January: (5 x .7 + .5) x 400; in February 67890: 4 x 600, .8 x 400 and .1 x 1,000
    # of patients.
    ("cash_collected", JANUARY, 160_000, "4 x 400.00"),
    ("cash_collected", FEBRUARY, 282_000, "2,400.00 + 320.00 + 100.00"),
    ("cash_collected", MARCH, 48_000, ".8 x 600.00"),
    # Net revenue: the price of a claim is 94.20. Of claims 1 to 5 and 7 the payer allowed .8 c: 4,800.00. Of
    # claim 8 it paid .5 c; the price is more in group A (of .8 c, 80.00), less in the others: 80 + 100 +
    # 150 + 200. Claims 6, 9 and 10 are expected to bring their price: 12 x 94.20 = 1,130.40. All: 6,460.40.
    ("cash_to_net_revenue", QUARTER, 4_900 / 6_460.40, "(1,600 + 2,820 + 480) / 6,460.40"),
    ("denial_write_off_rate", QUARTER, 100 / 6_460.40, "A6"),
    # Nothing came in after January: there is no revenue to compare with, and no negative one either.
    ("cash_to_net_revenue", FEBRUARY, None, "no claim came in"),
    # Net receivable: of payers A8 30.00 (.8 c less .5 c), and the price of A9, and of 6 and 9 of B, C and D:
    # 30 + 7 x 94.20 = 689.40; .3 of B8, C8 and D8 are above the price, nothing more is expected. Patients
    # 400.00; claim 10 of each group, not sent: 4 x 94.20 = 376.80. A day's revenue: 6,460.40 / 90.
    ("net_days_in_ar", MARCH, 1_466.20 / (6_460.40 / 90), "(689.40 + 400 + 376.80) / 71.78..."),
    ("point_of_service_share", QUARTER, 0.0, "patients paid on February 10, 41 days after the service"),
    ("bad_debt_rate", QUARTER, 0.0, "nothing that patients owe was written off"),
    # Owed on March 31: insurance: 6 (but A6), .3 of 8, 9: 2.3 x 1,000 - 100; patients: .1 of 2 to 5.
    ("ar_insurance_balance", MARCH, 220_000, "2,300.00 - 100.00"),
    ("ar_patient_balance", MARCH, 40_000, ".4 x 1,000.00"),
    ("ar_balance", MARCH, 260_000, "2,200.00 + 400.00"),
    ("ar_claims", MARCH, 11 + 16, "insurance: 3 x 4 - 1; patients: 4 x 4"),
    (
        "ar_insurance_balance",
        JANUARY,
        672_000,
        "12345: 6, 7, .3 of 8 and 9, 3.3 x 400; 67890: all 9, 9 x 600",
    ),
    ("gross_days_in_ar", MARCH, 26.0, "2,600.00 / (9,000.00 in the 90 days from January 1 / 90)"),
    ("dnfb_dollars", MARCH, 100_000, "claim 10 of each group"),
    ("dnfb_days", MARCH, 10.0, "1,000.00 / 100.00 a day"),
    ("credit_balances", MARCH, None, "nothing was ever overpaid"),
    # Of March 31, services of December 31 are 90 days old: none is older.
    ("aged_ar_over_90_insurance", MARCH, 0.0, "90 days"),
    ("aged_ar_over_90_insurance", ("2026-04-01", "2026-04-01"), 1.0, "91 days"),
    ("cost_to_collect", QUARTER, None, "no cost was entered"),
    ("overturn_rate", QUARTER, None, "no decision was entered"),
]


@pytest.mark.parametrize(
    ("name", "days", "expected", "_how"), BY_HAND, ids=[f"{n}-{d[1]}" for n, d, _, _ in BY_HAND]
)
def test_the_figure_is_what_it_is_by_hand(
    practice: Practice, name: str, days: tuple[str, str], expected: float | None, _how: str
) -> None:
    found = value(practice, name, days)
    if expected is None or isinstance(expected, int):
        assert found == expected
    else:
        assert found is not None
        assert math.isclose(found, expected, rel_tol=1e-12)


def test_breakdowns_add_up_to_the_whole(practice: Practice) -> None:
    rates = by(practice, "initial_denial_rate", "payer")
    assert rates == {"12345": 7 / 17, "67890": 6 / 16}
    assert by(practice, "initial_denial_rate", "facility") == {"NORTH": 7 / 17, "SOUTH": 6 / 16}
    # 16 of 33 claims have two payers and two facilities: A 4 of 9, with the late one; the others 3 of 8.
    both = by(practice, "initial_denial_rate", "payer", "facility")
    assert both == {
        ("12345", "NORTH"): 4 / 9,
        ("12345", "SOUTH"): 3 / 8,
        ("67890", "NORTH"): 3 / 8,
        ("67890", "SOUTH"): 3 / 8,
    }
    # A rate by cause is of all that was answered; each claim counts once, as its largest denial.
    causes = by(practice, "initial_denial_rate", "category")
    assert causes["authorization"] == 4 / 33
    assert math.isclose(sum(causes.values()), 13 / 33)
    assert by(practice, "median_days_to_payment", "payer") == {"12345": 14, "67890": 30}


def test_two_dimensions_that_only_the_facts_have_agree_with_the_sums(practice: Practice) -> None:
    found = figure(practice, "initial_denial_rate", group_by=["payer", "specialty"])
    assert {each.group["payer"]: each.value for each in found.rows} == {"12345": 7 / 17, "67890": 6 / 16}
    assert {each.group["specialty"] for each in found.rows} == {"207Q00000X"}
    found = figure(practice, "ar_insurance_balance", MARCH, group_by=["payer", "age"])
    # Of the 2,200.00 all are 90 days old: 12345 2.3 x 400 - 100, 67890 2.3 x 600.
    assert {tuple(each.group.values()): each.value for each in found.rows} == {
        ("12345", "61-90"): 82_000, ("67890", "61-90"): 138_000
    }  # fmt: skip


def test_trends_are_the_figure_of_each_interval(practice: Practice) -> None:
    found = figure(practice, "initial_denial_rate", interval="month")
    assert [each.value for each in found.totals] == [7 / 17, 6 / 16, None]
    assert found.totals[2].reason_text == "Nothing of this was recorded in the period."
    weeks = figure(practice, "cash_collected", ("2026-02-01", "2026-02-28"), interval="week")
    # February 1 is a Sunday; 2,400.00 on the 5th, 100.00 on the 10th, 320.00 on the 20th.
    assert [each.value for each in weeks.totals] == [None, 240_000, 10_000, 32_000, None]
    assert [each.begins.day for each in weeks.totals] == [1, 2, 9, 16, 23]
    balances = figure(practice, "ar_patient_balance", interval="month")
    # 12345 leaves .5 x 400 in January; 67890 .5 x 600 in February, less the 100.00 that patients paid.
    assert [each.value for each in balances.totals] == [20_000, 40_000, 40_000]


def test_it_is_compared_with_the_period_before_the_year_before_and_the_benchmark(practice: Practice) -> None:
    compared = figure(practice, "initial_denial_rate", FEBRUARY, compare_to="previous").totals[0]
    assert (compared.value, compared.before) == (6 / 16, 7 / 17)
    before = figure(practice, "initial_denial_rate", FEBRUARY, compare_to="year").totals[0]
    assert (before.before, before.before_reason) == (None, "nothing_recorded")
    assert figure(practice, "initial_denial_rate", FEBRUARY, compare_to="benchmark").totals[0].before == 0.05


def test_figures_are_as_they_were_known_then(practice: Practice) -> None:
    # The late answer of January 25 came on March 20; the write-off of A6 was posted on March 10.
    assert value(practice, "initial_denial_rate", JANUARY, as_of="2026-01-31") == 6 / 16
    assert value(practice, "initial_denial_rate", JANUARY, as_of="2026-03-19") == 6 / 16
    assert value(practice, "initial_denial_rate", JANUARY, as_of="2026-03-20") == 7 / 17
    assert value(practice, "ar_insurance_balance", JANUARY, as_of="2026-01-31") == 672_000
    assert (
        value(practice, "ar_insurance_balance", ("2026-03-01", "2026-03-09"), as_of="2026-03-09") == 230_000
    )
    # On January 19 nobody had answered: 9 x 1,000.00, and a median that nobody knows.
    early = ("2026-01-01", "2026-01-19")
    assert value(practice, "ar_insurance_balance", early, as_of="2026-01-19") == 900_000
    assert (
        figure(practice, "median_days_to_payment", early, as_of="2026-01-19").totals[0].reason
        == "half_not_reached"
    )
    assert value(practice, "initial_denial_rate", early, as_of="2026-01-19") is None


@pytest.mark.parametrize(
    "as_of", [None, "2026-01-19", "2026-01-31", "2026-02-28", "2026-03-19", "2026-04-01"]
)
def test_packed_sums_say_what_all_facts_say_whenever_it_was_known(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, as_of: str | None
) -> None:
    days = ("2026-01-03", as_of or "2026-04-10")
    more = {"as_of": as_of} if as_of else {}
    asked = [
        (name, dimension, interval)
        for name in (
            "initial_denial_rate", "net_days_in_ar", "median_days_to_payment", "cash_collected", "ar_balance",
            "days_denial_to_resolution", "initial_denial_rate_dollars",
        )
        for dimension in ("payer", "facility", "age", "category")
        for interval in (None, "month")
        if dimension in figure_named(name).dimensions
    ]  # fmt: skip

    def answers() -> list[KpiAnswer]:
        return [
            figure(practice, name, days, group_by=[dimension], interval=interval, **more)
            for name, dimension, interval in asked
        ]

    packed = answers()
    monkeypatch.setattr(reading, "_is_packed", lambda _: False)
    for one, other in zip(packed, answers(), strict=True):
        assert (one.totals, one.rows) == (other.totals, other.rows), (one.name, one.group_by)


def test_the_claims_behind_a_number_add_up_to_it(practice: Practice) -> None:
    def behind(
        name: str, days: tuple[str, str] = QUARTER, side: Any = "numerator", **more: Any
    ) -> dict[int, int]:
        begins, ends = map(datetime.date.fromisoformat, days)
        with practice.clinic.database.transaction(CALLER) as connection:
            asked = ask(name, begins=begins, ends=ends, **more)
            return {
                each.claim_key or 0: each.amount for each in claims_behind(connection, asked, side, limit=100)
            }

    denied = behind("initial_denial_rate")
    expected = [practice.key_of(f"{group}{number}") for group in "ABCD" for number in (6, 7, 8)]
    assert sorted(denied) == sorted([*expected, practice.key_of("A9")])
    assert sum(denied.values()) == 13
    assert sum(behind("initial_denial_rate", side="denominator").values()) == 33
    assert sum(behind("initial_denial_rate_dollars", where=[("payer", "12345")]).values()) == 92_000 + 10_000
    owed = behind("ar_insurance_balance", MARCH, where=[("age", "61-90"), ("facility", "NORTH")])
    # A: 7 is paid, 6 written off: .3 x 100 and 100; B: 6, .3 of 8, 9 of 200.
    assert owed == {
        practice.key_of("A8"): 3_000, practice.key_of("A9"): 10_000, practice.key_of("B6"): 20_000,
        practice.key_of("B8"): 6_000, practice.key_of("B9"): 20_000,
    }  # fmt: skip
    assert sum(behind("cash_to_net_revenue", side="denominator").values()) == 646_040
    owed = behind("net_days_in_ar", MARCH, where=[("payer", "67890")])
    # B: 6, 9 and 10; D the same; and what patients of 2 to 5 owe, .1 c.
    assert sum(owed.values()) == 6 * 9_420 + 4 * 2_000 + 4 * 4_000


def test_appeals_count_on_their_own_level_and_as_they_were_decided_last(practice: Practice) -> None:
    # A6 was lost on level 1 and won on level 2 (80.00 of 100.00); C6 won in part (150.00 of 300.00); D6 won,
    # and nobody said how much came of the 400.00. B6 was entered as lost by mistake, and is won: 200.00.
    cases = [
        ("A6", 1, "lost", 0), ("A6", 2, "won", 8_000), ("C6", 1, "partly_won", 15_000),
        ("D6", 1, "won", None), ("B6", 1, "lost", 0), ("B6", 1, "won", 20_000),
    ]  # fmt: skip
    with practice.clinic.database.transaction(CALLER) as connection:
        for number, (claim, level, state, came) in enumerate(cases, 1):
            case_id = 5 if claim == "B6" else number
            connection.execute(
                "insert into appeals.cases (case_id, tracking_id, denial_id, level, state, amount_cents, "
                "drafted_by, approved_by, as_of, correlation_id, opened_at, changed_at, sent_at) "
                "select %s, gen_random_uuid(), denial_id, %s, 'sent', amount_cents, 'user:1', 'user:2', "
                "'2026-03-31', gen_random_uuid(), now(), now(), '2026-04-01T15:00Z' "
                "from remittance.denials where claim_key = %s on conflict do nothing",
                [case_id, level, practice.key_of(claim)],
            )
            connection.execute(
                "update appeals.cases set state = %s, recovered_cents = %s, decided_on = '2026-04-10' "
                "where case_id = %s",
                [state, came, case_id],
            )
    april = ("2026-04-01", "2026-04-15")
    assert value(practice, "appeal_overturn_rate", april) == 4 / 5
    assert by(practice, "appeal_overturn_rate", "level", days=april) == {"1": 3 / 4, "2": 1.0}
    dollars = (80 + 150 + 400 + 200) / (100 + 100 + 300 + 400 + 200)
    found = value(practice, "appeal_overturn_rate_dollars", april)
    assert found is not None
    assert math.isclose(found, dollars, rel_tol=1e-12)
    # Decisions were entered after April 15, the day of the practice.
    assert value(practice, "appeal_overturn_rate", april, as_of="2026-04-15") is None


def test_small_counts_are_hidden_and_can_not_be_worked_out(practice: Practice) -> None:
    found = figure(practice, "authorization_denial_rate", group_by=["payer", "facility"], hide_small=True)
    # Each group has 8 or 9 answered claims.
    assert {each.reason for each in found.rows} == {"small_count"}
    assert {each.denominator for each in found.rows} == {None}
    # 7 of 17 and 6 of 16: the claims that were denied are few; of both together they are 13.
    rates = figure(practice, "initial_denial_rate", group_by=["payer"], hide_small=True)
    assert {each.value for each in rates.rows} == {None}
    assert rates.totals[0].value == 13 / 33
    # 2 claims were paid in March.
    assert figure(practice, "cash_collected", MARCH, hide_small=True).totals[0].reason == "small_count"


def test_more_groups_than_anybody_reads_are_refused(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analytics_sums, "MOST_SUMS", 3)
    for dimensions in (["payer"], ["payer", "facility"]):
        with pytest.raises(FigureError, match="more groups than anybody reads"):
            figure(practice, "initial_denial_rate", group_by=dimensions)


def test_days_weeks_and_months_add_up_over_the_day_on_which_clocks_change(practice: Practice) -> None:
    days = ("2026-01-31", "2026-03-31")
    whole = value(practice, "cash_collected", days)
    for interval in ("day", "week", "month"):
        totals = figure(practice, "cash_collected", days, interval=interval).totals
        assert sum(each.value or 0 for each in totals) == whole == 330_000
    # Balances at the ends of months are those of the days.
    months = figure(practice, "ar_insurance_balance", days, interval="month").totals
    assert [each.ends.isoformat() for each in months] == ["2026-01-31", "2026-02-28", "2026-03-31"]
    for each in months:
        day = each.ends.isoformat()
        assert value(practice, "ar_insurance_balance", (day, day)) == each.value
