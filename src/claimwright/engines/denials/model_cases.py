"""Cases of the appeal-outcome model: denials in the words of the decisions that it is made from.

The decisions are California's independent medical reviews. They exist for medical necessity, experimental
treatment and emergency care, of commercial plans; for every other denial it is said why there is no case. The
model belongs to another engine: here is only the frame that it reads.
"""

from __future__ import annotations

import polars as pl

from claimwright.domain.payer_kinds import COMMERCIAL, PAYER_KINDS_OF_FILING

from .review_words import age_range, diagnosis_category, treatment_category

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
# Medicare, Medicaid, TRICARE and the federal employees' plans have reviewers of their own.
_OTHER_REVIEWERS = sorted(set(PAYER_KINDS_OF_FILING) - set(COMMERCIAL))
NO_REVIEW = "An independent medical review is not about this cause of denial."
NO_APPEAL = "The remark takes appeal rights away."
OTHER_REVIEWER = "The payer is a public program with reviewers of its own."
FIELDS = (
    "diagnosis_category", "diagnosis_sub_category", "treatment_category", "treatment_sub_category", "type",
    "age_range",
)  # fmt: skip
_GIVEN = {
    "claim_filing": pl.String(), "state_of_provider": pl.String(), "procedure": pl.String(),
    "revenue_code": pl.String(), "principal_diagnosis": pl.String(), "age": pl.Int64(),
    "usual_procedure": pl.String(), "usual_revenue_code": pl.String(),
}  # fmt: skip


def appeal_model_cases(denials: pl.DataFrame, *, year: int) -> pl.DataFrame:
    """One row for each denial, in order: `denial`, `refused`, `FIELDS`, `state` and `year`.

    `refused` says why the denial is none of the model's cases; null if the model may be asked, which can
    still refuse. Sub categories are not known from a claim.

    Args:
        denials: `denial`, `root_cause`, `appealable`, and those of `claim_filing`, `state_of_provider`,
            `procedure`, `revenue_code`, `principal_diagnosis` and `age` (in years) that are known;
            `usual_procedure` and `usual_revenue_code` are those of the claim's most expensive line, for
            denials of a whole claim.
        year: the year of the appeal.
    """
    absent = [
        pl.lit(None, dtype).alias(name) for name, dtype in _GIVEN.items() if name not in denials.columns
    ]
    rows = denials.with_columns(absent)
    own = pl.col("procedure").is_null() & pl.col("revenue_code").is_null()
    codes = rows.select(
        "principal_diagnosis",
        "age",
        procedure=pl.when(own).then("usual_procedure").otherwise("procedure"),
        revenue_code=pl.when(own).then("usual_revenue_code").otherwise("revenue_code"),
    )
    refused = (
        pl.when(pl.col("type").is_null())
        .then(pl.lit(NO_REVIEW))
        .when(~pl.col("appealable").fill_null(value=True))
        .then(pl.lit(NO_APPEAL))
        .when(pl.col("claim_filing").is_in(_OTHER_REVIEWERS).fill_null(value=False))
        .then(pl.lit(OTHER_REVIEWER))
    )
    treatments = [treatment_category(*each) for each in codes.select("procedure", "revenue_code").iter_rows()]
    return (
        rows.with_columns(
            pl.col("root_cause")
            .replace_strict(REVIEW_TYPES, default=None, return_dtype=pl.String)
            .alias("type"),
            pl.Series("treatment_category", treatments, dtype=pl.String),
            pl.Series(
                "diagnosis_category", map(diagnosis_category, codes["principal_diagnosis"]), dtype=pl.String
            ),
            pl.Series("age_range", map(age_range, codes["age"]), dtype=pl.String),
            diagnosis_sub_category=pl.lit(None, pl.String),
            treatment_sub_category=pl.lit(None, pl.String),
        )
        .with_columns(refused=refused)
        .select("denial", "refused", *FIELDS, state="state_of_provider", year=pl.lit(year, pl.Int64))
    )
