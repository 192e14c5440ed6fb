"""Deposits as a bank reports them: BAI2 statements, and CSV by a mapping of its columns.

BAI2 is records of fields separated by commas; a record ends with a slash, and 88 continues the one before:

    01 file header     02 group header: field 5 is its day, yymmdd        03 account
    16 transaction: type code, amount in cents, funds type, references of bank and customer, text
    49 end of account: sum of its amounts, number of its records          98 end of group     99 end of file

Source: the record codes and type codes of Cash Management Balance Reporting, BAI version 2; a type code from
100 to 399 is a credit.

BankFileError   the file can't be used; the message says which line, and what to do
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import polars as pl

from claimwright.foundation.errors import InputError

DEPOSITS: dict[str, pl.DataType] = {
    "digest": pl.Binary(), "deposited_on": pl.Date(), "amount_cents": pl.Int64(),
    "trace_number": pl.String(),
}  # fmt: skip
_CREDITS = range(100, 400)
# TRN*1*TRACE*PAYER of the addenda of a payment order (CCD+), as banks report it in the text.
_TRN = re.compile(r"TRN[*|^~]1[*|^~]([^*|^~\\/\s]+)")
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y%m%d")
_MOST_CENTS = 10**13


class BankFileError(InputError):
    """A file of deposits can't be used."""


@dataclass(frozen=True)
class BankColumns:
    """The columns of a CSV; `dates` is how its dates are written, any of the usual ways by default."""

    date: str = "date"
    amount: str = "amount"
    trace: str = "trace"
    dates: str | None = None


@dataclass(frozen=True)
class BankLines:
    """The deposits of a file; `left_out` counts lines that are no credit."""

    deposits: pl.DataFrame
    left_out: int


def read_bank_lines(content: bytes, name: str, columns: BankColumns | None = None) -> BankLines:
    """The deposits of a BAI2 or CSV file. The same line always has the same digest.

    Raises:
        BankFileError: the file can't be used.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BankFileError(f"{name}: is not text in UTF-8. Export it as BAI2 or CSV.") from None
    if re.match(r"\s*01,", text):
        return _as_lines(list(_bai2(text, name)))
    return _csv(text, name, columns or BankColumns())


# --- BAI2 -----------------------------------------------------------------------------------------------


@dataclass
class _Account:
    number: str
    total: int
    records: int


def _bai2(text: str, name: str) -> Iterator[tuple[date, int, str | None, str]]:
    """Day, cents, trace and account of each transaction: credits above zero, others below."""
    day: date | None = None
    account: _Account | None = None
    # Control totals of the accounts of a group, and of the groups of the file.
    accounts: list[int] = []
    groups: list[int] = []
    ended = False
    for line, fields, size in _records(text, name):
        code = fields[0]
        if account is not None:
            account.records += size
        if account is not None and code in {"02", "03", "98", "99"}:
            raise BankFileError(f"{name}, line {line}: the account before has no end. Export the file again.")
        if code == "02":
            day = _bai_day(_at(fields, 4), name, line)
        elif code == "03":
            # Status and summary amounts come in fours after the currency: type, amount, count, funds type.
            account = _Account(_at(fields, 1), sum(_summaries(fields, name, line)), size)
        elif code == "16":
            if account is None or day is None:
                raise BankFileError(
                    f"{name}, line {line}: a transaction stands outside of an account. Export the file again."
                )
            cents = _bai_cents(_at(fields, 2), name, line)
            account.total += cents
            is_credit = _at(fields, 1).isdecimal() and int(fields[1]) in _CREDITS
            yield day, cents if is_credit else -cents, _bai_trace(fields), account.number
        elif code == "49" and account is not None:
            _compare(account.total, account.records, fields, 2, "account", name, line)
            accounts.append(account.total)
            account = None
        elif code == "98":
            _compare(sum(accounts), len(accounts), fields, 2, "group", name, line)
            groups.append(sum(accounts))
            accounts = []
        elif code == "99":
            _compare(sum(groups), len(groups), fields, 2, "file", name, line)
            ended = True
    if not ended:
        raise BankFileError(f"{name}: the file ends before its last record (99). Export it again.")


def _records(text: str, name: str) -> Iterator[tuple[int, list[str], int]]:
    """Line, fields and number of physical records of each record, with what continues it."""
    current: tuple[int, str, int] | None = None
    for line, raw in enumerate(text.splitlines(), 1):
        record = raw.strip()
        if not record:
            continue
        if record.startswith("88,"):
            if current is None:
                raise BankFileError(f"{name}, line {line}: 88 continues nothing. Export the file again.")
            start, before, size = current
            current = (start, f"{before.removesuffix('/')},{record[3:]}", size + 1)
            continue
        if current is not None:
            yield current[0], _fields(current[1]), current[2]
        current = (line, record, 1)
    if current is not None:
        yield current[0], _fields(current[1]), current[2]


def _fields(record: str) -> list[str]:
    return [field.strip() for field in record.removesuffix("/").split(",")]


def _at(fields: Sequence[str], place: int) -> str:
    return fields[place] if place < len(fields) else ""


def _bai_day(text: str, name: str, line: int) -> date:
    try:
        return datetime.strptime(text, "%y%m%d").date()  # noqa: DTZ007 - a day of a bank has no time zone
    except ValueError:
        raise BankFileError(f"{name}, line {line}: the group has no day. Export the file again.") from None


def _bai_cents(text: str, name: str, line: int) -> int:
    if not text:
        return 0
    if not re.fullmatch(r"[+-]?\d{1,13}", text):
        raise BankFileError(f"{name}, line {line}: the amount can't be read. Export the file again.")
    return int(text)


def _summaries(fields: Sequence[str], name: str, line: int) -> Iterator[int]:
    at = 3
    while at < len(fields):
        yield _bai_cents(_at(fields, at + 1), name, line)
        at += 3 + _funds_fields(fields, at + 3)


def _funds_fields(fields: Sequence[str], at: int) -> int:
    """How many fields a funds type takes, with what it is followed by."""
    kind = _at(fields, at).upper()
    if kind == "S":
        return 4
    if kind == "V":
        return 3
    if kind == "D" and _at(fields, at + 1).isdecimal():
        return 2 + 2 * int(fields[at + 1])
    return 1


def _bai_trace(fields: Sequence[str]) -> str | None:
    """The trace number: of the addenda in the text, otherwise the customer's or the bank's reference."""
    after = 3 + _funds_fields(fields, 3)
    bank, customer, text = _at(fields, after), _at(fields, after + 1), ",".join(fields[after + 2 :])
    found = _TRN.search(text)
    return (found[1] if found else None) or customer or bank or None


def _compare(
    total: int, count: int, fields: Sequence[str], place: int, what: str, name: str, line: int
) -> None:
    """Refuse a file whose control total, or number of parts, is not what it states."""
    stated = _at(fields, place)
    if _bai_cents(_at(fields, 1), name, line) != total or (stated.isdecimal() and int(stated) != count):
        raise BankFileError(
            f"{name}, line {line}: the {what} does not add up to its control total or number of records. "
            "The file is incomplete: export it again."
        )


# --- CSV ------------------------------------------------------------------------------------------------


def _csv(text: str, name: str, columns: BankColumns) -> BankLines:
    head = text.partition("\n")[0]
    # Spreadsheets of other countries export semicolons, some banks tabs.
    rows = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    try:
        named = {each.strip().lower(): each for each in rows.fieldnames or ()}
        wanted = {
            what: named.get(str(getattr(columns, what)).lower()) for what in ("date", "amount", "trace")
        }
        if missing := [str(getattr(columns, what)) for what, found in wanted.items() if found is None]:
            raise BankFileError(
                f"{name}: there is no column {', '.join(missing)}. Say which columns they are: --date, "
                "--amount, --trace."
            )
        lines = []
        for number, row in enumerate(rows, 2):
            said = {what: (row[column or ""] or "").strip() for what, column in wanted.items()}
            if not any(said.values()):
                continue
            day = _day(said["date"], columns.dates, name, number)
            lines.append((day, _cents(said["amount"], name, number), said["trace"] or None, ""))
    except csv.Error:
        raise BankFileError(f"{name}: can't be read as CSV. Export it as CSV or BAI2.") from None
    return _as_lines(lines)


def _day(text: str, written: str | None, name: str, line: int) -> date:
    for way in (written,) if written else _DATES:
        try:
            return datetime.strptime(text, way).date()  # noqa: DTZ007 - a day of a bank has no time zone
        except ValueError:
            continue
    raise BankFileError(f"{name}, line {line}: the date can't be read. Say how dates are written: --dates.")


def _cents(text: str, name: str, line: int) -> int:
    """Cents of `1,234.56`, `$1,234.56`, `(5.00)` and `-5.00`; nothing is nothing."""
    plain = text.replace(",", "").replace("$", "").strip()
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1]}"
    try:
        cents = Decimal(plain or "0") * 100
    except InvalidOperation:
        cents = Decimal("NaN")
    if not cents.is_finite() or cents != int(cents) or abs(cents) > _MOST_CENTS:
        raise BankFileError(f"{name}, line {line}: the amount can't be read. Correct it.")
    return int(cents)


def _as_lines(lines: Sequence[tuple[date, int, str | None, str]]) -> BankLines:
    """Lines with their digests: equal lines of a file are told apart by their order."""
    seen: dict[tuple[object, ...], int] = {}
    rows = []
    for line in lines:
        if line[1] <= 0:
            continue
        seen[line] = seen.get(line, 0) + 1
        said = "\x1f".join(str(each) for each in (*line, seen[line]))
        rows.append((hashlib.sha256(said.encode()).digest(), *line[:3]))
    deposits = pl.DataFrame(rows, schema=DEPOSITS, orient="row")
    return BankLines(deposits, len(lines) - deposits.height)
