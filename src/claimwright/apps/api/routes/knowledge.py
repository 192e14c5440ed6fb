"""What claims are checked against: rules, listed and tried; reference data, listed and loaded."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Path as InPath
from fastapi import Query, Request
from pydantic import BaseModel, Field, model_validator

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError, Detail
from claimwright.apps.api.few_at_once import few_at_once
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import BodyDay, Day
from claimwright.apps.api.uploads import SCANNED, Upload
from claimwright.domain.dictionary import DICTIONARY
from claimwright.engines.rules import Confidence
from claimwright.foundation import clock
from claimwright.foundation.errors import NotFoundError

if TYPE_CHECKING:
    from claimwright.engines.rules import Problem, Rule, RuleBook
    from claimwright.features.rule_workshop import Replay

routes = Resource("knowledge", "Rules and reference data")
_MOST_PROBLEMS = 20
DatasetName = Annotated[str, InPath(pattern=r"^[a-z0-9_]{1,60}$", description="As the list has it.")]


class RuleShown(BaseModel):
    """A rule in the list."""

    code: str
    name: str
    severity: str
    snip: int
    level: str
    title: str


class RepairOfRule(BaseModel):
    """What a rule proposes where it fires."""

    changes: list[str]
    because: str
    confidence: Confidence


class RuleInFull(RuleShown):
    """A rule with its authority, reasons and expression."""

    what: str
    why: str
    fix: str
    authority: list[str]
    fields: list[str]
    carc: list[str]
    rarc: list[str]
    forms: list[str]
    when: str
    repair: RepairOfRule | None


class FieldShown(BaseModel):
    """A field of the dictionary: what it means, and where it stands.

    `x12` has its locator by the letters of the forms that it holds for; boxes are those of the paper forms.
    """

    name: str
    level: str
    kind: str
    meaning: str
    x12: dict[str, str]
    cms1500: str
    ub04: str


class Expression(Body):
    """A condition of a rule, to be tried."""

    level: str = Field(pattern="^[a-z_]+$", max_length=40)
    when: str = Field(min_length=1, max_length=10_000)


class Tried(BaseModel):
    """Whether an expression can be used, and of what it speaks."""

    names: list[str]


class Trial(Body):
    """A rule to be tried, by its code or as it is being written, and claims to try it on."""

    code: str | None = Field(default=None, pattern=r"^[A-Z]{2,4}[0-9]{3}$")
    rule: str | None = Field(
        default=None, min_length=1, max_length=200_000, description="A rule file as YAML, with its cases."
    )
    claims: str | None = Field(default=None, min_length=1, description="An 837. Nothing of it is stored.")
    as_of: BodyDay | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Trial:
        if (self.code is None) == (self.rule is None):
            raise ValueError("give a code or a rule")
        return self


class TriedCase(BaseModel):
    """A case of a rule, and whether the rule did as it says."""

    name: str
    fires: bool
    passed: bool


class Replayed(BaseModel):
    """What a rule finds in claims, and what rules in force find there anyway. Money is text, in dollars."""

    claims: int
    lines: int
    charged: str
    findings: int
    claims_found: int
    charged_found: str
    blocked_otherwise: int
    found_otherwise: int
    only_here: int
    beside: dict[str, int] = Field(description="Other codes on the claims that the rule finds.")
    undecided: str | None = Field(description="Why the rule could not be decided on some claim.")


class TriedRule(BaseModel):
    """A rule with its cases, and what it finds in the claims, where some were given."""

    code: str
    cases: list[TriedCase]
    replay: Replayed | None


class Dataset(BaseModel):
    """Reference data and what of it is in force; stale where `is_current` is false."""

    dataset: str
    title: str
    coverage: str
    version: str | None
    rows: int | None
    effective_from: datetime.date | None
    effective_to: datetime.date | None
    is_current: bool | None
    age_days: int | None
    origin: str | None = Field(description="package or store: as shipped, or loaded here.")
    source: str | None


class LoadedEdition(BaseModel):
    """An edition that was loaded, or was there already."""

    dataset: str
    version: str
    coverage: str
    rows: int
    effective_from: datetime.date | None
    effective_to: datetime.date | None
    sha256: str


class EditionWanted(BaseModel):
    """What the published file may not say itself."""

    file: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._()-]{0,119}$",
        description="Its name as published: some files say only there from when they are in force.",
    )
    effective_from: BodyDay | None = Field(default=None, description="First day in force.")
    effective_to: datetime.date | None = Field(default=None, description="Last day in force.")
    partial: bool = Field(default=False, description="It has fewer rows than the whole, on purpose.")


@routes.get("/dictionary", action="own.read")
def dictionary(asker: Asking) -> list[FieldShown]:  # noqa: ARG001 - known before
    """Every field of a claim: its name, its meaning, its places in the 837 and on the paper forms."""
    return [
        FieldShown(
            name=each.name, level=each.level.value, kind=each.kind.value, meaning=each.meaning,
            x12=dict(each.x12), cms1500=each.cms1500, ub04=each.ub04,
        )
        for each in DICTIONARY
    ]  # fmt: skip


@routes.get("/rules", action="rules.read")
def every(asker: Asking, family: str | None = None) -> list[RuleShown]:  # noqa: ARG001 - known before
    """The rulebook; of one family where the beginning of its codes is given, such as NPI."""
    from claimwright.engines.rules import load_rulebook

    return [
        RuleShown(**_facts(rule)) for rule in load_rulebook() if rule.code.startswith((family or "").upper())
    ]


@routes.get("/rules/{code}", action="rules.read")
def one(asker: Asking, code: str) -> RuleInFull:  # noqa: ARG001 - known before
    """One rule in full. A signal or a structural fault, whose codes findings have too, has no expression."""
    from claimwright.engines.rules import load_rulebook

    book = load_rulebook()
    try:
        rule = book[code.upper()]
    except KeyError:
        return _meaning(code.upper(), book)
    return RuleInFull(
        **_facts(rule), what=rule.what, why=rule.why, fix=rule.fix, authority=list(rule.authority),
        fields=list(rule.fields), carc=list(rule.carc), rarc=list(rule.rarc), forms=list(rule.forms),
        when=rule.when, repair=_repair_of(rule),
    )  # fmt: skip


def _repair_of(rule: Rule) -> RepairOfRule | None:
    repair = rule.repair
    if repair is None:
        return None
    return RepairOfRule(changes=repair.described(), because=repair.because, confidence=repair.confidence)


@routes.post("/rules/expression", action="rules.read")
def tried(asker: Asking, given: Expression) -> Tried:  # noqa: ARG001 - known before
    """Whether a condition can be used in a rule: one scalar predicate over known names."""
    from claimwright.engines.rules import compile_predicate
    from claimwright.engines.rules.predicate import PredicateError

    try:
        predicate = compile_predicate(given.when, given.level)
    except PredicateError as problem:
        raise ApiError("unusable_input", str(problem)) from None
    except (KeyError, ValueError):
        raise ApiError("unusable_input", "level: one of claim, line, diagnosis, pair and others.") from None
    return Tried(names=sorted(predicate.names))


@routes.post("/rules/trial", action="rules.try", errors=("not_found", "unusable_input"))
async def trial(request: Request, asker: Asking, wanted: Trial) -> TriedRule:
    """Run the cases of a rule, and the rule over an 837 if there is one; nothing is stored or changed.

    A rule that cannot be used is refused, with the line and the reason of each fault in `details`. Each tries
    one rule at a time.
    """
    return await few_at_once(request, "rules", lambda: _tried(wanted), of=asker)


def _tried(wanted: Trial) -> TriedRule:
    from claimwright.engines.rules import load_rulebook
    from claimwright.features.rule_workshop import blocks_of, replay, try_rules

    book = load_rulebook()
    rule = rule_wanted(wanted.code, wanted.rule, book)
    tried = try_rules([rule])
    _refuse(tried.problems)
    found = None
    if wanted.claims is not None:
        day = wanted.as_of or clock.today()
        found = replay([rule], blocks_of([wanted.claims.encode()]), book, as_of=day, examples=0)
    return TriedRule(
        code=rule.code,
        cases=[
            TriedCase(name=each.case.name, fires=each.case.fires, passed=each.passed)
            for each in tried.results
        ],
        replay=None if found is None else replayed(found),
    )


def rule_wanted(code: str | None, text: str | None, book: RuleBook) -> Rule:
    """The rule with a code, or that of a text.

    Raises:
        NotFoundError: the book has no such rule.
        ApiError: the text is no rule that can be used.
    """
    from claimwright.features.rule_workshop import read_rule_text

    if code is not None:
        if code not in book:
            raise NotFoundError(f"there is no rule {code}.")
        return book[code]
    read = read_rule_text(text or "", beside=book)
    _refuse(read.problems)
    if not read.rules:
        raise ApiError("unusable_input", "there is no rule in the text.")
    return read.rules[0]


def _refuse(problems: Sequence[Problem]) -> None:
    """Refuse a rule that has problems."""
    if problems:
        details = [
            Detail(field=f"rule:{each.line}", message=f"{each.what}; {each.do}")
            for each in problems[:_MOST_PROBLEMS]
        ]
        raise ApiError("unusable_input", "the rule cannot be used.", details=details)


def replayed(found: Replay) -> Replayed:
    """A replay of one rule, as it is answered."""
    [one] = found.rules
    return Replayed(
        claims=found.claims, lines=found.lines, charged=str(found.dollars), findings=one.findings,
        claims_found=one.claims, charged_found=str(one.dollars), blocked_otherwise=one.blocked_otherwise,
        found_otherwise=one.found_otherwise, only_here=one.only_here, beside=one.beside,
        undecided=one.undecided or None,
    )  # fmt: skip


@routes.get("/reference", action="reference.read")
def datasets(asker: Asking, as_of: Day | None = None) -> list[Dataset]:  # noqa: ARG001
    """Reference data: the edition in force of each dataset, its age, whether it is stale, its source."""
    from claimwright.features.reference_data import reference_snapshot

    known = reference_snapshot(as_of or clock.today()).describe()
    return [
        Dataset.model_validate({name: row.get(name) for name in Dataset.model_fields})
        for row in known.iter_rows(named=True)
    ]


@routes.post(
    "/reference/{dataset}/editions", action="reference.load", status=201,
    errors=("unusable_input", *SCANNED),
    openapi_extra={"requestBody": {"required": True, "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    }}},
)  # fmt: skip
async def load_edition(
    request: Request, asker: Asking, dataset: DatasetName, wanted: Annotated[EditionWanted, Query()]
) -> LoadedEdition:
    """Load the published file of a dataset, sent as the body, zipped or not. It takes effect for all tenants.

    A file with anything wrong is refused whole: `details` name the line and the reason of each fault, and
    what was in force stays so. The same file loaded again is answered with the edition that is there.
    """
    from claimwright.reference import datasets as known

    asker.demand_installation("reference data")
    if dataset not in known():
        raise NotFoundError("there is no dataset of this name.")
    body = Upload(request)
    return await body.consumed_by(lambda chunks: _loaded(asker, dataset, wanted, chunks))


def _loaded(asker: Asker, dataset: str, wanted: EditionWanted, chunks: Iterator[bytes]) -> LoadedEdition:
    from claimwright.features.reference_data import ReferenceFileError, default_store, load

    with tempfile.TemporaryDirectory(prefix="claimwright-") as folder:
        path = Path(folder) / wanted.file
        with path.open("wb") as file:
            file.writelines(chunks)
        try:
            with asker.recorded("reference.loaded", f"reference:{dataset}"):
                version = load(
                    dataset, [path], default_store(), now=clock.now(), effective_from=wanted.effective_from,
                    effective_to=wanted.effective_to, partial=wanted.partial,
                )  # fmt: skip
        except ReferenceFileError as problem:
            details = [
                Detail(
                    field=f"line {each.line}" if each.line else "file",
                    message=each.what + (f"; {each.do}" if each.do else ""),
                )
                for each in problem.problems[:_MOST_PROBLEMS]
            ]
            raise ApiError(
                "unusable_input", f"the file is refused; what is in force of {dataset} stays so.",
                details=details,
            ) from None  # fmt: skip
    return LoadedEdition(
        dataset=version.dataset, version=version.version, coverage=version.coverage.value, rows=version.rows,
        effective_from=version.effective_from, effective_to=version.effective_to, sha256=version.sha256,
    )  # fmt: skip


def _meaning(code: str, book: RuleBook) -> RuleInFull:
    from claimwright.features.checking import meaning_of

    try:
        told = meaning_of(code, book)
    except KeyError:
        raise NotFoundError(f"there is no rule {code[:10]}.") from None
    return RuleInFull(
        code=told.code, name=told.name, severity=told.severity, snip=told.snip, level="file",
        title=told.title, what="", why=told.why, fix=told.fix, authority=list(told.authority), fields=[],
        carc=list(told.carc), rarc=list(told.rarc), forms=[], when="", repair=None,
    )  # fmt: skip


def _facts(rule: Any) -> dict[str, Any]:
    return {
        "code": rule.code, "name": rule.name, "severity": rule.severity.value, "snip": rule.snip,
        "level": str(rule.level), "title": rule.title,
    }  # fmt: skip
