"""Which line of a claim a service line of a remittance answers.

By line control number (REF 6R), otherwise by procedure (SVC06, the submitted one, before SVC01), modifiers,
day and charge, and among equal ones by order. A payer may split a line: several service lines then answer
one, which they name by its control number, or whose charge is the sum of theirs.
"""

from __future__ import annotations

import polars as pl

# Rounds, strictest first: what must be equal. `order` is the position among lines that are equal so far.
_ROUNDS: tuple[tuple[str, ...], ...] = (
    ("control",),
    ("submitted", "modifiers", "service_from_on", "charge_cents", "order"),
    ("submitted", "service_from_on", "charge_cents", "order"),
    ("submitted", "charge_cents", "order"),
    ("submitted", "service_from_on", "order"),
    ("submitted", "order"),
)
# Before rounds in which charges may differ: what several service lines have in common with a line that they
# split.
_SPLIT_BEFORE = 4
_SPLIT_KEYS: tuple[tuple[str, ...], ...] = (
    ("submitted", "modifiers", "service_from_on"), ("submitted", "service_from_on"),
)  # fmt: skip


def cover_lines(answered: pl.DataFrame, claimed: pl.DataFrame) -> pl.DataFrame:
    """The line of the claim for each service line; null if none fits.

    Both frames have `claim`, `control`, `submitted` (procedure or revenue code), `modifiers`,
    `service_from_on` and `charge_cents`; `answered` also `answer` and `position`, `claimed` also `line`.
    Returns `answer`, `position`, `line`.
    """
    left = answered
    open_lines = claimed
    found = []
    for number, keys in enumerate(_ROUNDS):
        if not left.height:
            break
        if number == _SPLIT_BEFORE:
            for shared in _SPLIT_KEYS:
                split = _split_lines(left, open_lines, shared)
                found.append(split)
                left = left.join(split, on=["answer", "position"], how="anti", maintain_order="left")
        by = [key for key in keys if key != "order"]
        mine, theirs = left, open_lines
        if "order" in keys:
            mine = mine.with_columns(order=pl.int_range(pl.len()).over("answer", *by))
            theirs = theirs.with_columns(order=pl.int_range(pl.len()).over("claim", *by))
        else:
            theirs = theirs.unique(["claim", *by], keep="none", maintain_order=True)
        joined = mine.join(
            theirs.select("claim", "line", *keys), on=["claim", *keys], how="inner", maintain_order="left",
            nulls_equal=number > 0,
        )  # fmt: skip
        if not joined.height:
            continue
        found.append(joined.select("answer", "position", "line"))
        left = left.join(found[-1], on=["answer", "position"], how="anti", maintain_order="left")
        # Another payment can answer the same line, so that it is taken only for the answer that took it.
        taken = joined.select("claim", "line").unique()
        if number:
            open_lines = open_lines.join(taken, on=["claim", "line"], how="anti", maintain_order="left")
    found.append(left.select("answer", "position", line=pl.lit(None, pl.Int32)))
    return pl.concat([each.with_columns(pl.col("line").cast(pl.Int32)) for each in found]).sort(
        "answer", "position"
    )


def _split_lines(answered: pl.DataFrame, claimed: pl.DataFrame, shared: tuple[str, ...]) -> pl.DataFrame:
    """The line for service lines that together charge what just one line of the claim charges."""
    by = ["claim", *shared]
    sums = answered.group_by("answer", *by).agg(pl.col("charge_cents").sum(), parts=pl.len())
    one_line = claimed.unique([*by, "charge_cents"], keep="none", maintain_order=True)
    whole = sums.filter(pl.col("parts") > 1).join(
        one_line.select("line", *by, "charge_cents"), on=[*by, "charge_cents"], how="inner", nulls_equal=True
    )
    return answered.join(
        whole.select("answer", "line", *by), on=["answer", *by], how="inner", nulls_equal=True
    ).select("answer", "position", "line")
