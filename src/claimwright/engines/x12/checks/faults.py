"""The catalogue of structural faults: code, meaning, fix, and the codes that a receiver reports.

The catalogue is in `faults.txt`; the documentation's page of error codes is generated from it. A code is
stable: it is never reused for another fault.

- `snip` is the WEDI SNIP type: 1 the standard's syntax, 2 the implementation guide, 3 balances of amounts,
  4 a situation that spans segments.
- `severity` is a receiver's reaction: `block` is rejected, `warn` is accepted by most and rejected by some,
  `note` is accepted.
- `ik3`, `ik4`, `ik5`, `ak9` and `ta1` are the fault's codes in the 999 and the TA1: data elements 620 (IK304,
  segment), 621 (IK403, element), 618 (IK502, transaction), 716 (AK905, group) and I18 (TA105, interchange).
  If several fit, we use the most specific one.

Source: ASC X12C 005010X231A1 (999) and the 005010 code lists of these data elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Literal

Severity = Literal["block", "warn", "note"]
_SEVERITIES: dict[str, Severity] = {"block": "block", "warn": "warn", "note": "note"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the catalogue.

    The last five are its codes in the acknowledgements; None if there is none.
    """

    code: str
    name: str
    severity: Severity
    snip: int
    message: str
    fix: str
    ik3: str | None = None
    ik4: str | None = None
    ik5: str | None = None
    ak9: str | None = None
    ta1: str | None = None


def parse_faults(text: str) -> tuple[Fault, ...]:
    """The entries of a catalogue; ValueError if one is malformed or a code occurs twice."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = tuple(_entry(*lines[at : at + 3]) for at in range(0, len(lines), 3))
    if len({fault.code for fault in found}) != len(found) or len({fault.name for fault in found}) != len(
        found
    ):
        raise ValueError("a fault's code or name is given twice")
    return found


def _entry(head: str, message: str, fix: str) -> Fault:
    code, name, severity, *pairs = head.split()
    if not (code.startswith("SYN") and message.startswith("  ") and fix.startswith("  > ")):
        raise ValueError(f"this is not a fault: {head}")
    settings = dict(pair.split("=") for pair in pairs)
    return Fault(
        code,
        name,
        _SEVERITIES[severity],
        int(settings.pop("snip")),
        message.strip(),
        fix.removeprefix("  > "),
        **settings,
    )


FAULTS: tuple[Fault, ...] = parse_faults(
    (resources.files(__package__) / "faults.txt").read_text(encoding="ascii")
)
BY_CODE: dict[str, Fault] = {fault.code: fault for fault in FAULTS}

INTERCHANGE_ELEMENT_CODES: dict[int, str] = {
    1: "010", 2: "011", 3: "012", 4: "013", 5: "005", 6: "006", 7: "007", 8: "008",
    9: "014", 10: "015", 11: "016", 12: "017", 13: "018", 14: "019", 15: "020", 16: "027",
}  # fmt: skip
"""Element of ISA -> the TA105 code that calls it invalid."""
