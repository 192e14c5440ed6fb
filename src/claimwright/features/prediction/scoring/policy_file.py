"""A file of review policies, as pydantic checks it. Imported only where a file is read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Cents = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Terms(_Strict):
    """What a review costs and brings: `claimwright.engines.prediction.Economics`, each as far as stated."""

    review_cents: Cents | None = None
    rework_cents: Cents | None = None
    avoidable: Share | None = None
    recovered: Share | None = None


class PayerTerms(Terms):
    """The same of one payer, or from which probability on a person looks."""

    review_from: Share | None = None


class Policy(_Strict):
    """For all payers, and for some."""

    default: Terms | None = None
    payers: dict[str, PayerTerms] = {}


class PolicyFile(Policy):
    """For all tenants, and for some."""

    tenants: dict[str, Policy] = {}
