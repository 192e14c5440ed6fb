"""Checks that the parts of a loaded model are consistent, so that none fails while claims are scored.

A checksum only shows that a file was not changed after it was written; anybody who writes a file can also
write its checksum. Checked here: sizes against each other and the feature catalogue, sort order where a
binary search needs it, finite numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import numpy as np

from .catalogue import ENCODINGS, NAMES
from .categories import CATEGORIES
from .demand_files import faults_of_demands
from .encoding import Counts, Tally
from .outcomes import PayerMeans
from .remedy_files import faults_of_remedies
from .terms import TermTables
from .trees import LEAVES, TreeTables
from .waiting import BANDS as WAIT_BANDS
from .waiting import HORIZONS, LEVELS

if TYPE_CHECKING:
    from .model import Model

# Log odds beyond this limit are not meaningful probabilities; contributions are 16-bit integers, in steps.
_LARGEST_INTERCEPT = 1 << 24
# An interval of more log odds is no interval.
_WIDEST = 100


def faults_of(model: Model) -> list[str]:
    """The parts that can't be used, in plain words; empty if the model is consistent."""
    payers = model.evidence.words.size("payer")
    return [
        *_of_terms(model.terms),
        *_of_evidence(model),
        *_of_calibration(model.calibration),
        *_named("shifts", _is(model.shifts, (payers,))),
        *_of_categories(model),
        *(
            fault
            for name in PayerMeans.__dataclass_fields__
            for fault in _named(f"usual.{name}", _is(getattr(model.usual, name), (payers,)))
        ),
        *_of_confidence(model, payers),
        *_of_waits(model, payers),
        *_of_dollars(model),
        *_named("threshold", _is_share(model.threshold)),
        *_named("thresholds", all(_is_share(each) for each in model.thresholds.values())),
        *_named("base_rate", _is_share(model.base_rate)),
        *_of_profile(model),
        *_named("learned_from", model.learned_from.ndim == 1),
        *faults_of_remedies(model.remedies),
    ]


def _named(part: str, sound: Any) -> list[str]:
    return [] if sound else [part]


def _is(array: Any, shape: tuple[int, ...]) -> bool:
    """Whether an array has this shape and only finite numbers."""
    return bool(array.dtype.kind in "iuf" and array.shape == shape and np.isfinite(array).all())


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _ascends(array: Any) -> bool:
    return array.ndim == 1 and not np.isnan(array).any() and bool((np.diff(array) >= 0).all())


def _of_confidence(model: Model, payers: int) -> Iterator[str]:
    doubts = model.confidence.doubts
    yield from _named("confidence.doubts", _is(doubts, (payers,)) and float(doubts.min(initial=0.0)) >= 0)
    for name, interval in (("known", model.confidence.known), ("new", model.confidence.new)):
        yield from _named(f"confidence.{name}", _are_widths(interval.spread, interval.factor))
    for name, again in (("again", model.confidence.again), ("again_new", model.confidence.again_new)):
        shape = (len(again.at),)
        ends = (again.if_paid, again.if_denied)
        shares = all(_is(each, shape) and ((each >= 0) & (each <= 1)).all() for each in ends)
        yield from _named(f"confidence.{name}", len(again.at) and _ascends(again.at) and shares)


def _of_dollars(model: Model) -> Iterator[str]:
    yield from _named("dollars", _are_widths(model.dollars.spread, model.dollars.factor))


def _are_widths(*values: Any) -> bool:
    return all(isinstance(each, int | float) and 0 <= each < _WIDEST for each in values)


def _of_waits(model: Model, payers: int) -> Iterator[str]:
    bands, waits = len(WAIT_BANDS) + 1, model.waits
    yield from _named("waits.days", _is(waits.days, (payers, bands, len(LEVELS))) and (waits.days >= 0).all())
    answered = waits.answered
    sound = _is(answered, (payers, bands, len(HORIZONS))) and ((answered >= 0) & (answered <= 1)).all()
    yield from _named("waits.answered", sound)


def _of_terms(terms: TermTables | TreeTables) -> Iterator[str]:
    if len(terms.names) != len(NAMES):
        yield "terms.names"
    if isinstance(terms, TreeTables):
        yield from _of_trees(terms)
        return
    if abs(terms.intercept) > _LARGEST_INTERCEPT:
        yield "terms.intercept"
    for feature, cuts in terms.cuts.items():
        if not 0 <= feature < len(NAMES) or not _ascends(cuts):
            yield f"cuts_{feature}"
            return
    for number, term in enumerate(terms.terms):
        # One position for missing values, and one below the first cut.
        size = tuple(len(terms.cuts[feature]) + 2 for feature in term.features)
        if not size or term.contributions.dtype != np.int16 or term.contributions.shape != size:
            yield f"{number}_contributions"


def _of_trees(trees: TreeTables) -> Iterator[str]:
    nodes = (len(trees.cut),)
    numbers = (trees.tree, trees.feature, trees.kept)
    if any(each.shape != nodes or each.dtype.kind not in "iu" for each in numbers):
        yield "trees"
        return
    if (np.diff(trees.tree) < 0).any() or trees.kept.dtype != np.uint16 or trees.is_low.shape != nodes:
        yield "trees.tree"
    if ((trees.feature < 0) | (trees.feature >= len(NAMES))).any():
        yield "trees.feature"
    if not np.isfinite(trees.cut).all():
        yield "trees.cut"
    if trees.values.ndim != 2 or trees.values.shape[1] != LEAVES or not np.isfinite(trees.values).all():
        yield "trees.values"


def _of_evidence(model: Model) -> Iterator[str]:
    evidence = model.evidence
    for encoding in ENCODINGS:
        for column in encoding.key:
            words = evidence.words.values[column]
            if not all(isinstance(each, str) for each in words) or len(set(words)) < len(words):
                yield f"vocabulary.{column}"
    for kind, tallies in (("all", evidence.tallies), ("recent", evidence.recent)):
        for name, tally in tallies.items():
            yield from (f"{kind}.{name}.{part}" for part in _of_tally(tally))
    yield from faults_of_demands(evidence.demands, evidence.words.size("payer"))


def _of_tally(tally: Tally) -> Iterator[str]:
    for name in ("own", "wider", "happened"):
        counts: Counts = getattr(tally, name)
        same = counts.keys.shape == counts.total.shape == counts.denied.shape
        if not same or counts.keys.dtype.kind not in "iu" or not _ascends(counts.keys):
            yield f"{name}.keys"
        elif not (_is(counts.total, counts.keys.shape) and _is(counts.denied, counts.keys.shape)):
            yield f"{name}.total"
    if not np.isfinite(tally.base):
        yield "base"
    prior = tally.prior
    sound = all(np.isfinite(each) for each in astuple(prior)) and prior.strength > 0
    if prior.has_two_kinds:
        sound = sound and 0 < prior.low < prior.high < 1 and prior.high_strength > 0
    if not sound:
        yield "prior"


def _of_calibration(calibration: Any) -> Iterator[str]:
    corners, values = calibration.corners, calibration.values
    lengths = corners.shape == values.shape and corners.ndim == 1 and len(corners) > 0
    known = calibration.method in {"platt", "isotonic"}
    if not known or not lengths or not (_is(corners, corners.shape) and _is(values, values.shape)):
        yield "calibration"
    elif calibration.method == "isotonic" and not _ascends(corners):
        yield "calibration.corners"


def _of_categories(model: Model) -> Iterator[str]:
    categories = model.categories
    seen = categories.seen
    if seen.ndim != 1 or ((seen < 0) | (seen >= len(CATEGORIES))).any() or len(np.unique(seen)) < len(seen):
        yield "categories.seen"
    elif not _is(categories.intercepts, seen.shape):
        yield "categories.intercepts"
    elif not _is(categories.weights, (len(seen), len(CATEGORIES))):
        yield "categories.weights"


def _of_profile(model: Model) -> Iterator[str]:
    profile = model.profile
    if not len(profile.cuts) == len(profile.counts) == len(NAMES):
        yield "profile"
        return
    for number, (cuts, counts) in enumerate(zip(profile.cuts, profile.counts, strict=True)):
        if counts.shape != (len(cuts) + 2,) or not _ascends(np.array(cuts, dtype=np.float64)):
            yield f"profile of feature {number}"
