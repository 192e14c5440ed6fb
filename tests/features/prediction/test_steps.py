"""Which step would have answered a denial, by the payer's codes."""

from __future__ import annotations

import polars as pl
import pytest

from claimwright.engines.prediction.steps import CAUSES, DESCRIBING, NONE, OTHER, STEPS, Cause, causes_of


@pytest.mark.parametrize(
    ("carc", "rarc", "cause"),
    [
        ("197", None, Cause.AUTHORIZATION),
        ("16", "M62", Cause.AUTHORIZATION),
        ("16", "N286", Cause.REFERRAL),
        # The remark that says something is found among others.
        ("16", "MA130 N286", Cause.REFERRAL),
        ("252", None, Cause.RECORDS),
        ("252", "N706", Cause.RECORDS),
        ("4", None, Cause.MODIFIER),
        ("97", "M15", Cause.BUNDLING),
    ],
)
def test_the_codes_of_a_denial_say_what_would_have_answered_it(
    carc: str, rarc: str | None, cause: Cause
) -> None:
    assert causes_of(pl.Series([carc]), pl.Series([rarc], dtype=pl.String)).tolist() == [CAUSES[cause]]


@pytest.mark.parametrize(
    ("carc", "rarc"), [("16", None), ("16", "MA130"), ("4", "N519"), ("50", "N115"), ("18", None)]
)
def test_a_denial_whose_codes_leave_it_open_has_no_step(carc: str, rarc: str | None) -> None:
    assert causes_of(pl.Series([carc]), pl.Series([rarc], dtype=pl.String)).tolist() == [OTHER]


def test_a_paid_line_has_no_cause() -> None:
    nothing = pl.Series([None], dtype=pl.String)
    assert causes_of(nothing, nothing).tolist() == [NONE]


def test_no_step_claims_that_a_service_is_separate_or_that_a_requirement_is_met() -> None:
    assert not set(DESCRIBING) & set("24 25 57 58 59 76 77 78 79 91 XE XS XP XU KX".split())
    assert all(step.cause is not Cause.BUNDLING for step in STEPS)
