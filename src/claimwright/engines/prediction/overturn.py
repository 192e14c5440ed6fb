"""The probability that an independent reviewer overturns a denial, from the structured fields of the case.

Trained on California's independent medical reviews (Department of Managed Health Care, 2001 to 2016). It
describes how such cases ended, not how a case should end, and only for reviewers of one state.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .arrays import packed, unpacked
from .artifact import ArtifactError, terms_in, terms_out
from .calibration import sigmoid
from .terms import STEP, Real, TermTables

# The categorical fields; the report year is last, as a number. The patient's sex is in the public file but
# not used.
FIELDS = (
    "diagnosis_category", "diagnosis_sub_category", "treatment_category", "treatment_sub_category", "type",
    "age_range",
)  # fmt: skip
NAMES = (*FIELDS, "report_year")
_YEAR = len(FIELDS)
FILES = ("model.json", "terms.npz")

# A case from four years ago has half the weight of one from today, because reviewers' standards change.
HALF_LIFE_YEARS = 4.0
_BAGS, _PAIRS = 8, 5


@dataclass(frozen=True)
class OverturnModel:
    """The tables, and what its card states."""

    about: dict[str, Any]
    terms: TermTables

    def columns(self, cases: pl.DataFrame) -> Real:
        """The fields of cases as positions in the tables; an unseen word has the last position."""
        return as_columns(cases, self.terms.categories)

    def contributions(self, cases: pl.DataFrame) -> npt.NDArray[np.int16]:
        """One row per case, one column per term, in steps of 1/2048 log odds."""
        return self.terms.contributions(self.columns(cases))

    def probability(self, cases: pl.DataFrame) -> Real:
        """The probability that each case is overturned.

        Reads the columns `NAMES`; a field is null if unknown.
        """
        return sigmoid(self.terms.score(self.contributions(cases)))

    def reasons(self, cases: pl.DataFrame) -> list[list[tuple[str, float]]]:
        """For each case, the terms with their contributions in log odds, largest first."""
        found = []
        for parts in self.contributions(cases).astype(np.float64) / STEP:
            order = np.argsort(-np.abs(parts), kind="stable")
            found.append([(self.terms.title(int(n)), float(parts[n])) for n in order])
        return found


def words_of(cases: pl.DataFrame) -> dict[int, list[str]]:
    """The words of each field, sorted."""
    return {number: sorted(cases[name].drop_nulls().unique()) for number, name in enumerate(FIELDS)}


def as_columns(cases: pl.DataFrame, words: dict[int, list[str]]) -> Real:
    """One row per case, one column per field: 0 for null, the word's position, or one after the last if
    unseen.
    """
    found = np.empty((cases.height, len(NAMES)))
    for number, name in enumerate(FIELDS):
        places = {word: place for place, word in enumerate(words[number], start=1)}
        column = (
            cases[name].cast(pl.String).replace_strict(places, default=len(places) + 1, return_dtype=pl.Int64)
        )
        found[:, number] = np.where(cases[name].is_null().to_numpy(), 0, column.fill_null(0).to_numpy())
    found[:, _YEAR] = cases["report_year"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return found


def fit_overturn(cases: pl.DataFrame, overturned: npt.NDArray[np.bool_], *, seed: int) -> TermTables:
    """Train an explainable boosting machine on the fields, with more weight on recent cases."""
    from interpret.glassbox import ExplainableBoostingClassifier

    words = words_of(cases)
    columns = as_columns(cases, words)
    years = columns[:, _YEAR]
    given: Any = np.empty(columns.shape, dtype=object)
    for number in range(len(FIELDS)):
        # An absent field is a value of its own: its absence is information.
        given[:, number] = [str(int(place)) for place in columns[:, number]]
    given[:, _YEAR] = years
    machine = ExplainableBoostingClassifier(
        feature_names=list(NAMES),
        feature_types=["nominal"] * len(FIELDS) + ["continuous"],
        interactions=_PAIRS,
        outer_bags=_BAGS,
        n_jobs=1,
        random_state=seed,
    )
    machine.fit(given, overturned, sample_weight=0.5 ** ((years.max() - years) / HALF_LIFE_YEARS))
    return TermTables.of(machine, NAMES, words)


def overturn_files(model: OverturnModel) -> dict[str, bytes]:
    """The files of a model; the same model gives the same bytes."""
    arrays, notes = terms_out(model.terms)
    manifest = {"about": model.about, "terms": notes}
    return {
        "model.json": json.dumps(manifest, indent=1, sort_keys=True).encode() + b"\n",
        "terms.npz": packed(arrays),
    }


def overturn_from(files: dict[str, bytes]) -> OverturnModel:
    """The model of these files.

    Raises:
        ArtifactError: a file is missing or damaged.
    """
    try:
        manifest = json.loads(files["model.json"])
        return OverturnModel(manifest["about"], terms_in(unpacked(files["terms.npz"]), manifest["terms"]))
    except (KeyError, ValueError, OSError) as problem:
        raise ArtifactError(
            f"the appeal model is damaged ({type(problem).__name__}). Reinstall it."
        ) from None
