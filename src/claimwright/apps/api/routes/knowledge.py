"""What claims are checked against: rules and reference data; an expression tried."""

from __future__ import annotations

import datetime
from typing import Any

from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.resources import Resource
from claimwright.foundation import clock
from claimwright.foundation.errors import NotFoundError

routes = Resource("knowledge", "Rules and reference data")


class RuleShown(BaseModel):
    """A rule in the list."""

    code: str
    name: str
    severity: str
    snip: int
    level: str
    title: str


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


class Expression(BaseModel):
    """A condition of a rule, to be tried."""

    level: str = Field(pattern="^[a-z_]+$", max_length=40)
    when: str = Field(min_length=1, max_length=10_000)


class Tried(BaseModel):
    """Whether an expression can be used, and of what it speaks."""

    names: list[str]


class Dataset(BaseModel):
    """Reference data and what of it is in force."""

    dataset: str
    title: str
    coverage: str
    version: str | None
    rows: int | None
    effective_from: datetime.date | None
    effective_to: datetime.date | None
    is_current: bool | None
    source: str | None


@routes.get("/rules", action="rules.read")
def every(asker: Asking, family: str | None = None) -> list[RuleShown]:  # noqa: ARG001 - known before
    """The rulebook; of one family where the beginning of its codes is given, such as NPI."""
    from claimwright.engines.rules import load_rulebook

    return [
        RuleShown(**_facts(rule)) for rule in load_rulebook() if rule.code.startswith((family or "").upper())
    ]


@routes.get("/rules/{code}", action="rules.read")
def one(asker: Asking, code: str) -> RuleInFull:  # noqa: ARG001 - known before
    """One rule in full."""
    from claimwright.engines.rules import load_rulebook

    book = load_rulebook()
    try:
        rule = book[code.upper()]
    except KeyError:
        raise NotFoundError(f"there is no rule {code[:10]}.") from None
    return RuleInFull(
        **_facts(rule), what=rule.what, why=rule.why, fix=rule.fix, authority=list(rule.authority),
        fields=list(rule.fields), carc=list(rule.carc), rarc=list(rule.rarc), forms=list(rule.forms),
        when=rule.when,
    )  # fmt: skip


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


@routes.get("/reference", action="reference.read")
def datasets(asker: Asking, as_of: datetime.date | None = None) -> list[Dataset]:  # noqa: ARG001
    """Reference data: how much of each there is, from when to when, and where it is from."""
    from claimwright.features.reference_data import reference_snapshot

    known = reference_snapshot(as_of or clock.today()).describe()
    return [
        Dataset.model_validate({name: row.get(name) for name in Dataset.model_fields})
        for row in known.iter_rows(named=True)
    ]


def _facts(rule: Any) -> dict[str, Any]:
    return {
        "code": rule.code, "name": rule.name, "severity": rule.severity.value, "snip": rule.snip,
        "level": str(rule.level), "title": rule.title,
    }  # fmt: skip
