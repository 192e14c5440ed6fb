"""Answers as frames, and as CSV and Arrow."""

from __future__ import annotations

import io

import polars as pl

from claimwright.foundation.spreadsheets import defused

from .answering import KpiAnswer

# In the metadata of every exported file; a change of columns is another version.
SEMANTIC_VERSION = "2"


def frame_of(figure: KpiAnswer) -> pl.DataFrame:
    """One row a group and interval, or an interval where there are no groups.

    Columns: the dimensions, `begins`, `ends`, `value`, `numerator`, `denominator`, `items`, `reason`,
    `before`. Amounts are whole cents.
    """
    rows = figure.rows if figure.group_by else figure.totals
    return pl.DataFrame(
        [
            {
                **each.group, "begins": each.begins, "ends": each.ends,
                "value": None if each.value is None else float(each.value), "numerator": each.numerator,
                "denominator": each.denominator, "items": each.items, "reason": each.reason,
                "before": None if each.before is None else float(each.before),
            }
            for each in rows
        ],
        schema={
            **dict.fromkeys(figure.group_by, pl.String()), "begins": pl.Date(), "ends": pl.Date(),
            "value": pl.Float64(), "numerator": pl.Int64(), "denominator": pl.Int64(), "items": pl.Int64(),
            "reason": pl.String(), "before": pl.Float64(),
        },
    )  # fmt: skip


def csv_of(frame: pl.DataFrame) -> str:
    """The frame as CSV; no text begins like a formula of a spreadsheet."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    return frame.with_columns(defused(pl.col(name)).alias(name) for name in texts).write_csv()


def arrow_of(frame: pl.DataFrame) -> bytes:
    """The frame as an Arrow IPC file."""
    content = io.BytesIO()
    frame.write_ipc(content)
    return content.getvalue()
