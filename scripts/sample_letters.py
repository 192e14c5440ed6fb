"""Writes ten sample letters of appeal as PDF, with the page that shows them; the same bytes each time.

    python scripts/sample_letters.py

The cases are denied claims of the denial world with synthetic charts: no person exists. For each pair of
category and kind of payer below, the first case of the world that fits is taken.
"""

from __future__ import annotations

import datetime
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from claimwright.domain.appeal_case import Case, Fact, FactKind
from claimwright.engines.drafting import Wanted, choose_template, draft_by_rules, load_sources
from claimwright.engines.letters import ExhibitFile, render_packet
from claimwright.features.appeals import LEVELS, verdict_of
from claimwright.features.governance import shipped_templates
from claimwright_lab.appeal_evaluation.cases import EvaluationCase, make_cases

ROOT = Path(__file__).resolve().parent.parent
FOLDER, PAGE = ROOT / "docs" / "appeal_letters", ROOT / "docs" / "appeal_letters.md"
# Amount in controversy that a hearing needs in 2026, in dollars (42 CFR 405.1006, as CMS announces each
# year).
HEARING = Decimal(200)
# Category, kind of payer, level: the case is judged as if it were this payer's, at this level.
WANTED = (
    ("medical_necessity", "erisa_insured", 1), ("medical_necessity", "medicare_ffs", 1),
    ("medical_necessity", "medicare_ffs", 2), ("medical_necessity", "medicare_ffs", 3),
    ("medical_necessity", "erisa_insured", 2), ("medical_necessity", "medicare_advantage", 1),
    ("authorization", "medicaid_managed_care", 1), ("timely_filing", "erisa_insured", 1),
    ("bundling", "medicare_ffs", 1), ("coding", "erisa_insured", 1),
)  # fmt: skip


def main() -> int:
    """Write the letters and the page."""
    FOLDER.mkdir(exist_ok=True)
    cases = list(make_cases(400, claims=9_000, is_recent=True))
    rows = []
    used: set[int] = set()
    for number, (category, kind, level) in enumerate(WANTED, 1):
        fitting = [each for each in cases if _fits(each, category, used)]
        # A case of that kind of payer first; a hearing needs more in controversy than the others.
        fitting.sort(key=lambda each: (level > 2 and _amount(each) < HEARING, each.case.payer_kind != kind))
        made = next((_letter(each, category, kind, level) for each in fitting), None)
        if made is None:
            print(f"{category}, {kind}, level {level}: no case", file=sys.stderr)
            continue
        case, template, content, marked = made
        used.add(case.case_id)
        name = f"{number:02}-{category.replace('_', '-')}-{kind.replace('_', '-')}-{level}.pdf"
        (FOLDER / name).write_bytes(content)
        rows.append(
            f"| [{name}](appeal_letters/{name}) | {category.replace('_', ' ')} | {kind.replace('_', ' ')} |"
            f" {case.level_name} | {template} | {'nothing' if not marked else f'{marked} things'} |"
        )
    PAGE.write_text("\n".join([*_HEAD, *rows, ""]), encoding="utf-8")
    return 0


_HEAD = """# Ten sample letters

Written by `make sample-letters` from denied claims of the denial world and synthetic charts: the persons,
payers and numbers do not exist. A letter is what the drafter without a language model writes; nothing was
edited. The exhibit is the chart, with the cited sentences marked.

They were read as a payer's medical director would who wants to deny, and changed for it: the reason of the
denial is told as the payer's position and no longer as a fact that the provider concedes; notes are of the
time of the service; the finding of the reported diagnosis comes first; timeliness is claimed outright; a
hearing is asked of its office, and for an amount that allows it.

| letter | category | payer | level | template | the gate marks |
| --- | --- | --- | --- | --- | --- |""".split("\n")


def _amount(each: EvaluationCase) -> Decimal:
    fact = each.case.fact("denial.amount")
    return Decimal(fact.value) if fact is not None else Decimal(0)


def _fits(each: EvaluationCase, category: str, used: set[int]) -> bool:
    return each.case.category == category and each.case.case_id not in used


def _letter(each: EvaluationCase, category: str, kind: str, level: int) -> tuple[Case, str, bytes, int]:
    """The case as one of this payer and level, its template, its letter, and how much the gate marks in
    it.
    """
    if category == "timely_filing":
        each = _with_acceptance(each)
    case = _as(each.case, kind, level)
    wanted = Wanted(category, case.root_cause, kind, case.payer_id, case.state, level, case.as_of)
    chosen = choose_template(list(shipped_templates().values()), wanted, case_id=case.case_id)
    assert chosen is not None, wanted
    sources = load_sources()
    draft = draft_by_rules(case, chosen.template, sources)
    documents = {exhibit.document_id: each.document for exhibit in case.exhibits}
    verdict = verdict_of(case, draft, chosen.template, documents)
    named = {name for one in draft.statements for name in one.facts}
    marks = sorted({
        (fact.span.start, fact.span.end)
        for name in named if (fact := case.fact(name)) is not None and fact.span is not None
    })  # fmt: skip
    exhibits = [
        ExhibitFile(one.letter, one.title, (each.document,), None, tuple(marks)) for one in case.exhibits
    ]
    return (
        case, f"`{chosen.template.template_id}`", render_packet(case, draft, sources, exhibits),
        len(verdict.findings),
    )  # fmt: skip


# By level: the day of the decision before, and that of the letter.
_LATER = {
    2: (datetime.date(2026, 5, 11), datetime.date(2026, 6, 8)),
    3: (datetime.date(2026, 8, 3), datetime.date(2026, 8, 31)),
}
# A hearing is asked of the office that the reconsideration's notice names (42 CFR 405.1014(c)).
_HEARINGS = {
    "payer.address": (
        "OFFICE OF MEDICARE HEARINGS AND APPEALS\nAddress as the notice of reconsideration gives it"
    ),
}


def _with_acceptance(each: EvaluationCase) -> EvaluationCase:
    """The case of a late claim with the payer's acceptance in the place of its chart."""
    case = each.case
    served = datetime.date.fromisoformat(_value(case, "claim.service_on"))
    accepted, limit = served + datetime.timedelta(days=6), served + datetime.timedelta(days=90)
    report = (
        "Claim acceptance report, from the payer's claim acknowledgment (277CA)\n"
        f"Report date: {accepted:%m/%d/%Y}\nReport of: {_value(case, 'payer.name')}\n"
        f"Claim number: {_value(case, 'claim.number')}\nMember ID: {_value(case, 'patient.member_id')}\n"
        "Status of the claim: A2:20:PR (accepted for adjudication)"
    )
    title = f"Claim acceptance report of {_words(accepted)}"
    source = f"document:{case.exhibits[0].document_id}"
    made = (
        ("acceptance.exhibit", FactKind.WORDS, "A", "A", source),
        ("acceptance.on", FactKind.DATE, accepted.isoformat(), _words(accepted), source),
        ("exhibit.1.title", FactKind.WORDS, title, title, source),
        ("filing.due_on", FactKind.DATE, limit.isoformat(), _words(limit), "law"),
        (
            "filing.law",
            FactKind.WORDS,
            "provider agreement, section 7.2",
            "provider agreement, section 7.2",
            "law",
        ),
    )
    facts = {fact.fact_id: fact for fact in case.facts if not fact.fact_id.startswith("finding.")}
    for fact_id, kind, value, shown, said_by in made:
        facts[fact_id] = Fact(
            fact_id=fact_id, kind=kind, label=fact_id, value=value, shown=shown, source=said_by
        )
    changes = {
        "root_cause": "late-claim-payer-error", "facts": tuple(facts.values()),
        "exhibits": (case.exhibits[0].model_copy(update={"title": title}),),
    }  # fmt: skip
    return replace(each, case=case.model_copy(update=changes), document=report)


def _value(case: Case, fact_id: str) -> str:
    fact = case.fact(fact_id)
    assert fact is not None, fact_id
    return fact.value


def _words(day: datetime.date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _as(case: Case, kind: str, level: int) -> Case:
    names = LEVELS.get(kind, LEVELS["other"])
    facts = {fact.fact_id: fact for fact in case.facts}
    facts["appeal.level"] = facts["appeal.level"].model_copy(
        update={"value": names[level - 1], "shown": names[level - 1]}
    )
    if level > 1:
        decided, written = _LATER[level]
        for name, day in (("appeal.earlier_on", decided), ("appeal.on", written)):
            facts[name] = Fact(
                fact_id=name, kind=FactKind.DATE, label=name, value=day.isoformat(), shown=_words(day),
                source="case",
            )  # fmt: skip
    if level > 2:
        for name, value in _HEARINGS.items():
            facts[name] = facts[name].model_copy(update={"value": value, "shown": value})
    # The clock of the world's cases is that of a group plan: other payers have their own.
    if kind != "erisa_insured" or level > 1:
        for name in ("appeal.due_on", "appeal.law"):
            facts.pop(name, None)
    return case.model_copy(
        update={
            "as_of": _LATER[level][1] if level > 1 else case.as_of,
            "payer_kind": kind, "level": level, "level_name": names[level - 1],
            "facts": tuple(facts.values()),
        }
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
