"""A trained model: its sums, its files, and how it stands beside the best possible."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import NAMES, ArtifactError, artifact, from_files, model_id, to_files
from claimwright.engines.prediction.additive import additive
from claimwright.engines.prediction.artifact import MANIFEST
from claimwright.engines.prediction.learning import Effort, Flags, fit_terms
from claimwright.engines.prediction.terms import STEP, Real, places_in
from claimwright.engines.prediction.trees import tables_of
from claimwright.features.prediction import History, Trained, train
from claimwright_lab.denial_world import World

from .conftest import TRAINING

DAY = datetime.date(2025, 6, 15)


def test_the_contributions_of_every_claim_add_up_to_its_score(trained: Trained, world: World) -> None:
    found = trained.model.predict(world.batch, world.submitted_on)
    assert found.contributions.dtype == np.int16
    total = found.contributions.sum(axis=1, dtype=np.int64) + trained.model.tables.intercept
    assert np.array_equal(total / STEP, found.scores)
    payer = trained.model.evidence.words.codes("payer", world.batch.claims["payer_id"])
    probability = trained.model.probability(total / STEP, payer)
    assert np.array_equal(probability, found.claims["denial_probability"].to_numpy())


def _claims(count: int) -> tuple[Real, Flags]:
    """Features with missing values, two of which act together."""
    draws = np.random.default_rng(4)
    columns = draws.random((count, len(NAMES)))
    odds = 4 * columns[:, 0] * columns[:, 1] - 2 * columns[:, 2]
    columns[draws.random(columns.shape) < 0.02] = np.nan
    odds = np.where(np.isnan(odds), 0.5, odds)
    return columns, draws.random(count) < 1 / (1 + np.exp(1 - odds))


def test_the_tables_say_what_the_trees_say() -> None:
    """LightGBM's own scores are the oracle, also where two features act together or one is missing."""
    import lightgbm

    columns, denied = _claims(3_000)
    options = {
        "objective": "binary", "num_leaves": 3, "max_bin": 31, "interaction_constraints": [[0, 1], [2]],
        "num_threads": 1, "verbose": -1,
    }  # fmt: skip
    data = lightgbm.Dataset(columns, denied, params=options)
    bags = [lightgbm.train(options | {"seed": seed, "feature_fraction": 0.7}, data, 60) for seed in (1, 2)]
    tables = additive(bags, NAMES, columns, np.ones(len(columns)))
    assert [term.features for term in tables.terms] == [(0,), (1,), (2,), (0, 1)]
    mean = np.mean([each.predict(columns, raw_score=True) for each in bags], axis=0)
    off = tables.scored(columns)[1] - mean
    assert np.abs(off).max() <= 0.5 * (len(tables.terms) + 1) / STEP + 1e-9


def test_a_pair_says_nothing_that_one_of_its_features_says_alone() -> None:
    """Over the claims of training, every table has the mean 0, and a pair also at each value of either."""
    columns, denied = _claims(3_000)
    tables = fit_terms(columns, denied, seed=1, effort=Effort(pairs=3, rounds=60, bags=2))
    pair = next(number for number, term in enumerate(tables.terms) if term.features == (0, 1))
    parts = tables.contributions(columns) / STEP
    assert np.abs(parts.mean(axis=0)).max() < 0.01
    places = places_in(tables.cuts[0], columns[:, 0])
    sums = np.bincount(places, parts[:, pair]) / np.bincount(places)
    assert np.abs(sums).max() < 0.01
    assert np.abs(parts[:, pair]).mean() > 0.05


def test_trees_as_arrays_say_what_lightgbm_says() -> None:
    """With and without missing values in training."""
    import lightgbm

    columns, denied = _claims(3_000)
    for given in (columns, np.nan_to_num(columns, nan=0.3)):
        options = {"objective": "binary", "num_leaves": 15, "num_threads": 1, "verbose": -1}
        booster = lightgbm.train(options, lightgbm.Dataset(given, denied, params=options), 40)
        found = tables_of(booster, NAMES).scored(columns)[1]
        assert np.abs(found - booster.predict(columns, raw_score=True)).max() < 1e-9


def test_the_steps_of_a_curve_come_from_the_data(trained: Trained) -> None:
    """No feature is cut where a list in the code says: a constant of a payer can't be written there."""
    from claimwright.engines.prediction import FEATURES

    for feature, cuts in trained.model.tables.cuts.items():
        measured = FEATURES[feature].unit in ("dollars", "days", "years", "probability")
        if measured and len(cuts) > 2:
            listed = set(FEATURES[feature].cuts)
            assert len(listed & set(cuts.tolist())) <= len(listed) / 2, NAMES[feature]


@pytest.mark.slow
def test_training_again_gives_the_same_bytes(trained: Trained, history: History, world: World) -> None:
    again = train(history, TRAINING, optimal=world.truth["probability"].to_numpy())
    assert to_files(again.model) == to_files(trained.model)


def test_a_model_read_from_its_files_predicts_the_same(trained: Trained, world: World) -> None:
    files = to_files(trained.model)
    read = from_files(files)
    assert to_files(read) == files
    first, second = (model.predict(world.batch, DAY) for model in (trained.model, read))
    assert first.claims.equals(second.claims)
    assert np.array_equal(first.contributions, second.contributions)


@pytest.mark.parametrize("name", ["terms.npz", "evidence.npz", MANIFEST])
def test_a_damaged_or_missing_file_is_named(trained: Trained, name: str) -> None:
    files = to_files(trained.model)
    assert model_id(files).startswith("m-")
    middle = len(files[name]) // 2
    damaged = files[name][:middle] + bytes([files[name][middle] ^ 1]) + files[name][middle + 1 :]
    with pytest.raises(ArtifactError, match=name.replace(".", r"\.")):
        from_files(files | {name: damaged})
    with pytest.raises(ArtifactError, match=f"{name} is missing"):
        from_files({key: value for key, value in files.items() if key != name})


def resealed(files: dict[str, bytes], change: Callable[[dict[str, Any]], object]) -> dict[str, bytes]:
    """Files with a changed manifest, its checksum made right again."""
    manifest = json.loads(files[MANIFEST])
    change(manifest)
    manifest["checksum"] = artifact._checksum(manifest)
    return files | {MANIFEST: json.dumps(manifest).encode()}


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("shifts", [0.0]),
        ("threshold", 7),
        ("thresholds", {"60054": -1}),
        ("base_rate", None),
        ("calibration", {"method": "isotonic", "corners": [2.0, 1.0], "values": [0.0, 1.0]}),
        ("calibration", {"method": "magic", "corners": [2.0], "values": [0.0]}),
        ("categories", {"seen": [99], "weights": [[0.0]], "intercepts": [0.0]}),
        ("profile", {"cuts": [], "counts": []}),
        ("usual", []),
        ("files", []),
        ("terms", {"names": []}),
        ("evidence_days", 3),
        ("vocabulary", {"payer": [3]}),
    ],
)
def test_a_part_that_does_not_fit_is_refused_in_one_line(trained: Trained, part: str, value: object) -> None:
    files = resealed(to_files(trained.model), lambda manifest: manifest.update({part: value}))
    with pytest.raises(ArtifactError) as refused:
        from_files(files)
    assert "\n" not in str(refused.value)


def test_arrays_that_would_fill_the_memory_are_refused_before_they_do(trained: Trained) -> None:
    files = to_files(trained.model)
    large = io.BytesIO()
    with zipfile.ZipFile(large, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("0.npy", "w") as member:
        for _ in range(300):
            member.write(bytes(1 << 20))
    lying = io.BytesIO()
    np.save(lying, np.zeros(3))
    claimed = lying.getvalue().replace(b"(3,)", b"(9999999999999,)")[: len(lying.getvalue())]
    short = io.BytesIO()
    with zipfile.ZipFile(short, "w") as archive:
        archive.writestr("0_contributions.npy", claimed)
    for content in (large.getvalue(), short.getvalue(), b"PK", b""):
        digest = hashlib.sha256(content).hexdigest()
        changed = resealed(files, lambda manifest: manifest["files"].update({"terms.npz": digest}))  # noqa: B023 - used at once
        with pytest.raises(ArtifactError, match=r"^terms\.npz"):
            from_files(changed | {"terms.npz": content})
    with pytest.raises(ArtifactError, match="larger than 64 MB"):
        from_files(files | {"terms.npz": bytes((64 << 20) + 1)})


def test_a_newer_format_is_refused(trained: Trained) -> None:
    files = to_files(trained.model)
    manifest = json.loads(files[MANIFEST]) | {"format": 99}
    with pytest.raises(ArtifactError, match="format is 99"):
        from_files(files | {MANIFEST: json.dumps(manifest).encode()})


def test_a_model_of_other_features_is_refused_with_their_names(trained: Trained) -> None:
    files = to_files(trained.model)
    manifest = json.loads(files[MANIFEST])
    manifest["features"] = [*manifest["features"][1:], "phase_of_the_moon"]
    manifest["checksum"] = artifact._checksum(manifest)
    with pytest.raises(ArtifactError, match="compute phase_of_the_moon; it was trained without days_to_fil"):
        from_files(files | {MANIFEST: json.dumps(manifest).encode()})


def test_an_unseen_payer_and_unseen_codes_are_scored_with_less_confidence(
    trained: Trained, world: World
) -> None:
    batch = world.batch.select(world.batch.claims["claim"].head(200))
    strange = ClaimBatch(
        transactions=batch.transactions,
        claims=batch.claims.with_columns(payer_id=pl.lit("NOBODY"), billing_npi=pl.lit("0000000000")),
        lines=batch.lines.with_columns(procedure=pl.lit("ZZZZZ")),
        diagnoses=batch.diagnoses.with_columns(diagnosis=pl.lit("ZZ999")),
    )
    found = trained.model.predict(strange, DAY).claims
    assert found["denial_probability"].is_between(0, 1).all()
    # The same probability is less sure where the payer is not known.
    probability = found["denial_probability"].to_numpy()
    known = trained.model.confidence.of_claims(probability, np.ones(200, dtype=np.int64))
    assert (found["confidence"].to_numpy() <= known).all()
    assert found["confidence"].mean() < known.mean()
    # On the days when they were sent they are like any others; half a year and more later, most are too late.
    on_day = trained.model.predict(strange, world.submitted_on.head(200)).claims["denial_probability"]
    assert on_day.mean() == pytest.approx(world.truth["denied"].mean(), abs=0.08)


def test_an_empty_batch_has_an_empty_prediction(trained: Trained) -> None:
    found = trained.model.predict(ClaimBatch(), DAY)
    assert found.claims.is_empty()
    assert found.contributions.shape == (0, len(trained.model.tables.terms))


def test_the_small_model_comes_near_the_best_possible(trained: Trained) -> None:
    """Eight thousand claims teach most of it; `make model-benchmark` holds the full one to 95 percent."""
    measures = trained.model.about["measures"]
    champion, best = measures[trained.model.about["kind"]], measures["Bayes-optimal"]
    assert champion["pr_auc"] >= 0.80 * best["pr_auc"]
    # Learned demands nearly state the answer in this easy world, so a logistic regression has it too.
    assert champion["pr_auc"] > measures["logistic regression"]["pr_auc"] - 0.01
    assert 0.8 <= champion["calibration_slope"] <= 1.25
    assert best["pr_auc"] > champion["pr_auc"]
