"""Decides which demands hold and how strictly, so that payers deny as often, and for the causes, as drawn."""

from __future__ import annotations

import numpy as np
import polars as pl

from .dice import Dice
from .kinds import Kind
from .rules import MOST, RULES, hazards_of, hits
from .view import View

_TURNS = 4
# What a claim does not show, or one demand for all services, has this share of its cause at the start.
_SHARE = {
    "eligibility": 1.0,
    "unknown": 1.0,
    "identity": 0.35,
    "taxonomy": 0.1,
    "rendering": 0.2,
    "charge": 0.4,
    "other_coverage": 0.3,
    "parents_coverage": 0.3,
    "any_coverage": 0.4,
    "wrong_authorization": 0.15,
}
# Rates are moved within these factors; beyond them a payer just denies less than drawn.
_WEAKEST, _STRONGEST = 0.02, 3.0


def targets(kind: Kind, seed: int, payers: pl.DataFrame, view: View) -> pl.DataFrame:
    """`payer`, `cause`, `expected`: how many claims of each payer are to be denied for each cause."""
    dice = Dice(seed, "targets")
    size = view.claims.group_by("payer").len("claims")
    own = payers.join(size, on="payer", how="left", maintain_order="left").with_columns(
        pl.col("claims").fill_null(0),
        usual=pl.col("kind").replace_strict(dict(kind.denied_by_kind), return_dtype=pl.Float64) / 100,
    )
    share = own["usual"].to_numpy() * dice.factor("payer", kind.payer_spread, own.height)
    claims = own["claims"].to_numpy()
    overall = dice.one("denied", kind.denied)
    share = np.clip(share * overall * claims.sum() / max((share * claims).sum(), 1e-9), 0.01, 0.45)
    causes = list(kind.mix)
    mix = np.array([kind.mix[cause] for cause in causes])
    jitter = dice.factor("mix", kind.mix_spread, own.height * len(causes)).reshape(own.height, -1)
    of_payer = mix * jitter
    of_payer /= of_payer.sum(axis=1, keepdims=True)
    # Over all payers the causes have the shares of the kind.
    weight = share * claims
    for _ in range(_TURNS):
        of_payer *= (mix / mix.sum()) / ((of_payer * weight[:, None]).sum(axis=0) / max(weight.sum(), 1e-9))
        of_payer /= of_payer.sum(axis=1, keepdims=True)
    expected = of_payer * weight[:, None]
    return pl.DataFrame(
        {
            "payer": np.repeat(own["payer"].to_numpy(), len(causes)),
            "cause": causes * own.height,
            "expected": expected.ravel(),
        }
    )


def balanced(tables: dict[str, pl.DataFrame], view: View, wanted: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The demands that hold, with their final rates."""
    kept = _thinned(_leveled(tables, view, wanted), view, wanted)
    for _ in range(_TURNS):
        kept = _scaled(kept, view, wanted)
    return {name: table.drop("order", "begun", strict=False) for name, table in kept.items()}


def _leveled(tables: dict[str, pl.DataFrame], view: View, wanted: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Rates of demands that are in force for everything, so that they deny their share."""
    broken = _breaks(tables, view).group_by("rule", "payer", "cause").agg(pl.col("sum").sum())
    own = broken.join(wanted, on=["payer", "cause"], how="inner").with_columns(
        level=pl.col("expected")
        * pl.col("rule").replace_strict(_SHARE, default=None, return_dtype=pl.Float64)
        / pl.col("sum")
    )
    found = dict(tables)
    for name in _SHARE:
        level = own.filter(pl.col("rule") == name).select("payer", "level")
        found[name] = (
            tables[name]
            .join(level, on="payer", how="left", maintain_order="left")
            .with_columns(
                rate=(pl.col("rate") * pl.col("level").fill_nan(0.0).fill_null(0.0)).clip(0.0, MOST)
            )
            .drop("level")
        )
    return found


def _breaks(tables: dict[str, pl.DataFrame], view: View) -> pl.DataFrame:
    """`rule`, `row`, `payer`, `cause`, `order`, `sum`: how many denials each demand is good for."""
    parts = []
    for rule in RULES:
        table = tables[rule.name].with_row_index("row")
        found = hits(view, rule, tables[rule.name]).group_by("row").agg(sum=pl.col("rate").sum())
        order = pl.col("order") if "order" in table.columns else pl.lit(0.0)
        parts.append(
            table.select("row", "payer", order=order)
            .join(found, on="row", how="left", maintain_order="left")
            .with_columns(
                pl.col("sum").fill_null(0.0),
                rule=pl.lit(rule.name),
                cause=pl.lit(rule.cause),
                is_thinned=pl.lit(rule.is_thinned),
            )
        )
    return pl.concat(parts)


def _thinned(tables: dict[str, pl.DataFrame], view: View, wanted: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Each payer's demands in their order, until they deny as many as wanted."""
    broken = _breaks(tables, view).filter("is_thinned").join(wanted, on=["payer", "cause"], how="left")
    ordered = broken.sort("payer", "cause", "order").with_columns(
        before=pl.col("sum").cum_sum().over("payer", "cause") - pl.col("sum")
    )
    used = {rule.cause: 0.0 for rule in RULES}
    for rule in RULES:
        used[rule.cause] += _SHARE.get(rule.name, 0.0)
    left = 1.0 - pl.col("cause").replace_strict(used, return_dtype=pl.Float64)
    holds = ordered.filter(pl.col("before") < pl.col("expected").fill_null(0.0) * left)
    found = {}
    for rule in RULES:
        table = tables[rule.name]
        rows = holds.filter(pl.col("rule") == rule.name)["row"]
        found[rule.name] = (
            table.with_row_index("row").filter(pl.col("row").is_in(rows.implode())).drop("row")
            if rule.is_thinned
            else table
        )
    return found


def _scaled(tables: dict[str, pl.DataFrame], view: View, wanted: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The rates of each payer's demands for a cause, all moved by one factor."""
    hazards = hazards_of(view, tables)
    by_claim = hazards.by_claim()
    # A claim may be denied for several reasons at once; it counts once, so each counts for its share.
    total = np.maximum(sum(by_claim.values()), 1e-12)
    share = hazards.probability() / total
    payer = view.claims["payer"]
    causes: dict[str, np.ndarray] = {}
    for rule in RULES:
        causes[rule.cause] = causes.get(rule.cause, 0.0) + by_claim[rule.name] * share
    reached = pl.concat(
        pl.DataFrame({"payer": payer, "cause": cause, "reached": value})
        .group_by("payer", "cause")
        .agg(pl.col("reached").sum())
        for cause, value in causes.items()
    )
    factor = wanted.join(reached, on=["payer", "cause"], how="left").with_columns(
        factor=(pl.col("expected") / pl.col("reached"))
        .fill_nan(1.0)
        .fill_null(1.0)
        .clip(_WEAKEST, _STRONGEST)
    )
    found = {}
    for rule in RULES:
        own = factor.filter(pl.col("cause") == rule.cause).select("payer", "factor")
        found[rule.name] = (
            tables[rule.name]
            .join(own, on="payer", how="left", maintain_order="left")
            .with_columns(rate=(pl.col("rate") * pl.col("factor").fill_null(1.0)).clip(0.0, MOST).round(6))
            .drop("factor")
        )
    return found
