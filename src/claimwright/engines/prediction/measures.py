"""Measures of prediction quality, as stated in a model card."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Real = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# With fewer claims, a group's denial rate is mostly chance.
FEWEST_OF_GROUP = 100


@dataclass(frozen=True)
class Quality:
    """The quality of one scorer on one period.

    Attributes:
        claims: number of evaluated claims; `denials` of them were denied.
        pr_auc: area under the precision-recall curve, as average precision.
        auroc: probability that a denied claim is ranked above a paid one.
        recall_at_90, recall_at_95: share of denials found at a precision of 90 (95) percent.
        brier: mean squared error of the probability.
        calibration_slope: slope of the outcome on the predicted log odds; 1 is perfect, below 1 the
            prediction is overconfident.
        calibration_intercept: of the same line.
        expected_calibration_error: mean gap between predicted and observed in ten bins of equal size.
    """

    claims: int
    denials: int
    pr_auc: float
    auroc: float
    recall_at_90: float
    recall_at_95: float
    brier: float
    calibration_slope: float
    calibration_intercept: float
    expected_calibration_error: float

    def as_numbers(self) -> dict[str, float]:
        """The measures by name, for a model card."""
        return asdict(self)


def quality(probability: Real, denied: Flags) -> Quality:
    """Measure probabilities against outcomes. NaN if there are only denials or no denials."""
    from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

    nothing = float("nan")
    if not len(denied) or denied.all() or not denied.any():
        brier = float(np.mean((probability - denied) ** 2)) if len(denied) else nothing
        none = (nothing, nothing, nothing, nothing)
        return Quality(len(denied), int(denied.sum()), *none, brier, nothing, nothing, nothing)
    precision, recall, _ = precision_recall_curve(denied, probability)
    slope, intercept = calibration_line(probability, denied)
    return Quality(
        len(denied),
        int(denied.sum()),
        float(average_precision_score(denied, probability)),
        float(roc_auc_score(denied, probability)),
        float(recall[precision >= 0.90].max(initial=0.0)),
        float(recall[precision >= 0.95].max(initial=0.0)),
        float(np.mean((probability - denied) ** 2)),
        slope,
        intercept,
        _bin_gap(probability, denied),
    )


@dataclass(frozen=True)
class Interval:
    """A measure on one period, and the ends of its 95 percent interval by bootstrap over claims."""

    value: float
    low: float
    high: float


# Measures with an interval. `share` is of the optimum's area under the precision-recall curve, `share_above`
# the same with the denial rate, which guessing reaches, taken away from both.
RESAMPLED = (
    "pr_auc", "share", "share_above", "recall_at_90", "recall_at_95", "calibration_slope",
    "expected_calibration_error",
)  # fmt: skip


def resampled(
    probabilities: dict[str, Real],
    denied: Flags,
    *,
    optimal: str | None = None,
    draws: int = 200,
    seed: int = 0,
) -> dict[str, Real]:
    """Measures of several scorers of the same claims under resampling: one row per draw, one column each of
    `RESAMPLED`; the first row is without resampling. The draws are the same for all scorers.

    `optimal` names the scorer that knows the truth, for the shares; NaN without one.
    """
    random = np.random.default_rng(seed)
    names = list(probabilities)
    orders = {name: np.argsort(-probabilities[name], kind="stable") for name in names}
    odds = {name: log_odds(probabilities[name]) for name in names}
    found = {name: np.full((draws + 1, len(RESAMPLED)), np.nan) for name in names}
    for number in range(draws + 1):
        drawn: Real = np.ones(len(denied), dtype=np.float64)
        if number:
            places = random.integers(0, len(denied), len(denied))
            drawn = np.bincount(places, minlength=len(denied)).astype(np.float64)
        base = float((denied * drawn).sum() / drawn.sum())
        area = {
            name: _weighted_precision(denied[o].astype(np.float64), drawn[o]) for name, o in orders.items()
        }
        best = area[optimal] if optimal is not None else float("nan")
        for name in names:
            order = orders[name]
            recall = _weighted_recall(denied[order].astype(np.float64), drawn[order])
            found[name][number] = (
                area[name], area[name] / best, (area[name] - base) / (best - base), *recall,
                weighted_slope(odds[name], denied, drawn),
                _weighted_gap(probabilities[name], denied, drawn, order),
            )  # fmt: skip
    return found


def intervals(draws: Real) -> dict[str, Interval]:
    """The intervals of one scorer's measures, from `resampled`."""
    found = {}
    for column, name in enumerate(RESAMPLED):
        values = draws[1:, column][np.isfinite(draws[1:, column])]
        # Without an optimum there are no shares of it.
        if len(values):
            low, high = (float(end) for end in np.quantile(values, (_LOWER, 1 - _LOWER)))
            found[name] = Interval(float(draws[0, column]), low, high)
    return found


def _weighted_recall(denied: Real, weight: Real) -> tuple[float, float]:
    caught = (denied * weight).cumsum()
    seen = weight.cumsum()
    precision = np.divide(caught, seen, out=np.zeros(len(seen)), where=seen > 0)
    recall = caught / max(caught[-1], 1e-9)
    return tuple(float(recall[precision >= least].max(initial=0.0)) for least in (0.90, 0.95))  # type: ignore[return-value]


def weighted_slope(odds: Real, denied: Flags, weight: Real) -> float:
    """Slope of the outcome on the log odds, by Newton's method."""
    design = np.column_stack([odds, np.ones(len(odds))])
    line = np.array([1.0, 0.0])
    for _ in range(12):
        expected = 1 / (1 + np.exp(-np.clip(design @ line, -40, 40)))
        bend = (design.T * (weight * expected * (1 - expected))) @ design + 1e-9 * np.eye(2)
        line = line + np.linalg.solve(bend, design.T @ (weight * (denied - expected)))
    return float(line[0])


def _weighted_gap(
    probability: Real, denied: Flags, weight: Real, order: npt.NDArray[np.intp], bins: int = 10
) -> float:
    own = order[weight[order] > 0]
    seen = weight[own].cumsum()
    place = np.minimum((seen - weight[own] / 2) * bins / seen[-1], bins - 1).astype(int)
    gap = np.bincount(place, weight[own] * (probability[own] - denied[own]), bins)
    return float(np.abs(gap).sum() / seen[-1])


_DRAWS = 400
# Of 400 draws, 10 are below the lower end of a two-sided interval of 95 percent.
_LOWER = 0.025


def least_margin(candidate: Real, champion: Real, denied: Flags, *, seed: int = 0) -> float:
    """Lower end of the 95 percent interval of the candidate's lead in PR-AUC, by a paired bootstrap.

    Both are probabilities of the same claims. NaN if there are only denials or no denials.
    """
    if not len(denied) or denied.all() or not denied.any():
        return float("nan")
    orders = [np.argsort(-each, kind="stable") for each in (candidate, champion)]
    labels = [denied[order].astype(np.float64) for order in orders]
    draws = np.random.default_rng(seed)
    margins = np.empty(_DRAWS)
    for number in range(_DRAWS):
        drawn = np.bincount(draws.integers(0, len(denied), len(denied)), minlength=len(denied))
        own, other = (
            _weighted_precision(label, drawn[order].astype(np.float64))
            for label, order in zip(labels, orders, strict=True)
        )
        margins[number] = own - other
    return float(np.nanquantile(margins, _LOWER))


def _weighted_precision(denied: Real, weight: Real) -> float:
    """Average precision of claims in order of score, each weighted by how often it was drawn."""
    caught = denied * weight
    seen = weight.cumsum()
    precision = np.divide(caught.cumsum(), seen, out=np.zeros(len(seen)), where=seen > 0)
    total = caught.sum()
    return float((precision * caught).sum() / total) if total else float("nan")


def log_odds(probability: Real) -> Real:
    """Log odds of probabilities, clipped away from 0 and 1."""
    kept = np.clip(probability, 1e-6, 1 - 1e-6)
    odds: Real = np.log(kept / (1 - kept))
    return odds


def calibration_line(probability: Real, denied: Flags) -> tuple[float, float]:
    """Slope and intercept of a logistic regression of the outcome on the log odds (Cox 1958)."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e6, max_iter=500).fit(log_odds(probability)[:, None], denied)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _bin_gap(probability: Real, denied: Flags, bins: int = 10) -> float:
    order = np.argsort(probability, kind="stable")
    gaps = [
        abs(float(probability[part].mean()) - float(denied[part].mean())) * len(part)
        for part in np.array_split(order, bins)
        if len(part)
    ]
    return sum(gaps) / len(order)


def by_group(group: pl.Series, probability: Real, denied: Flags) -> pl.DataFrame:
    """`group`, `claims`, `predicted`, `observed`, `gap` (predicted less observed) and `enough` claims."""
    names = sorted(group.drop_nulls().unique())
    place = group.replace_strict(names, range(len(names)), default=None, return_dtype=pl.Int64)
    known = place.is_not_null().to_numpy()
    # NumPy adds in the order of the claims; a thread pool would add in any order, and the last digit would
    # vary.
    at = place.drop_nulls().to_numpy()
    claims = np.bincount(at, minlength=len(names))
    predicted = np.bincount(at, probability[known], len(names)) / np.maximum(claims, 1)
    observed = np.bincount(at, denied[known], len(names)) / np.maximum(claims, 1)
    return pl.DataFrame(
        {
            "group": names,
            "claims": claims,
            "predicted": predicted,
            "observed": observed,
            "gap": predicted - observed,
            "enough": claims >= FEWEST_OF_GROUP,
        }
    )


def reliability(probability: Real, denied: Flags, bins: int = 10) -> list[tuple[float, float, int]]:
    """Predicted and observed share, and claims, of bins of equal size."""
    order = np.argsort(probability, kind="stable")
    return [
        (float(probability[part].mean()), float(denied[part].mean()), len(part))
        for part in np.array_split(order, bins)
        if len(part)
    ]
