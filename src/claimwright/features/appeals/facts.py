"""The facts of a case: from the claim, the remittance, the ledger, the law, the documents. Nothing else is
one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from claimwright.domain.appeal_case import Case, Fact, FactKind
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.payer_policies import JudgedPolicy, PayerPolicy
from claimwright.engines.deadlines import load_deadlines
from claimwright.features.denials import Clock, DenialSheet
from claimwright.features.documents import DocumentText, ReadFinding
from claimwright.store.appeals import PayerAddress
from claimwright.store.remittance_listings import AnswerAdjustment, AnswerLine, ListedAnswer

from .answered_plan import plan_of
from .criteria import criterion_facts, judge_case
from .eligibility import Eligibility
from .evidence_facts import exhibit_facts, exhibits_of, finding_facts
from .shown import plain_fact

# Adjustments that are no denial: contractual, prior payer, sequestration.
_NO_DENIAL = frozenset({"45", "23", "253", "1", "2", "3"})


@dataclass(frozen=True)
class Materials:
    """What the facts of a case are made of, opened."""

    sheet: DenialSheet
    claim: ClaimBatch
    answer: ListedAnswer | None
    lines: Sequence[AnswerLine]
    adjustments: Sequence[AnswerAdjustment]
    identity: Mapping[str, str | None]
    trace_number: str | None
    owed_cents: int | None
    address: PayerAddress | None
    taken_in_on: datetime.date | None
    delivered_on: datetime.date | None
    documents: Mapping[int, DocumentText]
    findings: Sequence[ReadFinding]
    policies: Sequence[PayerPolicy] = ()


def make_case(
    materials: Materials,
    eligibility: Eligibility,
    *,
    case_id: int,
    level: int,
    payer_kind: str,
    as_of: datetime.date,
    earlier_decided_on: datetime.date | None,
) -> Case:
    """The case with every fact that the materials have. What they lack is no fact."""
    denial = materials.sheet.weighed.denial
    exhibits = list(exhibits_of(materials.documents))
    judged = criteria_of(materials, payer_kind=payer_kind)
    facts = [
        *_claim_facts(materials),
        *_decision_facts(materials),
        *_line_facts(materials),
        *_appeal_facts(eligibility, as_of, earlier_decided_on, materials.address, materials.sheet.clocks),
        *exhibit_facts(exhibits, materials.documents),
        *finding_facts(
            materials.claim,
            materials.documents,
            materials.findings,
            exhibits,
            category=denial.category,
            line=denial.line,
        ),
        *criterion_facts(judged, materials.documents, materials.findings, exhibits),
    ]
    claim = materials.claim.claims.row(0, named=True) if len(materials.claim) else {}
    return Case(
        case_id=case_id, as_of=as_of, category=denial.category, root_cause=denial.root_cause,
        payer_kind=payer_kind, payer_id=denial.payer_id, state=claim.get("billing_state"), level=level,
        level_name=eligibility.level_name, facts=tuple(facts), exhibits=tuple(exhibits),
    )  # fmt: skip


def criteria_of(materials: Materials, *, payer_kind: str) -> list[JudgedPolicy]:
    """The payer's policies for the services of a case, judged by its documents."""
    return judge_case(
        materials.claim, materials.documents, materials.findings, materials.policies,
        payer_id=materials.sheet.weighed.denial.payer_id, payer_kind=payer_kind,
    )  # fmt: skip


def _claim_facts(materials: Materials) -> Iterator[Fact]:
    if not len(materials.claim):
        return
    claim = materials.claim.claims.row(0, named=True)
    whose = "dependent" if claim["dependent_name"] else "subscriber"

    def of(fact_id: str, kind: FactKind, label: str, value: object, place: str) -> Iterator[Fact]:
        return plain_fact(fact_id, kind, label, value, "claim", place)

    yield from of("practice.name", FactKind.NAME, "provider", _name(claim, "billing"), "Loop 2010AA NM1")
    yield from of("practice.npi", FactKind.IDENTIFIER, "NPI", claim["billing_npi"], "Loop 2010AA NM109")
    yield from of(
        "practice.tax_id", FactKind.IDENTIFIER, "tax ID", claim["billing_tax_id"], "Loop 2010AA REF"
    )
    yield from of(
        "practice.address",
        FactKind.ADDRESS,
        "provider's address",
        _address(claim, "billing"),
        "Loop 2010AA N3, N4",
    )
    phone = claim["billing_contact_phone"]
    yield from plain_fact(
        "practice.phone", FactKind.IDENTIFIER, "telephone", phone, "claim", "Loop 2010AA PER", _phone(phone)
    )
    plan = plan_of(materials.claim, claim, None if materials.answer is None else materials.answer.turn)
    yield from of("payer.name", FactKind.NAME, "payer", plan.payer_name, plan.payer_place)
    yield from of("patient.name", FactKind.NAME, "patient", _name(claim, whose), "Loop 2010BA or 2010CA NM1")
    yield from of("patient.birth_on", FactKind.DATE, "day of birth", claim[f"{whose}_birth_on"], "DMG02")
    yield from of("patient.member_id", FactKind.IDENTIFIER, "member ID", plan.member_id, plan.member_place)
    yield from of(
        "patient.group_number", FactKind.IDENTIFIER, "group number", plan.group_number, plan.group_place
    )
    yield from of("claim.number", FactKind.IDENTIFIER, "our claim number", claim["claim_id"], "CLM01")
    yield from of("claim.charge", FactKind.AMOUNT, "total charge", _cents(claim["total_charge"]), "CLM02")
    if plan.is_assigned:
        place = plan.assigned_place
        yield from of("claim.assigned", FactKind.WORDS, "assignment of benefits", "on file", place)
    place = f"{plan.number_place} REF*9F"
    yield from of("claim.referral", FactKind.IDENTIFIER, "referral number", plan.referral, place)
    place = f"{plan.number_place} REF*G1"
    yield from of("claim.authorization", FactKind.IDENTIFIER, "authorization", plan.authorization, place)
    if plan.authorization:
        yield from of("claim.authorization_place", FactKind.WORDS, "its place", place, place)
    yield from of(
        "claim.rendering", FactKind.NAME, "rendering provider", _name(claim, "rendering"), "Loop 2310B NM1"
    )
    days = [
        day for row in materials.claim.lines.iter_rows(named=True)
        for day in (row["service_from_on"], row["service_to_on"]) if day is not None
    ]  # fmt: skip
    days += [day for name in ("statement_from_on", "statement_to_on") if (day := claim[name]) is not None]
    if days:
        yield from of("claim.service_on", FactKind.DATE, "first day of service", min(days), "DTP*472 or 434")
        if max(days) != min(days):
            yield from of(
                "claim.service_through", FactKind.DATE, "last day of service", max(days), "DTP*472 or 434"
            )
    for number, row in enumerate(materials.claim.diagnoses.iter_rows(named=True), 1):
        code = row["diagnosis"]
        shown = code if code is None or len(code) <= 3 or "." in code else f"{code[:3]}.{code[3:]}"
        yield from plain_fact(
            f"dx.{number}.code", FactKind.CODE, "diagnosis", code, "claim", f"HI, {number}", shown
        )
    yield from plain_fact(
        "claim.taken_in_on", FactKind.DATE, "day of intake", materials.taken_in_on, "store", "intake"
    )
    yield from plain_fact(
        "claim.delivered_on", FactKind.DATE, "day of delivery", materials.delivered_on, "store", "delivery"
    )


def _decision_facts(materials: Materials) -> Iterator[Fact]:
    denial = materials.sheet.weighed.denial
    yield from plain_fact(
        "denial.on", FactKind.DATE, "date of the decision", denial.denied_on, "remittance", "BPR16"
    )
    yield from plain_fact(
        "denial.amount", FactKind.AMOUNT, "amount denied", denial.amount_cents, *_source_of_amount(materials)
    )
    codes = f"{denial.group_code or ''}-{denial.carc or ''}".strip("-")
    yield from plain_fact("denial.codes", FactKind.CODE, "reason codes", codes, "remittance", "CAS")
    yield from plain_fact(
        "denial.remarks",
        FactKind.CODE,
        "remark codes",
        ", ".join((denial.rarcs or "").split()),
        "remittance",
        "LQ, MOA",
    )
    yield from plain_fact(
        "denial.reason",
        FactKind.WORDS,
        "meaning of the code",
        materials.sheet.what,
        "causes",
        denial.root_cause,
    )
    yield from plain_fact(
        "denial.trace",
        FactKind.IDENTIFIER,
        "check or EFT number",
        materials.trace_number,
        "remittance",
        "TRN02",
    )
    number = materials.identity.get("payer_claim_number")
    yield from plain_fact(
        "claim.payer_number", FactKind.IDENTIFIER, "the payer's claim number", number, "remittance", "CLP07"
    )
    if materials.answer is not None:
        yield from plain_fact(
            "answer.paid", FactKind.AMOUNT, "amount paid", materials.answer.paid_cents, "remittance", "CLP04"
        )
        yield from plain_fact(
            "answer.charge",
            FactKind.AMOUNT,
            "charge answered",
            materials.answer.charge_cents,
            "remittance",
            "CLP03",
        )
    yield from plain_fact(
        "answer.owed",
        FactKind.AMOUNT,
        "open for this payer",
        materials.owed_cents,
        "ledger",
        "payer and denied",
    )


def _line_facts(materials: Materials) -> Iterator[Fact]:
    denial = materials.sheet.weighed.denial
    answered = {each.line: each for each in materials.lines if each.line is not None}
    number = 0
    for row in materials.claim.lines.iter_rows(named=True):
        if denial.line is not None and row["line"] != denial.line:
            continue
        answer = answered.get(row["line"])
        denied = _denied(materials, answer, row)
        if not denied:
            continue
        number += 1
        modifiers = " ".join(row[f"modifier_{n}"] for n in range(1, 5) if row[f"modifier_{n}"])
        for name, kind, label, value, place in (
            ("no", FactKind.QUANTITY, "line", row["line"], "LX01"),
            ("procedure", FactKind.CODE, "procedure", row["procedure"] or row["revenue_code"], "SV1 or SV2"),
            ("modifiers", FactKind.CODE, "modifiers", modifiers, "SV101"),
            ("units", FactKind.QUANTITY, "units", _plain(row["units"]), "SV104"),
            ("charge", FactKind.AMOUNT, "charge", _cents(row["line_charge"]), "SV102"),
            ("service_on", FactKind.DATE, "day of service", row["service_from_on"], "DTP*472"),
        ):
            yield from plain_fact(
                f"line.{number}.{name}", kind, f"{label} of line {row['line']}", value, "claim", place
            )
        yield from plain_fact(
            f"line.{number}.denied",
            FactKind.AMOUNT,
            f"denied of line {row['line']}",
            denied,
            *_source_of_amount(materials),
        )
        if answer is not None:
            yield from plain_fact(
                f"line.{number}.paid",
                FactKind.AMOUNT,
                f"paid of line {row['line']}",
                answer.paid_cents,
                "remittance",
                "SVC03",
            )
            yield from plain_fact(
                f"line.{number}.billed_as", FactKind.CODE, "procedure as billed", answer.original_procedure,
                "remittance", "SVC06"
            )  # fmt: skip
    # What the payer says of other lines is no reason for this one.
    own = (None, denial.position)
    reasons = (
        each for each in materials.adjustments
        if each.carc not in _NO_DENIAL and each.group_code != "PR"
        and (denial.position is None or each.position in own)
    )  # fmt: skip
    for number, each in enumerate(reasons, 1):
        code = f"{each.group_code or ''}-{each.carc or ''}".strip("-")
        yield from plain_fact(f"reason.{number}.code", FactKind.CODE, "adjustment", code, "remittance", "CAS")
        yield from plain_fact(
            f"reason.{number}.amount", FactKind.AMOUNT, "its amount", each.amount_cents, "remittance", "CAS"
        )


def _source_of_amount(materials: Materials) -> tuple[str, str]:
    """Where the amount denied is from. An answer that waits for the payer before may repeat the whole charge:
    what that payer left is at stake.
    """
    if materials.answer is not None and materials.answer.state == "waiting":
        return "ledger", "left by the payer before"
    if materials.answer is not None and materials.answer.is_reversal:
        return "remittance", "what was paid, reversed: CLP04 or SVC03"
    return "remittance", "CAS"


def _denied(materials: Materials, answer: AnswerLine | None, row: Mapping[str, Any]) -> int | None:
    """What of a line was denied, in cents; None where the remittance does not say."""
    denial = materials.sheet.weighed.denial
    if denial.line is not None:
        return denial.amount_cents
    if materials.answer is not None and materials.answer.is_reversal:
        # What a reversal takes back of a line is what was paid of it.
        return None if answer is None or answer.paid_cents >= 0 else -answer.paid_cents
    if answer is not None:
        said = sum(
            each.amount_cents for each in materials.adjustments
            if each.position == answer.position and each.carc not in _NO_DENIAL and each.group_code != "PR"
        )  # fmt: skip
        if said:
            return said
    if materials.answer is not None and materials.answer.paid_cents == 0 and not materials.lines:
        return _cents(row["line_charge"])
    return None


def _appeal_facts(
    eligibility: Eligibility,
    as_of: datetime.date,
    earlier: datetime.date | None,
    address: PayerAddress | None,
    clocks: Sequence[Clock],
) -> Iterator[Fact]:
    yield from plain_fact(
        "appeal.level", FactKind.WORDS, "level", eligibility.level_name, "law", eligibility.clock or ""
    )
    yield from plain_fact("appeal.on", FactKind.DATE, "date of the letter", as_of, "clock")
    yield from plain_fact(
        "appeal.due_on", FactKind.DATE, "last day", eligibility.due_on, "law", eligibility.clock or ""
    )
    # The deadline's law is its citation, and after a semicolon what it says.
    law = (eligibility.law or "").split(";")[0].strip()
    yield from plain_fact(
        "appeal.law", FactKind.WORDS, "law of the clock", law, "law", eligibility.clock or ""
    )
    # Such as a waiver of liability: without it, what a provider files is dismissed.
    yield from plain_fact(
        "appeal.needs", FactKind.WORDS, "what the law asks for beside", eligibility.needs, "law",
        eligibility.clock or "",
    )  # fmt: skip
    yield from _filing_facts(clocks)
    yield from plain_fact("appeal.earlier_on", FactKind.DATE, "date of the earlier decision", earlier, "case")
    if address is not None:
        yield from plain_fact(
            "payer.address",
            FactKind.ADDRESS,
            "address for appeals",
            # Who takes the appeal is not always the payer: a hearing is asked of another office.
            f"{address.name}\n{address.address}",
            "payer data",
            address.source,
        )


def _filing_facts(clocks: Sequence[Clock]) -> Iterator[Fact]:
    """The last day to file the claim, if it is certain which one that is."""
    exact = {rule.code for rule in load_deadlines().clocks if rule.exact}
    filing = [each for each in clocks if each.kind == "filing"]
    if len(filing) != 1 or not (filing[0].is_contract or filing[0].clock in exact):
        return
    law = filing[0].law.split(";")[0].strip()
    yield from plain_fact(
        "filing.due_on", FactKind.DATE, "last day to file", filing[0].due_on, "law", filing[0].clock
    )
    yield from plain_fact("filing.law", FactKind.WORDS, "law of that day", law, "law", filing[0].clock)


def _name(claim: Mapping[str, Any], role: str) -> str | None:
    last, first = claim.get(f"{role}_name"), claim.get(f"{role}_first_name")
    parts = (first, claim.get(f"{role}_middle_name"), last, claim.get(f"{role}_name_suffix"))
    return " ".join(each for each in parts if each) or None


def _address(claim: Mapping[str, Any], role: str) -> str | None:
    street = [claim[f"{role}_address_{n}"] for n in (1, 2) if claim[f"{role}_address_{n}"]]
    zip_ = claim[f"{role}_zip"] or ""
    zip_ = f"{zip_[:5]}-{zip_[5:]}" if len(zip_) == 9 else zip_
    city = ", ".join(
        each for each in (claim[f"{role}_city"], f"{claim[f'{role}_state'] or ''} {zip_}".strip()) if each
    )
    return "\n".join([*street, *([city] if city else [])]) or None


def _phone(number: str | None) -> str | None:
    """A telephone number of North America as people write it; others as they are."""
    if number is None or len(number) != 10 or not number.isdecimal():
        return number
    return f"({number[:3]}) {number[3:6]}-{number[6:]}"


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else int((amount * 100).to_integral_value())


def _plain(units: Decimal | None) -> str | None:
    return None if units is None else format(units.normalize(), "f")
