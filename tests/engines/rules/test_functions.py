"""What predicates call: check digits, shapes of codes, code lists."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.engines.rules.functions import macros, macros_sql, npi_check_digit_ok
from claimwright.engines.rules.scan import connect
from claimwright.reference.code_lists import code_list, code_list_names


def check_digit(nine: str) -> str:
    """The check digit of an NPI by Luhn's rule, digit by digit, over the number with 80840 before it."""
    total = 0
    for place, character in enumerate(reversed("80840" + nine)):
        digit = int(character)
        if place % 2 == 0:  # the rightmost of the fifteen digits is doubled, then every other
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return str(-total % 10)


def npi_ok(*numbers: str | None) -> list[bool | None]:
    return npi_check_digit_ok(pl.Series(numbers, dtype=pl.String)).to_list()


def test_the_npi_of_cms_own_example_is_valid() -> None:
    """CMS computes 3 as the check digit of 123456789 in its description of the check digit."""
    assert check_digit("123456789") == "3"
    assert npi_ok("1234567893") == [True]


def test_an_npi_is_ten_digits_that_begin_with_one_or_two() -> None:
    cases = [
        "123456789",
        "12345678930",
        "123456789X",
        " 123456789",
        "+123456789",
        "-123456789",
        "3234567899",
        "",
    ]
    assert npi_ok(*cases) == [False] * len(cases)
    assert npi_ok(None) == [None]
    assert npi_ok("2" + "00000000" + check_digit("200000000")) == [True]


@given(st.integers(100_000_000, 299_999_999))
def test_of_ten_last_digits_one_is_the_check_digit(nine: int) -> None:
    valid = [digit for digit in "0123456789" if npi_ok(f"{nine}{digit}") == [True]]
    assert valid == [check_digit(str(nine))]


@given(st.integers(100_000_000, 299_999_999), st.integers(1, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(nine: int, place: int, off: int) -> None:
    good = f"{nine}{check_digit(str(nine))}"
    wrong = good[:place] + str((int(good[place]) + off) % 10) + good[place + 1 :]
    assert npi_ok(good, wrong) == [True, False]


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return connect(threads=1)


# The values of each shape: right, then wrong.
SHAPES = {
    "taxonomy_shape_ok": (
        ["207Q00000X", "2080P0006X", "193200000X"],
        ["207Q00000", "X07Q00000X", "207q00000x", ""],
    ),
    "icd10_shape_ok": (
        ["A00", "I10", "S72001A", "C7A010", "U071", "Z3A20", "M1A9XX0"],
        ["I", "I1", "IO1", "250", "I10.9", "S72001AXX"],
    ),
    "icd9_shape_ok": (
        ["250", "25000", "V5869", "E8859", "E885"],
        ["I10", "V5", "2500000", "E88"],
    ),
    "icd10_pcs_shape_ok": (
        ["0DTJ4ZZ"],
        ["0DTJ4Z", "0DTJ4ZI", "0DTO4ZZ"],
    ),
    "hcpcs_shape_ok": (
        ["99213", "00100", "0001F", "0202U", "0071T", "0004M", "0001A", "J1100", "A0428", "V2020"],
        ["9921", "992133", "J110", "W0001", "99213-25", "0001B"],
    ),
    "cdt_shape_ok": (
        ["D0120"],
        ["0120", "D012", "D01200"],
    ),
    "modifier_shape_ok": (
        ["25", "LT", "E1", "1P"],
        ["2", "255", "lt", "2 "],
    ),
    "mbi_shape_ok": (
        ["1EG4TE5MK73", "1EG4TE5MK72"],
        ["1EG4-TE5-MK73", "123456789A", "0EG4TE5MK73", "1SG4TE5MK73", "1EG4TE5MK7"],
    ),
    "nine_digits": (
        ["123456789", "000000000"],
        ["12345678", "12-3456789", "1234567890"],
    ),
    "zip_shape_ok": (
        ["43215", "432151234"],
        ["4321", "43215-1234", "432151", "K1A0B1"],
    ),
    "clia_shape_ok": (
        ["36D1234567"],
        ["36D123456", "3AD1234567", "36E1234567"],
    ),
    "ndc_shape_ok": (
        ["00002143380"],
        ["0002143380", "00002-1433-80"],
    ),
    "is_placeholder": (
        ["unknown", " None ", "0", "000000000", "999999999", "XXXX"],
        ["ABC123", "900000009", "NONETTE", "99"],
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_tells_good_from_bad(name: str, database: duckdb.DuckDBPyConnection) -> None:
    good, bad = SHAPES[name]
    for values, expected in ((good, True), (bad, False)):
        for value in values:
            [answer] = database.execute(f"SELECT {name}(?::VARCHAR)", [value]).fetchall()
            assert answer == (expected,), value
    assert database.execute(f"SELECT {name}(NULL::VARCHAR)").fetchall() == [(None,)]


def test_every_shape_has_a_test() -> None:
    shapes = {
        name for name in macros() if name.endswith("_shape_ok") or name in {"nine_digits", "is_placeholder"}
    }
    assert shapes == set(SHAPES)


RANGES = {
    "is_anesthesia(100)": True, "is_anesthesia(1999)": True, "is_anesthesia(10004)": False,
    "is_evaluation_management(99202)": True, "is_evaluation_management(99499)": True,
    "is_evaluation_management(99500)": False, "is_ambulance_transport('A0425')": True,
    "is_ambulance_transport('A0437')": False, "is_ambulance_transport('A0428X')": False,
    "is_medicare('MB')": True, "is_medicare('MC')": False, "is_inpatient_bill('11')": True,
    "is_inpatient_bill('13')": False, "is_outpatient_bill('13')": True, "is_outpatient_bill('11')": False,
    "dx_between('O80', 'O00', 'O9A')": True, "dx_between('O9A119', 'O00', 'O9A')": True,
    "dx_between('P220', 'O00', 'O9A')": False,
}  # fmt: skip


@pytest.mark.parametrize("call", RANGES)
def test_a_range_holds_what_it_should(call: str, database: duckdb.DuckDBPyConnection) -> None:
    assert database.execute(f"SELECT {call}").fetchall() == [(RANGES[call],)]


def test_every_macro_has_a_comment_without_which_rules_do_not_know_it() -> None:
    assert macros_sql().count("CREATE MACRO") == len(macros())
    assert all(macro.doc for macro in macros().values())


def test_the_database_reaches_nothing_outside(database: duckdb.DuckDBPyConnection) -> None:
    for statement in (
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO 'x.csv'",
        "ATTACH 'x.db'",
        "SET enable_external_access = true",
        "SET threads = 4",
        "INSTALL httpfs",
    ):
        with pytest.raises(duckdb.Error):
            database.execute(statement)


def test_a_code_holds_between_its_days() -> None:
    """Place 10 began on 2022-01-01 (CMS); home health type 33 ended on 2013-09-30 (CMS CR 8244)."""
    places = code_list("place_of_service")
    values, days = pl.Series(["10", "10", "11", "30", None, "10"]), pl.Series(
        [date(2021, 12, 31), date(2022, 1, 1), date(1999, 1, 1), date(2025, 1, 1), date(2025, 1, 1), None]
    )  # fmt: skip
    assert places.contains(values, days).to_list() == [False, True, True, False, None, True]
    assert places.contains(values).to_list() == [True, True, True, False, None, True]
    bills = code_list("facility_type")
    assert bills.contains(
        pl.Series(["33", "33"]), pl.Series([date(2013, 9, 30), date(2013, 10, 1)])
    ).to_list() == [
        True,
        False,
    ]
    assert places.codes["10"].holds_on(date(2022, 1, 1))
    assert not places.codes["10"].holds_on(date(2021, 12, 31))


@pytest.mark.parametrize("name", code_list_names())
def test_a_code_list_says_where_it_is_from_and_has_no_code_twice(name: str) -> None:
    codes = code_list(name)
    assert "ource:" in codes.source
    assert codes.codes
    for code in codes.codes.values():
        assert not (code.valid_from and code.valid_to) or code.valid_from <= code.valid_to
        assert len(code.label) < 60


def test_the_lists_hold_as_many_codes_as_were_published() -> None:
    sizes = {
        name: len(code_list(name).codes)
        for name in ("carc", "claim_adjustment_group", "claim_filing", "state")
    }
    # 50 states, the District, 8 territories, 3 for military mail, 13 provinces of Canada.
    assert sizes["state"] == 50 + 1 + 8 + 3 + 13
    assert sizes["claim_adjustment_group"] == 5
    assert sizes["claim_filing"] == 23, "005010X222A1, 2000B SBR09"
    assert sizes["carc"] > 300


def test_a_list_that_does_not_ship_is_unknown() -> None:
    with pytest.raises(KeyError):
        code_list("nothing")
