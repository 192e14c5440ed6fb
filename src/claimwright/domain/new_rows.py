"""Rows that changes add to a claim: the next service line, diagnosis or other payer, without a gap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from .batch import ClaimBatch, empty_frame
from .dictionary import KEYS, Level

if TYPE_CHECKING:
    from .claim_changes import Change

# The key that counts the rows of a level. Adjustments come with their payer or its decision.
_COUNTED: Mapping[Level, str] = {
    Level.LINE: "line",
    Level.DIAGNOSIS: "position",
    Level.PROCEDURE: "position",
    Level.INSTITUTIONAL_CODE: "position",
    Level.OTHER_PAYER: "other_payer",
    Level.ADJUDICATION: "adjudication",
    Level.ATTACHMENT: "position",
    Level.NOTE: "position",
    Level.CERTIFICATION: "position",
    Level.TOOTH: "position",
}


def with_new_rows(batch: ClaimBatch, changes: Iterable[Change]) -> ClaimBatch:
    """The batch with an empty row for each place that comes directly after the last row of its level.

    Only values add rows: a change that removes one is of a row that is there.
    """
    frames: dict[Level, pl.DataFrame] = {}
    given = [each for each in changes if each.new is not None and each.new.strip()]
    for change in sorted(given, key=lambda each: (each.claim, each.line or 0, each.position or 0)):
        level = change.entry.level
        key = _key(change, level)
        if key is None:
            continue
        frame = frames.get(level, batch.frame(level))
        if _comes_next(frame, key, _COUNTED[level]) and (
            key.get("line") is None or _has_line(batch, frames, key, level)
        ):
            frames[level] = _with_row(frame, key, level)
    return ClaimBatch.of({**batch.frames(), **frames}) if frames else batch


def _key(change: Change, level: Level) -> dict[str, Any] | None:
    """The keys of the row that a change is of; None where the level takes no new rows."""
    if level not in _COUNTED:
        return None
    key: dict[str, Any] = {"claim": change.claim}
    if "line" in KEYS[level]:
        key["line"] = change.line
    if _COUNTED[level] != "line":
        key[_COUNTED[level]] = change.position
    return key if key[_COUNTED[level]] is not None else None


def _comes_next(frame: pl.DataFrame, key: Mapping[str, Any], counted: str) -> bool:
    same = [pl.col(name).eq_missing(pl.lit(value)) for name, value in key.items() if name != counted]
    last: Any = frame.filter(*same)[counted].max()
    return bool(key[counted] == (last or 0) + 1)


def _has_line(
    batch: ClaimBatch, frames: Mapping[Level, pl.DataFrame], key: Mapping[str, Any], level: Level
) -> bool:
    if level is Level.LINE:
        return True
    lines = frames.get(Level.LINE, batch.lines)
    return not lines.filter(claim=key["claim"], line=key["line"]).is_empty()


def _with_row(frame: pl.DataFrame, key: Mapping[str, Any], level: Level) -> pl.DataFrame:
    own = empty_frame(level)
    row = pl.DataFrame(
        {name: [key.get(name)] for name in own.columns}, schema=own.schema
    )  # fmt: skip
    order = [
        name for name in ("claim", "line", "other_payer", "adjudication", "position") if name in KEYS[level]
    ]
    return pl.concat([frame, row]).sort(order, maintain_order=True)
