"""A model as four files that anyone can read: JSON and NumPy arrays, each with its checksum.

`model.json` contains everything that is text or small; `terms.npz` the tables of the boosted model;
`evidence.npz` the counts of past denials; `remedies.npz` what payers did with and without each step. No file
can contain code. The model's id is derived from their content.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import astuple
from typing import Any

import numpy as np

from claimwright.foundation.errors import ModelError

from .arrays import LARGEST_FILE, ArraysError, packed, unpacked
from .calibration import Calibration
from .catalogue import ENCODING_OF, NAMES, RECENT
from .confidence import Confidence
from .demand_files import demands_in, demands_out
from .dollars import Dollars
from .drift import Profile
from .encoding import Counts, Tally, Vocabulary
from .features import Evidence
from .model import Model
from .outcomes import CategoryModel, PayerMeans
from .priors import Prior
from .remedy_files import remedies_in, remedies_out
from .soundness import faults_of
from .terms import Term, TermTables
from .trees import TreeTables
from .waiting import Waits
from .worth import ReviewPolicy

# Version 2 added the fingerprints of the training claims, and their unweighted counts; version 3 intervals
# with a measured coverage, and waits; version 4 the prior weights of rates, and remedies; version 5 rates of
# two kinds of keys, and trees; version 6 demands.
FORMAT = 6
MANIFEST = "model.json"
_LEARNED_FROM = "learned_from"
_ARRAYS = ("terms.npz", "evidence.npz", "remedies.npz")
# Exceptions that reading untrusted parts can raise.
_MISFITS = (KeyError, ValueError, IndexError, TypeError, AttributeError, OverflowError)


class ArtifactError(ModelError):
    """A model can't be read. The message says which file and what to do."""


def to_files(model: Model) -> dict[str, bytes]:
    """The files of a model, by name; the same model gives the same bytes."""
    terms, term_notes = terms_out(model.terms)
    remedies, remedy_notes = remedies_out(model.remedies)
    files = {
        "terms.npz": packed(terms),
        "evidence.npz": packed(_evidence_out(model.evidence) | {_LEARNED_FROM: model.learned_from}),
        "remedies.npz": packed(remedies),
    }
    manifest = {
        "format": FORMAT,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "features": list(NAMES),
        "terms": term_notes,
        "vocabulary": model.evidence.words.values,
        "evidence_days": {name: _iso(getattr(model.evidence, name)) for name in _DAYS},
        "calibration": {
            "method": model.calibration.method,
            "corners": model.calibration.corners.tolist(),
            "values": model.calibration.values.tolist(),
        },
        "shifts": model.shifts.tolist(),
        "categories": {
            "seen": model.categories.seen.tolist(),
            "weights": model.categories.weights.tolist(),
            "intercepts": model.categories.intercepts.tolist(),
        },
        "usual": {name: getattr(model.usual, name).tolist() for name in PayerMeans.__dataclass_fields__},
        "confidence": model.confidence.as_numbers(),
        "waits": model.waits.as_numbers(),
        "dollars": vars(model.dollars),
        "threshold": model.threshold,
        "thresholds": model.thresholds,
        "profile": {
            "cuts": [list(cuts) for cuts in model.profile.cuts],
            "counts": [counts.tolist() for counts in model.profile.counts],
        },
        "base_rate": model.base_rate,
        "remedies": remedy_notes,
        "about": model.about,
    }
    manifest["checksum"] = _checksum(manifest)
    files[MANIFEST] = json.dumps(manifest, indent=1, sort_keys=True, allow_nan=False).encode() + b"\n"
    return files


def content_digest(files: dict[str, bytes]) -> str:
    """The digest of a model's complete content, from `model.json`, for files that `from_files` can read."""
    return _checksum(json.loads(files[MANIFEST]))


def id_of_digest(digest: str) -> str:
    """The id of the model with this content digest."""
    return f"m-{digest[:12]}"


def model_id(files: dict[str, bytes]) -> str:
    """The id of a model: the first characters of its digest."""
    return id_of_digest(content_digest(files))


def from_files(files: dict[str, bytes]) -> Model:
    """The model of these files.

    Raises:
        ArtifactError: a file is missing, damaged, too large, of a newer format, or made for other features;
            or its parts are inconsistent.
    """
    for name, content in files.items():
        if len(content) > LARGEST_FILE:
            raise ArtifactError(f"{name} is larger than {LARGEST_FILE >> 20} MB, the limit for a model file.")
    manifest = _manifest(files)
    for name in _ARRAYS:
        wanted = manifest["files"].get(name)
        if name not in files:
            raise ArtifactError(f"{name} is missing. Restore the model's folder, or train it again.")
        if hashlib.sha256(files[name]).hexdigest() != wanted:
            raise ArtifactError(
                f"{name} is damaged: its checksum differs from {MANIFEST}. "
                "Restore the model's folder, or train it again."
            )
    if manifest["features"] != list(NAMES):
        raise ArtifactError(_other_features(manifest["features"]))
    arrays = {}
    for name in _ARRAYS:
        try:
            arrays[name] = unpacked(files[name])
        except ArraysError as problem:
            raise ArtifactError(f"{name}: {problem}. Train the model again.") from None
    try:
        model = _assembled(manifest, arrays)
        faults = faults_of(model)
    except _MISFITS as problem:
        raise ArtifactError(
            f"its parts are inconsistent ({type(problem).__name__}). Train it again."
        ) from None
    if faults:
        more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise ArtifactError(f"{faults[0]}{more}: invalid for a trained model. Train it again.")
    return model


def _manifest(files: dict[str, bytes]) -> dict[str, Any]:
    if MANIFEST not in files:
        raise ArtifactError(f"{MANIFEST} is missing. Restore the model's folder, or train it again.")
    try:
        manifest: dict[str, Any] = json.loads(files[MANIFEST])
        known, wanted = manifest["format"], manifest["checksum"]
        _ = manifest["files"].items(), list(manifest["features"])
    except (*_MISFITS, RecursionError):
        raise ArtifactError(
            f"{MANIFEST} is damaged. Restore the model's folder, or train it again."
        ) from None
    if known != FORMAT:
        raise ArtifactError(f"its format is {known}, this version reads {FORMAT}. Update, or train it again.")
    if _checksum(manifest) != wanted:
        raise ArtifactError(f"{MANIFEST} was changed after training. Restore it, or train the model again.")
    return manifest


def _other_features(trained: list[str]) -> str:
    """Why a model can't be used: its features differ from those of this version, or have another order."""
    gone = [name for name in trained if name not in NAMES]
    new = [name for name in NAMES if name not in trained]
    parts = [
        f"{what} {', '.join(names)}"
        for what, names in (("this version does not compute", gone), ("it was trained without", new))
        if names
    ]
    return f"{'; '.join(parts) or 'its features are in another order'}. Train it again with this version."


def _checksum(manifest: dict[str, Any]) -> str:
    content = {key: value for key, value in manifest.items() if key != "checksum"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def terms_out(terms: TermTables | TreeTables) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arrays and metadata of term tables, or of trees."""
    if isinstance(terms, TreeTables):
        return {name: getattr(terms, name) for name in _OF_TREES}, {"names": list(terms.names)}
    arrays: dict[str, Any] = {f"cuts_{feature}": cuts for feature, cuts in terms.cuts.items()}
    for number, term in enumerate(terms.terms):
        arrays[f"{number}_contributions"] = term.contributions
    notes = {
        "names": list(terms.names),
        "features": [list(term.features) for term in terms.terms],
        "intercept": terms.intercept,
    }
    return arrays, notes


_OF_TREES = ("tree", "feature", "cut", "kept", "is_low", "values")


def terms_in(arrays: dict[str, Any], notes: dict[str, Any]) -> TermTables | TreeTables:
    """Term tables, or trees, from their arrays and metadata."""
    names = tuple(notes["names"])
    if "features" not in notes:
        return TreeTables(names, *(arrays[name] for name in _OF_TREES))
    terms = [
        Term(tuple(features), arrays[f"{number}_contributions"])
        for number, features in enumerate(notes["features"])
    ]
    used = sorted({feature for term in terms for feature in term.features})
    cuts = {feature: arrays[f"cuts_{feature}"] for feature in used}
    return TermTables(names, tuple(terms), int(notes["intercept"]), cuts)


_DAYS = ("since", "until", "recent_until")


def _iso(day: datetime.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> datetime.date | None:
    return None if text is None else datetime.date.fromisoformat(text)


def _evidence_out(evidence: Evidence) -> dict[str, Any]:
    arrays = demands_out(evidence.demands)
    for kind, tallies in (("all", evidence.tallies), ("recent", evidence.recent)):
        for name, tally in tallies.items():
            arrays[f"{kind}.{name}.base"] = np.array(tally.base)
            arrays[f"{kind}.{name}.prior"] = np.array(astuple(tally.prior))
            for width, counts in (("own", tally.own), ("wider", tally.wider)):
                for part in ("keys", "total", "denied"):
                    arrays[f"{kind}.{name}.{width}.{part}"] = getattr(counts, part)
            if kind == "all":
                for part in ("total", "denied"):
                    happened = getattr(tally.happened, part)
                    arrays[f"{kind}.{name}.happened.{part}"] = happened.astype(np.int32)
    return arrays


def _evidence_in(arrays: dict[str, Any], words: Vocabulary, days: dict[str, str | None]) -> Evidence:
    def tally(kind: str, name: str) -> Tally:
        def counts(width: str) -> Counts:
            return Counts(*(arrays[f"{kind}.{name}.{width}.{part}"] for part in ("keys", "total", "denied")))

        own = counts("own")
        # Recent decisions are not weighted, so these are the actual counts.
        happened = own
        if kind == "all":
            parts = (arrays[f"{kind}.{name}.happened.{part}"] for part in ("total", "denied"))
            happened = Counts(own.keys, *(part.astype(np.float64) for part in parts))
        base, prior = float(arrays[f"{kind}.{name}.base"]), Prior(*arrays[f"{kind}.{name}.prior"].tolist())
        return Tally(own, counts("wider"), base, happened, prior)

    return Evidence(
        words,
        {name: tally("all", name) for name in ENCODING_OF},
        {name: tally("recent", name) for name in RECENT},
        since=_day(days["since"]),
        until=_day(days["until"]),
        recent_until=_day(days["recent_until"]),
        demands=demands_in(arrays),
    )


def _assembled(manifest: dict[str, Any], arrays: dict[str, dict[str, Any]]) -> Model:
    calibration, categories, usual = (manifest[name] for name in ("calibration", "categories", "usual"))
    return Model(
        about=manifest["about"],
        evidence=_evidence_in(
            arrays["evidence.npz"], Vocabulary(manifest["vocabulary"]), manifest["evidence_days"]
        ),
        terms=terms_in(arrays["terms.npz"], manifest["terms"]),
        calibration=Calibration(
            calibration["method"], np.array(calibration["corners"]), np.array(calibration["values"])
        ),
        shifts=np.array(manifest["shifts"]),
        categories=CategoryModel(
            np.array(categories["seen"], dtype=np.int64),
            np.array(categories["weights"]),
            np.array(categories["intercepts"]),
        ),
        usual=PayerMeans(**{name: np.array(usual[name]) for name in PayerMeans.__dataclass_fields__}),
        confidence=Confidence.from_numbers(manifest["confidence"]),
        waits=Waits.from_numbers(manifest["waits"]),
        dollars=Dollars(**manifest["dollars"]),
        threshold=manifest["threshold"],
        thresholds=manifest["thresholds"],
        profile=Profile(
            tuple(tuple(cuts) for cuts in manifest["profile"]["cuts"]),
            tuple(np.array(counts) for counts in manifest["profile"]["counts"]),
        ),
        base_rate=manifest["base_rate"],
        learned_from=arrays["evidence.npz"][_LEARNED_FROM],
        remedies=remedies_in(arrays["remedies.npz"], manifest["remedies"]),
    ).under(ReviewPolicy())
