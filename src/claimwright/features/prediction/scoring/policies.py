"""A tenant's review policy from a YAML file: what a review costs and brings, and the threshold for one.

    default: {review_cents: 900, recovered: 0.5}
    payers:
      P0004: {rework_cents: 20000}
      P0007: {review_from: 0.35}
    tenants:
      north:
        default: {review_cents: 1200}

What a tenant does not set is as the file has it for all tenants, and else as the model was trained.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from claimwright.engines.prediction import ALL, Economics, Model, ReviewPolicy
from claimwright.foundation.errors import ConfigurationError
from claimwright.foundation.located_yaml import YamlError, read_yaml_file, validated

if TYPE_CHECKING:
    from .policy_file import Terms


class PolicyError(ConfigurationError):
    """A review policy can't be used; the message says which file, where, and what to do."""


@dataclass(frozen=True)
class ReviewPoint:
    """From which probability a person reviews the claims of a payer, and what that would have brought.

    Attributes:
        payer: `ALL` for all that have too few claims for a curve of their own.
        claims: of the calibration period, on which the curve rests.
        threshold: the one in use.
        reviewed, caught: share of the claims that are looked at, and of the denials among them.
        worth_cents: what these reviews would have brought, less their cost.
        curve: the same of every threshold: `threshold`, `reviewed`, `caught`, `worth_cents`.
    """

    payer: str
    claims: int
    threshold: float
    reviewed: float
    caught: float
    worth_cents: int
    curve: pl.DataFrame


def review_points(model: Model, policy: ReviewPolicy | None = None) -> list[ReviewPoint]:
    """The points of a model under a policy: all payers together first; none where the model has no curves."""
    policy = policy or ReviewPolicy()
    ruled = model.under(policy)
    found = []
    for payer, curve in model.review_curves.items():
        economics = policy.payers.get(payer, policy.economics) or model.economics
        threshold = ruled.threshold if payer == ALL else ruled.thresholds.get(payer, ruled.threshold)
        frame = curve.frame(economics)
        point = frame.filter(pl.col("threshold") >= threshold - 1e-9).head(1).to_dicts()
        at: dict[str, Any] = point[0] if point else {"reviewed": 0.0, "caught": 0.0, "worth_cents": 0}
        found.append(
            ReviewPoint(
                payer, curve.claims, threshold, at["reviewed"], at["caught"], at["worth_cents"], frame
            )
        )
    return found


def models_folder(home: Path, tenant: str) -> Path:
    """Where the models of a tenant are: a folder of its own where one was made, else that of all."""
    own = home / "models" / "tenants" / tenant
    return own if own.is_dir() else home / "models"


def review_policy(
    path: Path | None, tenant: str, *, probability: float | None = None, confidence_floor: float = 0.0
) -> ReviewPolicy:
    """The policy of a tenant: what the file says, `probability` being for all that it says nothing of.

    Raises:
        PolicyError: the file can't be read, or says what is no policy.
    """
    if path is None:
        return ReviewPolicy(probability, confidence_floor=confidence_floor)
    from .policy_file import PolicyFile

    try:
        top = read_yaml_file(path)
        whole = PolicyFile() if top is None else validated(top, PolicyFile)
    except YamlError as fault:
        raise PolicyError(f"{fault}.") from None
    own = whole.tenants.get(tenant)
    default: Economics | None = None
    payers: dict[str, Economics] = {}
    from_when: dict[str, float] = {}
    for stated in (whole, own):
        if stated is None:
            continue
        if stated.default is not None:
            default = _economics(stated.default, default)
        for payer, terms in stated.payers.items():
            if terms.review_from is not None:
                from_when[payer] = terms.review_from
            if terms.model_fields_set - {"review_from"}:
                from_when.pop(payer, None)
                payers[payer] = _economics(terms, payers.get(payer, default))
    return ReviewPolicy(probability, default, payers, from_when, confidence_floor)


def _economics(terms: Terms, base: Economics | None) -> Economics:
    """What a review costs and brings: as stated, and otherwise as in `base`."""
    return replace(base or Economics(), **terms.model_dump(exclude_unset=True, exclude={"review_from"}))
