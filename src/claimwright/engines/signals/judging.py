"""Evaluates counts: whether a provider differs from its peers, or a day has more hours than possible.

Shares are compared conservatively, because a file is small and providers differ. All of these must be true:

- the provider and its peers together have enough lines, and there are enough peers; a peer is a provider with
  more than a few of the lines;
- the lower end of Wilson's interval of its share is above the upper end of the peers' interval, by a margin;
- its share is above the mean of the peers' shares by several of their standard deviations, because providers
  of one specialty differ by more than chance.

Source of the interval: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from claimwright.domain.findings import SCHEMA

from .signal import DAY, Signal, Thresholds

TOLD = {**SCHEMA, "provider": pl.String()}


def judge(signal: Signal, counts: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """The findings of a signal over counts (`tallies.COUNTS`), with a column `provider`.

    Sorted by group, then by provider and day. `detail` contains the NPI, which is public, and numbers of
    lines.
    """
    bounds = signal.bounds_on(as_of)
    mine = counts.filter(pl.col("code") == signal.code)
    if bounds is None or not mine.height:
        return pl.DataFrame(schema=TOLD)
    found = _long_days(mine, bounds) if signal.kind == DAY else _outliers(mine, bounds)
    told = _of_days if signal.kind == DAY else _of_shares
    names = pl.DataFrame(
        {"group": list(range(len(signal.groups))), "about": [group.name for group in signal.groups]},
        schema={"group": pl.UInt8(), "about": pl.String()},
    )
    ordered = found.join(names, on="group").sort("group", "provider", "peers", "day", nulls_last=True)
    stated = {
        "code": pl.lit(signal.code),
        "severity": pl.lit(signal.severity.value),
        "snip": pl.lit(signal.snip),
        "field": pl.lit("rendering_npi"),
        "detail": told(),
        "provider": pl.col("provider"),
    }
    return ordered.select(
        stated.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in TOLD.items()
    )


def _long_days(counts: pl.DataFrame, bounds: Thresholds) -> pl.DataFrame:
    return counts.filter(pl.col("counted") > bounds["most_units"])


def _of_days() -> pl.Expr:
    return pl.format("NPI {}: {} {} on {}", "provider", "counted", "about", pl.col("day").cast(pl.String))


def _outliers(counts: pl.DataFrame, bounds: Thresholds) -> pl.DataFrame:
    """The providers that differ from their peers, with the number of peers (`others`) and `other_share`."""
    counts = counts.filter(pl.col("counted") >= bounds["least_of_each"])
    own, among = pl.col("share"), ["group", "peers"]
    others = pl.col("others")
    mean = pl.col("other_sum") / others
    spread = ((pl.col("other_squares") - others * mean**2) / (others - 1)).clip(lower_bound=0).sqrt()
    errors = bounds["standard_errors"]
    # Sums over the peers are the sums over all minus the provider's own.
    compared = counts.with_columns(share=pl.col("marked") / pl.col("counted")).with_columns(
        others=pl.len().over(among).cast(pl.Int64) - 1,
        other_counted=pl.col("counted").sum().over(among) - pl.col("counted"),
        other_marked=pl.col("marked").sum().over(among) - pl.col("marked"),
        other_sum=own.sum().over(among) - own,
        other_squares=(own**2).sum().over(among) - own**2,
    )
    enough = compared.filter(
        pl.col("counted") >= bounds["least_lines"],
        others >= bounds["least_peers"],
        pl.col("other_counted") >= bounds["least_peer_lines"],
    )
    return enough.filter(
        _wilson("marked", "counted", -errors)
        > _wilson("other_marked", "other_counted", errors) + bounds["margin"],
        own > mean + bounds["deviations"] * spread,
    ).with_columns(other_share=pl.col("other_marked") / pl.col("other_counted"))


def _wilson(marked: str, counted: str, errors: float) -> pl.Expr:
    """One end of Wilson's interval of a share: the upper if `errors` is positive, otherwise the lower."""
    size = pl.col(counted)
    share = pl.col(marked) / size
    squared = errors * errors
    within = (share * (1 - share) / size + squared / (4 * size * size)).sqrt()
    return (share + squared / (2 * size) + errors * within) / (1 + squared / size)


def _of_shares() -> pl.Expr:
    return pl.format(
        "NPI {}, taxonomy {}: {} of {} {}, {}%; {} peers {}%",
        "provider", "peers", "marked", "counted", "about", _percent("share"), "others",
        _percent("other_share"),
    )  # fmt: skip


def _percent(share: str) -> pl.Expr:
    tenths = (pl.col(share) * 1000).round().cast(pl.Int64)
    return pl.format("{}.{}", tenths // 10, tenths % 10)
