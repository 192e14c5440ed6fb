"""The evaluation as a page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .errors import KINDS
from .evaluation import Report

# What each bank of sentences gave before anything was learnt from it, on 320 cases with seed 7. History.
_FIRST = {
    "rules": ("76 of 1,036", 'what is feared reaches beyond "which"'),
    "held out": ("108 of 1,068", '"has been excluded"; lines that end in a colon or before a year'),
    "held out again": (
        "819 of 1,779",
        "an unknown wording must not count as present: words have to assert it",
    ),
    "held out last": ("131 of 451", 'meant to deceive: "several cousins have", "could suggest"'),
}
_FORMS = ("approved", "head", "own", "free")


def report_page(reports: Sequence[Report], reading: Mapping[str, Report], *, seed: int) -> str:
    """The page for some reports, and the reading of each bank of sentences."""
    parts = [
        "# Evaluation of drafting",
        "",
        f"Written by `claimwright drafting evaluate --write`, seed {seed}. "
        f"Cases are denied claims of the denial world with",
        "synthetic charts whose truth was decided before they were "
        "written: conditions that are present, denied, of a",
        "relative, past, feared or suspected, and a measurement, in "
        "sentences and words of ours, half of them wrapped like a",
        "typed page. The reviewer of the evaluation accepts whatever the "
        "rules say can be cited, so that their errors count.",
        "The same vocabulary wrote and read these notes: real notes are harder.",
        "",
        "How the rules that read notes were measured, in the order in which "
        "it happened: on sentences that were written before",
        "the rules were finished (`rules`), then three times on sentences "
        "that were written afterwards and looked at once.",
        "",
        "| sentences | false among those stated, the first time | what "
        "it taught | now | present ones stated now |",
        "| --- | ---: | --- | ---: | ---: |",
        *(
            f"| {bank} | {first} | {taught} | {now.false_findings:,} of {now.findings_stated:,} | "
            f"{_percent(now.chart_found, now.chart_present)} |"
            for bank, now in reading.items()
            for first, taught in [_FIRST.get(bank, ("not measured", ""))]
        ),
        "",
        "So an unseen wording can still be read wrongly. That is why a reviewer "
        "accepts each finding at its place before a letter",
        "may cite it, and why the letter quotes the sentence itself.",
        "",
    ]
    if any(each.sent_bytes for each in reports):
        parts += [
            "## What was not exercised",
            "",
            "**No real language model was asked**: not Claude on Amazon Bedrock, not Anthropic, not OpenAI,",
            "no local one. The stand-in model below is a program on the same machine. It "
            "speaks the three wire",
            "protocols, over HTTP, signed and streamed, and makes its letter of the facts that it is told:",
            "every approved sentence, and a few of its own. So the figures show what the gate does with a",
            "model's sentences, true ones and ones with an error, and that what is sent "
            "names nobody. They do",
            "not show how well a real model argues, how often it misses the form, what it "
            "costs, or how easily",
            "it is led astray. Measure that with `claimwright drafting try`, and on cases of "
            "your own, before",
            "letters leave.",
            "",
        ]
    if any("published reviews" in each.drafter for each in reports):
        parts += [
            "## Published reviews",
            "",
            "The sections that say so have cases of published decisions of California's independent",
            "medical review (Department of Managed Health Care, 2001 to 2016): kind of dispute,",
            "condition, treatment, sex and age range are of a decision, drawn by kind of dispute, at",
            "the level of external review. The file has no text: claim, payer and chart around the",
            "decision are synthetic, and the chart has the decision's condition. Decisions whose",
            "condition the rules do not know are left out. The outcome of a decision changes nothing of",
            "a letter.",
            "",
        ]
    for report in reports:
        parts += _section(report)
    return "\n".join(parts) + "\n"


def _section(report: Report) -> list[str]:
    every = report.total()
    rows = [
        f"## {report.drafter}",
        "",
        "| | |",
        "| --- | ---: |",
        f"| cases | {report.cases:,} |",
        f"| templates used | {len(report.templates)} |",
        f"| statements of true letters | {report.statements:,} |",
        f"| of them marked | {report.statements_marked:,} "
        f"({_percent(report.statements_marked, report.statements)}) |",
        f"| of them called wrong, not only unproven | {report.statements_wrong:,} "
        f"({_percent(report.statements_wrong, report.statements)}) |",
        *_own_rows(report),
        f"| letters administratively complete | {report.complete:,} "
        f"({_percent(report.complete, report.cases)}) |",
        f"| findings stated of the patient | {report.findings_stated:,} |",
        f"| of them false by the chart's truth, and passed | {report.false_findings:,} |",
        "| present findings of charts that the letter states (letters about the claim, the coverage or the "
        "provider state none) | "
        f"{_percent(report.chart_found, report.chart_present)} |",
        f"| true sentences in free words | {report.free_true:,} |",
        f"| of them called wrong, not only unproven | {report.free_called_wrong:,} "
        f"({_percent(report.free_called_wrong, report.free_true)}) |",
        f"| errors put in | {every.put_in:,} |",
        f"| of them marked | {every.marked:,} ({_percent(every.marked, every.put_in)}) |",
        f"| of them called wrong, which nobody can confirm | "
        f"{every.wrong:,} ({_percent(every.wrong, every.put_in)}) |",
        f"| processor seconds a case, to draft and to judge | "
        f"{report.draft_seconds / max(1, report.cases):.3f} |",
        "",
    ]
    if report.errors:
        failed = ", ".join(f"{name} {count}" for name, count in report.errors.most_common())
        rows += [f"Cases without a draft: {failed}.", ""]
    rows += [
        "A free sentence is always marked, since nobody approved it; "
        "whether it is called wrong says whether the gate saw",
        "why. The same holds for an approved sentence whose words were changed and whose values were not: "
        "`contradicted fact`.",
        "",
        "| error | form | put in | marked | called wrong |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for kind in KINDS:
        for form in _FORMS:
            found = report.caught.get((kind, form))
            if found is not None:
                rows.append(
                    f"| {kind} | {form} | {found.put_in:,} | {_percent(found.marked, found.put_in)} | "
                    f"{_percent(found.wrong, found.put_in)} |"
                )
    return [*rows, ""]


def _own_rows(report: Report) -> list[str]:
    """What only a drafter has that writes sentences of its own, and sends the case to somebody."""
    if not report.sent_bytes:
        return []
    return [
        f"| sentences of its own | {report.own:,} |",
        f"| of them marked, so that a person has to confirm them | {report.own_marked:,} "
        f"({_percent(report.own_marked, report.own)}) |",
        f"| bytes sent a case | {report.sent_bytes // max(1, report.cases):,} |",
        f"| names, numbers, dates and addresses of the cases in what was sent | {report.sent_named:,} |",
    ]


def _percent(part: int, of: int) -> str:
    return f"{100 * part / of:.1f} %" if of else "none"
