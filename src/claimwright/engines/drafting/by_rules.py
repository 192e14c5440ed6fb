"""The drafter without a model: the sentences of an approved template, filled with the facts of the case.

A drafter is a function from a case, its template and the library to a `Draft`. This one says nothing that the
template does not say; a model may say more, and the gate then decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from claimwright.domain.appeal_case import Case, Draft, LetterField, Source
from claimwright.domain.letter_templates import LetterTemplate

RULES = "rules"
# The head of every letter: name, label, fact.
HEAD: tuple[tuple[str, str, str], ...] = (
    ("date", "Date", "appeal.on"),
    ("payer", "To", "payer.name"),
    ("payer-address", "Address", "payer.address"),
    ("level", "Level", "appeal.level"),
    ("patient", "Patient", "patient.name"),
    ("birth", "Date of birth", "patient.birth_on"),
    ("member", "Member ID", "patient.member_id"),
    ("group", "Group number", "patient.group_number"),
    ("claim", "Our claim number", "claim.number"),
    ("payer-claim", "Your claim number", "claim.payer_number"),
    ("service", "Date of service", "claim.service_on"),
    ("service-through", "Through", "claim.service_through"),
    ("denied-on", "Date of decision", "denial.on"),
    ("codes", "Reason codes", "denial.codes"),
    ("amount", "Amount in dispute", "denial.amount"),
    ("provider", "Provider", "practice.name"),
    ("npi", "NPI", "practice.npi"),
    ("tax", "Tax ID", "practice.tax_id"),
    ("provider-address", "Provider address", "practice.address"),
)


class Drafter(Protocol):
    """Writes a draft. It may take long, fail, or be wrong; it decides nothing."""

    def __call__(self, case: Case, template: LetterTemplate, sources: Mapping[str, Source]) -> Draft:
        """The draft of a letter for the case."""


def draft_by_rules(case: Case, template: LetterTemplate, sources: Mapping[str, Source]) -> Draft:
    """The template's sentences, each with the facts of its slots. What the case lacks is left out.

    A sentence that is not optional and cannot be filled is left out too: the gate reports it as missing.
    """
    statements = [
        line.fill(case, sources, number)
        for line in template.lines
        for number in line.numbers(case)
        if not line.missing(case, number) and all(each in sources for each in line.sources)
    ]
    return Draft(
        drafter=RULES, template_id=template.template_id, template_version=template.version,
        template_digest=template.digest, fields=head_of(case), statements=tuple(statements),
    )  # fmt: skip


def head_of(case: Case) -> tuple[LetterField, ...]:
    """The head of a letter, as far as the case has its facts."""
    return tuple(
        LetterField(name=name, label=label, value=fact.shown, fact=fact_id)
        for name, label, fact_id in HEAD
        if (fact := case.fact(fact_id)) is not None
    )
