"""The gate: fifteen kinds of false statement, in approved sentences and in free ones; true ones pass."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace

import pytest

from claimwright.domain.appeal_case import Case, Clinical, Draft, Exhibit, Fact, FactKind, Span, Statement
from claimwright.engines.deadlines import PAYER_KINDS
from claimwright.engines.drafting import HEAD, draft_by_rules, load_sources, read_template
from claimwright.engines.evidence import read_findings
from claimwright.engines.verification import Finding, Problem, Verdict, verify

TEMPLATE = """---
id: test-necessity
version: 1
title: Medical necessity
categories: [medical_necessity]
payer_kinds: [erisa_insured]
levels: [1]
effective_from: 2026-01-01
author: tests
footing: [cfr-29-2560-503-1-h]
requires: [patient.name, finding.1.quote]
---
## Request
request: {practice.name} appeals {denial.on}: {denial.amount} of {claim.number} was denied.
basis: The remittance gives the code {denial.codes}.
line*: Line {line.no}, procedure {line.procedure}, was billed at {line.charge}.
finding*: The {finding.document} of {finding.on} documents {finding.name}: “{finding.quote}”.
law: The review takes all that is submitted into account ([[cfr-29-2560-503-1-h]]).
authorization?: The claim carried authorization {claim.authorization}.
"""
NOTE = (
    "The patient has pneumonia with hypoxia. No chest pain. SpO2 86% on room air. She had sepsis in 2015. "
    "Mother had asthma."
)
LIBRARY = load_sources()
HEADS = {name: fact for name, _, fact in HEAD}


def fact(fact_id: str, kind: FactKind, value: str, shown: str | None = None, **more: object) -> Fact:
    return Fact(
        fact_id=fact_id, kind=kind, label=fact_id, value=value, shown=shown or value, source="claim", **more
    )  # type: ignore[arg-type]


def finding(number: int, concept: str, words: str, **sense: str) -> list[Fact]:
    start = NOTE.index(words)
    span = Span(document_id=7, page=1, start=start, end=start + len(words))
    clinical = Clinical.model_validate({"concept": concept, **sense})
    made = [
        Fact(
            fact_id=f"finding.{number}.{name}",
            kind=FactKind.CLINICAL,
            label=name,
            value=concept,
            shown=shown,
            source="document:7",
            span=span,
            clinical=clinical,
            state="accepted",
        )
        for name, shown in (("name", concept), ("quote", words))
    ]
    return [
        *made,
        fact(f"finding.{number}.document", FactKind.WORDS, "progress note"),
        fact(f"finding.{number}.on", FactKind.DATE, "2026-01-15", "January 15, 2026"),
    ]


CASE = Case(
    case_id=1,
    as_of=datetime.date(2026, 3, 1),
    category="medical_necessity",
    root_cause="not-medically-necessary",
    payer_kind="erisa_insured",
    payer_id="P1",
    state="MD",
    level=1,
    level_name="first-level appeal",
    facts=(
        fact("practice.name", FactKind.NAME, "CLINIC ONE"),
        fact("practice.npi", FactKind.IDENTIFIER, "1234567893"),
        fact("practice.address", FactKind.ADDRESS, "1 MAIN ST"),
        fact("payer.name", FactKind.NAME, "GOOD PAYER"),
        fact("payer.address", FactKind.ADDRESS, "PO Box 1"),
        fact("patient.name", FactKind.NAME, "MARY ROE"),
        fact("patient.member_id", FactKind.IDENTIFIER, "W000000002"),
        fact("claim.number", FactKind.IDENTIFIER, "A200"),
        fact("claim.service_on", FactKind.DATE, "2026-01-14", "January 14, 2026"),
        fact("denial.on", FactKind.DATE, "2026-02-01", "February 1, 2026"),
        fact("denial.codes", FactKind.CODE, "CO-50"),
        fact("denial.amount", FactKind.AMOUNT, "200.00", "$200.00"),
        fact("appeal.level", FactKind.WORDS, "first-level appeal"),
        fact("appeal.on", FactKind.DATE, "2026-03-01", "March 1, 2026"),
        fact("line.1.no", FactKind.QUANTITY, "1"),
        fact("line.1.procedure", FactKind.CODE, "99214"),
        fact("line.1.charge", FactKind.AMOUNT, "200.00", "$200.00"),
        *finding(1, "pneumonia", "The patient has pneumonia with hypoxia."),
        *finding(2, "oxygen saturation", "SpO2 86% on room air.", value="86", unit="%"),
    ),
    exhibits=(Exhibit(document_id=7, letter="A", title="Progress note", pages=1),),
)
LETTER = read_template(TEMPLATE, "test.md", sources=LIBRARY, payer_kinds=PAYER_KINDS)
DRAFT = draft_by_rules(CASE, LETTER, LIBRARY)


def judged(draft: Draft, case: Case = CASE, documents: dict[int, str] | None = None) -> Verdict:
    def read(text: str) -> list[tuple[int, int, Clinical]]:
        return [(each.start, each.end, each.clinical) for each in read_findings(text)]

    return verify(
        case,
        draft,
        LETTER,
        LIBRARY,
        read,
        head=HEADS,
        documents={7: NOTE} if documents is None else documents,
    )


def changed(statement_id: str, edit: Callable[[str], str]) -> Draft:
    statements = [
        each.model_copy(update={"text": edit(each.text)}) if each.statement_id == statement_id else each
        for each in DRAFT.statements
    ]
    assert statements != list(DRAFT.statements), statement_id
    return DRAFT.model_copy(update={"statements": tuple(statements)})


def with_free(text: str, *facts: str, sources: tuple[str, ...] = ()) -> Draft:
    free = Statement(statement_id="free", section="Request", text=text, facts=facts, sources=sources)
    return DRAFT.model_copy(update={"statements": (*DRAFT.statements, free)})


def free_findings(text: str, *facts: str, sources: tuple[str, ...] = ()) -> list[Finding]:
    return [
        each for each in judged(with_free(text, *facts, sources=sources)).findings if each.where == "free"
    ]


def test_the_draft_by_rules_passes_and_every_statement_says_what_it_rests_on() -> None:
    verdict = judged(DRAFT)
    assert verdict.findings == ()
    assert {each.where for each in verdict.ticks} == {each.statement_id for each in DRAFT.statements}


@pytest.mark.parametrize(
    ("where", "old", "new", "problem"),
    [
        ("request", "$200.00", "$2,000.00", Problem.AMOUNT),
        ("request", "February 1, 2026", "February 11, 2026", Problem.DATE),
        # The day of service is a date of the case, and not the one that the sentence is about.
        ("request", "February 1, 2026", "January 14, 2026", Problem.DATE),
        ("basis", "CO-50", "CO-97", Problem.CODE),
        ("line.1", "99214", "99215", Problem.CODE),
        ("request", "A200", "A201", Problem.IDENTIFIER),
        ("request", "CLINIC ONE", "Mercy Hospital", Problem.NAME),
        ("law", "29 CFR 2560.503-1(h)", "29 CFR 2560.503-1(k)", Problem.CITATION),
        ("finding.1", "pneumonia with hypoxia", "severe pneumonia with hypoxia", Problem.QUOTATION),
        ("finding.2", "86%", "68%", Problem.QUOTATION),
    ],
)
def test_a_changed_word_of_an_approved_sentence_is_marked(
    where: str, old: str, new: str, problem: Problem
) -> None:
    found = judged(changed(where, lambda text: text.replace(old, new))).findings
    assert problem in {each.problem for each in found if each.where == where}
    assert not any(each.may_be_confirmed for each in found)


@pytest.mark.parametrize(
    ("text", "facts", "problem"),
    [
        ("The patient has chest pain.", (), Problem.CLINICAL_UNKNOWN),
        ("The patient does not have pneumonia.", ("finding.1.name",), Problem.POLARITY),
        ("Her mother had pneumonia.", ("finding.1.name",), Problem.SUBJECT),
        ("She has a history of pneumonia.", ("finding.1.name",), Problem.TIME),
        ("She possibly had pneumonia.", ("finding.1.name",), Problem.CERTAINTY),
        ("Her SpO2 was 92%.", ("finding.2.name",), Problem.VALUE),
        ("This second-level appeal is timely.", (), Problem.LEVEL),
        ("Policy MP-1024 covers it.", (), Problem.POLICY),
        ("The JAMA study supports it.", (), Problem.CITATION),
        ("Doctor Alice Walker agrees.", (), Problem.NAME),
        ("It was given for six weeks.", (), Problem.NUMBER),
        ("We sent it on 03/05/2026.", (), Problem.DATE),
        ("The amount is $200.00.", (), Problem.AMOUNT),
    ],
)
def test_a_free_sentence_that_is_false_is_wrong_and_cannot_be_confirmed(
    text: str, facts: tuple[str, ...], problem: Problem
) -> None:
    found = free_findings(text, *facts)
    assert problem in {each.problem for each in found}
    assert not any(each.may_be_confirmed for each in found)


def test_a_free_sentence_that_resolves_is_unproven_and_may_be_confirmed() -> None:
    verdict = judged(
        with_free("The patient has pneumonia, and SpO2 86%.", "finding.1.name", "finding.2.name")
    )
    assert [(each.where, each.problem) for each in verdict.findings] == [
        ("free", Problem.NOT_APPROVED_WORDING)
    ]
    assert verdict.open_after(("free",)) == ()


@pytest.mark.parametrize(
    ("sense", "problem"),
    [
        ({"polarity": "absent"}, Problem.POLARITY),
        ({"subject": "family"}, Problem.SUBJECT),
        ({"time": "past"}, Problem.TIME),
        ({"certainty": "uncertain"}, Problem.CERTAINTY),
    ],
)
def test_an_approved_sentence_asserts_only_what_is_so(sense: dict[str, str], problem: Problem) -> None:
    facts = tuple(
        each.model_copy(update={"clinical": each.clinical.model_copy(update=sense)})
        if each.fact_id.startswith("finding.1.") and each.clinical
        else each
        for each in CASE.facts
    )
    case = CASE.model_copy(update={"facts": facts})
    found = judged(draft_by_rules(case, LETTER, LIBRARY), case).findings
    # The document is read again, and says something else than the fact.
    assert {problem, Problem.EVIDENCE_CHANGED} == {each.problem for each in found}


def test_facts_that_nobody_accepted_and_documents_that_are_gone_carry_nothing() -> None:
    proposed = tuple(
        each.model_copy(update={"state": "proposed"}) if each.fact_id.startswith("finding.1.") else each
        for each in CASE.facts
    )
    found = judged(DRAFT, CASE.model_copy(update={"facts": proposed})).findings
    assert Problem.FACT_NOT_ACCEPTED in {each.problem for each in found}
    assert Problem.EVIDENCE_CHANGED in {each.problem for each in judged(DRAFT, documents={}).findings}


def test_the_head_shows_the_case_and_what_is_required_is_there() -> None:
    fields = tuple(
        each.model_copy(update={"value": "OTHER PAYER"}) if each.name == "payer" else each
        for each in DRAFT.fields
    )
    found = judged(DRAFT.model_copy(update={"fields": fields})).findings
    assert [(each.where, each.problem) for each in found] == [("payer", Problem.HEAD)]
    without = tuple(each for each in DRAFT.fields if each.name != "member")
    found = judged(DRAFT.model_copy(update={"fields": without})).findings
    assert [(each.problem, each.words) for each in found] == [(Problem.MISSING_FIELD, "patient.member_id")]
    fewer = tuple(each for each in DRAFT.statements if each.statement_id != "basis")
    found = judged(DRAFT.model_copy(update={"statements": fewer})).findings
    assert (Problem.MISSING_STATEMENT, "basis") in {(each.problem, each.where) for each in found}


def test_another_template_or_one_out_of_force_or_a_source_out_of_force_is_marked() -> None:
    other = DRAFT.model_copy(update={"template_digest": "0" * 64})
    assert Problem.TEMPLATE in {each.problem for each in judged(other).findings}
    early = CASE.model_copy(update={"as_of": datetime.date(2001, 1, 1)})
    problems = {each.problem for each in judged(DRAFT, early).findings}
    assert {Problem.TEMPLATE, Problem.SOURCE_NOT_IN_FORCE} <= problems
    assert replace(LETTER, version=2).version == 2


def test_two_statements_of_one_id_cannot_hide_each_other() -> None:
    double = DRAFT.model_copy(update={"statements": (*DRAFT.statements, DRAFT.statements[0])})
    assert [each.where for each in judged(double).findings] == ["request"]
