"""Deposits read from BAI2 and CSV; amounts and control totals by hand."""

from __future__ import annotations

import datetime

import pytest

from claimwright.engines.remittance import BankColumns, BankFileError, read_bank_lines

# 84.00 with its trace in the addenda, 60.00 with a customer reference, 5.00 debited; 500.00 is a balance.
# 49: 50000 + 8400 + 6000 + 500 = 64900, six records (03, 16, 88, 16, 16, 49).
BAI2 = """01,BANK,CLINIC,260203,0600,1,80,,2/
02,CLINIC,BANK,1,260202,,USD,2/
03,98765,USD,010,50000,,/
16,142,8400,0,BANKREF,,GOOD PAYER HCCLAIMPMT/
88,TRN*1*EFT1*1123456789\\
16,165,6000,S,6000,0,0,BANKREF2,CHK9/
16,451,500,V,260203,,BANKREF3,,FEES/
49,64900,6/
98,64900,1/
99,64900,1/
"""


def found(text: str, columns: BankColumns | None = None) -> list[tuple[datetime.date, int, str | None]]:
    lines = read_bank_lines(text.encode(), "bank", columns)
    return lines.deposits.select("deposited_on", "amount_cents", "trace_number").rows()


def test_credits_of_a_statement_are_deposits_with_the_trace_of_their_addenda() -> None:
    day = datetime.date(2026, 2, 2)
    assert found(BAI2) == [(day, 8400, "EFT1"), (day, 6000, "CHK9")]
    assert read_bank_lines(BAI2.encode(), "bank").left_out == 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("49,64900,6/", "49,64901,6/", "the account does not add up"),
        ("49,64900,6/", "49,64900,7/", "the account does not add up"),
        ("98,64900,1/", "98,64900,2/", "the group does not add up"),
        ("99,64900,1/", "99,1,1/", "the file does not add up"),
        ("99,64900,1/\n", "", "ends before its last record"),
        ("49,64900,6/\n", "", "the account before has no end"),
        ("260202", "261302", "the group has no day"),
        ("8400", "84.00", "the amount can't be read"),
        ("03,98765,USD,010,50000,,/\n", "", "outside of an account"),
    ],
)
def test_a_statement_that_is_incomplete_is_refused(old: str, new: str, says: str) -> None:
    with pytest.raises(BankFileError, match=says):
        found(BAI2.replace(old, new, 1))


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_csv_may_be_separated_otherwise(separator: str) -> None:
    rows = [["date", "amount", "trace"], ["01/31/2026", "1,234.50", "EFT1"]]
    text = "\n".join(separator.join(row) for row in rows)
    assert found(text, BankColumns()) == [(datetime.date(2026, 1, 31), 123_450, "EFT1")]


def test_a_csv_is_read_by_its_columns() -> None:
    text = 'Posted,Credit,Ref\n02/03/2026,"$1,234.56",EFT1\n2026-02-04,(5.00),FEE\n20260205,7,\n,,\n'
    assert found(text, BankColumns("posted", "credit", "ref")) == [
        (datetime.date(2026, 2, 3), 123456, "EFT1"), (datetime.date(2026, 2, 5), 700, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("day,amount,trace\n2026-01-01,1,2\n", "no column date"),
        ("date,amount,trace\n01.02.2026,1,2\n", "line 2: the date"),
        ("date,amount,trace\n2026-01-01,1.001,2\n", "line 2: the amount"),
        ("date,amount,trace\n2026-01-01,NaN,2\n", "line 2: the amount"),
        ("date,amount,trace\n2026-01-01,1e99,2\n", "line 2: the amount"),
        ("", "no column date"),
    ],
)
def test_a_csv_that_can_not_be_read_says_why(text: str, says: str) -> None:
    with pytest.raises(BankFileError, match=says):
        found(text)
    with pytest.raises(BankFileError, match="not text"):
        read_bank_lines(b"\xff\xfe\x00", "bank")


def test_equal_lines_are_told_apart_by_their_order_and_the_same_file_has_the_same_digests() -> None:
    text = b"date,amount,trace\n2026-01-01,1,A\n2026-01-01,1,A\n"
    first, again = (read_bank_lines(text, "bank").deposits["digest"].to_list() for _ in range(2))
    assert len(set(first)) == 2
    assert first == again
