"""The pydantic model of a review policy file. Imported only when a file is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Cents = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Terms(_Strict):
    """Cost and benefit of a review: `claimwright.engines.prediction.Economics`, all values optional."""

    review_cents: Cents | None = None
    rework_cents: Cents | None = None
    avoidable: Share | None = None
    recovered: Share | None = None
    done: Share | None = None
    step_cents: dict[Literal["authorization", "referring_provider", "attachment", "modifier"], Cents] = {}
    profile: Literal["practice", "hospital", "hospital_2016"] | None = None


class PayerTerms(Terms):
    """The same for one payer, or the payer's review threshold."""

    review_from: Share | None = None


class Policy(_Strict):
    """Defaults for all payers, the share of claims that people can review, and values for single payers."""

    default: Terms | None = None
    capacity: Share | None = None
    payers: dict[str, PayerTerms] = {}


class PolicyFile(Policy):
    """Defaults for all tenants, and values for single tenants."""

    tenants: dict[str, Policy] = {}
