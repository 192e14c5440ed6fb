"""The rules on the good 837 files that others have published: every finding of severity block is right.

A good file is good in its format. The people and numbers in it are invented, most of it is older than the
rules of today, and it is judged as of 2026: what a payer would reject today is written down here, with
the reason. A finding that is not written down is either wrong, and the rule is corrected, or belongs here.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import claimwright as cw
from claimwright.engines.rules import RuleBook, evaluate
from claimwright.features.checking import Checker
from claimwright.features.intake import read_source, sources

AS_OF = date(2026, 11, 22)

# The findings of NPI001 to NPI016 are arithmetic, which test_functions.py proves, and are not listed: nearly
# all NPIs in published files are invented, such as 9876543210, and fail their check digit.
RIGHT: dict[str, tuple[str, str]] = {
    "ADR001": (
        "the billing address is a box: P O BOX",
        "demo.example11.837",
    ),
    "ADR002": (
        "the guides' examples date from before the errata that ask for nine digits; receivers reject five",
        "837D-all-fields.dat 837I-minimal.dat 837P-all-fields.dat 837P-minimal.dat "
        "837i_seed7_25claims.837 837p-all-fields.edi 837p-minimal.edi 837p_seed7_25claims_dep50.837 "
        "anesthesia.dat chiro.dat commercial.dat demo.837i demo.autoaccident.837 "
        "demo.cob.2ndary.example4.837 demo.cob.example3.A.837 demo.cob.example3.B.837 "
        "demo.cob.example3.C.837 demo.cob.example4.837 demo.drug.example10.1.837 "
        "demo.drug.example10.2.837 demo.drug.example10.3.837 demo.example2.837 demo.example7.837 "
        "demo.example8.837 demo.example9.837 two-claims-single-provider.837i wheelchair.dat "
        "x12_complex.txt x12_many_claims.txt x12_multiple_gs.txt x12_multiple_isa.txt x12_multiple_st.txt "
        "x12_multiple_transactions.txt x12_no_errors.txt x12_valid.txt x12_valid_different_separators.txt "
        "x12_writer_test.txt x223-test.txt "
        "prof-encounter.dat",
    ),
    "ADR003": (
        "five digits, as in the guides' first examples",
        "anesthesia.dat demo.autoaccident.837 demo.cob.example3.A.837 demo.cob.example3.B.837 "
        "demo.cob.example3.C.837 demo.example2.837 demo.example9.837 x12_complex.txt "
        "prof-encounter.dat",
    ),
    "BAL001": (
        "lines were cut from the example, or invented, and the total was kept",
        "837P-minimal.dat commercial.dat x12_complex.txt x12_many_claims.txt x12_multiple_gs.txt "
        "x12_multiple_isa.txt x12_multiple_st.txt x12_multiple_transactions.txt x12_no_errors.txt "
        "x12_valid.txt x12_valid_different_separators.txt x12_writer_test.txt x223-test.txt",
    ),
    "COB002": (
        "an invented payment on a line, without the adjustments that would balance it",
        "837P-all-fields.dat 837p-all-fields.edi x12_complex.txt",
    ),
    "COB004": (
        "the adjudication's payer, such as 43, is not the identifier of any payer in loop 2330B",
        "837D-all-fields.dat 837I-all-fields.dat 837P-all-fields.dat 837p-all-fields.edi x12_complex.txt",
    ),
    "COB005": (
        "an amount paid by a payer, and no DTP*573 in either place",
        "837p-all-fields.edi",
    ),
    "COB012": (
        "an invented noncovered amount beside an invented charge",
        "837D-all-fields.dat 837I-all-fields.dat 837P-all-fields.dat 837p-all-fields.edi",
    ),
    "COV001": (
        "both payers are SBR*P, or two others are SBR*S",
        "837D-all-fields.dat 837P-all-fields.dat 837p-all-fields.edi x12_complex.txt",
    ),
    "DAT005": (
        "the patient was born in the year after the statement",
        "837I-all-fields.dat",
    ),
    "DAT008": (
        "a line dated two months after the statement, or seven years before it",
        "837I-all-fields.dat x223-test.txt",
    ),
    "DAT009": (
        "admitted three years after the statement ends",
        "x223-test.txt",
    ),
    "DUP001": (
        "the file repeats its claims, to be long",
        "x12_complex.txt x12_many_claims.txt x12_multiple_gs.txt x12_multiple_st.txt "
        "x12_multiple_transactions.txt x12_no_errors.txt",
    ),
    "DXC003": (
        "ICD-10-CM codes under the qualifier BK of ICD-9-CM",
        "837i_seed7_25claims.837 837p_seed7_25claims_dep50.837",
    ),
    "DXC004": (
        "the qualifier BK of ICD-9-CM for services after September 2015",
        "837i_seed7_25claims.837 837p_seed7_25claims_dep50.837 x12_complex.txt x12_writer_test.txt",
    ),
    "DXC005": (
        "the guides' examples of 2005 and 2006, whose qualifiers were made those of ICD-10-CM",
        "837P-all-fields.dat 837P-minimal.dat 837p-all-fields.edi 837p-minimal.edi ambulance.dat "
        "anesthesia.dat chiro.dat commercial.dat wheelchair.dat "
        "prof-encounter.dat",
    ),
    "IDN001": (
        "the employer's number has its dash: 10-1234567",
        "demo.drug.example10.2.837 demo.drug.example10.3.837",
    ),
    "IDN003": (
        "codes of the first taxonomy, such as 203BF0100Y; every code of today ends in X",
        "837P-all-fields.dat 837p-all-fields.edi demo.837 demo.837i demo.example1.837 demo.example2.837 "
        "x12_complex.txt",
    ),
    "IDN005": (
        "363LP0200N: see IDN003",
        "two-claims-single-provider.837i",
    ),
    "IDN006": (
        "an invented taxonomy",
        "x12_complex.txt",
    ),
    "IDN007": (
        "numbers of the kind that Medicare stopped accepting in 2020, such as 123456789A",
        "837I-minimal.dat ambulance.dat anesthesia.dat chiro.dat demo.837i demo.ambulance.example5.837 "
        "demo.cob.2ndary.example4.837 demo.cob.example4.837 demo.example7.837 demo.example8.837 "
        "demo.example9.837 wheelchair.dat",
    ),
    "IDN012": (
        "the CLIA number is the word Clia",
        "837P-all-fields.dat 837p-all-fields.edi",
    ),
    "IDN013": (
        "the CLIA number is a word",
        "837P-all-fields.dat 837p-all-fields.edi",
    ),
    "IDN014": (
        "a code of seven digits, or one with dashes",
        "837I-all-fields.dat x12_complex.txt",
    ),
    "POS001": (
        "components are parted with >, and another separator is declared: the composite is the place",
        "demo.cob.2ndary.example4.837 demo.example11.837 demo.example12.837 demo.example9.837",
    ),
    "PRC001": (
        "478331, six digits",
        "x12_complex.txt x12_many_claims.txt x12_multiple_gs.txt x12_multiple_isa.txt x12_multiple_st.txt "
        "x12_multiple_transactions.txt x12_valid.txt x12_valid_different_separators.txt",
    ),
    "PTR001": (
        "three pointers and two diagnoses; or components are parted with an undeclared separator",
        "demo.cob.2ndary.example4.837 demo.example11.837 demo.example12.837 x12_writer_test.txt",
    ),
    "REQ013": (
        "no 2310A, and more than transport is billed",
        "837i_seed7_25claims.837 x223-test.txt",
    ),
    "REQ020": (
        "type of bill 11 and no HI*BJ or HI*ABJ",
        "x223-test.txt",
    ),
    "TOB004": (
        "frequency 1, and still a patient",
        "x223-test.txt",
    ),
    "TOB007": (
        "point of origin 7, which ended on 30 June 2010",
        "837I-all-fields.dat x223-test.txt",
    ),
}


def good_files(folder: Path) -> list[str]:
    with (folder / "x12" / "INDEX.tsv").open(encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    return [
        row["file"]
        for row in rows
        if row["transaction"] in {"837P", "837I", "837D"}
        and row["label"].startswith("good")
        # One has no envelope, and so no guide; those of 004010 are told apart below.
        and (row["guide"].startswith("005010") or not row["guide"])
    ]


def files_of_an_older_guide(folder: Path) -> list[str]:
    with (folder / "x12" / "INDEX.tsv").open(encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    return [
        row["file"]
        for row in rows
        if row["transaction"] in {"837P", "837I", "837D"}
        and row["label"].startswith("good")
        and row["guide"].startswith("004010")
    ]


@pytest.fixture(scope="module")
def blocking(shared_data: Path, rulebook: RuleBook) -> dict[str, set[str]]:
    """The files on which each rule has a finding of severity block."""
    found: dict[str, set[str]] = {}
    for name in good_files(shared_data):
        findings = evaluate(cw.read_837(shared_data / "x12" / name), rulebook, as_of=AS_OF)
        for code in findings.filter(pl.col("severity") == "block")["code"].unique():
            found.setdefault(code, set()).add(Path(name).name)
    return found


def test_every_blocking_finding_is_right(blocking: dict[str, set[str]]) -> None:
    written = {code: set(files.split()) for code, (_, files) in RIGHT.items()}
    unexplained = {
        code: sorted(files - written.get(code, set()))
        for code, files in blocking.items()
        if not code.startswith("NPI") and files - written.get(code, set())
    }
    assert unexplained == {}


def test_what_is_written_down_is_still_found(blocking: dict[str, set[str]]) -> None:
    """A rule that was corrected too far no longer finds what is plainly wrong."""
    missed = {
        code: sorted(set(files.split()) - blocking.get(code, set())) for code, (_, files) in RIGHT.items()
    }
    assert {code: files for code, files in missed.items() if files} == {}


def test_the_guides_balanced_examples_balance(blocking: dict[str, set[str]]) -> None:
    """The guides' examples of coordination of benefits (demo.cob.*) balance by their section 1.4.4."""
    of_balancing = {code for code, files in blocking.items() if any("demo.cob." in name for name in files)}
    assert {code for code in of_balancing if code.startswith(("BAL", "COB"))} == set()


def test_a_file_of_an_older_guide_is_told_so_and_no_rule_judges_it(shared_data: Path) -> None:
    """004010 ended on 1 January 2012 (45 CFR 162.1102): its claims are not read as those of another guide."""
    checker = Checker(as_of=AS_OF)
    names = files_of_an_older_guide(shared_data)
    assert len(names) == 14
    for name in names:
        (checked,) = checker.check_readings(read_source(sources([shared_data / "x12" / name])[0]))
        assert checked.batch.claims.height == 0
        codes = set(checked.findings["code"])
        assert "SYN025" in codes
        assert {code for code in codes if not code.startswith("SYN")} == set()
