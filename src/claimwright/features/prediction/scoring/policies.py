"""A tenant's review policy from a YAML file: what a review costs and brings, and from when on one is wanted.

    default: {review_cents: 900, recovered: 0.5}
    payers:
      P0004: {rework_cents: 20000}
      P0007: {review_from: 0.35}
    tenants:
      north:
        default: {review_cents: 1200}

What a tenant does not say is as the file says for all, and what that does not say is the model's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from claimwright.engines.prediction import ALL, Economics, Model, ReviewPolicy
from claimwright.foundation.errors import ConfigurationError

_AMOUNTS = {"review_cents", "rework_cents"}
_NAMES = [each.name for each in fields(Economics)]
_FROM = "review_from"


class PolicyError(ConfigurationError):
    """A review policy can't be used; the message says which file, where, and what to do."""


@dataclass(frozen=True)
class ReviewPoint:
    """From which probability on a person looks at the claims of a payer, and what that would have brought.

    Attributes:
        payer: `ALL` for all that have too few claims for a curve of their own.
        claims: of the calibration period, on which the curve rests.
        threshold: the point that is in force.
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
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise PolicyError(f"{path}: can't be read as YAML ({type(problem).__name__}).") from None
    whole = _section(content, path, "", {"default", "payers", "tenants"})
    of_all = {name: whole[name] for name in ("default", "payers") if name in whole}
    own = _section(whole.get("tenants") or {}, path, "tenants").get(tenant) or {}
    own = _section(own, path, f"tenants.{tenant}", {"default", "payers"})
    default: Economics | None = None
    payers: dict[str, Economics] = {}
    from_when: dict[str, float] = {}
    for said, where in ((of_all, ""), (own, f"tenants.{tenant}.")):
        if said.get("default"):
            default = _economics(said["default"], default, path, f"{where}default")
        for payer, words in _section(said.get("payers") or {}, path, f"{where}payers").items():
            place = f"{where}payers.{payer}"
            words = _section(words, path, place, {*_NAMES, _FROM})
            if _FROM in words:
                from_when[str(payer)] = _share(words[_FROM], path, f"{place}.{_FROM}")
            others = {name: value for name, value in words.items() if name != _FROM}
            if others:
                from_when.pop(str(payer), None)
                payers[str(payer)] = _economics(others, payers.get(str(payer), default), path, place)
    return ReviewPolicy(probability, default, payers, from_when, confidence_floor)


def _economics(words: Any, base: Economics | None, path: Path, where: str) -> Economics:
    said = _section(words, path, where, set(_NAMES))
    values: dict[str, Any] = {
        name: _cents(value, path, f"{where}.{name}")
        if name in _AMOUNTS
        else _share(value, path, f"{where}.{name}")
        for name, value in said.items()
    }
    return replace(base or Economics(), **values)


def _section(value: Any, path: Path, where: str, known: set[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise PolicyError(f"{path}: {where or 'the file'}: names with values belong here.")
    unknown = sorted(str(name) for name in value if known is not None and name not in known)
    if unknown:
        raise PolicyError(
            f"{path}: {where + '.' if where else ''}{unknown[0]}: no such name; "
            f"known are {', '.join(sorted(known or ()))}."
        )
    return value


def _cents(value: Any, path: Path, where: str) -> int:
    if type(value) is not int or value < 0:
        raise PolicyError(f"{path}: {where}: a whole number of cents, 0 or more.")
    return value


def _share(value: Any, path: Path, where: str) -> float:
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise PolicyError(f"{path}: {where}: a number from 0 to 1.")
    return float(value)
