"""Reads contract files: small YAML files written by people. Every error has its line.

    contracts:
      - name: Acme commercial 2025
        payer_id: ACME1            # or a list; leave it out for every other payer
        effective_on: 2025-01-01
        expires_on: 2025-12-31
        kind: medicare_pfs
        terms: {percent: 115}
    otherwise: none                # or medicare_pfs: applies to payers without a contract

Numbers are read from their text into decimals and never pass through a float.

Errors:
    ContractError    the file, or one contract in it, cannot be used; says where and what to do
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from claimwright.foundation.errors import ConfigurationError
from claimwright.foundation.located_yaml import Located, YamlError, read_yaml

from .carve_outs import CATEGORIES
from .contract_claims import read_claim_term
from .contract_numbers import RATE, NumberReader
from .contract_services import (
    SERVICE_FIELDS,
    escalated,
    key_code,
    read_procedures,
    read_selector,
    revenue_code,
)
from .contract_tables import Files, rates_of_file
from .contracts import (
    DEFAULT_CONVERSION_FACTOR,
    NATIONAL,
    Contract,
    ContractKind,
    MultipleProcedures,
    Setting,
    medicare_contract,
)

LARGEST = 1_000_000  # characters, about ten thousand rates; larger data belongs in a fee schedule file


class ContractError(ConfigurationError, ValueError):
    """A contract file that cannot be used."""


@dataclass(frozen=True, slots=True)
class ContractFile:
    """The content of a contract file."""

    contracts: tuple[Contract, ...]
    otherwise: Contract | None


def _flag(place: Located) -> bool:
    values = {"true": True, "yes": True, "false": False, "no": False}
    if place.text().lower() not in values:
        raise place.fault("must be true or false")
    return values[place.text().lower()]


def _year(place: Located) -> int:
    if not re.fullmatch(r"(19|20)\d\d", place.text()):
        raise place.fault("must be a year of four digits")
    return int(place.text())


def _locality(place: Located) -> str:
    if place.text() != NATIONAL and not re.fullmatch(r"\d{5}-\d{2}", place.text()):
        raise place.fault(f"must be {NATIONAL}, or contractor and locality as in 13202-01")
    return place.text()


def _setting(place: Located) -> Setting:
    if place.text() not in set(Setting):
        raise place.fault(f"must be one of {', '.join(Setting)}")
    return Setting(place.text())


_percent = NumberReader("0.0001", "1000", 4)
# Of a rate, in hundredths of a percent.
_share = NumberReader("0", "1000", 2)


def _rates(place: Located) -> Mapping[str, Decimal]:
    """Rates by procedure; a key that can't be a procedure code is refused."""
    rates = {key_code(value, code): RATE(value) for code, value in place.members().items()}
    if not rates:
        raise place.fault("must name at least one code")
    return MappingProxyType(rates)


def _revenue_rates(place: Located) -> Mapping[str, Decimal]:
    rates = {revenue_code(value, code): RATE(value) for code, value in place.members().items()}
    if not rates:
        raise place.fault("must name at least one code")
    return MappingProxyType(rates)


def _multiple_procedures(place: Located) -> MultipleProcedures:
    given = place.members(("percents", "procedures", "except"))
    percents = tuple(_share(item) for item in given["percents"].items()) if "percents" in given else ()
    if not percents:
        raise place.fault("must give percents, a list such as [100, 50, 25]")
    return MultipleProcedures(
        percents=percents,
        procedures=read_procedures(given["procedures"]) if "procedures" in given else CATEGORIES["surgery"],
        exempt=tuple(key_code(item, item.text()) for item in given["except"].items())
        if "except" in given
        else (),
    )


def _base_units(place: Located) -> Mapping[str, int]:
    whole = NumberReader("1", "100", 0)
    return MappingProxyType(
        {key_code(value, code): int(whole(value)) for code, value in place.members().items()}
    )


# Every term, with the function that reads it.
_TERMS: dict[str, Callable[[Located], Any]] = {
    "percent": _percent,
    "conversion_factor": NumberReader("0.0001", "10000", 4),
    "anesthesia_conversion_factor": NumberReader("0.0001", "10000", 4),
    "wage_index": NumberReader("0.1", "5", 4),
    "locality": _locality,
    "qualifying_apm": _flag,
    "schedule_year": _year,
    "carry_forward": _year,
    "lesser_of_charge": _flag,
    "setting": _setting,
    "medicare_adjustments": _flag,
    "reduced_service_percent": NumberReader("0", "100", 1),
    "discontinued_service_percent": NumberReader("0", "100", 1),
    "anesthesia_base_units": _base_units,
    "rates": _rates,
    "revenue_rates": _revenue_rates,
    "multiple_procedures": _multiple_procedures,
    "bilateral_percent": _share,
}

_SCHEDULE_TERMS = (
    "percent", "conversion_factor", "anesthesia_conversion_factor", "schedule_year", "carry_forward",
    "lesser_of_charge", "setting", "medicare_adjustments", "reduced_service_percent",
    "discontinued_service_percent", "anesthesia_base_units",
)  # fmt: skip

_TERMS_OF: dict[ContractKind, tuple[str, ...]] = {
    ContractKind.MEDICARE_PFS: (*_SCHEDULE_TERMS, "locality", "qualifying_apm", "wage_index"),
    ContractKind.RVU: _SCHEDULE_TERMS,
    ContractKind.PERCENT_OF_CHARGE: ("percent",),
    ContractKind.PER_UNIT: (
        "rates", "rates_file", "revenue_rates", "percent", "lesser_of_charge", "multiple_procedures",
        "bilateral_percent",
    ),
}  # fmt: skip

_DEFAULTS: dict[ContractKind, dict[str, Any]] = {
    ContractKind.MEDICARE_PFS: {"lesser_of_charge": True, "medicare_adjustments": True},
    ContractKind.RVU: {"conversion_factor": DEFAULT_CONVERSION_FACTOR},
}

_FIELDS = (
    "name",
    "payer_id",
    "effective_on",
    "expires_on",
    "forms",
    "kind",
    "terms",
    "services",
    "claims",
    "escalator",
)


def _terms(place: Located | None, kind: ContractKind, owner: Located, files: Files | None) -> dict[str, Any]:
    given = place.members(_TERMS_OF[kind]) if place else {}
    table = given.pop("rates_file", None)
    if table and "rates" in given:
        raise table.fault("terms may give rates or rates_file, not both")
    terms = {**_DEFAULTS.get(kind, {}), **{name: _TERMS[name](value) for name, value in given.items()}}
    if table:
        terms["rates"] = rates_of_file(table, files)
    if kind is ContractKind.PERCENT_OF_CHARGE and "percent" not in given:
        raise owner.fault("terms must give a percent")
    if kind is ContractKind.PER_UNIT and not {"rates", "revenue_rates"} & set(terms):
        raise owner.fault("terms must give rates, rates_file or revenue_rates")
    if "schedule_year" in given and "carry_forward" in given:
        raise owner.fault("terms may give schedule_year or carry_forward, not both")
    return terms


def _payers(place: Located | None) -> list[str | None]:
    if place is None:
        return [None]
    if place.is_list:
        return [item.text().upper() for item in place.items()]
    return [place.text().upper()]


def _contract(place: Located, files: Files | None) -> list[Contract]:
    given = place.members(_FIELDS)
    if "kind" not in given:
        raise place.fault(f"kind is missing; it is one of {', '.join(ContractKind)}")
    if given["kind"].text() not in set(ContractKind):
        raise given["kind"].fault(f"must be one of {', '.join(ContractKind)}")
    kind = ContractKind(given["kind"].text())
    first = given["effective_on"].day() if "effective_on" in given else None
    last = given["expires_on"].day() if "expires_on" in given else None
    if first and last and last < first:
        raise given["expires_on"].fault("is before effective_on")
    forms = "PID"
    if "forms" in given:
        forms = "".join(item.text() for item in given["forms"].items())
        if not set(forms) <= set("PID"):
            raise given["forms"].fault("must be a list of P, I and D")
    payers = _payers(given.get("payer_id"))
    terms = _terms(given.get("terms"), kind, place, files)
    name = given["name"].text() if "name" in given else f"{kind} contract"
    services = tuple(
        (read_selector(item), _service(item, f"{name}: service {number}", files))
        for number, item in enumerate(given["services"].items() if "services" in given else [], start=1)
    )
    claims = tuple(
        read_claim_term(
            item, f"{name}: claims {number}", amount=RATE, percent=_percent, flag=_flag, files=files
        )
        for number, item in enumerate(given["claims"].items() if "claims" in given else [], start=1)
    )
    contracts = [
        Contract(
            name=name, kind=kind, payer_id=payer, effective_on=first, expires_on=last, forms=forms,
            services=services, claims=claims, **terms,
        )
        for payer in payers
    ]  # fmt: skip
    return escalated(contracts, given["escalator"]) if "escalator" in given else contracts


def _service(place: Located, unnamed: str, files: Files | None) -> Contract:
    """The terms of a carve-out."""
    given = place.members(SERVICE_FIELDS)
    if "kind" not in given:
        raise place.fault(f"kind is missing; it is one of {', '.join(ContractKind)}")
    if given["kind"].text() not in set(ContractKind):
        raise given["kind"].fault(f"must be one of {', '.join(ContractKind)}")
    kind = ContractKind(given["kind"].text())
    name = given["name"].text() if "name" in given else unnamed
    return Contract(name=name, kind=kind, **_terms(given.get("terms"), kind, place, files))


def _otherwise(place: Located | None) -> Contract | None:
    choice = place.text() if place else "none"
    if place and choice not in {"none", ContractKind.MEDICARE_PFS.value}:
        raise place.fault(f"must be none or {ContractKind.MEDICARE_PFS}")
    return None if choice == "none" else medicare_contract()


def parse_contracts(text: str, source: str, files: Files | None = None) -> ContractFile:
    """The contracts in a file's text; `source` is the file's name in error messages.

    `files` gives the text of a table that the contracts name; without it they may name none.

    Raises:
        ContractError: it is not YAML, or has a key or value that is not allowed, or two of its
            contracts cover the same payer, form and date.
    """
    try:
        return _contracts(read_yaml(text, source, largest=LARGEST), source, files)
    except YamlError as fault:
        raise ContractError(str(fault)) from None


def _contracts(top: Located | None, source: str, files: Files | None) -> ContractFile:
    if top is None:
        raise ContractError(f"{source}: empty; a contract file has a list named contracts")
    if not top.is_mapping:
        raise ContractError(f"{source}: a contract file has a list named contracts")
    given = top.members(("contracts", "otherwise"))
    if "contracts" not in given:
        raise ContractError(f"{source}: a contract file has a list named contracts")
    contracts: list[Contract] = []
    for place in given["contracts"].items():
        for contract in _contract(place, files):
            if clash := next((other for other in contracts if contract.overlaps(other)), None):
                raise place.fault(
                    f"covers the same payer, form and dates as {clash.name!r}; end one before the other"
                )
            contracts.append(contract)
    return ContractFile(tuple(contracts), _otherwise(given.get("otherwise")))
