"""The levels of rules, and the names that can be used at each level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from claimwright.domain.derived import Name, names_at
from claimwright.domain.dictionary import Level

PAIR = "pair"
PAIR_PREFIX = "pair_"


@dataclass(frozen=True, slots=True)
class RuleLevel:
    """The subject of a rule: one row of a level, or two lines of the same claim and date."""

    name: str
    level: Level
    meaning: str


LEVELS: Mapping[str, RuleLevel] = {
    level.name: level
    for level in (
        RuleLevel("claim", Level.CLAIM, "the claim as a whole"),
        RuleLevel("line", Level.LINE, "a service line"),
        RuleLevel(PAIR, Level.LINE, "two lines of a claim; the second line's names begin with pair_"),
        RuleLevel("diagnosis", Level.DIAGNOSIS, "a diagnosis"),
        RuleLevel(
            "procedure",
            Level.PROCEDURE,
            "a procedure of the whole claim (ICD-10-PCS, or the surgery behind anesthesia)",
        ),
        RuleLevel(
            "institutional_code", Level.INSTITUTIONAL_CODE, "a condition, occurrence, span or value code"
        ),
        RuleLevel("other_payer", Level.OTHER_PAYER, "another payer of the claim"),
        RuleLevel("adjudication", Level.ADJUDICATION, "what another payer decided on a line"),
        RuleLevel("adjustment", Level.ADJUSTMENT, "an adjustment by another payer"),
        RuleLevel("attachment", Level.ATTACHMENT, "an announced attachment"),
        RuleLevel("note", Level.NOTE, "a note"),
        RuleLevel("certification", Level.CERTIFICATION, "a certification of conditions"),
        RuleLevel("tooth", Level.TOOTH, "a tooth"),
    )
}


@cache
def names_for(level: str) -> Mapping[str, Name]:
    """All names that a predicate of this rule level can use."""
    names = dict(names_at(LEVELS[level].level))
    if level == PAIR:
        for name in names_at(Level.LINE).values():
            if name.level is Level.LINE:
                names[PAIR_PREFIX + name.name] = Name(
                    PAIR_PREFIX + name.name, name.level, name.dtype, f"of the second line: {name.meaning}",
                    name.phi, name.is_derived,
                )  # fmt: skip
    return names


@cache
def levels_with(name: str) -> tuple[str, ...]:
    """The rule levels at which a name can be used; empty if no level has it."""
    return tuple(level for level in LEVELS if name in names_for(level))
