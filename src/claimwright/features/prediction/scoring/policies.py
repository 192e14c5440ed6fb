"""A tenant's review policy from a YAML file: cost and benefit of a review, and the review threshold.

    default: {profile: practice, recovered: 0.5}
    capacity: 0.05
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

from claimwright.engines.prediction import ALL, PROFILES, Economics, Model, ReviewPolicy
from claimwright.engines.prediction.gains import NEVER_CENTS
from claimwright.foundation.errors import ConfigurationError
from claimwright.foundation.located_yaml import YamlError, read_yaml_file, validated

if TYPE_CHECKING:
    from .policy_file import Terms


class PolicyError(ConfigurationError):
    """A review policy can't be used. The message says which file, where, and what to do."""


@dataclass(frozen=True)
class ReviewPoint:
    """From where claims of a payer are reviewed, and the net benefit of that in the calibration period.

    Attributes:
        payer: `ALL` for all payers with too few claims for their own curve.
        claims: number of claims of the calibration period that the curve is based on.
        threshold: the probability from which claims are reviewed; None if the expected gain decides.
        from_cents: the expected gain from which claims are reviewed; None if the probability decides.
        reviewed: share of claims that are reviewed.
        caught: share of denials among the reviewed claims; by expected gain, of the denials that a step would
            have averted.
        worth_cents: benefit of these reviews minus their cost.
        curve: the same values for every threshold: `threshold` or `from_cents`, `reviewed`, `caught`,
            `worth_cents`.
    """

    payer: str
    claims: int
    threshold: float | None
    from_cents: int | None
    reviewed: float
    caught: float
    worth_cents: int
    curve: pl.DataFrame

    @property
    def reviewed_from(self) -> str:
        """The threshold in words."""
        if self.from_cents is None:
            return f"{self.threshold:.0%}"
        return "never" if self.from_cents >= NEVER_CENTS else f"${self.from_cents / 100:,.2f}"


def review_points(model: Model, policy: ReviewPolicy | None = None) -> list[ReviewPoint]:
    """The operating points of a model under a policy, all payers together first; empty if the model has no
    curves.
    """
    policy = policy or ReviewPolicy()
    ruled = model.under(policy)
    if ruled.review.by_probability is None:
        return [_by_probability(model, ruled, policy, payer) for payer in model.review_curves]
    return [
        _by_probability(model, ruled, policy, payer)
        if payer in ruled.review.by_probability
        else _by_gain(model, ruled, payer)
        for payer in model.gain_curves
        if payer not in ruled.review.by_probability or payer in model.review_curves
    ]


def _by_gain(model: Model, ruled: Model, payer: str) -> ReviewPoint:
    rule, curve = ruled.review, model.gain_curves[payer]
    economics = rule.payers.get(payer, rule.economics)
    limit = rule.of_payer.get(payer, rule.from_cents)
    at = curve.at(economics, limit)
    return ReviewPoint(
        payer, curve.claims, None, limit, at["reviewed"], at["averted"], at["worth_cents"],
        curve.frame(economics).rename({"averted": "caught"}),
    )  # fmt: skip


def _by_probability(model: Model, ruled: Model, policy: ReviewPolicy, payer: str) -> ReviewPoint:
    curve = model.review_curves[payer]
    economics = policy.payers.get(payer, policy.economics) or model.economics
    threshold = ruled.threshold if payer == ALL else ruled.thresholds.get(payer, ruled.threshold)
    frame = curve.frame(economics)
    point = frame.filter(pl.col("threshold") >= threshold - 1e-9).head(1).to_dicts()
    at: dict[str, Any] = point[0] if point else {"reviewed": 0.0, "caught": 0.0, "worth_cents": 0}
    return ReviewPoint(
        payer, curve.claims, threshold, None, at["reviewed"], at["caught"], at["worth_cents"], frame
    )


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
    capacity: float | None = None
    for stated in (whole, own):
        if stated is None:
            continue
        if stated.default is not None:
            default = _economics(stated.default, default)
        if stated.capacity is not None:
            capacity = stated.capacity
        for payer, terms in stated.payers.items():
            if terms.review_from is not None:
                from_when[payer] = terms.review_from
            if terms.model_fields_set - {"review_from"}:
                from_when.pop(payer, None)
                payers[payer] = _economics(terms, payers.get(payer, default))
    return ReviewPolicy(probability, default, payers, from_when, confidence_floor, capacity)


def _economics(terms: Terms, base: Economics | None) -> Economics:
    """Cost and benefit of a review: as stated, otherwise of the named profile, otherwise as in `base`."""
    usual = base or Economics()
    if terms.profile is not None:
        usual = PROFILES[terms.profile].economics
    stated = terms.model_dump(exclude_unset=True, exclude={"review_from", "profile"})
    stated["step_cents"] = {**usual.step_cents, **stated.get("step_cents", {})}
    return replace(usual, **stated)
