"""Trains a model from a history: the same data, seed and version give the same bytes."""

from __future__ import annotations

import datetime
import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.engines.prediction import FEATURES, Economics, Evidence, Model, history_features
from claimwright.engines.prediction.calibration import calibrate, payer_shifts, shifted
from claimwright.engines.prediction.categories import CATEGORIES
from claimwright.engines.prediction.confidence import Confidence
from claimwright.engines.prediction.demand_history import demands_of
from claimwright.engines.prediction.dollars import Dollars
from claimwright.engines.prediction.drift import Profile
from claimwright.engines.prediction.encoding import Real, Vocabulary
from claimwright.engines.prediction.features import count, recent_counts, with_priors
from claimwright.engines.prediction.learning import BOOSTED, Effort, fit_baselines, fit_terms, fit_trees
from claimwright.engines.prediction.maturity import days_to_maturity, weights_as_of
from claimwright.engines.prediction.measures import by_group, intervals, quality, reliability, resampled
from claimwright.engines.prediction.outcomes import CategoryModel, PayerMeans
from claimwright.engines.prediction.terms import STEP, TermTables
from claimwright.engines.prediction.trees import TreeTables
from claimwright.engines.prediction.waiting import Waits
from claimwright.engines.prediction.worth import ALL, ReviewCurve, ReviewPolicy

from .code_identity import code_identity
from .history import History, HistoryError
from .interval_notes import interval_notes
from .remedies import learn_remedies

Flags = npt.NDArray[np.bool_]

# Policies change: a decision from a year ago has a third of the weight of one from today.
HALF_LIFE_DAYS = 240
# Shares of the days of a history: the last fifth is for evaluation, the ninth before it for calibration.
_JUDGED, _CALIBRATED = 0.22, 0.11
_FEWEST_CLAIMS, _FEWEST_DENIALS = 500, 50
_FEWEST_OF_PAYER = 300
# Not a payer ID: lower case and longer than any.
_NO_PAYER = "no payer that the model knows"
CHAMPION_KIND = "explainable boosting machine"
OPTIMAL = "Bayes-optimal"

STAGES = ("features", "machine", "calibration", "baselines", "card")


@dataclass(frozen=True)
class Training:
    """How to train.

    Attributes:
        seed: of all random draws.
        train_until, calibrate_until: first day after the training period, and first day after the calibration
            period; later claims are for evaluation. None: by shares of the history's days.
        effort: how much work goes into the boosted model.
        economics: cost and benefit of a review.
        boosted: whether a boosted model is trained that can't be explained, to be a shadow.
        baselines: whether baseline models for comparison are trained too.
        draws: how often the evaluation claims are resampled for the intervals of the measures.
    """

    seed: int = 7
    train_until: datetime.date | None = None
    calibrate_until: datetime.date | None = None
    effort: Effort = field(default_factory=Effort)
    economics: Economics = field(default_factory=Economics)
    boosted: bool = False
    baselines: bool = True
    draws: int = 100


@dataclass(frozen=True)
class Trained:
    """A model, the claims that it was evaluated on, and the resampled measures of it and the baselines."""

    model: Model
    held_out: Held
    draws: dict[str, Real] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """The evaluation claims: their rows in the history, the predicted probability and the outcome."""

    rows: npt.NDArray[np.int64]
    probability: Real
    denied: Flags
    columns: Real


def train(
    history: History,
    options: Training,
    *,
    optimal: Real | None = None,
    beside: Mapping[str, Real] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Train on the first part of a history, calibrate on the next, evaluate on the last.

    `optimal` are the true probabilities, if known (for a synthetic history): they are measured like a model,
    but not used for training. So are those of `beside`, by name. `progress` gets each stage of `STAGES` when
    it begins.

    Raises:
        HistoryError: too few claims or denials in one of the periods.
    """
    periods = periods_of(history, options)
    progress("features")
    evidence, columns = evidence_of(history, periods)
    denied = history.denied
    progress("machine")
    weights = periods.weights
    terms = _machine(options, columns[periods.train], denied[periods.train], weights[periods.train])
    progress("calibration")
    scores = terms.scored(columns)[1]
    calibration = calibrate(scores[periods.calibrate], denied[periods.calibrate], weights[periods.calibrate])
    payer = evidence.words.codes("payer", history.facts.claims["payer"])
    chosen = periods.calibrate
    plain = calibration.apply(scores)
    shifts = payer_shifts(
        plain[chosen], denied[chosen], payer[chosen], evidence.words.size("payer"), weights[chosen]
    )
    probability = shifted(plain, shifts[payer])
    usual = _usual(history, periods.train & history.by_payers, evidence)
    confidence = Confidence.fit(
        scores[chosen],
        _scores_as_new(history, evidence, terms, chosen),
        payer[chosen],
        denied[chosen],
        history.sent_day[chosen],
        evidence.words.size("payer"),
        weights[chosen],
    )
    waits = Waits.fit(
        payer, probability, history.sent_day, history.days, evidence.words.size("payer"),
        train=history.sent_day < periods.train_until,
        calibrate=(history.sent_day >= periods.train_until) & (history.sent_day < periods.first_judged),
        now=periods.first_judged,
    )  # fmt: skip
    dollars = _dollars(history, confidence, usual, payer, probability, chosen)
    categories = CategoryModel.fit(*_first_reasons(history, columns, periods.train))
    stake = usual.stake_cents(payer, history.charge_cents)
    curves = _review_curves(history, probability, denied, stake, chosen)
    thresholds = {payer: curve.chosen(options.economics) for payer, curve in curves.items()}
    threshold = thresholds.pop(ALL)
    progress("baselines")
    judged = np.flatnonzero(periods.judge)
    kind = BOOSTED if options.boosted else CHAMPION_KIND
    scorers = {kind: probability[judged]}
    if options.baselines:
        for baseline in fit_baselines(
            columns[periods.train], denied[periods.train], seed=options.seed, weights=weights[periods.train]
        ):
            if baseline.name == kind:
                continue
            score = baseline.score(columns)
            given = calibrate(score[chosen], denied[chosen], weights[chosen]).apply(score)
            moved = payer_shifts(given[chosen], denied[chosen], payer[chosen], len(shifts), weights[chosen])
            scorers[baseline.name] = shifted(given, moved[payer])[judged]
    scorers |= {name: given[judged] for name, given in (beside or {}).items()}
    if optimal is not None:
        scorers[OPTIMAL] = optimal[judged]
    measures = {name: quality(given, denied[judged]).as_numbers() for name, given in scorers.items()}
    draws = resampled(
        scorers, denied[judged], optimal=None if optimal is None else OPTIMAL, draws=options.draws
    )
    progress("card")
    about = {
        "kind": kind,
        "code_sha256": code_identity(),
        "source": history.source,
        "seed": options.seed,
        "effort": asdict(options.effort),
        "economics": asdict(options.economics),
        "half_life_days": HALF_LIFE_DAYS,
        "data_sha256": _digest(columns, denied),
        "periods": _period_notes(history, periods),
        "measures": measures,
        "measure_intervals": {
            name: {measure: asdict(each) for measure, each in intervals(own).items()}
            for name, own in draws.items()
        },
        "days_to_maturity": periods.maturity,
        "by_payer": by_group(
            history.facts.claims["payer"].gather(judged), probability[judged], denied[judged]
        ).to_dicts(),
        "reliability": reliability(probability[judged], denied[judged]),
        "calibration": calibration.method,
        "threshold": threshold,
        "review_curves": {payer: curve.as_numbers() for payer, curve in curves.items()},
        "category_accuracy": _category_accuracy(history, columns, categories, judged),
        "days_mean_error": _days_error(history, waits, payer, probability, judged),
        "intervals": interval_notes(history, confidence, waits, dollars, usual, payer, probability, judged),
        "importance": _importance(terms, columns[judged]),
    }
    model = Model(
        about=_plain(about),
        evidence=evidence,
        terms=terms,
        calibration=calibration,
        shifts=shifts,
        categories=categories,
        usual=usual,
        confidence=confidence,
        waits=waits,
        dollars=dollars,
        threshold=threshold,
        thresholds=thresholds,
        profile=_profile(history, evidence, periods.train),
        base_rate=float(denied[periods.train].mean()),
        learned_from=np.unique(history.fingerprint[periods.train | periods.calibrate]),
    )
    calibrated = int(history.sent_day[periods.calibrate].max()) + 1
    learned = learn_remedies(model, history, periods.train_until, calibrated)
    model = replace(model, remedies=learned.remedies, about=model.about | {"remedies": _plain(learned.notes)})
    model = model.under(ReviewPolicy())
    return Trained(model, Held(judged, probability[judged], denied[judged], columns[judged]), draws)


@dataclass(frozen=True)
class _Periods:
    train: Flags
    calibrate: Flags
    judge: Flags
    first_judged: int
    train_until: int
    weights: Real
    maturity: int


def periods_of(history: History, options: Training) -> _Periods:
    """Which claims are trained with, calibrated with and judged by, and their weights."""
    sent, answered_day = history.sent_day, history.answers.answered_day
    maturity = days_to_maturity(sent, answered_day, history.denied)
    # Claims of the last days are decided in part only, and that part is not like the rest.
    first, last = int(sent.min()), min(int(sent.max()), int(answered_day.max()) - maturity) + 1
    until = _day(options.train_until) or last - round((last - first) * (_JUDGED + _CALIBRATED))
    calibrated = _day(options.calibrate_until) or last - round((last - first) * _JUDGED)
    # Who is judged from a day on has learned from the decisions of the days before, and weighted them.
    payer = history.facts.claims["payer"].rank("dense").fill_null(0).to_numpy().astype(np.int64)
    weights = weights_as_of(sent, answered_day, history.denied, payer, calibrated)
    by_people = history.answered & ~history.by_payers
    weights = np.where(by_people, 1.0, weights)
    parts = {
        "train": history.answered & (weights > 0) & (sent < until),
        "calibrate": history.by_payers & (weights > 0) & (sent >= until) & (sent < calibrated),
        "judge": history.by_payers & (sent >= calibrated) & (sent < last),
    }
    for name, part in parts.items():
        claims, denials = int(part.sum()), int(history.denied[part].sum())
        least = _FEWEST_CLAIMS if name == "train" else _FEWEST_CLAIMS // 5
        fewest = _FEWEST_DENIALS if name == "train" else _FEWEST_DENIALS // 5
        if claims < least or denials < fewest:
            raise HistoryError(
                f"the period to {name} has {claims:,} answered claims and {denials:,} denials; "
                f"at least {least} and {fewest} are needed. Give more months, or other days with "
                "--train-until and --calibrate-until."
            )
    return _Periods(parts["train"], parts["calibrate"], parts["judge"], calibrated, until, weights, maturity)


def _dollars(
    history: History,
    confidence: Confidence,
    usual: PayerMeans,
    payer: npt.NDArray[np.int64],
    probability: Real,
    use: Flags,
) -> Dollars:
    """Doubt about sums at risk, from those of each payer and half of the calibration period."""
    own, given = payer[use], probability[use]
    is_late = history.sent_day[use] > np.median(history.sent_day[use])
    stake = usual.stake_cents(own, history.charge_cents[use]).astype(np.float64)
    lost = history.denied_cents[use] * usual.paid_share[own]
    group = own * 2 + is_late.astype(np.int64)
    return Dollars.fit(given, *confidence.interval(given, own), stake, lost, history.denied[use], group)


def _scores_as_new(history: History, evidence: Evidence, terms: TermTables | TreeTables, rows: Flags) -> Real:
    """Scores of claims as if the model did not know their payers, nor any decision of these."""
    claims = history.facts.claims.with_columns(payer=pl.lit(_NO_PAYER))
    none: Flags = np.zeros(len(history), dtype=bool)
    unknown = replace(history.facts, claims=claims)
    # As claims of one unknown payer, they would tell each other what all payers together demand.
    unanswered = replace(history.answers, answered_day=np.full(len(history), -1, dtype=np.int64))
    columns = history_features(unknown, unanswered, evidence, none)
    return terms.scored(columns[rows])[1]


def _day(date: datetime.date | None) -> int | None:
    return None if date is None else (date - datetime.date(1970, 1, 1)).days


def evidence_of(history: History, periods: _Periods) -> tuple[Evidence, Real]:
    """Evidence of the training period, and features of all claims as of the time when they were sent."""
    facts, answers = history.facts, history.answers
    words = Vocabulary.of(facts)
    age = np.maximum(periods.train_until - history.sent_day, 0)
    weights = 0.5 ** (age / HALF_LIFE_DAYS) * periods.weights
    tallies = with_priors(count(facts, answers, periods.train, words, weights), words)
    demands = demands_of(facts, answers, periods.train, words, periods.weights)
    last = int(answers.answered_day.max()) + 1
    sent = facts.claims["submitted_on"].filter(pl.Series(periods.train))
    evidence = Evidence(
        words,
        tallies,
        recent_counts(facts, answers, words, tallies, last),
        since=_date(sent.min()),
        until=_date(sent.max()),
        recent_until=datetime.date(1970, 1, 1) + datetime.timedelta(days=last),
        demands=demands,
    )
    return evidence, history_features(
        facts, answers, evidence, periods.train, weights=weights, demand_weights=periods.weights
    )


def _date(day: Any) -> datetime.date:
    """What Polars says of a column of dates that has any."""
    assert isinstance(day, datetime.date)
    return day


def _profile(history: History, evidence: Evidence, use: Flags) -> Profile:
    """The distribution of features as scored (not out of fold), as the reference for drift."""
    none_trained: Flags = np.zeros(len(history), dtype=bool)
    columns = history_features(history.facts, history.answers, evidence, none_trained)
    return Profile.of(columns[use], tuple(feature.cuts for feature in FEATURES))


def _usual(history: History, use: Flags, evidence: Evidence) -> PayerMeans:
    payer = evidence.words.codes("payer", history.facts.claims["payer"])
    return PayerMeans.of(
        payer[use],
        evidence.words.size("payer"),
        history.denied[use],
        history.charge_cents[use],
        history.paid_cents[use],
        history.denied_cents[use],
    )


def _first_reasons(history: History, columns: Real, use: Flags) -> tuple[Real, npt.NDArray[np.int8]]:
    """Features and category of denied claims; of several categories the first in the list."""
    rows = np.flatnonzero(use & history.denied)
    return columns[rows], _category(history, rows)


def _category(history: History, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    reasons = history.answers.reasons[rows]
    bits = (reasons[:, None] >> np.arange(len(CATEGORIES))) & 1
    found: npt.NDArray[np.int8] = bits.argmax(axis=1).astype(np.int8)
    return found


def _review_curves(
    history: History, probability: Real, denied: Flags, stake: npt.NDArray[np.int64], use: Flags
) -> dict[str, ReviewCurve]:
    """Benefit of reviews in the period: over all claims, and for each payer with enough claims."""
    payers = history.facts.claims["payer"]
    found = {ALL: ReviewCurve.of(probability[use], denied[use], stake[use])}
    for name in sorted(payers.drop_nulls().unique()):
        own = (payers == name).fill_null(False).to_numpy() & use
        if own.sum() >= _FEWEST_OF_PAYER:
            found[str(name)] = ReviewCurve.of(probability[own], denied[own], stake[own])
    return found


def _digest(columns: Real, denied: Flags) -> str:
    return hashlib.sha256(np.ascontiguousarray(columns).tobytes() + denied.tobytes()).hexdigest()


def _period_notes(history: History, periods: _Periods) -> dict[str, Any]:
    days = history.facts.claims["submitted_on"]
    notes = {}
    for name in ("train", "calibrate", "judge"):
        part = getattr(periods, name)
        own = days.filter(pl.Series(part))
        notes[name] = {
            "from": str(own.min()),
            "to": str(own.max()),
            "claims": int(part.sum()),
            "denied": int(history.denied[part].sum()),
        }
    return notes


def _category_accuracy(
    history: History, columns: Real, categories: CategoryModel, judged: npt.NDArray[np.int64]
) -> float:
    """Share of evaluated denials whose most likely category is one of those of the claim's denied lines."""
    rows = judged[history.denied[judged]]
    best = categories.shares(columns[rows]).argmax(axis=1)
    return float(((history.answers.reasons[rows] >> best) & 1).mean())


def _days_error(
    history: History,
    waits: Waits,
    payer: npt.NDArray[np.int64],
    probability: Real,
    judged: npt.NDArray[np.int64],
) -> dict[str, float]:
    """Mean absolute error of the expected days, and that of a constant for all claims."""
    days = history.days[judged]
    expected = waits.of_claims(payer[judged], probability[judged])[:, 1]
    return {
        "model": float(np.abs(days - expected).mean()),
        "one_number": float(np.abs(days - np.median(days)).mean()),
    }


def _machine(options: Training, columns: Real, denied: Flags, weights: Real) -> TermTables | TreeTables:
    if options.boosted:
        return fit_trees(columns, denied, seed=options.seed, weights=weights)
    return fit_terms(columns, denied, seed=options.seed, effort=options.effort, weights=weights)


def _importance(terms: TermTables | TreeTables, columns: Real) -> list[dict[str, Any]]:
    """Mean absolute contribution of each term on the evaluation claims, in log odds, largest first."""
    if isinstance(terms, TreeTables):
        return []
    weight = np.abs(terms.contributions(columns).astype(np.float64)).mean(axis=0) / STEP
    order = np.argsort(-weight, kind="stable")
    return [{"term": terms.title(int(n)), "log_odds": round(float(weight[n]), 4)} for n in order]


def _plain(value: Any) -> Any:
    """Convert to JSON types; NaN becomes null."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
