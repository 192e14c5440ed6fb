"""Contracts as people write them: a small YAML file, read with the line of everything that is wrong.

    contracts:
      - name: Acme commercial 2025
        payer_id: ACME1            # or a list; leave it out for every other payer
        effective_on: 2025-01-01
        expires_on: 2025-12-31
        kind: medicare_pfs
        terms: {percent: 115}
    otherwise: none                # or medicare_pfs: what payers without a contract get

Numbers are read from their text into decimals and never pass through a float.

Errors:
    ContractError    the file, or one contract in it, cannot be used; says where and what to do
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import yaml

from claimwright.foundation.errors import ConfigurationError

from .contracts import (
    DEFAULT_CONVERSION_FACTOR,
    NATIONAL,
    Contract,
    ContractKind,
    Setting,
    medicare_contract,
)

LARGEST = 1_000_000  # characters: some ten thousand rates; more belongs in a fee schedule file


class ContractError(ConfigurationError, ValueError):
    """A contract file that cannot be used."""


@dataclass(frozen=True, slots=True)
class ContractFile:
    """What a contract file says."""

    contracts: tuple[Contract, ...]
    otherwise: Contract | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file something stands."""

    source: str
    path: str
    node: yaml.Node

    def fault(self, what: str) -> ContractError:
        line = self.node.start_mark.line + 1
        return ContractError(f"{self.source}, line {line}: {self.path}: {what}")

    def at(self, name: str, node: yaml.Node) -> _Place:
        return _Place(self.source, f"{self.path}.{name}" if self.path else name, node)

    def text(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value.strip():
            raise self.fault("must be one value")
        return str(self.node.value).strip()

    def members(self, known: Iterable[str] | None = None) -> dict[str, _Place]:
        """The entries of a mapping by name; refuses a name twice, and any that is not known."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.fault("must be a list of names and values")
        found: dict[str, _Place] = {}
        for key, value in self.node.value:
            place = self.at(str(getattr(key, "value", "?")), key)
            if not isinstance(key, yaml.ScalarNode):
                raise place.fault("must be a plain name")
            if key.value in found:
                raise place.fault("stands here twice")
            if known is not None and key.value not in known:
                close = get_close_matches(key.value, list(known), 1)
                hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
                raise place.fault(f"is not known here; {hint}")
            found[key.value] = self.at(key.value, value)
        return found

    def items(self) -> list[_Place]:
        if not isinstance(self.node, yaml.SequenceNode) or not self.node.value:
            raise self.fault("must be a list with at least one entry")
        return [
            _Place(self.source, f"{self.path}[{number}]", node)
            for number, node in enumerate(self.node.value, start=1)
        ]


def _decimal(low: str, high: str, places: int) -> Callable[[_Place], Decimal]:
    def read(place: _Place) -> Decimal:
        try:
            value = Decimal(place.text())
        except InvalidOperation:
            raise place.fault("must be a number") from None
        if not value.is_finite() or not Decimal(low) <= value <= Decimal(high):
            raise place.fault(f"must be a number from {low} to {high}")
        if value != round(value, places):
            raise place.fault(f"must have at most {places} decimals")
        return value

    return read


def _flag(place: _Place) -> bool:
    values = {"true": True, "yes": True, "false": False, "no": False}
    if place.text().lower() not in values:
        raise place.fault("must be true or false")
    return values[place.text().lower()]


def _day(place: _Place) -> date:
    try:
        return date.fromisoformat(place.text())
    except ValueError:
        raise place.fault("must be a date written as 2025-12-31") from None


def _year(place: _Place) -> int:
    if not re.fullmatch(r"(19|20)\d\d", place.text()):
        raise place.fault("must be a year of four digits")
    return int(place.text())


def _locality(place: _Place) -> str:
    if place.text() != NATIONAL and not re.fullmatch(r"\d{5}-\d{2}", place.text()):
        raise place.fault(f"must be {NATIONAL}, or contractor and locality as in 13202-01")
    return place.text()


def _setting(place: _Place) -> Setting:
    if place.text() not in set(Setting):
        raise place.fault(f"must be one of {', '.join(Setting)}")
    return Setting(place.text())


_rate = _decimal("0", "1000000", 4)


def _rates(place: _Place) -> Mapping[str, Decimal]:
    rates = {code.strip().upper(): _rate(value) for code, value in place.members().items()}
    if not rates:
        raise place.fault("must name at least one code")
    return MappingProxyType(rates)


def _base_units(place: _Place) -> Mapping[str, int]:
    whole = _decimal("1", "100", 0)
    return MappingProxyType({code: int(whole(value)) for code, value in place.members().items()})


# Every term, and what reads it.
_TERMS: dict[str, Callable[[_Place], Any]] = {
    "percent": _decimal("0.0001", "1000", 4),
    "conversion_factor": _decimal("0.0001", "10000", 4),
    "locality": _locality,
    "qualifying_apm": _flag,
    "schedule_year": _year,
    "carry_forward": _year,
    "lesser_of_charge": _flag,
    "setting": _setting,
    "medicare_adjustments": _flag,
    "reduced_service_percent": _decimal("0", "100", 1),
    "discontinued_service_percent": _decimal("0", "100", 1),
    "anesthesia_base_units": _base_units,
    "rates": _rates,
    "revenue_rates": _rates,
}

_SCHEDULE_TERMS = (
    "percent", "conversion_factor", "schedule_year", "carry_forward", "lesser_of_charge", "setting",
    "medicare_adjustments", "reduced_service_percent", "discontinued_service_percent",
    "anesthesia_base_units",
)  # fmt: skip

_TERMS_OF: dict[ContractKind, tuple[str, ...]] = {
    ContractKind.MEDICARE_PFS: (*_SCHEDULE_TERMS, "locality", "qualifying_apm"),
    ContractKind.RVU: _SCHEDULE_TERMS,
    ContractKind.PERCENT_OF_CHARGE: ("percent",),
    ContractKind.PER_UNIT: ("rates", "revenue_rates", "lesser_of_charge"),
}

_DEFAULTS: dict[ContractKind, dict[str, Any]] = {
    ContractKind.MEDICARE_PFS: {"lesser_of_charge": True, "medicare_adjustments": True},
    ContractKind.RVU: {"conversion_factor": DEFAULT_CONVERSION_FACTOR},
    ContractKind.PERCENT_OF_CHARGE: {},
    ContractKind.PER_UNIT: {},
}

_FIELDS = ("name", "payer_id", "effective_on", "expires_on", "forms", "kind", "terms")


def _terms(place: _Place | None, kind: ContractKind, owner: _Place) -> dict[str, Any]:
    given = place.members(_TERMS_OF[kind]) if place else {}
    terms = {**_DEFAULTS[kind], **{name: _TERMS[name](value) for name, value in given.items()}}
    if kind is ContractKind.PERCENT_OF_CHARGE and "percent" not in given:
        raise owner.fault("terms must give a percent")
    if kind is ContractKind.PER_UNIT and not {"rates", "revenue_rates"} & set(given):
        raise owner.fault("terms must give rates or revenue_rates")
    if "schedule_year" in given and "carry_forward" in given:
        raise owner.fault("terms may give schedule_year or carry_forward, not both")
    return terms


def _payers(place: _Place | None) -> list[str | None]:
    if place is None:
        return [None]
    if isinstance(place.node, yaml.SequenceNode):
        return [item.text() for item in place.items()]
    return [place.text()]


def _contract(place: _Place) -> list[Contract]:
    given = place.members(_FIELDS)
    if "kind" not in given:
        raise place.fault(f"kind is missing; it is one of {', '.join(ContractKind)}")
    if given["kind"].text() not in set(ContractKind):
        raise given["kind"].fault(f"must be one of {', '.join(ContractKind)}")
    kind = ContractKind(given["kind"].text())
    first = _day(given["effective_on"]) if "effective_on" in given else None
    last = _day(given["expires_on"]) if "expires_on" in given else None
    if first and last and last < first:
        raise given["expires_on"].fault("is before effective_on")
    forms = "PID"
    if "forms" in given:
        forms = "".join(item.text() for item in given["forms"].items())
        if not set(forms) <= set("PID"):
            raise given["forms"].fault("must be a list of P, I and D")
    payers = _payers(given.get("payer_id"))
    terms = _terms(given.get("terms"), kind, place)
    name = given["name"].text() if "name" in given else f"{kind} contract"
    return [
        Contract(
            name=name, kind=kind, payer_id=payer, effective_on=first, expires_on=last, forms=forms, **terms
        )
        for payer in payers
    ]


def _otherwise(place: _Place | None) -> Contract | None:
    choice = place.text() if place else "none"
    if place and choice not in {"none", ContractKind.MEDICARE_PFS.value}:
        raise place.fault(f"must be none or {ContractKind.MEDICARE_PFS}")
    return None if choice == "none" else medicare_contract()


def parse_contracts(text: str, source: str) -> ContractFile:
    """The contracts of a file's text; `source` is the name that errors call it by.

    Raises:
        ContractError: it is not YAML, or says something that a contract cannot say, or two of its
            contracts cover the same payer, form and date.
    """
    if len(text) > LARGEST:
        raise ContractError(f"{source}: larger than {LARGEST:,} characters; not read as contracts")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContractError(f"{source}, line {line}: not YAML: {error.problem}") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise ContractError(f"{source}: not YAML") from None
    if node is None:
        raise ContractError(f"{source}: empty; a contract file has a list named contracts")
    top = _Place(source, "", node)
    if not isinstance(node, yaml.MappingNode):
        raise ContractError(f"{source}: a contract file has a list named contracts")
    given = top.members(("contracts", "otherwise"))
    if "contracts" not in given:
        raise ContractError(f"{source}: a contract file has a list named contracts")
    contracts: list[Contract] = []
    for place in given["contracts"].items():
        for contract in _contract(place):
            if clash := next((other for other in contracts if contract.overlaps(other)), None):
                raise place.fault(
                    f"covers the same payer, form and dates as {clash.name!r}; end one before the other"
                )
            contracts.append(contract)
    return ContractFile(tuple(contracts), _otherwise(given.get("otherwise")))
