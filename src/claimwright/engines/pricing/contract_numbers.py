"""The numbers of a contract, with their limits: the same in the contract file and in the tables it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from claimwright.foundation.located_yaml import Located

DRG = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class NumberReader:
    """Reads a decimal number from `low` to `high` with at most so many decimals."""

    low: str
    high: str
    decimals: int

    def read(self, text: str) -> Decimal:
        """The number that a text states.

        Raises:
            ValueError: it is none, or lies outside of the limits; says what it must be.
        """
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise ValueError("must be a number") from None
        if not value.is_finite() or not Decimal(self.low) <= value <= Decimal(self.high):
            raise ValueError(f"must be a number from {self.low} to {self.high}")
        if value != round(value, self.decimals):
            raise ValueError(f"must have at most {self.decimals} decimals")
        return value

    def __call__(self, place: Located) -> Decimal:
        """The number in a contract file.

        Raises:
            YamlError: it is none, or lies outside of the limits.
        """
        try:
            return self.read(place.text())
        except ValueError as error:
            raise place.fault(str(error)) from None


RATE = NumberReader("0", "10000000", 4)
WEIGHT = NumberReader("0.0001", "100", 4)
"""Relative weight of a DRG; the greatest of Table 5 is about 40."""


def by_drg(place: Located, read: Callable[[Located], Decimal]) -> Mapping[str, Decimal]:
    """Numbers by DRG that stand in the contract file, the DRG in three digits.

    Raises:
        YamlError: a DRG or a number is not possible, a DRG stands there twice, or there is none.
    """
    found: dict[str, Decimal] = {}
    for drg, value in place.members().items():
        if not DRG.fullmatch(drg.strip()):
            raise value.fault("is not a DRG")
        if drg.strip().zfill(3) in found:
            raise value.fault("the DRG is named twice")
        found[drg.strip().zfill(3)] = read(value)
    if not found:
        raise place.fault("must name at least one DRG")
    return MappingProxyType(found)
