"""The cases of signals: counts of one provider and its peers, or units of one day, which are evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from .judging import judge
from .signal import DAY, Signal, SignalCase
from .tallies import COUNTS

_OWN, _TAXONOMY, _DAY = "1000000004", "207Q00000X", date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class SignalCaseResult:
    """The result of one case."""

    signal: Signal
    case: SignalCase
    fired: bool

    @property
    def passed(self) -> bool:
        """Whether the signal behaved as the case states."""
        return self.fired is self.case.fires


def run_signal_cases(signals: Iterable[Signal]) -> list[SignalCaseResult]:
    """Run all cases of these signals, with the bounds in force on a day in 2026."""
    return [
        SignalCaseResult(signal, case, _OWN in judge(signal, _counts(signal, case), as_of=_DAY)["provider"])
        for signal in signals
        for case in signal.cases
    ]


def _counts(signal: Signal, case: SignalCase) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []

    def add(provider: str, **row: Any) -> None:
        rows.append({"code": signal.code, "group": 0, "provider": provider, "marked": 0, **row})

    if signal.kind == DAY:
        for number, key in enumerate(("units", "next_day")):
            if key in case.given:
                add(_OWN, counted=sum(case.given[key]), day=_DAY + timedelta(days=number))
        return pl.DataFrame(rows, schema=COUNTS)
    add(_OWN, peers=_TAXONOMY, **case.given["own"])
    for peer in case.given["peers"]:
        for _ in range(peer.get("times", 1)):
            add(
                f"{len(rows):010}", counted=peer["counted"], marked=peer["marked"],
                peers=peer.get("taxonomy", _TAXONOMY),
            )  # fmt: skip
    return pl.DataFrame(rows, schema=COUNTS)
