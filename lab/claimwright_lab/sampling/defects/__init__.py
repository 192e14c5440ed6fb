"""Defects to plant in synthetic claims, each with the finding that has to come of it."""

from __future__ import annotations

import numpy as np
import polars as pl

from claimwright.domain.dictionary import Level
from claimwright_lab.sampling.draws import Flags, Whole

from . import amounts, codes, dates, duplicates, fields, structure
from .draft import Defect, Draft
from .envelope import ENVELOPE_DEFECTS, EnvelopeDefect

__all__ = ["DEFECTS", "ENVELOPE_DEFECTS", "LABELS", "Defect", "Draft", "EnvelopeDefect", "no_labels", "plant"]

DEFECTS: tuple[Defect, ...] = (
    *structure.DEFECTS,
    *fields.DEFECTS,
    *amounts.DEFECTS,
    *dates.DEFECTS,
    *codes.DEFECTS,
    *duplicates.DEFECTS,
)

LABELS: dict[str, pl.DataType] = {
    # The ordinal of the claim in the file, from 1, and its number; null for a defect of the envelope.
    "claim": pl.Int64(),
    "claim_id": pl.String(),
    # ST02 of the transaction in which it stands.
    "transaction_control_number": pl.String(),
    "form": pl.String(),
    # The line that is wrong; null where it is the claim.
    "line": pl.Int32(),
    "defect": pl.String(),
    "finding": pl.String(),
}

# A claim that could have a rare defect gets one so often in a hundred.
_RARE_PERCENT = 50
_TOP_BIT = np.uint64(1 << 63)


def no_labels() -> pl.DataFrame:
    """Labels of nothing."""
    return pl.DataFrame(schema=LABELS)


def plant(draft: Draft, rate: float, kinds: frozenset[str] | None = None) -> pl.DataFrame:
    """Plant one defect in each of so many of a block's claims, and return the labels.

    `kinds` limits the defects to these.
    """
    chosen = [defect for defect in DEFECTS if kinds is None or defect.kind in kinds]
    claims = draft.facts()["claim"].to_numpy()
    defective = draft.draws(claims).below("defective", 1_000_000) < round(rate * 1_000_000)
    if not chosen or not defective.any():
        return no_labels()
    possible = _possible(draft, chosen, defective)
    kind = _choose(draft, claims, chosen, possible)
    kind = np.where(defective & possible.any(axis=1), kind, -1)
    numbers = draft.facts().select("claim", "transaction", "form")
    for number, defect in enumerate(chosen):
        mine = claims[kind == number]
        if len(mine):
            defect.plant(draft, mine)
    planted = numbers.with_columns(kind=pl.Series(kind)).filter(pl.col("kind") >= 0)
    named = pl.DataFrame(
        {
            "kind": np.arange(len(chosen)),
            "defect": [defect.kind for defect in chosen],
            "finding": [defect.finding for defect in chosen],
            "line": [defect.line for defect in chosen],
        },
        schema_overrides={"line": pl.Int32},
    )
    ids = draft.frame(Level.CLAIM).select("claim", "claim_id")
    controls = draft.frame(Level.TRANSACTION).select("transaction", "transaction_control_number")
    labels = (
        planted.join(named, on="kind", how="left", maintain_order="left")
        .join(ids, on="claim", how="left", maintain_order="left")
        .join(controls, on="transaction", how="left", maintain_order="left")
    )
    return labels.select(pl.col(name).cast(dtype) for name, dtype in LABELS.items())


def _possible(draft: Draft, chosen: list[Defect], defective: Flags) -> Flags:
    """Which claims can have which of the defects."""
    facts = draft.facts()
    same = (facts["transaction"] == facts["transaction"].shift(1)).fill_null(False)
    # A replacement or a void is sent beside its original: nobody takes it for a duplicate.
    same &= (facts["frequency_code"].shift(1) == "1").fill_null(False)
    before = pl.Series(~defective).shift(1).fill_null(False)
    facts = facts.with_columns(has_clean_before=same & before)
    fitting = facts.select(
        (
            pl.col("form").is_in(list(defect.forms))
            & (defect.fits.fill_null(False) if defect.fits is not None else pl.lit(True))
        ).alias(defect.kind)
        for defect in chosen
    )
    return fitting.to_numpy()


def _choose(draft: Draft, claims: Whole, chosen: list[Defect], possible: Flags) -> Whole:
    """For each claim the possible defect with the greatest draw; half of the time rare ones come first."""
    draws = draft.draws(claims)
    rare_first = draws.chance("rare first", _RARE_PERCENT)
    best = np.zeros(len(claims), dtype=np.uint64)
    kind = np.zeros(len(claims), dtype=np.int64)
    for number, defect in enumerate(chosen):
        value = draws.bits(f"defect {defect.kind}") >> np.uint64(1)
        if defect.rare:
            value = np.where(rare_first, value | _TOP_BIT, value)
        value = np.where(possible[:, number], value, np.uint64(0))
        better = value > best
        best = np.where(better, value, best)
        kind = np.where(better, number, kind)
    return kind
