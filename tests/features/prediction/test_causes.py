"""What is stated beside a cause, counted again from the answers; and where it stands on a claim."""

from __future__ import annotations

import datetime
import itertools

import polars as pl
import pytest

from claimwright.engines.prediction import CATEGORIES, facts_of
from claimwright.features.prediction import History, Trained
from claimwright.features.prediction.scoring.causes import Causes, Evidence, RowRates
from claimwright.features.prediction.scoring.next_steps import record_for
from claimwright.features.prediction.scoring.places import place
from claimwright_lab.denial_world import World

DAY = datetime.date(2025, 6, 30)
CLAIMS = 800


@pytest.fixture(scope="module")
def causes(trained: Trained, world: World) -> Causes:
    batch = world.batch.select(world.batch.claims["claim"].tail(CLAIMS))
    facts = facts_of(batch, DAY)
    return Causes(trained.model, facts, RowRates.of(trained.model, facts))


def _found(causes: Causes, name: str) -> list[Evidence]:
    return [found for row in range(CLAIMS) if (found := causes.of(name, row)) and found.all.denied]


def test_lines_with_an_authorization_are_counted_beside_those_without(
    causes: Causes, trained: Trained, history: History
) -> None:
    until = trained.model.about["periods"]["train"]["to"]
    sent = history.facts.claims["submitted_on"].cast(pl.String)
    lines = history.facts.lines
    used = lines.with_columns(
        is_denied=pl.Series(history.answers.line_reason).gather(lines["line_at"])
        == CATEGORIES.index("authorization"),
        is_used=pl.Series(history.answered).gather(lines["row"]) & (sent <= until).gather(lines["row"]),
    ).filter("is_used")
    found = [each for each in _found(causes, "authorization_rate") if not each.values["authorized"]]
    assert len(found) >= 5
    for each in found:
        own = used.filter(payer=each.values["payer"], procedure=each.values["procedure"])
        for count, has in ((each.all, False), (each.others, True)):
            part = own.filter(authorized=has)
            assert (count.denied, count.answered) == (part["is_denied"].sum(), part.height)


def test_late_claims_are_counted_from_a_limit_on(causes: Causes, trained: Trained, history: History) -> None:
    until = trained.model.about["periods"]["train"]["to"]
    bit = 1 << CATEGORIES.index("timely_filing")
    used = history.facts.claims.with_columns(
        is_denied=pl.Series(history.answers.reasons & bit) != 0, is_used=pl.Series(history.answered)
    ).filter("is_used", pl.col("submitted_on").cast(pl.String) <= until)
    found = [each for each in _found(causes, "filing_delay_rate") if each.bands]
    assert len(found) > 5
    for each in found:
        assert each.bands is not None
        first = int(each.bands[0].removeprefix("more than ").split(" to ")[0])
        own = used.filter(payer=each.values["payer"])
        late = own.filter(pl.col("days_to_filing") >= first)
        assert (each.all.denied, each.all.answered) == (late["is_denied"].sum(), late.height)
        sooner = own.filter(pl.col("days_to_filing") < first)
        assert (each.others.denied, each.others.answered) == (sooner["is_denied"].sum(), sooner.height)


def test_a_claim_outside_of_the_bands_is_in_none_of_them(causes: Causes) -> None:
    def least(band: str) -> float:
        return float(band.removeprefix("more than ").split(" to ")[0].replace(",", ""))

    seen = set()
    for name, column in (("filing_delay_rate", "delay_band"), ("charge_attachment_rate", "charge_band")):
        for each in _found(causes, name):
            if each.bands is None or each.values[column] is None:
                continue
            assert (least(each.values[column]) < least(each.bands[0])) == each.is_outside
            seen.add(each.is_outside)
    assert seen == {True, False}


def test_a_limit_is_likelier_in_force_the_later_a_claim_is_sent(causes: Causes) -> None:
    """Of a payer, whatever its limit is: who is later is past every limit that others are past."""
    by_payer: dict[str, list[tuple[float, float]]] = {}
    for each in _found(causes, "filing_delay_rate"):
        assert each.belief is not None
        if each.values["days_to_filing"] is not None and not each.values["corrected"]:
            by_payer.setdefault(each.values["payer"], []).append(
                (each.values["days_to_filing"], each.belief.in_force)
            )
    several = [sorted(found) for found in by_payer.values() if len({days for days, _ in found}) > 5]
    assert len(several) > 3
    for found in several:
        chances = [chance for _, chance in found]
        assert all(later >= sooner - 1e-9 for sooner, later in itertools.pairwise(chances))
    assert max(found[-1][1] for found in several) > 0.9 > 0.1 > min(found[0][1] for found in several)


def test_what_is_believed_of_demands_are_chances(causes: Causes) -> None:
    seen = 0
    for name in ("authorization_rate", "age_coverage_rate", "filing_delay_rate", "charge_attachment_rate"):
        for each in _found(causes, name):
            assert each.belief is not None
            parts = (each.belief.always, each.belief.own, each.belief.other)
            assert all(part >= 0 for part in parts)
            assert sum(parts) <= 1 + 1e-9
            seen += 1
    assert seen > 100


@pytest.mark.parametrize(
    ("form", "field", "stands"),
    [
        # CMS-1500 (02/12), UB-04 and the 005010X222A1, X223A2 and X224A2 guides.
        ("P", "prior_authorization", "box 23, Loop 2300 REF*G1"),
        ("I", "prior_authorization", "form locator 63, Loop 2300 REF*G1"),
        ("D", "prior_authorization", "Loop 2300 REF*G1"),
        ("P", "referring_npi", "box 17b, Loop 2310A NM1*DN"),
        ("I", "referring_npi", "form locator 78, Loop 2310F NM1*DN"),
        ("P", "billing_taxonomy", "Loop 2000A PRV*BI"),
        ("P", "diagnosis_pointer_1", "box 24E, Loop 2400 SV107-1"),
        ("I", "diagnosis_pointer_1", ""),
    ],
)
def test_a_field_is_named_by_the_box_and_the_loop_of_its_form(form: str, field: str, stands: str) -> None:
    assert place(form, field) == stands


@pytest.mark.parametrize(
    ("procedure", "record"),
    [
        ("66984", ("the operative or procedure report", "OB")),
        ("74177", ("the radiology report and the order", "RR")),
        ("E0601", ("the order and the proof of delivery", "B3")),
        ("0120", ("the orders and notes that show these services", "OZ")),
    ],
)
def test_the_record_that_is_wanted_is_named_with_its_report_type(
    procedure: str, record: tuple[str, str]
) -> None:
    assert record_for(procedure) == record
