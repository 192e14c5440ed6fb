"""Which template a case gets, always the same one for the same case, and why; duplicates among templates."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.domain.letter_templates import LetterTemplate
from claimwright.domain.payer_kinds import PAYER_KINDS

# What a match is worth: the narrower statement wins. A payer's own template before that of a State, that
# before one for a subtype or cause, that before one for a kind of payer.
_PAYER, _STATE, _SUBTYPE, _CAUSE, _KIND, _CATEGORY, _LEVEL = 64, 32, 16, 8, 4, 2, 1
# Share of equal word triples from which two templates for the same cases are near duplicates.
NEAR = 0.9


@dataclass(frozen=True)
class Wanted:
    """What a template is looked for."""

    category: str
    root_cause: str
    payer_kind: str
    payer_id: str | None
    state: str | None
    level: int
    day: datetime.date
    subtype: str | None = None


@dataclass(frozen=True)
class Chosen:
    """The template, and why: one reason a line. `others` are the next best."""

    template: LetterTemplate
    reasons: tuple[str, ...]
    others: tuple[str, ...]


def choose_template(
    templates: Sequence[LetterTemplate], wanted: Wanted, *, case_id: int | None = None
) -> Chosen | None:
    """The template that states most about the case; None if none fits.

    Of those that fit equally well and share an id, the highest version is taken. Of different ones that fit
    equally well, `case_id` decides, so that an experiment between them divides cases evenly and a case always
    gets the same; without it, the first id.
    """
    fitting: dict[str, tuple[int, LetterTemplate, tuple[str, ...]]] = {}
    for each in templates:
        scored = _fit(each, wanted)
        if scored is None:
            continue
        known = fitting.get(each.template_id)
        if known is None or known[1].version < each.version:
            fitting[each.template_id] = (scored[0], each, scored[1])
    if not fitting:
        return None
    ranked = sorted(fitting.values(), key=lambda each: (-each[0], each[1].template_id))
    equals = [each for each in ranked if each[0] == ranked[0][0]]
    at = 0 if case_id is None or len(equals) == 1 else _share(case_id, len(equals))
    score, template, reasons = equals[at]
    if len(equals) > 1:
        reasons = (*reasons, f"{len(equals)} fit equally well; case {case_id or 'without a number'}")
    others = [each[1].template_id for each in ranked if each[1] is not template][:3]
    return Chosen(template, (*reasons, f"score {score}"), tuple(others))


def near_duplicates(templates: Sequence[LetterTemplate]) -> list[tuple[str, str, float]]:
    """Pairs of templates for the same cases with the same text, or nearly: ids and likeness from 0 to 1."""
    found = []
    triples = [_triples(each) for each in templates]
    for at, one in enumerate(templates):
        for to, other in enumerate(templates[at + 1 :], at + 1):
            if one.template_id == other.template_id or not _same_cases(one, other):
                continue
            both, either = triples[at] & triples[to], triples[at] | triples[to]
            alike = len(both) / len(either) if either else 1.0
            if alike >= NEAR:
                found.append((one.template_id, other.template_id, alike))
    return found


def _fit(template: LetterTemplate, wanted: Wanted) -> tuple[int, tuple[str, ...]] | None:
    if not template.in_force(wanted.day):
        return None
    score, reasons = 0, []
    asked = (
        (template.payers, wanted.payer_id, _PAYER, "payer"),
        (template.states, wanted.state, _STATE, "State"),
        (template.subtypes, wanted.subtype, _SUBTYPE, "what is"),
        (template.causes, wanted.root_cause, _CAUSE, "cause"),
        (template.payer_kinds, wanted.payer_kind, _KIND, "kind of payer"),
        (template.categories, wanted.category, _CATEGORY, "category"),
        (template.levels, wanted.level, _LEVEL, "level"),
    )
    for values, value, worth, name in asked:
        if not values:
            continue
        if value not in values:
            return None
        # One that is for many says less than one that is for this alone.
        score += worth * 8 - min(len(values), 8) + 1
        reasons.append(f"it is for {name} {_in_words(name, value)}")
    return score, tuple(reasons)


def _in_words(name: str, value: object) -> str:
    """A value as people write it."""
    if name == "kind of payer":
        return PAYER_KINDS.get(str(value), str(value))
    return str(value).replace("_", " ")


def _share(case_id: int, of: int) -> int:
    return int.from_bytes(hashlib.sha256(f"template:{case_id}".encode()).digest()[:8]) % of


def _same_cases(one: LetterTemplate, other: LetterTemplate) -> bool:
    def meet(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
        # One for any State and one for a State are no duplicates: the narrower one is meant to differ.
        return (not a and not b) or bool(set(a) & set(b))

    return (
        meet(one.categories, other.categories) and meet(one.causes, other.causes)
        and meet(one.subtypes, other.subtypes) and meet(one.payer_kinds, other.payer_kinds) and
        meet(one.payers, other.payers)
        and meet(one.states, other.states) and meet(one.levels, other.levels)
    )  # fmt: skip


def _triples(template: LetterTemplate) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join(line.text for line in template.lines).lower())
    return {tuple(words[at : at + 3]) for at in range(max(0, len(words) - 2))}
