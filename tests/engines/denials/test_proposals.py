"""Rules proposed from denials: what was planted is found, and measured on claims that were held out."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from claimwright.engines.denials import propose_rules


def claims(count: int = 4000, *, seed: int = 1) -> pl.DataFrame:
    """One payer denies one code at one place of service; otherwise 5 % are denied at random."""
    draw = np.random.default_rng(seed)
    payer = draw.choice(["P1", "P2", "P'3"], count)
    place = draw.choice(["11", "21", "22"], count)
    code = draw.choice(["99213", "97110", "80053", "20610"], count)
    planted = (payer == "P1") & (place == "22") & (draw.random(count) < 0.95)
    denied = planted | (draw.random(count) < 0.05)
    first = date(2025, 1, 1)
    return pl.DataFrame(
        {
            "payer_id": payer, "place_of_service": place, "procedure": code,
            "units": draw.integers(1, 5, count), "denied": denied,
            "decided_on": [first + timedelta(days=int(n * 365 / count)) for n in range(count)],
            "denied_dollars": [Decimal(100) if hit else Decimal(0) for hit in denied],
        },
        schema_overrides={"denied_dollars": pl.Decimal(18, 2)},
    )  # fmt: skip


COLUMNS = ["payer_id", "place_of_service", "procedure", "units"]


def test_a_planted_pair_is_proposed_first() -> None:
    best = propose_rules(claims(), COLUMNS)[0]
    assert set(best.when.split(" and ")) == {"payer_id = 'P1'", "place_of_service = '22'"}
    assert best.held_out.precision > 0.85
    assert best.state == "proposed"


def test_its_numbers_are_those_of_the_claims_held_out() -> None:
    """Counted again here, from the rows of the last 30 percent by day."""
    rows = claims()
    best = propose_rules(rows, COLUMNS)[0]
    boundary = rows["decided_on"].sort()[int(4000 * 0.7)]
    later = rows.filter(pl.col("decided_on") >= boundary)
    flagged = later.filter(pl.col("payer_id") == "P1", pl.col("place_of_service") == "22")
    hits = flagged.filter("denied")
    assert (best.held_out.flagged, best.held_out.denied) == (flagged.height, hits.height)
    assert best.held_out.recall == hits.height / later["denied"].sum()
    assert best.held_out.dollars == hits["denied_dollars"].sum()
    assert best.mined.claims + best.held_out.claims == 4000


def test_noise_alone_is_not_proposed() -> None:
    rows = claims().with_columns(denied=pl.Series(np.random.default_rng(5).random(4000) < 0.1))
    assert propose_rules(rows, COLUMNS) == []


def test_a_single_condition_and_a_null_can_be_enough_and_quotes_are_doubled() -> None:
    rows = claims().with_columns(denied=pl.col("payer_id") == "P'3")
    assert propose_rules(rows, ["payer_id"])[0].when == "payer_id = 'P''3'"
    rows = rows.with_columns(
        authorization=pl.when(pl.col("payer_id") == "P2").then(None).otherwise(pl.lit("A1")),
        denied=pl.col("payer_id") == "P2",
    )
    assert propose_rules(rows, ["authorization"])[0].when == "authorization is null"


def test_a_threshold_of_a_number_is_found() -> None:
    rows = claims().with_columns(charge_cents=pl.int_range(4000).shuffle(3))
    rows = rows.with_columns(denied=pl.col("charge_cents") >= 3700)
    best = propose_rules(rows, ["charge_cents"])[0]
    assert best.when.startswith("charge_cents >= 3")
    assert best.held_out.precision > 0.5


def test_a_pattern_that_has_ended_is_not_proposed() -> None:
    """Denied only in the claims that are mined: the precision on those held out is too low."""
    rows = claims().with_columns(
        denied=(pl.col("payer_id") == "P1") & (pl.col("decided_on") < date(2025, 9, 1))
    )
    assert propose_rules(rows, COLUMNS) == []


def test_a_column_that_identifies_a_patient_is_refused() -> None:
    rows = claims().with_columns(subscriber_name=pl.lit("X"))
    with pytest.raises(ValueError, match="may identify"):
        propose_rules(rows, ["subscriber_name"])
    with pytest.raises(ValueError, match="no column"):
        propose_rules(rows, ["nothing"])


def test_no_claims_no_proposals() -> None:
    assert propose_rules(claims().head(0), COLUMNS) == []
