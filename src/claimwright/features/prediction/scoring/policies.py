"""A tenant's review policy from a YAML file: cost and benefit of a review, and the review threshold.

    default: {review_cents: 900, recovered: 0.5}
    payers:
      P0004: {rework_cents: 20000}
      P0007: {review_from: 0.35}
    tenants:
      north:
        default: {review_cents: 1200}

Values that a tenant does not set are the file's values for all tenants, or otherwise those used in training.
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
    """A review policy can't be used. The message says which file, where, and what to do."""


@dataclass(frozen=True)
class ReviewPoint:
    """The review threshold for claims of a payer, and its net benefit in the calibration period.

    Attributes:
        payer: `ALL` for all payers with too few claims for their own curve.
        claims: number of claims of the calibration period that the curve is based on.
        threshold: the threshold in use.
        reviewed, caught: share of claims that are reviewed, and share of denials among the reviewed claims.
        worth_cents: benefit of these reviews minus their cost.
        curve: the same values for every threshold: `threshold`, `reviewed`, `caught`, `worth_cents`.
    """

    payer: str
    claims: int
    threshold: float
    reviewed: float
    caught: float
    worth_cents: int
    curve: pl.DataFrame


def review_points(model: Model, policy: ReviewPolicy | None = None) -> list[ReviewPoint]:
    """The operating points of a model under a policy, all payers together first; empty if the model has no
    curves.
    """
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
    """The model folder of a tenant: its own folder if there is one, otherwise the common one."""
    own = home / "models" / "tenants" / tenant
    return own if own.is_dir() else home / "models"


def review_policy(
    path: Path | None, tenant: str, *, probability: float | None = None, confidence_floor: float = 0.0
) -> ReviewPolicy:
    """The policy of a tenant in the file; `probability` is the threshold where the file has none.

    Raises:
        PolicyError: the file can't be read, or is not a valid policy.
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
    """Cost and benefit of a review: as stated, otherwise as in `base`."""
    return replace(base or Economics(), **terms.model_dump(exclude_unset=True, exclude={"review_from"}))
