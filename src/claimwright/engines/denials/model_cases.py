"""Denials for which the appeal-outcome model can be asked: those that an independent reviewer may decide.

The model is trained on California's independent medical reviews. They exist for medical necessity,
experimental treatment and emergency care; for every other cause a prior is used. The model belongs to
another engine: here is only the frame that it reads, and the words that say where a probability is from.
"""

from __future__ import annotations

import polars as pl

# The kind of review by cause, in the words of the public file.
REVIEW_TYPES: dict[str, str] = {
    "alternative-service": "Medical Necessity",
    "authorization-refused": "Medical Necessity",
    "coverage-policy": "Medical Necessity",
    "dose-or-supply": "Medical Necessity",
    "experimental": "Experimental/Investigational",
    "fda-or-off-label": "Experimental/Investigational",
    "guidelines-not-met": "Medical Necessity",
    "level-of-care": "Medical Necessity",
    "not-medically-necessary": "Medical Necessity",
    "review-organization": "Medical Necessity",
    "too-many-units": "Medical Necessity",
}
SOURCE = (
    "appeal-outcome model: California independent medical reviews 2001 to 2016, one State, patients' appeals"
)
# Where the model knows nothing of a case, it answers with the average of its cases.
FIELDS = (
    "diagnosis_category", "diagnosis_sub_category", "treatment_category", "treatment_sub_category", "type",
    "age_range",
)  # fmt: skip


def appeal_model_cases(
    denials: pl.DataFrame, facts: pl.DataFrame | None = None, *, year: int
) -> pl.DataFrame:
    """The cases of the appeal-outcome model: `denial`, `FIELDS` and `report_year`, one row for each denial
    it fits.

    Medicare and Medicaid have reviewers of their own, so that the caller leaves their denials out.

    Args:
        denials: `denial`, `root_cause`, `appealable`.
        facts: `denial` and those of `FIELDS` that are known, in the words of the public file.
        year: the year of the appeal; the model's last year counts for later ones.
    """
    rows = denials.filter(
        pl.col("root_cause").is_in(list(REVIEW_TYPES)), pl.col("appealable").fill_null(value=True)
    ).select("denial", type=pl.col("root_cause").replace_strict(REVIEW_TYPES, return_dtype=pl.String))
    if facts is not None:
        known = [name for name in FIELDS if name in facts.columns and name != "type"]
        rows = rows.join(facts.select("denial", *known), on="denial", how="left")
    return rows.select(
        "denial",
        *(
            (pl.col(name) if name in rows.columns else pl.lit(None)).cast(pl.String).alias(name)
            for name in FIELDS
        ),
        report_year=pl.lit(year),
    )
