"""What was known when: states of accounts by the time at which their events became known.

A figure can be asked as it was known at any time. So each account is looked at once for every time at which
something became known of it (a snapshot), with the events known by then; what differs from the snapshot
before is a fact that becomes known with it. A state that no longer holds is taken back by a row with the
other sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

Frames = Mapping[str, pl.DataFrame]
MEASURES = ("items", "cents", "net_cents", "lines", "quantity")
# What names one fact, beside when it became known.
KEYS = (
    "fact", "valid_on", "facility", "claim_key", "anchor_on", "wait_days", "category", "cause",
    "department", "staff", "level",
)  # fmt: skip


def bitemporal(
    events: Frames, state: Callable[[Frames], pl.DataFrame], *, unit: str = "account_key"
) -> pl.DataFrame:
    """The facts of every unit, signed, each with `known_at`.

    `events` are frames with `unit` and `known_at`. `state` makes facts of frames of which `snapshot` tells
    one set of known events from another: rows with `unit`, `snapshot`, `KEYS` and `MEASURES`.
    """
    times = pl.concat([frame.select(unit, "known_at") for frame in events.values()]).unique()
    snapshots = times.sort(unit, "known_at").with_columns(snapshot=pl.int_range(pl.len(), dtype=pl.Int64))
    first = snapshots.group_by(unit).agg(pl.col("snapshot").min().alias("first"))
    single = snapshots.group_by(unit).len().filter(pl.col("len") == 1).select(unit)
    rows = []
    # Most units have one snapshot, with all of their events.
    for several in (False, True):
        own = snapshots.join(single, on=unit, how="anti" if several else "semi")
        if own.height:
            known = {name: _known(frame, own, unit, several=several) for name, frame in events.items()}
            rows.append(state(known).select(unit, "snapshot", *KEYS, *MEASURES))
    if not rows:
        return pl.DataFrame(schema={unit: pl.Int64, "known_at": pl.Datetime("us", "UTC")})
    return _changes(pl.concat(rows), snapshots.join(first, on=unit), unit)


def _known(frame: pl.DataFrame, snapshots: pl.DataFrame, unit: str, *, several: bool) -> pl.DataFrame:
    if not several:
        return frame.join(snapshots.select(unit, "snapshot"), on=unit, how="inner")
    return frame.join(snapshots.select(unit, "snapshot", seen_at="known_at"), on=unit, how="inner").filter(
        pl.col("known_at") <= pl.col("seen_at")
    )


def _changes(states: pl.DataFrame, snapshots: pl.DataFrame, unit: str) -> pl.DataFrame:
    """Each state, and taken back at the next snapshot of its unit; what stays as it is cancels out."""
    last = snapshots.group_by(unit).agg(pl.col("snapshot").max().alias("last"))
    ending = states.join(last, on=unit).filter(pl.col("snapshot") < pl.col("last")).drop("last")
    if ending.height:
        taken_back = ending.with_columns(pl.col("snapshot") + 1, *(-pl.col(measure) for measure in MEASURES))
        states = pl.concat([states, taken_back.select(states.columns)])
    summed = consolidated(states, [unit, "snapshot"])
    return summed.join(snapshots.select("snapshot", "known_at"), on="snapshot").drop("snapshot")


def consolidated(facts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """One row for equal keys, without those that come to nothing."""
    return (
        facts.group_by(*by, *KEYS)
        .agg(pl.col(MEASURES).sum())
        .filter(pl.any_horizontal(pl.col(measure) != 0 for measure in MEASURES))
    )
