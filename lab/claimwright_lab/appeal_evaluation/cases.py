"""Cases of appeals made of denied claims of the denial world, each with a synthetic chart of known truth."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from claimwright.domain.appeal_case import Case
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.letter_templates import LetterTemplate
from claimwright.domain.payer_kinds import PAYER_KINDS_OF_FILING
from claimwright.engines.denials import Given, cause_of, load_causes
from claimwright.engines.drafting import Wanted, choose_template
from claimwright.engines.evidence import concepts, read_document, read_findings
from claimwright.features.appeals import LEVELS, Eligibility, Materials, PayerAddress, make_case
from claimwright.features.denials import DenialSheet, StoredDenial, WeighedDenial
from claimwright.features.documents import DocumentText, ReadFinding, StoredDocument
from claimwright.features.governance import shipped_templates
from claimwright.foundation import clock
from claimwright_lab.denial_world import WorldOptions, make_world

from .charts import CHARTED, Chart, words_of, write_chart
from .reviews import Review, drawn, told_of

AS_OF = datetime.date(2026, 3, 1)
_MOST_FINDINGS_READ = 200
_BEFORE = datetime.timedelta(days=48)


@dataclass(frozen=True)
class EvaluationCase:
    """A case with its template, its document's text, and the truth of its chart."""

    case: Case
    template: LetterTemplate
    document: str
    chart: Chart


def make_cases(
    count: int, *, claims: int = 6_000, seed: int = 7, bank: str = "rules", is_recent: bool = False
) -> Iterator[EvaluationCase]:
    """So many cases, of denied claims of the world in order.

    A claim without a template for its kind of payer and category is left out. `is_recent`: the days of each
    claim are moved, all by as many, so that its service was shortly before the decision.
    """
    world = make_world(WorldOptions(claims, seed))
    denied = world.lines.filter(pl.col("carc").is_not_null())
    templates = list(shipped_templates().values())
    made = 0
    for claim in denied["claim"].unique(maintain_order=True).to_list():
        if made == count:
            return
        lines = denied.filter(pl.col("claim") == claim)
        one = _only(world.batch, claim)
        if is_recent:
            one = _moved(one)
        found = _case(one, claim, lines, made + 1, seed, templates, bank)
        if found is not None:
            made += 1
            yield found


def make_review_cases(reviews: list[Review], count: int, *, seed: int = 7) -> Iterator[EvaluationCase]:
    """So many cases of published decisions, each on a claim of the world with a chart of the decision's
    condition.
    """
    world = make_world(WorldOptions(max(2_000, count * 4), seed))
    denied = world.lines.filter(pl.col("carc").is_not_null())
    claims = iter(denied["claim"].unique(maintain_order=True).to_list())
    templates = list(shipped_templates().values())
    for number, review in enumerate(drawn(reviews, count, seed), 1):
        for claim in claims:
            lines = denied.filter(pl.col("claim") == claim)
            one = _only(world.batch, claim)
            found = _case(one, claim, lines, number, seed, templates, "rules", review)
            if found is not None:
                yield found
                break


def _case(
    one: ClaimBatch,
    claim: int,
    lines: pl.DataFrame,
    number: int,
    seed: int,
    templates: list[LetterTemplate],
    bank: str,
    review: Review | None = None,
) -> EvaluationCase | None:
    rng = np.random.default_rng([seed, number])
    row = one.claims.row(0, named=True)
    line = lines.row(0, named=True)
    rarcs = (line["rarc"],) if line["rarc"] else ()
    given = Given(carc=line["carc"], rarcs=rarcs) if review is None else Given(carc=review.carc)
    code = cause_of(given)
    cause = load_causes().by_code.get(code or "")
    if cause is None:
        return None
    kind = PAYER_KINDS_OF_FILING.get(row["claim_filing_code"] or "", ("other",))[0]
    level, state = 1, row["billing_state"]
    if review is not None:
        # Plans under the State's regulator: insured ones.
        kind, level, state = "erisa_insured", review.level, "CA"
    wanted = Wanted(cause.category.value, cause.code, kind, row["payer_id"], state, level, AS_OF)
    chosen = choose_template(templates, wanted, case_id=number)
    if chosen is None:
        return None
    charge = one.lines.filter(pl.col("line") == line["line"])["line_charge"][0]
    denial = StoredDenial(
        denial_id=number, answer_id=number, claim_key=claim, facility=None, position=1, line=line["line"],
        category=cause.category.value, root_cause=cause.code, stage="denied", preventable=cause.preventable,
        recoverable=cause.recoverable, responsible=cause.responsible.value, usual_step="appeal",
        core_scenario=None, group_code="CO", carc=given.carc,
        rarcs=line["rarc"] if review is None else None, rules=None,
        amount_cents=int(charge * 100), appealable=True, payer_id=row["payer_id"],
        claim_filing=row["claim_filing_code"], denied_on=AS_OF - datetime.timedelta(days=20), state="open",
        state_reason=None, found_at=clock.now(), in_force=True,
    )  # fmt: skip
    weighed = WeighedDenial(denial, cause.name, "appeal", "", 44, "prior", "", None, None, None, 10_000)
    sheet = DenialSheet(weighed, cause.what, cause.why, cause.fix, list(cause.authority), [], [], None)
    whose = "dependent" if row["dependent_name"] else "subscriber"
    name = f"{row[f'{whose}_first_name'] or ''} {row[f'{whose}_name']}".strip()
    chart = write_chart(
        rng, name, _note_day(one), is_wrapped=bool(number % 2), bank=bank,
        first=review.concept if review else _reported(one), told=told_of(review) if review else "",
    )  # fmt: skip
    text, findings = _read(chart.text, number)
    level_name = LEVELS.get(kind, LEVELS["other"])[level - 1]
    eligibility = Eligibility(
        None, "", level_name, "erisa-appeal", AS_OF + datetime.timedelta(160), "29 CFR 2560.503-1(h)(3)(i)"
    )
    materials = Materials(
        sheet, one, None, [], [], {"payer_claim_number": f"PCN{number:06}"}, f"EFT{number:05}", None,
        PayerAddress(
            row["payer_id"] or "P", 0, AS_OF, row["payer_name"] or "", f"Appeals\nPO Box "
                f"{number}\nColumbus, OH 43215",
            None, "manual", "lab", clock.now(),
        ),
        None, None, {number: text}, findings,
    )  # fmt: skip
    case = make_case(
        materials, eligibility, case_id=number, level=level, payer_kind=kind, as_of=AS_OF,
        earlier_decided_on=AS_OF - datetime.timedelta(days=30) if level > 1 else None,
    )  # fmt: skip
    return EvaluationCase(case, chosen.template, text.text, chart)


def _note_day(claim: ClaimBatch) -> str:
    """The day of the note: that of the service."""
    day = claim.lines["service_from_on"].drop_nulls().min()
    return f"{day:%m/%d/%Y}" if isinstance(day, datetime.date) else "02/01/2026"


def _reported(claim: ClaimBatch) -> str | None:
    """The first condition that a diagnosis of the claim reports, if the rules know one."""
    for code in claim.diagnoses["diagnosis"].drop_nulls().to_list():
        for each in concepts().values():
            prefixes = [part.replace(".", "") for part in each.diagnoses if part]
            if each.kind in CHARTED and words_of(each.name) and code.startswith(tuple(prefixes)):
                return each.name
    return None


def _read(text: str, number: int) -> tuple[DocumentText, list[ReadFinding]]:
    """The chart as a document, with a reviewer who accepts all that the rules say can be cited."""
    read = read_document(text.encode())
    document = StoredDocument(
        number, number, None, read.kind, read.type, read.dated_on, len(read.pages), len(text), None, False,
        "lab", clock.now(), 0, 0, 0,
    )  # fmt: skip
    findings = []
    for ordinal, each in enumerate(read_findings(read.text)[:_MOST_FINDINGS_READ], 1):
        said = each.clinical
        usable = (said.polarity, said.subject, said.time, said.certainty) == (
            "present", "patient", "current", "stated",
        )  # fmt: skip
        findings.append(
            ReadFinding(
                number, ordinal, "accepted", usable, "lab", read.page_of(each.start), each.start, each.end,
                each.sentence_start, each.sentence_end, read.text[each.start : each.end], said,
            )
        )  # fmt: skip
    return DocumentText(document, read.pages), findings


def _moved(claim: ClaimBatch) -> ClaimBatch:
    """The claim with its days moved so that the first service was `_BEFORE` before the letters."""
    first = claim.lines["service_from_on"].drop_nulls().min()
    if not isinstance(first, datetime.date):
        return claim
    by = AS_OF - _BEFORE - first

    def moved(frame: pl.DataFrame) -> pl.DataFrame:
        days = [name for name, dtype in frame.schema.items() if dtype == pl.Date and "birth" not in name]
        return frame.with_columns(pl.col(days) + by)

    parts: dict[str, Any] = {"claims": moved(claim.claims), "lines": moved(claim.lines)}
    return replace(claim, **parts)


def _only(batch: ClaimBatch, claim: int) -> ClaimBatch:
    def of(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(pl.col("claim") == claim)

    parts: dict[str, Any] = {
        "transactions": batch.transactions, "claims": of(batch.claims), "lines": of(batch.lines),
        "diagnoses": of(batch.diagnoses),
    }  # fmt: skip
    return ClaimBatch(**parts)
