"""How appeals are shown in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .remit_posting import cents_told
from .terminal import ValueTable, out, wide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claimwright.features.appeals import AppealCase, AppealSheet, OpenedDraft


def print_cases(cases: Sequence[AppealCase]) -> None:
    """A table of cases."""
    table = ValueTable(
        "appeal",
        "denial",
        "claim",
        "level",
        "state",
        "why",
        "marked",
        "amount",
        "expected",
        "ends",
        "template",
    )
    for each in cases:
        table.add_row(
            str(each.case_id), str(each.denial_id), str(each.claim_key or ""),
            each.level_name or str(each.level), each.state, each.reason or "", str(each.marked or ""),
            cents_told(each.amount_cents), cents_told(each.expected_cents), str(each.due_on or ""),
            "" if each.template_id is None else f"{each.template_id} v{each.template_version}",
        )  # fmt: skip
    wide().print(table)


def print_sheet(sheet: AppealSheet, *, with_text: bool) -> None:
    """A case with its letter and what the gate says."""
    case = sheet.case
    level = case.level_name or f"level {case.level}"
    _say(f"Appeal {case.case_id} of denial {case.denial_id}: {level}, {case.state}")
    if sheet.eligibility:
        _say(sheet.eligibility)
    if case.template_id:
        reasons = "; ".join(sheet.template_reasons)
        _say(f"Template {case.template_id} version {case.template_version}: {reasons}")
    if case.due_on:
        _say(f"Ends {case.due_on} ({case.law})")
    if sheet.stages:
        _say("Stages: " + ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in sheet.stages))
    if sheet.written is not None:
        _say(f"Drafted by {case.drafter}: {case.drafter_reason}")
        if sheet.written.prompt:
            _say(f"Prompt {sheet.written.prompt}; {sheet.written.own} sentences of the model's own")
    if sheet.draft is not None:
        _print_draft(sheet.draft, with_text=with_text)


def _print_draft(draft: OpenedDraft, *, with_text: bool) -> None:
    against: dict[str | None, list[str]] = {}
    for each in draft.open_findings:
        against.setdefault(each.where, []).append(each.says + (f": {each.words}" if each.words else ""))
    section = ""
    for statement in draft.draft.statements if with_text else ():
        if statement.section != section:
            section = statement.section
            _say(f"\n{section}")
        _say(f"  {'✗' if statement.statement_id in against else '✓'} {statement.text}")
        rests = ", ".join((*statement.facts, *statement.sources))
        _say(f"      {statement.statement_id}: {rests or 'approved words only'}")
        for why in against.pop(statement.statement_id, ()):
            _say(f"      marked: {why}")
    _say("")
    for where, whys in against.items():
        for why in whys:
            _say(f"marked{f' {where}' if where else ''}: {why}")
    count = len(draft.draft.statements)
    marked = len(draft.open_findings)
    _say(f"Draft {draft.number} by {draft.draft.drafter}: {count} statements, {marked} things marked.")


def _say(text: str) -> None:
    out.print(text, markup=False, soft_wrap=True)


def next_step(case: AppealCase) -> str | None:
    """What to do next with a case."""
    number = case.case_id
    return {
        "marked": f"claimwright appeals show {number}; then documents add, documents accept, "
        f"appeals address, and claimwright appeal {case.denial_id} --again",
        "ready": f"another person approves it: claimwright appeals approve {number}",
        "approved": f"claimwright appeals send {number} --to FOLDER",
        "failed": f"claimwright appeal {case.denial_id} --again",
    }.get(case.state)
