"""Which of our claims an answer is about: candidates are scored, and a person decides where it is not clear.

Points for what is equal; a claim is matched at `ENOUGH` points and more than `LEAD` before the next one.
"""

from __future__ import annotations

import re

import polars as pl

MATCHED, AMBIGUOUS, BELOW_THRESHOLD, UNKNOWN = "matched", "ambiguous", "below_threshold", "unknown_claim"
ENOUGH = 70
LEAD = 10
# 005010X221A1, CLP01: payers return at least 20 characters of the number.
RETURNED_CHARACTERS = 20

# What is equal, its points, and its word for people.
POINTS: dict[str, tuple[int, str]] = {
    "same_number": (55, "claim number"),
    "same_folded_number": (45, "claim number, cut or in other case"),
    "same_payer_number": (45, "payer's claim number"),
    "same_member": (20, "member ID"),
    "same_last_name": (10, "last name"),
    "same_first_name": (5, "first name"),
    "same_charge": (15, "charge"),
    "same_days": (10, "dates of service"),
    "same_procedures": (10, "procedures"),
    "same_provider": (5, "provider"),
}
# Points for what is known of both and differs: another patient's claim can have the number.
AGAINST: dict[str, int] = {"same_last_name": 20}
_NOT_KEPT = re.compile(r"[^0-9A-Z]")


def folded_number(number: str | None) -> str | None:
    """A claim number as careless payers return it: capitals and digits, the first 20 characters."""
    if number is None:
        return None
    return _NOT_KEPT.sub("", number[:RETURNED_CHARACTERS].upper()) or None


def folded_numbers(numbers: pl.Series) -> pl.Series:
    """`folded_number` of each."""
    return (
        numbers.str.slice(0, RETURNED_CHARACTERS)
        .str.to_uppercase()
        .str.replace_all(r"[^0-9A-Z]", "")
        .replace("", None)
    )


def match(candidates: pl.DataFrame) -> pl.DataFrame:
    """The claim of each answer, from its candidates.

    `candidates` has `answer`, `claim_key`, `chain` (equal for versions of one claim), `preference` (the
    higher one of equal versions wins) and a boolean or null for each name of `POINTS`. Returns `answer`,
    `state`, `claim_key` (null unless matched), `score` and `score_reasons`; answers without candidates have
    no row.
    """
    scored = candidates.with_columns(
        score=pl.sum_horizontal(
            pl.when(pl.col(name).fill_null(False)).then(points).otherwise(0)
            for name, (points, _) in POINTS.items()
        ).cast(pl.Int16)
        - pl.sum_horizontal(
            pl.when(pl.col(name).not_().fill_null(False)).then(points).otherwise(0)
            for name, points in AGAINST.items()
        ).cast(pl.Int16)
        # A number that is equal is not equal in folded form once more.
        - pl.when(pl.col("same_number") & pl.col("same_folded_number"))
        .then(POINTS["same_folded_number"][0])
        .otherwise(0)
    )
    best_of_chain = scored.sort("answer", "score", "preference", descending=[False, True, True]).unique(
        ["answer", "chain"], keep="first", maintain_order=True
    )
    ranked = best_of_chain.with_columns(
        rank=pl.int_range(pl.len()).over("answer"),
        next_score=pl.col("score").shift(-1).over("answer").fill_null(-1000),
    ).filter(pl.col("rank") == 0)
    state = (
        pl.when(pl.col("score") < ENOUGH)
        .then(pl.lit(BELOW_THRESHOLD))
        .when(pl.col("score") - pl.col("next_score") < LEAD)
        .then(pl.lit(AMBIGUOUS))
        .otherwise(pl.lit(MATCHED))
    )
    is_said = {name: pl.col(name).fill_null(False) for name in POINTS}
    is_said["same_folded_number"] &= ~is_said["same_number"]
    words = pl.concat_str(
        [pl.when(is_said[name]).then(pl.lit(word)) for name, (_, word) in POINTS.items()],
        separator="; ", ignore_nulls=True,
    )  # fmt: skip
    return ranked.with_columns(state=state, score_reasons=words).select(
        "answer", "state", pl.when(pl.col("state") == MATCHED).then("claim_key").alias("claim_key"),
        pl.col("score").cast(pl.Int16), "score_reasons",
    )  # fmt: skip
