"""Names that the rules of hospital stays rest on: the days that value codes count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import facts
from claimwright.domain.dictionary import Level, schema


def test_value_codes_count_days_and_a_code_that_is_not_given_counts_none() -> None:
    """Claim 1 gives 80 with 3 days and 82 with 2; its condition code 81 is no count, and claim 2 has none."""
    types = schema(Level.INSTITUTIONAL_CODE)
    codes = pl.DataFrame(
        {
            "claim": pl.Series([1, 1, 1], dtype=types["claim"]),
            "position": pl.Series([1, 2, 3], dtype=types["position"]),
            "institutional_code_list": ["BE", "BE", "BG"],
            "institutional_code": ["80", "82", "81"],
            "institutional_code_amount": pl.Series(
                [Decimal(3), Decimal(2), None], dtype=types["institutional_code_amount"]
            ),
        }
    )
    claims = pl.DataFrame(
        {"claim": pl.Series([1, 2], dtype=schema(Level.CLAIM)["claim"]), "form": ["I", "I"]}
    )
    known = facts(
        ClaimBatch.of({Level.CLAIM: claims, Level.INSTITUTIONAL_CODE: codes}), as_of=date(2025, 3, 13)
    )
    names = ("covered_days", "noncovered_days", "coinsurance_days", "lifetime_reserve_days")
    assert [known.column(Level.CLAIM, name).to_list() for name in names] == [
        [Decimal(3), None],
        [None, None],
        [Decimal(2), None],
        [None, None],
    ]
