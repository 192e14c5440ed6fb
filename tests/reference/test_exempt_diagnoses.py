"""CMS's list of diagnoses that need no present-on-admission indicator, as published, and what asks it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from claimwright.engines.rules import RuleBook, RuleEngine, clean_claim, load_rulebook
from claimwright.features.reference_data import ReferenceFileError, load, load_files, recognised
from claimwright.features.reference_data.periods import Period, period_of
from claimwright.reference import Coverage, dataset, snapshot
from claimwright.reference.diagnosis_lookups import poa_exempt

from .conftest import DAY, NOW, workbook, zipped

Put = Callable[[str, str | bytes], Path]

# The columns of POAexemptCodes2021.txt, as its ReadMe tells them; the titles are ours.
HEAD = "Order26\tPOAexemptCode\tDescription\n"
BODY = '04871\tB900\tOne title\n38126\tI252\t"A title, with a comma"\n96802\tZ9981\tAnother\n'


def test_the_list_comes_as_text_in_a_zip_beside_what_changed_in_it(put: Put) -> None:
    files = {
        "POAexemptCodesFY26__txt": HEAD + BODY,
        "POAexemptCodesFY26__xlsx": b"the same as the text",
        "POAexemptAddCodesFY26__txt": "Order26\tPOAexemptCode\tDescription\n00001\tA000\tAdded\n",
        "POAexemptDeleteCodesFY26__txt": "POAexemptCode\tDescription\nA001\tGone\n",
        "ReadMePOAexemptFY26__txt": "Description of Present On Admission (POA) files",
    }
    loaded = load_files("poa_exempt", [put("2026-poa-exempt-codes.zip", zipped(**files))], partial=True)
    assert loaded.rows["code"].to_list() == ["B900", "I252", "Z9981"]
    assert loaded.period == Period(date(2025, 10, 1), date(2026, 9, 30))


def test_the_list_comes_as_a_workbook(put: Put) -> None:
    rows = [
        ["Order26", "POAexemptCode", "Description"],
        ["04871", "B90.0", "One title"],
        ["96802", "Z9981", "x"],
    ]
    loaded = load_files("poa_exempt", [put("POAexemptCodesFY26.xlsx", workbook(rows))], partial=True)
    assert loaded.rows["code"].to_list() == ["B900", "Z9981"]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("POAexemptCodesFY26.txt", date(2025, 10, 1), date(2026, 9, 30)),
        ("POAexemptCodes2021.txt", date(2020, 10, 1), date(2021, 9, 30)),
        ("POAexemptCodesJan2021.xlsx", date(2021, 1, 1), date(2021, 9, 30)),
        ("POAexemptCodesApr23.txt", date(2023, 4, 1), date(2023, 9, 30)),
    ],
)
def test_the_name_tells_the_fiscal_year(name: str, first: date, last: date) -> None:
    assert recognised(name) == ("poa_exempt",)
    assert period_of(dataset("poa_exempt"), name) == Period(first, last)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (BODY, 1, "has no heading with POAexemptCode"),
        (HEAD + BODY + "96803\tZ99", 5, "a line that is not a number, code and title"),
        (HEAD + BODY.replace("\t", ","), 2, "a line that is not a number, code and title"),
        (HEAD + BODY + "96803\tZ9981\tAgain\n", 5, "the same code as on line 4"),
        ("", 0, "has no heading"),
    ],
)
def test_a_bad_list_is_refused_with_its_line(put: Put, text: str, line: int, what: str) -> None:
    with pytest.raises(ReferenceFileError) as caught:
        load_files("poa_exempt", [put("POAexemptCodesFY26.txt", text)], partial=True)
    [problem] = caught.value.problems
    assert (problem.line or 0, what in problem.what) == (line, True), problem


def test_a_list_of_few_rows_is_cut_off(put: Put) -> None:
    with pytest.raises(ReferenceFileError, match="3 rows, but the complete dataset has at least 30,000"):
        load_files("poa_exempt", [put("POAexemptCodesFY26.txt", HEAD + BODY)])


def test_without_a_list_of_the_day_nobody_knows(put: Put, store: Path) -> None:
    codes = pl.Series(["Z9981", "I509", None])
    before = date(2025, 9, 30)
    assert snapshot(before).coverage("poa_exempt") is Coverage.NONE
    assert poa_exempt(snapshot(before), codes).to_list() == [None, None, None]
    load("poa_exempt", [put("POAexemptCodesFY26.txt", HEAD + BODY)], store=store, now=NOW, partial=True)
    known = snapshot(DAY, store)
    within = pl.Series([date(2026, 9, 30)] * 3)
    assert poa_exempt(known, codes, within).to_list() == [True, False, None]
    # In the next fiscal year a code that was exempt likely still is; what is new is not known.
    assert poa_exempt(known, codes, pl.Series([date(2026, 10, 1)] * 3)).to_list() == [True, None, None]
    assert poa_exempt(known, codes, pl.Series([date(2025, 9, 30)] * 3)).to_list() == [None, None, None]


def test_the_rule_is_quiet_until_the_list_is_loaded(put: Put, store: Path) -> None:
    stay = clean_claim("I")
    medicare = stay.claims.with_columns(
        claim_filing_code=pl.lit("MA"), subscriber_member_id=pl.lit("1EG4TE5MK73")
    )
    bare = stay.diagnoses.with_columns(poa=pl.lit(None, pl.String))
    batch = type(stay)(claims=medicare, lines=stay.lines, diagnoses=bare)
    rules = RuleBook(tuple(rule for rule in load_rulebook() if rule.code == "DXC010"))
    assert RuleEngine(rules).evaluate(batch, as_of=DAY).findings.height == 0
    path = put("POAexemptCodesFY25.txt", HEAD + BODY)
    load("poa_exempt", [path], store=store, now=NOW, partial=True)
    found = RuleEngine(rules, reference=lambda day: snapshot(day, store)).evaluate(batch, as_of=DAY).findings
    assert found.select("code", "detail").rows() == [("DXC010", "diagnosis 3")]
