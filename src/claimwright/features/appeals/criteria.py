"""The payer's own criteria beside what the documents of a case say, and the facts that criteria that are met
give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from claimwright.domain.appeal_case import Exhibit, Fact, FactKind, Span
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.payer_policies import JudgedPolicy, PayerPolicy
from claimwright.engines.criteria import CaseFinding, judge_policy
from claimwright.features.documents import DocumentText, ReadFinding

from .shown import plain_fact


def judge_case(
    claim: ClaimBatch,
    documents: Mapping[int, DocumentText],
    findings: Sequence[ReadFinding],
    policies: Sequence[PayerPolicy],
    *,
    payer_id: str | None,
    payer_kind: str,
) -> list[JudgedPolicy]:
    """The policies of the claim's services on their day, each with what the documents say of its criteria.

    Documents that are blocked say nothing.
    """
    days = [day for day in claim.lines["service_from_on"].to_list() if day is not None] if len(claim) else []
    codes = [code for code in claim.lines["procedure"].to_list() if code] if len(claim) else []
    if not days:
        return []
    day = min(days)
    known = [
        CaseFinding(
            each.document_id, each.ordinal, each.state, documents[each.document_id].document.dated_on,
            each.clinical,
        )
        for each in findings
        if each.document_id in documents and not documents[each.document_id].document.is_blocked
    ]  # fmt: skip
    return [
        judge_policy(policy, known, service_on=day)
        for policy in policies
        if policy.is_for(payer_id=payer_id, payer_kind=payer_kind, procedures=codes, day=day)
    ]


def criterion_facts(
    judged: Sequence[JudgedPolicy],
    documents: Mapping[int, DocumentText],
    findings: Sequence[ReadFinding],
    exhibits: Sequence[Exhibit],
) -> Iterator[Fact]:
    """The facts of each criterion that is met, with the words and the place that meet it."""
    by_place = {(each.document_id, each.ordinal): each for each in findings}
    letters = {each.document_id: each.letter for each in exhibits}
    met = [each for policy in judged for each in policy.criteria if each.standing == "met"]
    number = 0
    for each in met:
        finding = by_place.get((each.document_id or 0, each.ordinal or 0))
        if finding is None or finding.document_id not in letters:
            continue
        number += 1
        document = documents[finding.document_id]
        source = f"policy:{each.policy_id}:{each.policy_version}"
        name = f"criterion.{number}"
        yield from plain_fact(f"{name}.policy", FactKind.WORDS, "payer policy", each.citation, source)
        yield from plain_fact(
            f"{name}.says", FactKind.WORDS, "its criterion", each.says, source, each.criterion_id
        )
        yield Fact(
            fact_id=f"{name}.quote", kind=FactKind.CLINICAL, label="words that meet it",
            value=finding.clinical.concept,
            shown=" ".join(document.text[finding.sentence_start : finding.sentence_end].split()),
            source=f"document:{finding.document_id}",
            place=f"page {finding.page}, characters {finding.sentence_start} to {finding.sentence_end}",
            span=Span(
                document_id=finding.document_id, page=finding.page, start=finding.sentence_start,
                end=finding.sentence_end,
            ),
            clinical=finding.clinical, state="accepted",
        )  # fmt: skip
        where = f"document:{finding.document_id}"
        kind = document.document.type or "document"
        yield from plain_fact(f"{name}.document", FactKind.WORDS, "its document", kind, where)
        yield from plain_fact(
            f"{name}.on", FactKind.DATE, "date of its document", document.document.dated_on, where
        )
        letter = letters[finding.document_id]
        yield from plain_fact(f"{name}.exhibit", FactKind.WORDS, "its exhibit", letter, where)
        yield from plain_fact(f"{name}.page", FactKind.QUANTITY, "its page", finding.page, where)
