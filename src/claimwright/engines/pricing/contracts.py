"""What a payer has agreed to pay: a contract and its terms.

Kinds
    medicare_pfs         relative values x practice cost indices x conversion factor, with Medicare's
                         adjustments, times a percentage (100 for Medicare itself)
    rvu                  total relative value x units x one conversion factor
    percent_of_charge    a percentage of what was charged
    per_unit             a rate for each unit of a procedure or revenue code
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from .carve_outs import Selector
from .claim_terms import ClaimTerm

# Dollars a relative value unit where an `rvu` contract names none: the rate that the project's own
# schedule is configured with. Medicare's factor was last near it in 2019 (36.0391).
DEFAULT_CONVERSION_FACTOR = Decimal("36.04")

NATIONAL = "national"
"""The locality whose practice cost indices are all 1.000."""


def _no_rates() -> Mapping[str, Decimal]:
    return MappingProxyType({})


def _no_base_units() -> Mapping[str, int]:
    return MappingProxyType({})


class ContractKind(enum.StrEnum):
    """How a contract comes to a price."""

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
class Contract:
    """One payer's terms over one range of dates of service; both ends included, None for open.

    Attributes:
        name: what reports call it.
        kind: how it comes to a price.
        payer_id: the payer that it is with; None for every payer that no other contract names.
        effective_on: first date of service.
        expires_on: last date of service.
        forms: claim forms that it covers, of the letters P, I and D.
        percent: percent of the fee schedule, or of the charge.
        conversion_factor: dollars a relative value unit, instead of Medicare's of the date.
        anesthesia_conversion_factor: dollars an anesthesia unit, instead of Medicare's.
        wage_index: of the hospital, for outpatient services; 1 is the nation.
        locality: a payment locality such as 13202-01, or `NATIONAL`; None to take it from the claim.
        qualifying_apm: whether the factor for qualifying APM participants applies, from 2026.
        schedule_year: the year whose relative values and indices hold whatever the date.
        carry_forward: the year whose relative values and indices stand in for dates after it that
            have none yet.
        lesser_of_charge: whether the charge is paid where it is less.
        setting: facility or not, where the contract does not go by place of service.
        medicare_adjustments: whether Medicare's modifiers, reductions and coverage rules apply.
        reduced_service_percent: what modifier 52 pays.
        discontinued_service_percent: what modifier 53 pays, where the schedule has no row for it.
        anesthesia_base_units: base units by anaesthesia code.
        rates: dollars a unit by procedure.
        revenue_rates: dollars a unit by revenue code, where the procedure has no rate.
        services: carve-outs, in the order in which they are asked: what each is for, and its own terms.
        claims: terms for whole claims, in the order in which they are asked, and which claims each is for.
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
    services: tuple[tuple[Selector, Contract], ...] = ()
    claims: tuple[tuple[Selector, ClaimTerm], ...] = ()

    def overlaps(self, other: Contract) -> bool:
        """Whether some line could fall under both."""
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
    1848(a)(1); for anaesthesia, 42 CFR 414.46(b).
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
