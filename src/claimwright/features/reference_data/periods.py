"""The first and last day in force of a published file, from its name or its content.

Publishers date their files in many ways: a quarter, a fiscal year, a release letter, a version number. A
file without a date needs `--effective-from`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from claimwright.reference import Dataset

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "(" + "|".join(MONTHS) + r")[a-z]*"

_FISCAL = ("icd10cm", "icd10cm_edits", "icd10cm_excludes1", "icd10pcs", "ms_drg", "poa_exempt")
_QUARTERLY = (
    "hcpcs", "ncci_practitioner", "ncci_outpatient", "mue_practitioner", "mue_outpatient", "mue_dme",
    "add_on", "zip_localities", "clinical_laboratory_fees", "drug_payment_limits",
)  # fmt: skip
_YEARLY = (
    "physician_fee_schedule", "practice_cost_indices", "anesthesia_factors", "anesthesia_base_units",
    "payment_amounts", "outpatient_caps", "locality_counties", "opps_status", "opps_groups",
    "opps_complexity", "inpatient_only", "opps_status_indicators",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day, both included; None if open."""

    first: date | None
    last: date | None


def _quarter(year: int, month: int) -> Period:
    month = (month - 1) // 3 * 3 + 1
    return Period(date(year, month, 1), date(year, month + 2, monthrange(year, month + 2)[1]))


def _fiscal(year: int, month: int | None) -> Period:
    # Files in force from 1 April, or in some years from 1 January, are published for the rest of the year.
    first = date(year, month, 1) if month else date(year - 1, 10, 1)
    return Period(first, date(year, 9, 30))


def period_of(about: Dataset, name: str) -> Period | None:
    """The period in a file's name; None if it has none."""
    text = name.lower()
    if about.name in _FISCAL:
        return _fiscal_period(text)
    if about.name in _YEARLY:
        return _calendar_period(text)
    if about.name == "taxonomy":
        return _taxonomy_period(text)
    return _quarter_period(about, text) if about.name in _QUARTERLY else None


def _fiscal_period(text: str) -> Period | None:
    year = re.search(r"(20[0-9]{2})", text) or re.search(r"(?:fy[ _-]?|apr|jan)([0-9]{2})(?![0-9])", text)
    if year is None:
        return None
    number = int(year[1]) if len(year[1]) == 4 else 2000 + int(year[1])
    return _fiscal(
        number, 4 if re.search(r"apr", text) else 1 if re.search(r"jan[ _-]?(20)?[0-9]{2}", text) else None
    )


def _calendar_period(text: str) -> Period | None:
    year = (
        re.search(r"(20[0-9]{2})", text)
        or re.search(r"(?:rvu|pfrev|pfall)_?([0-9]{2})", text)
        or re.search(r"^([0-9]{2})locco", text.rpartition("/")[2])
    )
    if year is None:
        return None
    number = int(year[1]) if len(year[1]) == 4 else 2000 + int(year[1])
    return Period(date(number, _month_of_release(text), 1), date(number, 12, 31))


def _month_of_release(text: str) -> int:
    """The first month in force of a release within its year: RVU26C and its PPRRVU26_JUL are for July."""
    if found := re.search(r"(?:rvu|pfrev)_?(?:20)?[0-9]{2}([a-d])(?![a-z])", text):
        return 1 + 3 * "abcd".index(found[1])
    if found := re.search(rf"[0-9][ _-]?{_MONTH}", text):
        return (MONTHS.index(found[1])) // 3 * 3 + 1
    return 1


def names_month(name: str) -> bool:
    """Whether a file's name states its first month in force."""
    return bool(
        re.search(rf"[0-9][ _-]?{_MONTH}", name.lower())
        or re.search(r"(?:rvu|pfrev)_?(?:20)?[0-9]{2}[a-d]", name.lower())
    )


def from_month(about: Dataset, year: int, month: int | None) -> Period:
    """The period of a file whose content states its year, and possibly its first month."""
    if about.name in _QUARTERLY:
        return _quarter(year, month or 1)
    if about.name in _FISCAL:
        return _fiscal(year, month)
    return Period(date(year, ((month or 1) - 1) // 3 * 3 + 1, 1), date(year, 12, 31))


def _taxonomy_period(text: str) -> Period | None:
    """Version 24.0 is in force from April 2024, 24.1 from October."""
    found = re.search(r"taxonomy_([0-9]{2})([01])", text)
    if found is None:
        return None
    return Period(date(2000 + int(found[1]), 10 if found[2] == "1" else 4, 1), None)


def _quarter_period(about: Dataset, text: str) -> Period | None:
    if found := re.search(r"eff[_-]([0-9]{2})-([0-9]{2})-([0-9]{4})", text):
        return _quarter(int(found[3]), int(found[1]))
    if found := re.search(r"(20[0-9]{2})[ _-]?q([1-4])", text):
        return _quarter(int(found[1]), int(found[2]) * 3)
    if about.name.startswith("ncci_") and (found := re.search(r"-v([0-9]{2})([0-3])r", text)):
        # Version 31.3 is the fourth quarter of 2025: the edits began in 1994 with version 0.
        return _quarter(1994 + int(found[1]), int(found[2]) * 3 + 1)
    if found := re.search(rf"(20[0-9]{{2}})[ _-]?{_MONTH}", text):
        return _quarter(int(found[1]), MONTHS.index(found[2]) + 1)
    if found := re.search(rf"{_MONTH}[ _-]?(20[0-9]{{2}})", text):
        return _quarter(int(found[2]), MONTHS.index(found[1]) + 1)
    return None


def end_of(about: Dataset, first: date) -> date | None:
    """The last day of a period that begins on a day, by the dataset's publication cycle; None if open."""
    if about.name in _FISCAL:
        return date(first.year + (first.month >= 10), 9, 30)
    if about.name in _YEARLY:
        return date(first.year, 12, 31)
    return _quarter(first.year, first.month).last if about.name in _QUARTERLY else None


def is_of_other_year(period: Period, newest: date) -> bool:
    """Whether the newest change in a file is too far from the days on which it should be in force.

    A quarterly file repeats every change up to its own quarter, and every publisher has at least one change
    a year.
    """
    if period.first is None:
        return False
    return newest > (period.last or date.max) or newest < period.first - timedelta(days=366)
