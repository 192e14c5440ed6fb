"""A synthetic case, for trying prompts and providers without a patient: nobody in it exists."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from claimwright.domain.appeal_case import Case, Clinical, Exhibit, Fact, FactKind, Span
from claimwright.engines.drafting import ModelQuestion, Prompt, load_sources
from claimwright.features.governance import shipped_templates

from .shown import plain_fact

SAMPLE_NOTE = (
    "Patient: Quentin Sample, seen on 02/03/2026, MRN 4400123. The patient has pneumonia with hypoxia. "
    "SpO2 86% on room air. No chest pain."
)
_TEMPLATE = "necessity-group-plan-1"
_DAY = datetime.date(2026, 3, 2)


def sample_question(prompt: Prompt) -> ModelQuestion:
    """The question that a prompt makes of the synthetic case."""
    return ModelQuestion(sample_case(), shipped_templates()[_TEMPLATE], load_sources(), prompt)


def sample_case() -> Case:
    """The synthetic case. Its number is 0, which no case of a store has."""
    return Case(
        case_id=0, as_of=_DAY, category="medical_necessity", root_cause="not-medically-necessary",
        payer_kind="erisa_insured", payer_id="SAMPLE", state="OH", level=1, level_name="first-level appeal",
        facts=tuple(_facts()),
        exhibits=(Exhibit(document_id=1, letter="A", title="Progress note of February 3, 2026", pages=1),),
    )  # fmt: skip


def _facts() -> Iterator[Fact]:
    given = (
        ("practice.name", FactKind.NAME, "provider", "EXAMPLE CLINIC"),
        ("practice.npi", FactKind.IDENTIFIER, "NPI", "1999999984"),
        ("practice.tax_id", FactKind.IDENTIFIER, "tax ID", "990000001"),
        ("practice.address", FactKind.ADDRESS, "provider's address", "1 EXAMPLE WAY\nCOLUMBUS, OH 43000"),
        ("payer.name", FactKind.NAME, "payer", "SAMPLE HEALTH PLAN"),
        ("payer.address", FactKind.ADDRESS, "address for appeals", "Appeals\nPO Box 100\nColumbus, OH 43001"),
        ("patient.name", FactKind.NAME, "patient", "QUENTIN SAMPLE"),
        ("patient.birth_on", FactKind.DATE, "day of birth", datetime.date(1961, 4, 5)),
        ("patient.member_id", FactKind.IDENTIFIER, "member ID", "SMP00440012"),
        ("claim.number", FactKind.IDENTIFIER, "our claim number", "SAMPLE-0001"),
        ("claim.payer_number", FactKind.IDENTIFIER, "the payer's claim number", "SHP2026000440"),
        ("claim.charge", FactKind.AMOUNT, "total charge", 84_000),
        ("claim.service_on", FactKind.DATE, "first day of service", datetime.date(2026, 2, 3)),
        ("dx.1.code", FactKind.CODE, "diagnosis", "J18.9"),
        ("line.1.no", FactKind.QUANTITY, "line", 1),
        ("line.1.procedure", FactKind.CODE, "procedure of the line", "94660"),
        ("line.1.charge", FactKind.AMOUNT, "charge of the line", 84_000),
        ("line.1.denied", FactKind.AMOUNT, "denied on the line", 84_000),
        ("line.1.service_on", FactKind.DATE, "day of the line", datetime.date(2026, 2, 3)),
        ("denial.on", FactKind.DATE, "date of the decision", datetime.date(2026, 2, 20)),
        ("denial.amount", FactKind.AMOUNT, "amount denied", 84_000),
        ("denial.codes", FactKind.CODE, "reason codes", "CO-50"),
        ("denial.reason", FactKind.WORDS, "meaning of the code", "The payer found it not necessary."),
        ("appeal.level", FactKind.WORDS, "level", "first-level appeal"),
        ("appeal.on", FactKind.DATE, "date of the letter", _DAY),
        ("appeal.due_on", FactKind.DATE, "last day", datetime.date(2026, 8, 19)),
        ("appeal.law", FactKind.WORDS, "law of the clock", "29 CFR 2560.503-1(h)(3)(i)"),
        ("exhibit.1.letter", FactKind.WORDS, "exhibit", "A"),
        ("exhibit.1.title", FactKind.WORDS, "title of an exhibit", "Progress note of February 3, 2026"),
        ("exhibit.1.pages", FactKind.QUANTITY, "pages of an exhibit", 1),
        ("finding.1.document", FactKind.WORDS, "document of a finding", "progress note"),
        ("finding.1.on", FactKind.DATE, "date of its document", datetime.date(2026, 2, 3)),
        ("finding.1.exhibit", FactKind.WORDS, "its exhibit", "A"),
        ("finding.1.page", FactKind.QUANTITY, "its page", 1),
    )  # fmt: skip
    for fact_id, kind, label, value in given:
        yield from plain_fact(fact_id, kind, label, value, "sample")
    said = Clinical(concept="hypoxia")
    span = Span(document_id=1, page=1, start=0, end=len(SAMPLE_NOTE))
    for name, shown in (("name", "hypoxia"), ("quote", SAMPLE_NOTE)):
        yield Fact(
            fact_id=f"finding.1.{name}", kind=FactKind.CLINICAL, label=f"finding, its {name}",
            value=said.concept, shown=shown, source="document:1", place="page 1", span=span, clinical=said,
            state="accepted",
        )  # fmt: skip
