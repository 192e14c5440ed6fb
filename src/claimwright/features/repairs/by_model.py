"""Repairs that a language model proposes: tried with all rules before anybody sees them, applied by a person.

A proposal is offered only if the claim can be written with it, it ends a finding that it names, and nothing
new is found of that rule, nor anything new that blocks the claim. What is not offered is counted, with the
reason. A person applies one as edits by hand, through the same door as any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.claim_changes import ORDINAL, ChangeError, as_text
from claimwright.domain.dictionary import KEYS
from claimwright.engines.drafting import (
    REPAIR_PROPOSAL,
    AnswerFormError,
    ClaimFact,
    ClaimFinding,
    PromptError,
    ProposedRepair,
    RepairQuestion,
)
from claimwright.features.governance import Gets, GovernedFileError, active_prompt
from claimwright.foundation.errors import NotFoundError
from claimwright.platform.objects import ObjectError

from .correcting import why_not
from .desk import Edit, Opening, RepairDesk
from .trials import Bench, ShownFinding, Trial, Variant, changed_claim, difference
from .views import ShownChange, editable_fields, shown_changes

if TYPE_CHECKING:
    from claimwright.platform.language_models import Gateway

PROMPT_ID = "repair-proposal"
STAGE = "repair"
NO_MODEL = "no language model may propose repairs here (language_models.propose_repairs)"


@dataclass(frozen=True)
class ModelRepair:
    """A repair that a model proposes. `edits` are sent as they are to correct the claim.

    `findings` are the rules that it names, `rests_on` the fields; `after` is what the rules say with it.
    """

    findings: list[str]
    rests_on: list[str]
    changes: list[ShownChange]
    edits: list[Edit]
    after: Trial


@dataclass(frozen=True)
class ModelRepairs:
    """What a model was asked and proposed. `why_not` says why there is nothing, if nobody answered.

    `refused` counts proposals that are not offered, by why.
    """

    claim_key: int
    etag: str
    model: str | None
    prompt: str | None
    why_not: str | None
    tries: list[str]
    repairs: list[ModelRepair]
    refused: dict[str, int]


@dataclass(frozen=True)
class RepairProposer:
    """Asks the gateway for repairs with the prompt in force."""

    desk: RepairDesk
    gateway: Gateway
    shelf: Gets

    def propose(self, caller: Caller, claim_key: int, opening: Opening) -> ModelRepairs:
        """What a model proposes for the findings of a claim. It waits for the network, outside of any
        transaction.

        Raises:
            ClaimNotFoundError, AccessDeniedError, AuditError, PhiError: as for opening a claim.
        """
        from claimwright.platform.language_models import Ask, ModelSchemaError, NoModelAnswerError, Purpose

        standing, opened, waivers = self.desk.open(caller, claim_key, opening)
        bench = self.desk.bench
        plain = Variant(opened.batch, repeats=standing.repeats)
        [before] = bench.run([plain], waivers)
        reason = why_not(standing) or (None if before.findings else "nothing is found on the claim")
        if reason is not None:
            return _nothing(claim_key, standing.etag, reason)
        try:
            with self.desk.intake.database.transaction(caller) as connection:
                prompt = active_prompt(connection, self.shelf, PROMPT_ID, bench.day, task=REPAIR_PROPOSAL)
        except (GovernedFileError, PromptError, NotFoundError, ObjectError) as problem:
            return _nothing(claim_key, standing.etag, f"the prompt can't be used: {problem}")
        findings = _findings(bench, before.findings)
        question = RepairQuestion(
            str(opened.batch.claims["form"][0]), facts_of(opened.batch, opened.shown, before.findings),
            findings, prompt,
        )  # fmt: skip

        def check(answer: Mapping[str, Any]) -> list[ProposedRepair]:
            try:
                return question.proposals(answer)
            except AnswerFormError as problem:
                raise ModelSchemaError(problem.problems) from None

        ask = Ask(
            question.system, question.user, question.schema, "repairs", prompt.max_output_tokens, "changes"
        )
        purpose = Purpose(f"claim:{claim_key}", STAGE, prompt.name)
        try:
            found = self.gateway.ask(caller, ask, purpose, check)
        except NoModelAnswerError as problem:
            return _nothing(
                claim_key, standing.etag, str(problem), prompt.name, [each.says for each in problem.notes]
            )
        refused: dict[str, int] = {}
        tried: list[tuple[ProposedRepair, Variant]] = []
        for each in found.value:
            try:
                variant = changed_claim(opened.batch, each.changes, standing.repeats)
            except ChangeError:
                _count(refused, "a change can't be made")
                continue
            tried.append((each, variant))
        _, *after = bench.run([plain, *(variant for _, variant in tried)], waivers)
        repairs = []
        codes = {each.finding_id: each.code for each in findings}
        for (proposed, variant), result in zip(tried, after, strict=True):
            trial = difference(before.findings, result.findings)
            named = sorted({codes[each] for each in proposed.findings})
            if (why := _why_refused(trial, named, is_writable=result.is_writable)) is not None:
                _count(refused, why)
                continue
            names = [question.by_id[each].field for each in proposed.facts]
            edits = [Edit(each.field, each.new, each.line, each.position) for each in proposed.changes]
            changes = shown_changes(variant.changed, opened.shown, opened.reasons)
            repairs.append(ModelRepair(named, list(dict.fromkeys(names)), changes, edits, trial))
        return ModelRepairs(
            claim_key, standing.etag, f"{found.provider}/{found.model}", prompt.name, None,
            [each.says for each in found.notes], repairs, refused,
        )  # fmt: skip


def facts_of(
    batch: ClaimBatch, shown: Mapping[str, bool], findings: Sequence[ShownFinding]
) -> list[ClaimFact]:
    """The fields of a claim that somebody may see and change, as a model may rest on them: first those that
    findings name, even empty ones, then the claim's, then those of its rows.
    """
    named = {(each.field, each.line) for each in findings if each.field is not None}
    frames = batch.frames()
    rows: list[tuple[tuple[bool, bool], str, int | None, int | None, str | None]] = []
    for each in editable_fields(str(batch.claims["form"][0]), shown):
        level = next(one for one in frames if one.value == each.level)
        frame = frames[level]
        if each.field not in frame.columns:
            continue
        lines = frame["line"].to_list() if "line" in KEYS[level] else [None] * frame.height
        ordinal = ORDINAL[level]
        positions = frame[ordinal].to_list() if ordinal else [None] * frame.height
        for line, position, value in zip(lines, positions, frame[each.field].to_list(), strict=True):
            is_named = (each.field, line) in named or (each.field, None) in named
            if value is not None or is_named:
                order = (not is_named, line is not None or position is not None)
                rows.append((order, each.field, line, position, as_text(value)))
    rows.sort(key=lambda row: row[0])
    return [
        ClaimFact(f"f{number}", name, line, position, value)
        for number, (_, name, line, position, value) in enumerate(rows, 1)
    ]


def _findings(bench: Bench, found: Sequence[ShownFinding]) -> list[ClaimFinding]:
    book = bench.checker.rulebook
    made = []
    for number, each in enumerate(found, 1):
        rule = book[each.code] if each.code in book else None  # noqa: SIM401 - a rulebook has no get
        made.append(
            ClaimFinding(
                f"n{number}", each.code, each.title, rule.what if rule else "", rule.fix if rule else "",
                each.field, each.line,
            )
        )  # fmt: skip
    return made


def _why_refused(trial: Trial, named: Sequence[str], *, is_writable: bool) -> str | None:
    """Why a proposal is not offered; None if it is."""
    if not is_writable:
        return "the claim can't be written with it"
    if trial.blocks:
        return "it adds a finding that blocks the claim"
    new = {each.code for each in trial.new}
    if not any(each.code in named and each.code not in new for each in trial.gone):
        return "it ends none of the findings that it names"
    return None


def _count(refused: dict[str, int], why: str) -> None:
    refused[why] = refused.get(why, 0) + 1


def _nothing(
    claim_key: int, etag: str, why: str, prompt: str | None = None, tries: list[str] | None = None
) -> ModelRepairs:
    return ModelRepairs(claim_key, etag, None, prompt, why, tries or [], [], {})
