"""A payer's coverage policy as data: for what it is, its criteria, and the ways in which they make it
covered.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Evidence(_Strict):
    """One kind of finding that meets a criterion: a concept, or a measurement within bounds, in its record
    unit.
    """

    concept: str | None = None
    measurement: str | None = None
    at_least: float | None = None
    at_most: float | None = None


class Criterion(_Strict):
    """One criterion, in our words. Any of `any_of` meets it, dated within so many days before the service.

    Without any, no finding that rules know can show it: a person looks.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")
    says: str = Field(min_length=10, max_length=400)
    any_of: tuple[Evidence, ...] = ()
    within_days: int | None = Field(default=None, ge=1, le=3_660)


class PayerPolicy(_Strict):
    """A version of a policy. Empty lists mean any. `ways`: each a set of criteria that together are
    enough.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{2,79}$")
    version: int = Field(ge=1)
    title: str = Field(min_length=5, max_length=160)
    citation: str = Field(min_length=3, max_length=160)
    payers: tuple[str, ...] = ()
    payer_kinds: tuple[str, ...] = ()
    procedures: tuple[str, ...] = Field(min_length=1)
    effective_from: datetime.date
    effective_until: datetime.date | None = None
    author: str = Field(min_length=1, max_length=80)
    criteria: tuple[Criterion, ...] = Field(min_length=1, max_length=40)
    ways: tuple[tuple[str, ...], ...] = ()

    def is_for(
        self, *, payer_id: str | None, payer_kind: str, procedures: Collection[str], day: datetime.date
    ) -> bool:
        """Whether it is the policy of these services of this payer on a day. Codes are whole, or end in *."""
        return (
            (not self.payers or payer_id in self.payers)
            and (not self.payer_kinds or payer_kind in self.payer_kinds)
            and self.effective_from <= day
            and (self.effective_until is None or day <= self.effective_until)
            and any(
                code == each or (each.endswith("*") and code.startswith(each[:-1]))
                for code in procedures
                for each in self.procedures
            )
        )


Standing = Literal["met", "not_met", "not_documented"]


class JudgedCriterion(_Strict):
    """A criterion of a case. `finding` is that which decides it; `why` is for a person."""

    policy_id: str
    policy_version: int
    policy_title: str
    citation: str
    criterion_id: str
    says: str
    standing: Standing
    why: str
    document_id: int | None = None
    ordinal: int | None = None


class JudgedPolicy(_Strict):
    """What a case's findings say of a policy: `standing` of the whole, by its ways."""

    policy_id: str
    policy_version: int
    title: str
    citation: str
    standing: Standing
    criteria: tuple[JudgedCriterion, ...]
