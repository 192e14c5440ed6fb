"""The gate: what of a draft is proven by the case, and what is not. Nothing else decides what may leave.

A statement passes if an approved sentence of its template, filled from the case, is exactly the statement.
Any other sentence is taken apart: what in it can be a fact has to be one of the facts that it names. If all
of it resolves, the sentence still says something that nobody approved, and a person has to confirm it.

The gate trusts no draft, also not one that was made without a model, and it does not know who wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from claimwright.domain.appeal_case import Case, Draft, Fact, FactKind, Source, Statement
from claimwright.domain.letter_templates import LetterTemplate, TemplateLine

from .clinical import ReadClinical, clinical_findings, evidence_findings, without_resolved
from .completeness import missing_fields, needed_beside
from .tokens import (
    AUTHORITY,
    QUOTED,
    blanked,
    disguised,
    leftovers,
    other_amounts,
    other_exhibits,
    other_levels,
    other_patients,
)
from .verdict import Finding, Problem, Tick, Verdict

# Quotations shorter than this are words, such as a code's name in quotation marks, and are compared as words.
_SHORTEST_QUOTE = 3
_HAS_TO_BE_IN_FORCE = "it was not in force on the day of the service or of the letter"

# The section of a letter that argues. What was denied without a reason, or taken back, may be asked about.
_ARGUMENT = "Why it should be reversed"
_SAYS_WHAT_LACKS = frozenset({Problem.MISSING_FIELD, Problem.MISSING_STATEMENT})
_MAY_ONLY_ASK = frozenset({"unspecified", "recovery"})


def verify(
    case: Case,
    draft: Draft,
    template: LetterTemplate,
    sources: Mapping[str, Source],
    read: ReadClinical,
    *,
    head: Mapping[str, str],
    documents: Mapping[int, str],
) -> Verdict:
    """The judgement of a draft.

    `head` says which fact each line of the head shows. `documents` are the texts of the case's documents.
    """
    findings = [*_template_findings(case, draft, template), *_head_findings(case, draft, head)]
    ticks = []
    seen: set[str] = set()
    for statement in draft.statements:
        if statement.statement_id in seen:
            findings.append(
                Finding(statement.statement_id, Problem.UNKNOWN_FACT, "two statements have one id")
            )
            continue
        seen.add(statement.statement_id)
        found = list(_statement_findings(case, statement, template, sources, read, documents))
        findings += found
        if not found:
            ticks.append(_tick(case, statement, sources))
    findings += missing_fields(case, draft)
    findings += needed_beside(case)
    if not any(each.problem in _SAYS_WHAT_LACKS for each in findings) and _shows_nothing(case, draft):
        findings.append(
            Finding(
                None, Problem.NOTHING_SHOWN,
                "nothing in the letter shows that the decision is wrong: add a document, accept a finding, "
                "or state what the decision overlooks",
            )
        )  # fmt: skip
    return Verdict(tuple(findings), tuple(ticks))


def _shows_nothing(case: Case, draft: Draft) -> bool:
    """Whether the argument names no fact and no source, and no document is enclosed."""
    argued = [each for each in draft.statements if each.section == _ARGUMENT]
    if case.category in _MAY_ONLY_ASK or not argued:
        return False
    is_enclosed = any(fact.startswith("exhibit.") for each in draft.statements for fact in each.facts)
    return not is_enclosed and not any(each.facts or each.sources for each in argued)


def _template_findings(case: Case, draft: Draft, template: LetterTemplate) -> Iterator[Finding]:
    same = (template.template_id, template.version, template.digest)
    if (draft.template_id, draft.template_version, draft.template_digest) != same:
        yield Finding(None, Problem.TEMPLATE, "the draft was made with another template or version of it")
    if not template.in_force(case.as_of):
        yield Finding(None, Problem.TEMPLATE, "the template is not in force on this day")
    written = {each.statement_id for each in draft.statements}
    for line in template.lines:
        for number in line.numbers(case):
            name = line.name if number is None else f"{line.name}.{number}"
            if name in written or line.optional:
                continue
            if line.repeats is None or not line.missing(case, number):
                lacks = ", ".join(line.missing(case, number))
                why = f"the case lacks {lacks}" if lacks else "the draft leaves it out"
                yield Finding(name, Problem.MISSING_STATEMENT, f"the template requires this sentence; {why}")
    for fact in template.requires:
        if case.fact(fact) is None:
            yield Finding(
                None, Problem.MISSING_FIELD, f"the template requires {fact}; the case does not have it", fact
            )


def _head_findings(case: Case, draft: Draft, head: Mapping[str, str]) -> Iterator[Finding]:
    for each in draft.fields:
        fact = case.fact(each.fact)
        if head.get(each.name) != each.fact or fact is None:
            yield Finding(
                each.name, Problem.HEAD, "this line of the head shows no fact of the case", each.value
            )
        elif each.value != fact.shown:
            yield Finding(each.name, Problem.HEAD, f"the case has another {fact.label}", each.value)


def _statement_findings(
    case: Case,
    statement: Statement,
    template: LetterTemplate,
    sources: Mapping[str, Source],
    read: ReadClinical,
    documents: Mapping[int, str],
) -> Iterator[Finding]:
    where = statement.statement_id
    facts, bad = _facts_of(case, statement)
    yield from bad
    cited = []
    for name in statement.sources:
        source = sources.get(name)
        if source is None:
            yield Finding(where, Problem.CITATION, "the library has no such source", name)
        elif not source.in_force(case.as_of):
            yield Finding(where, Problem.SOURCE_NOT_IN_FORCE, _HAS_TO_BE_IN_FORCE, source.citation)
        else:
            cited.append(source)
    yield from evidence_findings(where, facts, documents, read)
    line, number = _approved_line(template, where)
    if line is not None and _is_filled(case, statement, line, number, sources):
        # The words are approved. A sentence about findings asserts them of the patient, today.
        if line.repeats in {"finding", "criterion"}:
            yield from _asserted(where, facts)
        return
    found = list(_free_findings(case, statement, facts, cited, read))
    yield from found
    if not found and not bad:
        yield Finding(
            where, Problem.NOT_APPROVED_WORDING, "no approved sentence says this; a person has to confirm it"
        )


def _facts_of(case: Case, statement: Statement) -> tuple[list[Fact], list[Finding]]:
    facts, bad = [], []
    for name in statement.facts:
        fact = case.by_id.get(name)
        if fact is None:
            bad.append(
                Finding(statement.statement_id, Problem.UNKNOWN_FACT, "the case has no such fact", name)
            )
        elif not fact.holds:
            bad.append(
                Finding(statement.statement_id, Problem.FACT_NOT_ACCEPTED, "nobody has accepted this fact",
                name)
            )  # fmt: skip
        else:
            facts.append(fact)
    return facts, bad


def _approved_line(template: LetterTemplate, where: str) -> tuple[TemplateLine | None, int | None]:
    name, _, number = where.partition(".")
    line = template.by_name.get(name)
    if line is None:
        return None, None
    if line.repeats is None:
        return (line, None) if not number else (None, None)
    return (line, int(number)) if number.isdecimal() else (None, None)


def _is_filled(
    case: Case, statement: Statement, line: TemplateLine, number: int | None, sources: Mapping[str, Source]
) -> bool:
    try:
        return any(line.fill(case, sources, number, agrees=agrees) == statement for agrees in (True, False))
    except KeyError:
        return False


def _asserted(where: str, facts: list[Fact]) -> Iterator[Finding]:
    for fact in facts:
        said = fact.clinical
        if said is None:
            continue
        for problem, is_wrong, says in (
            (Problem.POLARITY, said.polarity != "present", "the record says that it is absent"),
            (Problem.SUBJECT, said.subject != "patient", "the record says it of somebody else"),
            (Problem.TIME, said.time != "current", "the record says it of another time"),
            (Problem.CERTAINTY, said.certainty != "stated", "the record only suspects it"),
        ):
            if is_wrong:
                yield Finding(where, problem, says, fact.shown)


def _free_findings(
    case: Case, statement: Statement, facts: list[Fact], cited: list[Source], read: ReadClinical
) -> Iterator[Finding]:
    where, text = statement.statement_id, statement.text
    verbatim = [each.shown for each in facts if each.kind in {FactKind.WORDS, FactKind.CLINICAL}]
    for match in QUOTED.finditer(text):
        quoted = next((each for each in match.groups() if each), "").strip()
        if len(quoted) >= _SHORTEST_QUOTE and not any(quoted in words for words in verbatim):
            yield Finding(where, Problem.QUOTATION, "no fact that it names has these words", quoted)
    for words in sorted(set(disguised(text, [each.shown for each in case.facts]))):
        yield Finding(where, Problem.CHARACTERS, "no fact of the case has this character", words)
    plain = QUOTED.sub(lambda match: " " * len(match[0]), text)
    yield from _claimed(case, where, plain, cited)
    # What the payer's letters and the level are called must be right wherever it stands.
    for words in other_levels(plain, case.level, case.level_name):
        yield Finding(where, Problem.LEVEL, f"this letter is a {case.level_name}", words)
    yield from clinical_findings(where, plain, facts, read)
    rest = without_resolved(plain, facts, read)
    rest, _ = blanked(rest, [each.citation for each in cited] + [each.title for each in cited])
    rest, _ = blanked(rest, [each.shown for each in facts])
    rest, _ = blanked(
        rest,
        [
            f"{each.clinical.value} {each.clinical.unit}"
            for each in facts
            if each.clinical and each.clinical.value
        ],
    )
    # The names of the case are known in every sentence; its numbers only where they are named.
    others = [each for each in case.facts if each.holds and each.fact_id not in statement.facts]
    for each in others:
        if each.kind is FactKind.WORDS or len(each.shown) < _SHORTEST_QUOTE:
            continue
        blank, there = blanked(rest, [each.shown])
        if there:
            problem = _PROBLEM_OF.get(each.kind, Problem.NAME)
            yield Finding(
                where, problem, f"this is {each.label}, which the statement does not name", each.shown
            )
            rest = blank
    for problem, words in leftovers(rest):
        yield Finding(where, problem, _SAYS[problem], words)


def _claimed(case: Case, where: str, plain: str, cited: list[Source]) -> Iterator[Finding]:
    """What a sentence claims in words that no token shows: authorities, other amounts, other patients."""
    for words in other_amounts(plain):
        yield Finding(where, Problem.AMOUNT, "its words make another amount of it", words)
    for words in other_patients(plain):
        yield Finding(where, Problem.SUBJECT, "the case is of one patient", words)
    for words in other_exhibits(plain, {each.letter for each in case.exhibits}):
        yield Finding(where, Problem.IDENTIFIER, "the letter has no such exhibit", words)
    if not cited:
        for match in AUTHORITY.finditer(plain):
            yield Finding(where, Problem.CITATION, "it claims an authority and names no source", match[0])


_PROBLEM_OF = {
    FactKind.AMOUNT: Problem.AMOUNT, FactKind.DATE: Problem.DATE, FactKind.CODE: Problem.CODE,
    FactKind.IDENTIFIER: Problem.IDENTIFIER, FactKind.QUANTITY: Problem.NUMBER,
}  # fmt: skip
_SAYS = {
    Problem.CITATION: "the statement names no source of the library with this citation",
    Problem.POLICY: "the statement names no policy of the library",
    Problem.AMOUNT: "no fact that it names has this amount",
    Problem.DATE: "no fact that it names has this date",
    Problem.CODE: "no fact that it names has this code",
    Problem.IDENTIFIER: "no fact that it names has this number",
    Problem.NUMBER: "no fact that it names has this number",
    Problem.NAME: "nobody and nothing of this name is among the facts that it names",
}


def _tick(case: Case, statement: Statement, sources: Mapping[str, Source]) -> Tick:
    facts = (case.by_id[name] for name in statement.facts)
    return Tick(
        statement.statement_id,
        tuple(f"{each.fact_id}: {each.source} {each.place}".strip() for each in facts)
        + tuple(sources[name].citation for name in statement.sources),
    )  # fmt: skip
