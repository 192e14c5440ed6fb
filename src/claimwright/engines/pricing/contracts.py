"""Contracts: the agreed payment terms of a payer.

Kinds
    medicare_pfs         relative values x practice cost indices x conversion factor, with Medicare's
                         adjustments, times a percentage (100 for Medicare itself)
    rvu                  total relative value x units x one conversion factor
    percent_of_charge    a percentage of the charge
    per_unit             a rate for each unit of a procedure or revenue code
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from .carve_outs import Range, Selector
from .claim_terms import ClaimTerm

# Dollars per relative value unit if an `rvu` contract names none: the configured rate of the project's own
# schedule. Medicare's factor was last close to it in 2019 (36.0391).
DEFAULT_CONVERSION_FACTOR = Decimal("36.04")

NATIONAL = "national"
"""The locality whose practice cost indices are all 1.000."""


def _no_rates() -> Mapping[str, Decimal]:
    return MappingProxyType({})


def _no_base_units() -> Mapping[str, int]:
    return MappingProxyType({})


class ContractKind(enum.StrEnum):
    """How a contract computes a price."""

    MEDICARE_PFS = "medicare_pfs"
    RVU = "rvu"
    PERCENT_OF_CHARGE = "percent_of_charge"
    PER_UNIT = "per_unit"


class Setting(enum.StrEnum):
    """Which practice expense applies."""

    BY_PLACE = "by_place"
    FACILITY = "facility"
    NONFACILITY = "nonfacility"


@dataclass(frozen=True, slots=True)
class MultipleProcedures:
    """How several procedures of one claim and day are paid by a table of rates.

    Attributes:
        percents: of the highest rate, of the second, and so on; the last holds for all further ones.
        procedures: ranges of the procedures that are ranked; both ends included.
        exempt: procedures among them that are always paid in full, such as add-on codes.
    """

    percents: tuple[Decimal, ...]
    procedures: tuple[Range, ...]
    exempt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """The terms of one payer for one range of dates of service; both ends included, None if open.

    Attributes:
        name: its name in reports.
        kind: how it computes a price.
        payer_id: its payer; None for every payer that no other contract names.
        effective_on: first date of service.
        expires_on: last date of service.
        forms: claim forms that it covers, of the letters P, I and D.
        percent: percent of the fee schedule, or of the charge.
        conversion_factor: dollars per relative value unit, instead of Medicare's factor for the date.
        anesthesia_conversion_factor: dollars per anesthesia unit, instead of Medicare's.
        wage_index: the hospital's wage index, for outpatient services; 1 is the national average.
        locality: a payment locality such as 13202-01, or `NATIONAL`; None for the locality of the claim.
        qualifying_apm: whether the factor for qualifying APM participants applies, from 2026.
        schedule_year: the year whose relative values and indices apply to all dates.
        carry_forward: the year whose relative values and indices apply to later dates that have none
            yet.
        lesser_of_charge: whether the charge is paid if it is less.
        setting: facility or nonfacility, if it does not depend on the place of service.
        medicare_adjustments: whether Medicare's modifiers, reductions and coverage rules apply.
        reduced_service_percent: the percentage paid with modifier 52.
        discontinued_service_percent: the percentage paid with modifier 53, if the schedule has no row for it.
        anesthesia_base_units: base units by anesthesia code.
        rates: dollars per unit by procedure.
        revenue_rates: dollars per unit by revenue code, if the procedure has no rate.
        multiple_procedures: how several procedures of a day are reduced, where rates are by procedure.
        bilateral_percent: the percentage of a rate for a procedure on both sides (modifier 50, or RT and LT).
        services: carve-outs in order of priority: the selector and the terms of each.
        claims: terms for whole claims in order of priority, each with its selector.
    """

    name: str
    kind: ContractKind
    payer_id: str | None = None
    effective_on: date | None = None
    expires_on: date | None = None
    forms: str = "PID"
    percent: Decimal = Decimal(100)
    conversion_factor: Decimal | None = None
    anesthesia_conversion_factor: Decimal | None = None
    wage_index: Decimal = Decimal(1)
    locality: str | None = None
    qualifying_apm: bool = False
    schedule_year: int | None = None
    carry_forward: int | None = None
    lesser_of_charge: bool = False
    setting: Setting = Setting.BY_PLACE
    medicare_adjustments: bool = False
    reduced_service_percent: Decimal | None = None
    discontinued_service_percent: Decimal | None = None
    anesthesia_base_units: Mapping[str, int] = field(default_factory=_no_base_units)
    rates: Mapping[str, Decimal] = field(default_factory=_no_rates)
    revenue_rates: Mapping[str, Decimal] = field(default_factory=_no_rates)
    multiple_procedures: MultipleProcedures | None = None
    bilateral_percent: Decimal | None = None
    services: tuple[tuple[Selector, Contract], ...] = ()
    claims: tuple[tuple[Selector, ClaimTerm], ...] = ()

    def overlaps(self, other: Contract) -> bool:
        """Whether a line could match both."""
        return (
            self.payer_id == other.payer_id
            and bool(set(self.forms) & set(other.forms))
            and (self.effective_on or date.min) <= (other.expires_on or date.max)
            and (other.effective_on or date.min) <= (self.expires_on or date.max)
        )


def medicare_contract(
    *, qualifying_apm: bool = False, carry_forward: int | None = None, locality: str | None = None
) -> Contract:
    """Medicare's physician fee schedule for every payer and date.

    Medicare pays the lesser of the actual charge and the fee schedule amount: Social Security Act
    1848(a)(1); for anesthesia, 42 CFR 414.46(b).
    """
    return Contract(
        name="Medicare physician fee schedule",
        kind=ContractKind.MEDICARE_PFS,
        qualifying_apm=qualifying_apm,
        carry_forward=carry_forward,
        locality=locality,
        lesser_of_charge=True,
        medicare_adjustments=True,
    )
