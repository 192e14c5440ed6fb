"""Fifteen kinds of error, put into a letter: into its approved sentences and head, and as sentences of its
own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from claimwright.domain.appeal_case import Draft, Statement

from .cases import EvaluationCase

KINDS = (
    "wrong amount", "wrong date", "wrong code", "wrong patient", "wrong payer", "wrong level",
    "wrong address", "invented policy", "invented citation", "contradicted fact", "negated finding as "
        "present",
    "family history as the patient's", "old finding as current", "unit error", "missing field",
)  # fmt: skip
_NAMES = ("Walter Quimby", "Irene Castellano", "Marcus Oduya", "Helen Brandvold")
_PAYERS = ("Summit Mutual Health", "Blue River Assurance", "Keystone Plan of Ohio")
_POLICIES = (
    "Medical policy {n} covers this service for these findings.",
    "Your own coverage policy considers the service necessary.",
    "The criteria of InterQual are met.",
    "Clinical guideline {n} recommends the service.",
)
_CITATIONS = (
    "42 CFR 405.{n}", "29 U.S.C. 11{n}", "Medicare Claims Processing "
        "Manual, ch. {n}", "LCD L3{n}", "PMID {n}4567",
)  # fmt: skip
# The last parentheses before a mark, with those within them: where a sentence cites.
_CITED = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)(?=[.,;]|$)")
_OTHER_UNITS = {"%": "mmol/L", "kg/m2": "kg", "mg/dL": "mmol/L", "F": "C"}


def injected(of: EvaluationCase, draft: Draft, rng: np.random.Generator) -> Iterator[tuple[str, str, Draft]]:
    """Kind, form and the letter with that one error, as far as the case has it.

    The form is `approved` or `head`, `own` for a sentence that a model wrote, `free` for one that is added.
    """
    yield from _values(of, draft, rng)
    yield from _heads(draft, rng)
    yield from _inventions(draft, rng)
    yield from _clinical(of, draft)


def _values(of: EvaluationCase, draft: Draft, rng: np.random.Generator) -> Iterator[tuple[str, str, Draft]]:
    facts = {each.fact_id: each for each in of.case.facts}
    for kind, fact_id, wrong, said in (
        ("wrong amount", "denial.amount", _other_amount, "The payer denied {}."),
        ("wrong date", "denial.on", _other_date, "The decision is dated {}."),
        ("wrong code", "denial.codes", _other_code, "The denial carries the code {}."),
    ):
        fact = facts[fact_id]
        value = wrong(fact.shown, rng)
        for form, statements in (("approved", _approved(draft)), ("own", _own(draft))):
            for each in statements:
                if fact.shown in each.text and fact_id in each.facts:
                    yield kind, form, _with(draft, each, each.text.replace(fact.shown, value))
                    break
        yield kind, "free", _free(draft, said.format(value), fact_id)
    name = str(rng.choice(_NAMES))
    yield "wrong patient", "free", _free(draft, f"The patient {name} received the service.", "patient.name")
    payer = str(rng.choice(_PAYERS))
    yield "wrong payer", "free", _free(draft, f"{payer} denied the claim.", "payer.name")
    shown = facts["payer.name"].shown
    for form, statements in (("approved", _approved(draft)), ("own", _own(draft))):
        for each in statements:
            if shown in each.text:
                yield "wrong payer", form, _with(draft, each, each.text.replace(shown, payer))
                break
    for each in _own(draft)[:1]:
        yield "wrong patient", "own", _with(draft, each, f"{each.text} The patient {name} received it.")
    yield "contradicted fact", "free", _free(
        draft, f"The payer paid {facts['denial.amount'].shown} of the "
            f"claim on {facts['denial.on'].shown}.", "claim.number"
    )  # fmt: skip
    first = draft.statements[0]
    yield "contradicted fact", "approved", _with(
        draft, first, re.sub(r"\b(?:appeals|asks)\b", "does not dispute", first.text, count=1)
    )  # fmt: skip


def _heads(draft: Draft, rng: np.random.Generator) -> Iterator[tuple[str, str, Draft]]:
    for kind, name, value in (
        ("wrong patient", "patient", str(rng.choice(_NAMES)).upper()),
        ("wrong payer", "payer", str(rng.choice(_PAYERS)).upper()),
        ("wrong level", "level", "second-level appeal"),
        ("wrong address", "payer-address", f"PO Box {int(rng.integers(100, 999))}\nDayton, OH 45402"),
    ):
        fields = tuple(
            each.model_copy(update={"value": value}) if each.name == name else each for each in draft.fields
        )
        yield kind, "head", draft.model_copy(update={"fields": fields})
    yield "wrong level", "free", _free(draft, "This is our second-level appeal.", "appeal.level")
    address = f"This letter is sent to PO Box {int(rng.integers(1000, 9999))}, Dayton."
    yield "wrong address", "free", _free(draft, address, "payer.address")
    required = ["patient", "member", "claim", "denied-on", "provider", "npi", "payer-address"]
    name = required[int(rng.integers(len(required)))]
    fields = tuple(each for each in draft.fields if each.name != name)
    fact = next(each.fact for each in draft.fields if each.name == name)
    # A fact that a sentence shows as well is not missing: only the head is without it.
    if not any(fact in each.facts for each in draft.statements):
        yield "missing field", "head", draft.model_copy(update={"fields": fields})
    fewer = tuple(each for each in draft.statements if each.statement_id != "request")
    yield "missing field", "approved", draft.model_copy(update={"statements": fewer})


def _inventions(draft: Draft, rng: np.random.Generator) -> Iterator[tuple[str, str, Draft]]:
    number = int(rng.integers(100, 999))
    said = str(rng.choice(_POLICIES)).format(n=f"MP-{number}")
    yield "invented policy", "free", _free(draft, said)
    for form, statements in (("approved", _approved(draft)), ("own", _own(draft))):
        for last in statements[-1:]:
            yield "invented policy", form, _with(draft, last, f"{last.text} {said}")
    cited = str(rng.choice(_CITATIONS)).format(n=number)
    yield "invented citation", "free", _free(draft, f"The law requires payment ({cited}).")
    for each in _approved(draft):
        if each.sources:
            text = _CITED.sub(f"({cited})", each.text, count=1)
            yield "invented citation", "approved", _with(draft, each, text)
            break
    for each in _own(draft)[-1:]:
        yield "invented citation", "own", _with(draft, each, f"{each.text} So says {cited}.")


def _clinical(of: EvaluationCase, draft: Draft) -> Iterator[tuple[str, str, Draft]]:
    names = {
        each.clinical.concept: each.fact_id
        for each in of.case.facts
        if each.clinical is not None and each.fact_id.endswith(".name")
    }
    for kind, sense in (
        ("negated finding as present", "absent"), ("family history as the patient's", "family"),
        ("old finding as current", "past"),
    ):  # fmt: skip
        for truth in of.chart.truths:
            if truth.sense != sense:
                continue
            said = f"The patient has {truth.concept}."
            yield kind, "free", _free(draft, said, *names.values())
            for each in _own(draft)[:1]:
                yield kind, "own", _with(draft, each, f"{each.text} {said}")
            # Under the name of an approved sentence, with the facts of another finding.
            for each in draft.statements:
                if each.statement_id.startswith("finding."):
                    text = re.sub(r" documents .*?:", f" documents {truth.concept}:", each.text, count=1)
                    yield kind, "approved", _with(draft, each, text)
                    break
    for truth in of.chart.truths:
        if truth.value is None or truth.concept not in names:
            continue
        wrong = f"{truth.concept} {truth.value} {_OTHER_UNITS[truth.unit or '']}"
        yield "unit error", "free", _free(draft, f"The record shows {wrong}.", names[truth.concept])
        for each in draft.statements:
            if names[truth.concept] in each.facts:
                text = each.text.replace(truth.value, f"{truth.value}0", 1)
                yield "unit error", "approved", _with(draft, each, text)
                break


def true_sentences(of: EvaluationCase) -> Iterator[Statement]:
    """True sentences in free words, as a person or a model might write them, with their facts."""
    facts = {each.fact_id: each.shown for each in of.case.facts}
    for number, (text, names) in enumerate(
        (
            ("The payer denied {denial.amount} on {denial.on}.", ("denial.amount", "denial.on")),
            ("The denial carries the code {denial.codes}.", ("denial.codes",)),
            ("{practice.name} asks for payment of {denial.amount}.", ("practice.name", "denial.amount")),
            ("Claim {claim.number} is for {patient.name}.", ("claim.number", "patient.name")),
            ("The patient has {finding.1.name}.", ("finding.1.name",)),
            ("Line {line.1.no} was billed with {line.1.procedure}.", ("line.1.no", "line.1.procedure")),
        ),
        1,
    ):
        if all(name in facts for name in names):
            shown = text
            for name in names:
                shown = shown.replace("{" + name + "}", facts[name])
            yield Statement(statement_id=f"free-{number}", section="More", text=shown, facts=names)


def _with(draft: Draft, statement: Statement, text: str) -> Draft:
    statements = tuple(
        each.model_copy(update={"text": text}) if each.statement_id == statement.statement_id else each
        for each in draft.statements
    )
    return draft.model_copy(update={"statements": statements})


def _own(draft: Draft) -> list[Statement]:
    """The sentences that a model wrote itself."""
    return [each for each in draft.statements if each.statement_id.startswith("written-")]


def _approved(draft: Draft) -> list[Statement]:
    return [each for each in draft.statements if not each.statement_id.startswith("written-")]


def _free(draft: Draft, text: str, *facts: str) -> Draft:
    more = Statement(statement_id="free", section="More", text=text, facts=facts)
    return draft.model_copy(update={"statements": (*draft.statements, more)})


def _other_amount(shown: str, rng: np.random.Generator) -> str:
    digits = [at for at, letter in enumerate(shown) if letter.isdigit()]
    at = digits[int(rng.integers(len(digits)))]
    return shown[:at] + str((int(shown[at]) + int(rng.integers(1, 9))) % 10) + shown[at + 1 :]


def _other_date(shown: str, rng: np.random.Generator) -> str:
    day = int(rng.integers(1, 28))
    other = re.sub(r" \d{1,2},", f" {day},", shown)
    return other if other != shown else re.sub(r"\d{4}$", "2024", shown)


def _other_code(shown: str, rng: np.random.Generator) -> str:
    others = [code for code in ("CO-16", "CO-22", "CO-45", "CO-109", "PR-204") if code != shown]
    return others[int(rng.integers(len(others)))]
