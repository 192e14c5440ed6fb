"""The meaning of a finding code: sentence, cause, fix and authority, for rules, signals and structural
faults.
"""

from __future__ import annotations

from dataclasses import dataclass

from claimwright.engines.rules import RuleBook
from claimwright.engines.signals import Signal, load_signals
from claimwright.engines.x12 import BY_CODE

# The authority of every structural fault: the standard that the guides are built on.
STRUCTURAL_AUTHORITY = ("ASC X12N 005010X222A1, 005010X223A2, 005010X224A2; ASC X12C 005010X231A1 (999)",)


@dataclass(frozen=True, slots=True)
class Meaning:
    """The description of a code of a rule, a signal or a structural fault."""

    code: str
    name: str
    severity: str
    snip: int
    title: str
    why: str
    fix: str
    authority: tuple[str, ...]
    carc: tuple[str, ...] = ()
    rarc: tuple[str, ...] = ()


def meaning_of(code: str, rulebook: RuleBook) -> Meaning:
    """The meaning of a finding's code.

    Raises:
        KeyError: no rule, no signal and no structural fault has the code.
    """
    fault = BY_CODE.get(code)
    if fault is not None:
        return Meaning(
            code, fault.name, fault.severity, fault.snip, fault.message, "", fault.fix, STRUCTURAL_AUTHORITY
        )
    signal = signal_of(code)
    if signal is not None:
        return Meaning(
            signal.code,
            signal.name,
            signal.severity.value,
            signal.snip,
            signal.title,
            signal.why,
            signal.fix,
            signal.authority,
        )
    rule = rulebook[code]
    return Meaning(
        rule.code,
        rule.name,
        rule.severity.value,
        rule.snip,
        rule.title,
        rule.why,
        rule.fix,
        rule.authority,
        rule.carc,
        rule.rarc,
    )


def signal_of(key: str) -> Signal | None:
    """The signal over whole files with this code or name; None if there is none."""
    return next((signal for signal in load_signals() if key in {signal.code, signal.name}), None)
