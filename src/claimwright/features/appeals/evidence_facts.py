"""Facts of a case that documents give: its exhibits, and the accepted findings with their words and
places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from claimwright.domain.appeal_case import Clinical, Exhibit, Fact, FactKind, Span
from claimwright.domain.batch import ClaimBatch
from claimwright.engines.evidence import concepts
from claimwright.features.documents import DocumentText, ReadFinding, is_of_service

from .shown import day_in_words, plain_fact

MOST_FINDINGS = 12
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ACCEPTANCE = "claim acceptance report"
# Categories of denials that are about the claim, the coverage or the provider, whatever the service.
_NOT_OF_THE_SERVICE = frozenset({
    "timely_filing", "duplicate", "eligibility", "coordination_of_benefits", "wrong_payer", "provider",
    "payment_policy", "missing_information", "pending",
})  # fmt: skip
# Conditions that are named after somebody.
_NAMED_AFTER = {"crohn's disease": "Crohn's disease", "parkinson's disease": "Parkinson's disease"}


def exhibits_of(documents: Mapping[int, DocumentText]) -> Iterator[Exhibit]:
    """The documents that a letter encloses, with their letters: all that are not blocked."""
    usable = [each for each in documents.values() if not each.document.is_blocked]
    for letter, each in zip(_LETTERS, usable, strict=False):
        yield Exhibit(
            document_id=each.document.document_id, letter=letter, title=title_of(each), pages=len(each.pages)
        )


def title_of(document: DocumentText) -> str:
    """What a document is called in a letter: its type and its date, never its file name."""
    kind = document.document.type or "document"
    day = document.document.dated_on
    return f"{kind[:1].upper()}{kind[1:]}" + (f" of {day_in_words(day)}" if day else "")


def exhibit_facts(exhibits: Iterable[Exhibit], documents: Mapping[int, DocumentText]) -> Iterator[Fact]:
    """The facts of exhibits; of the first report of acceptance, when the claim was accepted."""
    found = False
    for number, each in enumerate(exhibits, 1):
        source = f"document:{each.document_id}"
        yield from plain_fact(f"exhibit.{number}.letter", FactKind.WORDS, "exhibit", each.letter, source)
        yield from plain_fact(
            f"exhibit.{number}.title", FactKind.WORDS, "title of an exhibit", each.title, source
        )
        yield from plain_fact(
            f"exhibit.{number}.pages", FactKind.QUANTITY, "pages of an exhibit", each.pages, source
        )
        document = documents[each.document_id].document
        if document.type == ACCEPTANCE and document.dated_on is not None and not found:
            found = True
            yield from plain_fact(
                "acceptance.exhibit", FactKind.WORDS, "exhibit with the acceptance", each.letter, source
            )
            yield from plain_fact(
                "acceptance.on", FactKind.DATE, "date of the acceptance", document.dated_on, source
            )


def finding_facts(
    claim: ClaimBatch, documents: Mapping[int, DocumentText], findings: Sequence[ReadFinding],
    exhibits: Sequence[Exhibit], *, category: str, line: int | None,
) -> Iterator[Fact]:  # fmt: skip
    """Accepted findings of documents of the time of the service: those of the diagnoses of the denied line
    first, or of the claim where no line is denied by itself.

    A diagnosis that another line points to, and this one does not, says nothing of this service. Where the
    denial is no judgment of the service, no finding bears on it, and none is told.
    """
    if category in _NOT_OF_THE_SERVICE:
        return
    codes = [row["diagnosis"] or "" for row in claim.diagnoses.iter_rows(named=True)]
    own = _pointed_to(claim, codes, line) or codes
    letters = {each.document_id: each.letter for each in exhibits}

    def is_of(each: ReadFinding, among: Sequence[str]) -> bool:
        concept = concepts().get(each.clinical.concept)
        wanted = [prefix.replace(".", "") for prefix in (concept.diagnoses if concept else ()) if prefix]
        return any(code.startswith(prefix) for code in among for prefix in wanted)

    def rank(each: ReadFinding) -> tuple[int, int, int]:
        return (0 if is_of(each, own) else 1, each.document_id, each.start)

    usable = [
        each for each in findings
        if each.state == "accepted" and each.is_usable and each.document_id in letters
        and documents[each.document_id].document.dated_on is not None
        and is_of_service(documents[each.document_id].document.dated_on, claim)
        and (is_of(each, own) or not is_of(each, codes))
    ]  # fmt: skip
    taken: set[tuple[int, int]] = set()
    number = 0
    for each in sorted(usable, key=rank):
        place = (each.document_id, each.sentence_start)
        if place in taken or number == MOST_FINDINGS:
            continue
        taken.add(place)
        number += 1
        yield from _facts_of_finding(number, each, documents[each.document_id], letters[each.document_id])


def _pointed_to(claim: ClaimBatch, codes: Sequence[str], line: int | None) -> list[str]:
    """The diagnoses that a line points to; none where it has no pointers, as on institutional claims."""
    for row in claim.lines.iter_rows(named=True):
        if row["line"] == line:
            pointers = [row[f"diagnosis_pointer_{n}"] for n in range(1, 5)]
            return [codes[each - 1] for each in pointers if each and each <= len(codes)]
    return []


def _facts_of_finding(number: int, each: ReadFinding, document: DocumentText, letter: str) -> Iterator[Fact]:
    source = f"document:{each.document_id}"
    span = Span(
        document_id=each.document_id, page=each.page, start=each.sentence_start, end=each.sentence_end
    )
    quote = " ".join(document.text[each.sentence_start : each.sentence_end].split())
    place = f"page {each.page}, characters {each.sentence_start} to {each.sentence_end}"

    def clinical(name: str, label: str, shown: str) -> Fact:
        return Fact(
            fact_id=f"finding.{number}.{name}",
            kind=FactKind.CLINICAL,
            label=label,
            value=each.clinical.concept,
            shown=shown,
            source=source,
            place=place,
            span=span,
            clinical=each.clinical,
            state="accepted",
        )

    yield clinical("name", "finding", _NAMED_AFTER.get(each.clinical.concept, each.clinical.concept))
    yield clinical("quote", "its words", quote)
    if each.clinical.value is not None:
        yield clinical("value", "its value", _value(each.clinical))
    kind = document.document.type or "document"
    yield from plain_fact(f"finding.{number}.document", FactKind.WORDS, "document of a finding", kind, source)
    yield from plain_fact(
        f"finding.{number}.on", FactKind.DATE, "date of its document", document.document.dated_on, source
    )
    yield from plain_fact(f"finding.{number}.exhibit", FactKind.WORDS, "its exhibit", letter, source)
    page = each.page
    yield from plain_fact(f"finding.{number}.page", FactKind.QUANTITY, "its page", page, source)


def _value(clinical: Clinical) -> str:
    return f"{clinical.value} {clinical.unit}" if clinical.unit else str(clinical.value)
