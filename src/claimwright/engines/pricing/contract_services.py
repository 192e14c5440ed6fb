"""Reads the carve-outs of a contract file, and its escalators: rates that increase every year.

services:
- name: imaging, professional component
procedures: [70010-79999, radiology]     # codes, ranges, or a category
modifiers: ["26"]
places: ["22"]
revenue_codes: [0350-0359]
providers: ["1234567893"]                # NPI of the rendering, attending or billing provider
plans: [MB]                              # claim filing indicator
drgs: ["470"]
bill_types: ["13"]                       # first two digits of the type of bill (CLM05-1)
kind: percent_of_charge
terms: {percent: 60}
escalator: {percent: 3}                      # per year, from the second year of the contract
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from types import MappingProxyType

from claimwright.foundation.located_yaml import Located

from .carve_outs import CATEGORIES, Range, Selector
from .claim_terms import ClaimTerm
from .contracts import Contract

SELECTORS = (
    "procedures", "revenue_codes", "modifiers", "places", "providers", "plans", "drgs", "bill_types",
)  # fmt: skip
"""The criteria of a carve-out, or of a term for whole claims."""

SERVICE_FIELDS = ("name", "kind", "terms", *SELECTORS)
"""The keys of a carve-out."""

_PROCEDURE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")
_REVENUE_CODE = re.compile(r"[0-9]{3,4}")
# A contract without a last day escalates for this many years; then a person should review it.
_YEARS = 10


def key_code(place: Located, text: str) -> str:
    """A procedure code that is a key in a table of rates.

    Raises:
        YamlError: it can't be a procedure code.
    """
    code = text.strip().upper()
    if not _PROCEDURE.fullmatch(code):
        raise place.fault("is not a procedure code; a modifier, a range or a category goes under services")
    return code


def revenue_code(place: Located, text: str) -> str:
    """A revenue code of four digits.

    Raises:
        YamlError: it is not a revenue code.
    """
    if not _REVENUE_CODE.fullmatch(text.strip()):
        raise place.fault("is not a revenue code; a range goes under services")
    return text.strip().zfill(4)


def read_selector(place: Located, *, fields: Sequence[str] = SERVICE_FIELDS) -> Selector:
    """The criteria of a carve-out, or of a term for whole claims; `fields` are the allowed keys.

    Raises:
        YamlError: a value is not possible on any line.
    """
    given = place.members(tuple(fields))

    def texts(name: str, pattern: str, width: int = 0) -> tuple[str, ...]:
        found = []
        for item in given[name].items() if name in given else []:
            text = item.text().upper().zfill(width)
            if not re.fullmatch(pattern, text):
                raise item.fault(f"no line has such a value among its {name}")
            found.append(text)
        return tuple(found)

    return Selector(
        procedures=tuple(
            each for item in (given["procedures"].items() if "procedures" in given else [])
            for each in _procedures(item)
        ),
        revenue_codes=tuple(
            _range(item, revenue_code)
            for item in (given["revenue_codes"].items() if "revenue_codes" in given else [])
        ),
        modifiers=texts("modifiers", "[0-9A-Z]{2}"),
        places=texts("places", "[0-9]{2}", 2),
        providers=texts("providers", "[12][0-9]{9}"),
        plans=texts("plans", "[0-9A-Z]{2}"),
        drgs=texts("drgs", "[0-9]{3}", 3),
        bill_types=texts("bill_types", "[0-9]{2}", 2),
    )  # fmt: skip


def read_procedures(place: Located) -> tuple[Range, ...]:
    """Ranges of procedures: codes, ranges and categories.

    Raises:
        YamlError: a value can't be a procedure.
    """
    return tuple(each for item in place.items() for each in _procedures(item))


def _procedures(item: Located) -> tuple[Range, ...]:
    if item.text().lower() in CATEGORIES:
        return CATEGORIES[item.text().lower()]
    return (_range(item, key_code),)


def _range(item: Located, read: object) -> Range:
    assert callable(read)
    first, _, last = item.text().partition("-")
    ends = read(item, first), read(item, last or first)
    if ends[1] < ends[0]:
        raise item.fault("ends before it begins")
    return ends


def escalated(contracts: Sequence[Contract], place: Located) -> list[Contract]:
    """The contracts divided into years, each with amounts higher by the percentage than the year before.

    Percentages and rates increase, including those of carve-outs and of whole claims; they are rounded to the
    ten-thousandth, for whole claims to the cent.

    Raises:
        YamlError: a contract has no first day, or the percentage is invalid.
    """
    given = place.members(("percent",))
    try:
        percent = Decimal(given["percent"].text())
    except (InvalidOperation, KeyError):
        raise place.fault("must give a percent, a number") from None
    if not percent.is_finite() or not Decimal(-50) <= percent <= Decimal(50):
        raise place.fault("must give a percent from -50 to 50")
    made: list[Contract] = []
    for contract in contracts:
        if contract.effective_on is None:
            raise place.fault("needs effective_on, the day on which the first year begins")
        for year in range(_YEARS):
            first = _anniversary(contract.effective_on, year)
            last = _anniversary(contract.effective_on, year + 1) - timedelta(days=1)
            if contract.expires_on and first > contract.expires_on:
                break
            end = min(last, contract.expires_on or last)
            raised = _raised(contract, (1 + percent / 100) ** year)
            made.append(replace(raised, effective_on=first, expires_on=end))
    return made


def _anniversary(day: date, years: int) -> date:
    # If a contract begins on 29 February, its later years begin on 28 February.
    last_of_february = day.month == 2 and day.day == 29
    return date(day.year + years, day.month, 28 if last_of_february and years else day.day)


def _raised(contract: Contract, factor: Decimal) -> Contract:
    def more(amount: Decimal) -> Decimal:
        return (amount * factor).quantize(Decimal("0.0001"), ROUND_HALF_UP)

    return replace(
        contract,
        percent=more(contract.percent)
        if not contract.rates and not contract.revenue_rates
        else contract.percent,
        rates=MappingProxyType({code: more(rate) for code, rate in contract.rates.items()}),
        revenue_rates=MappingProxyType({code: more(rate) for code, rate in contract.revenue_rates.items()}),
        services=tuple((selector, _raised(terms, factor)) for selector, terms in contract.services),
        claims=tuple((selector, _raised_claim(term, factor)) for selector, term in contract.claims),
    )


def _raised_claim(term: ClaimTerm, factor: Decimal) -> ClaimTerm:
    """Escalate the rates; thresholds, minimum and maximum stay the same."""

    def more(amount: Decimal) -> Decimal:
        return (amount * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)

    return replace(
        term,
        rate=None if term.rate is None else more(term.rate),
        drg_rates=MappingProxyType({drg: more(rate) for drg, rate in term.drg_rates.items()}),
        base_rate=None if term.base_rate is None else more(term.base_rate),
        days=tuple((last, more(rate)) for last, rate in term.days),
        outlier_rate=more(term.outlier_rate),
    )
