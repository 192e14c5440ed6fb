"""Proposed rules from the store's own history: mined, measured on later lines, written as drafts.

Nothing is active: a draft never runs in a check. A person reads it, replays it and decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.denials import Proposal, propose_rules
from claimwright.features.rule_workshop import ScaffoldError, free_code, scaffold
from claimwright.platform.database import Connection
from claimwright.store.decided_lines import decided_lines

_OF_CLAIM = ("payer_id", "claim_filing_code", "frequency_code")
# What a predicate may read, by form: names of the dictionary that the store has unsealed.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "P": (*_OF_CLAIM, "procedure", "modifier_1", "line_place_of_service", "units", "line_charge"),
    "I": (*_OF_CLAIM, "procedure", "modifier_1", "revenue_code", "units", "line_charge"),
    "D": (*_OF_CLAIM, "procedure", "line_place_of_service", "units", "line_charge"),
}
# Another value than any that a condition names, so that the case beside it does not fire.
_OTHER = {
    "payer_id": "ZZ0ZZ", "claim_filing_code": "ZZ", "frequency_code": "8", "procedure": "99999",
    "modifier_1": "ZZ", "line_place_of_service": "99", "revenue_code": "0999",
}  # fmt: skip
_CONDITION = re.compile(r"(?P<name>\w+) (?:is (?P<null>null)|(?P<sign>=|>=) (?P<value>.+))")


@dataclass(frozen=True)
class ProposedRule:
    """A predicate with its numbers on lines that it was not mined from; `form` is P, I or D."""

    form: str
    proposal: Proposal
    root_cause: str | None
    category: str | None


def propose(
    caller: Caller,  # noqa: ARG001 - like every function of a feature; the connection acts for the caller
    connection: Connection,
    form: str = "P",
    *,
    root_cause: str | None = None,
    category: str | None = None,
    facilities: Sequence[str] | None = None,
    least_flagged: int = 30,
    least_precision: float = 0.5,
    most: int = 20,
) -> list[ProposedRule]:
    """Predicates by which denied lines could have been foreseen, those that save most dollars first.

    `form` is P, I or D. The later 30 percent of the lines are held out, and give the numbers.
    """
    lines = decided_lines(
        connection, form, root_cause=root_cause, category=category, facilities=facilities
    ).with_columns(
        denied_dollars=(pl.col("denied_cents").cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2))
    )  # fmt: skip
    found = propose_rules(
        lines, _COLUMNS[form], least_flagged=least_flagged, least_precision=least_precision, most=most
    )
    return [ProposedRule(form, each, root_cause, category) for each in found]


def write_proposal(proposed: ProposedRule, folder: Path, *, letters: str = "OWN") -> Path:
    """Write a draft rule with the next free code in the folder, and return its path.

    Its two cases are made from the conditions and pass. Title, authority and texts are left to the author.

    Raises:
        ScaffoldError: no code is free, or the letters cannot begin a code.
        OSError: the file can't be written.
    """
    measured = proposed.proposal.held_out
    subject = proposed.root_cause or proposed.category or "any cause"
    remarks = [
        f"Proposed from decided lines of the store; denials of {subject}. On lines held out:",
        f"{measured.flagged:,} flagged, {measured.denied:,} of them denied: precision"
        f" {measured.precision:.1%} (at least {measured.precision_at_least:.1%}),",
        f"recall {measured.recall:.1%}, {measured.dollars:,.2f} dollars denied;"
        f" without the rule {proposed.proposal.base_rate:.1%} are denied.",
    ]
    letters = letters.upper()
    return scaffold(
        free_code(letters, folder),
        level="line",
        folder=folder,
        predicate=_predicate(proposed),
        remarks=remarks,
    )


def _predicate(proposed: ProposedRule) -> Mapping[str, str]:
    """The texts of the draft: predicate, field, forms, and a case on either side of the first condition."""
    conditions = []
    for part in _parts(proposed.proposal.when):
        found = _CONDITION.fullmatch(part)
        if found is None:
            raise ScaffoldError(
                f"the predicate {proposed.proposal.when} has no cases; write the rule by hand"
            )
        conditions.append(found)
    first = conditions[0]
    fires = {each["name"]: _firing(each) for each in conditions}
    return {
        "when": proposed.proposal.when,
        "field": proposed.proposal.columns[0],
        "forms": proposed.form,
        "fires": _case(fires),
        "quiet": _case(fires | {first["name"]: _quiet(first)}),
    }


def _parts(when: str) -> list[str]:
    """The conditions; an `and` inside quotes does not divide."""
    return re.split(r" and (?=\w+ (?:is null|=|>=))", when)


def _firing(condition: re.Match[str]) -> str:
    value = condition["value"]
    return "null" if condition["null"] else _yaml(value)


def _quiet(condition: re.Match[str]) -> str:
    name = condition["name"]
    if condition["sign"] == ">=":
        return "0"
    return f'"{_OTHER[name]}"' if name in _OTHER else "0"


def _yaml(literal: str) -> str:
    """A literal of SQL as YAML."""
    if literal.startswith("'"):
        text = literal[1:-1].replace("''", "'").replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'
    return literal


def _case(values: Mapping[str, str]) -> str:
    of_claim = [f"{name}: {value}" for name, value in values.items() if name in _OF_CLAIM]
    of_line = [f"{name}: {value}" for name, value in values.items() if name not in _OF_CLAIM]
    parts = []
    if of_claim:
        parts.append(f"claim: {{{', '.join(of_claim)}}}")
    if of_line:
        parts.append(f"lines: [{{{', '.join(of_line)}}}]")
    return "\n    ".join(parts)
