"""Models that predict denials: listed, read, promoted by a second person, made a shadow, rolled back."""

from __future__ import annotations

import datetime
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Path
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.resources import Resource
from claimwright.foundation import clock
from claimwright.foundation.errors import NotFoundError

if TYPE_CHECKING:
    from claimwright.features.prediction import Registry

# As the metrics.
_MEASURED_DAYS = 90
routes = Resource("models", "Models that predict denials")
ModelId = Annotated[str, Path(pattern=r"^m-[0-9a-f]{12}$", description="As the list has it.")]


class ListedModel(BaseModel):
    """A model and where it stands."""

    id: str
    state: str = Field(description="candidate, shadow, champion or retired.")
    is_champion: bool
    by: str = Field(description="Who made the last change of its state.")
    at: str
    trained_by: list[str]


class ComparedModel(BaseModel):
    """A model beside the champion of that time, on the same held-out claims."""

    champion: str | None
    champion_pr_auc: float | None
    candidate_pr_auc: float
    claims: int
    least_margin: float | None
    calibration_slope: float | None


class ModelChange(BaseModel):
    """One change of a model's state."""

    at: str
    state: str
    by: str
    why: str


class ModelAsPredicted(BaseModel):
    """A model by its predictions when claims were sent, on claims that payers have answered since."""

    model: str
    role: str = Field(description="champion or shadow.")
    claims: int
    pr_auc: float | None
    calibration_slope: float | None
    accuracy: float = Field(description="Share of claims whose likelier outcome happened.")


class ModelInFull(ListedModel):
    """A model with its card: what it was trained on, how well it does, and for whom it does not."""

    gives_reasons: bool = Field(description="If not, it can only be a shadow.")
    comparison: ComparedModel | None
    as_predicted: list[ModelAsPredicted] = Field(
        description="This model and those that scored the same claims, by answers of the last 90 days. "
        "Empty for accounts of some facilities: the claims are of all of them."
    )
    history: list[ModelChange]
    card: dict[str, Any]


class Promoted(BaseModel):
    """The champion, and the one that it replaces."""

    champion: str
    replaced: str | None


class Shadowed(BaseModel):
    """The model that scores beside the champion."""

    shadow: str


class RolledBack(BaseModel):
    """The model that was retired, and the champion now; without one, rules decide alone."""

    retired: str
    champion: str | None


@routes.get("/models", action="models.read")
def every(asker: Asking) -> list[ListedModel]:
    """Models of the tenant, in the order in which they came: state, and who trained each."""
    registry = _registry(asker)
    champion = registry.champion_id()
    return [ListedModel(**_facts(each, champion)) for each in registry.entries().values()]


@routes.get("/models/{model_id}", action="models.read")
def one(asker: Asking, model_id: ModelId) -> ModelInFull:
    """One model: its card, how it compared with the champion of its time, and every change of its state.

    A shadow is compared with the champion by the predictions of both when the claims were sent.
    """
    registry = _registry(asker)
    entry = registry.entries().get(model_id)
    if entry is None:
        raise NotFoundError(f"there is no model {model_id}.")
    compared, model = entry.comparison, registry.load(model_id)
    return ModelInFull(
        **_facts(entry, registry.champion_id()),
        comparison=None if compared is None else ComparedModel(**asdict(compared)),
        history=[ModelChange.model_validate(each) for each in entry.history],
        gives_reasons=model.has_reasons,
        as_predicted=_as_predicted(asker, model_id) if asker.facilities is None else [],
        card=model.about,
    )


@routes.post("/models/{model_id}/promotion", action="models.promote", errors=("state_conflict",))
def promote(asker: Asking, model_id: ModelId) -> Promoted:
    """Make a model the champion. The caller is the approver, and can't be a person who trained it.

    It must have been compared with the present champion and be better and calibrated.
    """
    registry = _registry_to_change(asker)
    with asker.recorded("model.promoted", f"model:{model_id}") as detail:
        names = (asker.account,) if asker.account else ()
        before = registry.promote(asker.caller, model_id, also_known_as=names)
        detail |= {"model": model_id} | ({"previous_id": before} if before else {})
    return Promoted(champion=model_id, replaced=before)


@routes.post("/models/{model_id}/shadow", action="models.promote", errors=("state_conflict",))
def shadow(asker: Asking, model_id: ModelId) -> Shadowed:
    """Let a candidate score beside the champion; its predictions are kept and never used for routing."""
    registry = _registry_to_change(asker)
    with asker.recorded("model.shadowed", f"model:{model_id}") as detail:
        detail["model"] = model_id
        registry.shadow(asker.caller, model_id)
    return Shadowed(shadow=model_id)


@routes.post("/models/rollback", action="models.promote", errors=("state_conflict",))
def roll_back(asker: Asking) -> RolledBack:
    """Retire the champion and reinstate the one that it replaced."""
    registry = _registry_to_change(asker)
    with asker.recorded("model.rolled_back", "models") as detail:
        retired, champion = registry.rollback(asker.caller)
        detail |= {"previous_id": retired} | ({"model": champion} if champion else {})
    return RolledBack(retired=retired, champion=champion)


def _as_predicted(asker: Asker, model_id: str) -> list[ModelAsPredicted]:
    """What this model and others said of the same claims, beside what payers have decided since."""
    from claimwright.features.prediction import live_measures

    until = clock.today() + datetime.timedelta(days=1)
    since = until - datetime.timedelta(days=_MEASURED_DAYS)
    with asker.services.database.transaction(asker.caller) as connection:
        found = live_measures(connection, since=since, until=until, beside=model_id)
    return [
        ModelAsPredicted(
            model=each.model,
            role=each.role,
            claims=each.quality.claims,
            pr_auc=_or_none(each.quality.pr_auc),
            calibration_slope=_or_none(each.quality.calibration_slope),
            accuracy=each.accuracy,
        )
        for each in found
    ]


def _or_none(value: float) -> float | None:
    """A number that JSON can state; without denials there is none."""
    return value if math.isfinite(value) else None


def _registry(asker: Asker) -> Registry:
    from claimwright.assembly.predictions import registry_for

    return registry_for(asker.services.settings, asker.caller.tenant)


def _registry_to_change(asker: Asker) -> Registry:
    """The models, where they are the tenant's own, or it is its installation."""
    from claimwright.assembly.predictions import has_own_models

    if not has_own_models(asker.services.settings, asker.caller.tenant):
        asker.demand_installation("models")
    return _registry(asker)


def _facts(entry: Any, champion: str | None) -> dict[str, Any]:
    return {
        "id": entry.id, "state": entry.state.value, "is_champion": entry.id == champion, "by": entry.by,
        "at": entry.at, "trained_by": entry.trainers,
    }  # fmt: skip
