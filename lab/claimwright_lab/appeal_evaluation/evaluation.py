"""The evaluation of drafting: true letters and letters with one error each, judged by the gate."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from claimwright.domain.appeal_case import Clinical, Draft
from claimwright.engines.drafting import Drafter, draft_by_rules, load_sources
from claimwright.engines.verification import Verdict
from claimwright.features.appeals import read_clinical, verdict_of

from .cases import EvaluationCase, make_cases, make_review_cases
from .charts import BANKS
from .errors import KINDS, injected, true_sentences
from .reviews import Review
from .standin_drafter import StandinDrafter


@dataclass
class Caught:
    """Errors of one kind and form: how many, how many marked, how many marked as wrong and not only
    unproven.
    """

    put_in: int = 0
    marked: int = 0
    wrong: int = 0


@dataclass
class Report:
    """What came of it. `missed` has some letters that passed with an error, without their text."""

    drafter: str = ""
    cases: int = 0
    templates: Counter[str] = field(default_factory=Counter)
    statements: int = 0
    statements_marked: int = 0
    statements_wrong: int = 0
    own: int = 0
    own_marked: int = 0
    false_findings: int = 0
    findings_stated: int = 0
    chart_present: int = 0
    chart_found: int = 0
    complete: int = 0
    free_true: int = 0
    free_called_wrong: int = 0
    caught: dict[tuple[str, str], Caught] = field(default_factory=dict)
    missed: list[tuple[int, str, str, str]] = field(default_factory=list)
    draft_seconds: float = 0.0
    errors: Counter[str] = field(default_factory=Counter)
    # Of a drafter that sends something: how long it is, and how often a word in it names somebody.
    sent_bytes: int = 0
    sent_named: int = 0

    def total(self, kind: str | None = None) -> Caught:
        """Errors of a kind in every form, or of all kinds."""
        found = [each for (name, _), each in self.caught.items() if kind in (None, name)]
        return Caught(
            sum(each.put_in for each in found), sum(each.marked for each in found),
            sum(each.wrong for each in found),
        )  # fmt: skip


def evaluate(
    drafters: Mapping[str, Drafter],
    count: int,
    *,
    seed: int = 7,
    reviews: list[Review] | None = None,
    progress: Callable[[], None] | None = None,
) -> list[Report]:
    """A report for each drafter over so many cases. The same seed gives the same cases and errors.

    `reviews` are published decisions; the cases are then of these.
    """
    reports = {name: Report(name if reviews is None else f"{name}, published reviews") for name in drafters}
    cases = (
        make_cases(count, seed=seed, claims=max(2_000, count * 20)) if reviews is None
        else make_review_cases(reviews, count, seed=seed)
    )  # fmt: skip
    for of in cases:
        for name, drafter in drafters.items():
            _evaluate_case(of, drafter, reports[name], seed)
        if progress is not None:
            progress()
    for name, drafter in drafters.items():
        if isinstance(drafter, StandinDrafter):
            reports[name].sent_bytes, reports[name].sent_named = sum(drafter.sent), drafter.named
            drafter.sent.clear()
            drafter.named = 0
    return list(reports.values())


def _evaluate_case(of: EvaluationCase, drafter: Drafter, report: Report, seed: int) -> None:
    _read.cache_clear()
    started = _processor_seconds()
    try:
        draft = drafter(of.case, of.template, load_sources())
        verdict = judge(of, draft)
    except Exception as problem:  # noqa: BLE001 - a drafter may fail in any way; it is counted
        report.errors[type(problem).__name__] += 1
        return
    report.draft_seconds += _processor_seconds() - started
    report.cases += 1
    report.templates[of.template.template_id] += 1
    report.statements += len(draft.statements)
    report.statements_marked += sum(each.statement_id in verdict.marked for each in draft.statements)
    wrong = {each.where for each in verdict.findings if not each.may_be_confirmed}
    report.statements_wrong += sum(each.statement_id in wrong for each in draft.statements)
    own = [each.statement_id for each in draft.statements if each.statement_id.startswith("written-")]
    report.own += len(own)
    report.own_marked += sum(each in verdict.marked for each in own)
    report.complete += not any(each.where is None for each in verdict.findings)
    _compare_with_chart(of, draft, verdict, report)
    before = {(each.where, each.problem, each.words) for each in verdict.findings}
    free = tuple(true_sentences(of))
    judged = judge(of, draft.model_copy(update={"statements": (*draft.statements, *free)}))
    names = {each.statement_id for each in free}
    report.free_true += len(free)
    report.free_called_wrong += len(
        {each.where for each in judged.findings if each.where in names and not each.may_be_confirmed}
    )
    rng = np.random.default_rng([seed, of.case.case_id, 1])
    for kind, form, changed in injected(of, draft, rng):
        if changed == draft:
            continue
        found = judge(of, changed)
        new = [each for each in found.findings if (each.where, each.problem, each.words) not in before]
        counted = report.caught.setdefault((kind, form), Caught())
        counted.put_in += 1
        counted.marked += bool(new)
        counted.wrong += any(not each.may_be_confirmed for each in new)
        if not new:
            report.missed.append((of.case.case_id, of.template.template_id, kind, form))


def readings(count: int, *, seed: int = 7) -> dict[str, Report]:
    """How the reading of notes does on each bank of sentences: a report with its false and found findings."""
    made = {}
    for bank in BANKS:
        report = made[bank] = Report(bank)
        for of in make_cases(count, seed=seed, claims=max(2_000, count * 20), bank=bank):
            draft = draft_by_rules(of.case, of.template, load_sources())
            _compare_with_chart(of, draft, judge(of, draft), report)
            report.cases += 1
    return made


def _processor_seconds() -> float:
    """Of this process: what others do on the machine does not count."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def judge(of: EvaluationCase, draft: Draft) -> Verdict:
    """What the gate says."""
    return verdict_of(of.case, draft, of.template, {of.case.case_id: of.document}, _read)


@lru_cache(maxsize=2_000)
def _read(text: str) -> Sequence[tuple[int, int, Clinical]]:
    """A letter is judged again for each error that is put in; its note says the same each time."""
    return read_clinical(text)


def _compare_with_chart(of: EvaluationCase, draft: Draft, verdict: Verdict, report: Report) -> None:
    """Count statements of the letter about the patient that pass and that the chart's truth does not have."""
    senses = {each.concept: each for each in of.chart.truths}
    facts = of.case.by_id
    for each in draft.statements:
        if each.statement_id in verdict.marked:
            continue
        for name in each.facts:
            clinical = facts[name].clinical
            if clinical is None or not name.endswith(".name"):
                continue
            truth = senses.get(clinical.concept)
            report.findings_stated += 1
            if truth is None or truth.sense != "present" or truth.value != clinical.value:
                report.false_findings += 1
    stated = {
        facts[name].clinical.concept  # type: ignore[union-attr]  # of findings only
        for each in draft.statements for name in each.facts
        if facts[name].clinical is not None
    }  # fmt: skip
    for truth in of.chart.truths:
        if truth.sense == "present":
            report.chart_present += 1
            report.chart_found += truth.concept in stated


__all__ = ["KINDS", "Caught", "Report", "evaluate", "judge", "readings"]
