"""Remedies as arrays and notes for a model's files, and back; and whether they are consistent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from .amounts import Amounts
from .charge_limits import ChargeLimit
from .encoding import Counts
from .remedies import RemedyModel, Standing
from .steps import STEP_OF
from .support import Habits, Support

_BUNDLES = "bundles"
_COLUMNS = ("keys", "in_force", "denied", "paid")
_COUNTS = ("lacked", "had")


def remedies_out(remedies: RemedyModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arrays and notes."""
    arrays: dict[str, Any] = {}
    habits = {}
    # In alphabetical order, so that a model read from files gives the same bytes.
    for name, support in sorted({**remedies.supports, _BUNDLES: remedies.bundles}.items()):
        habits[name] = {**asdict(support.habits), "rate": list(support.habits.rate)}
        for column in _COLUMNS:
            arrays[f"{name}.{column}"] = getattr(support, column)
        for column in _COUNTS:
            total, denied = getattr(support, column).look_up(support.keys)
            arrays[f"{name}.{column}.total"] = total.astype(np.int32)
            arrays[f"{name}.{column}.denied"] = denied.astype(np.int32)
        arrays[f"{name}.lowest"] = support.amounts.lowest
        arrays[f"{name}.below"] = support.amounts.below
    for name, counts in sorted(remedies.corrected.items()):
        for part in ("keys", "total", "denied"):
            arrays[f"corrected.{name}.{part}"] = getattr(counts, part)
    for payer, limit in sorted(remedies.limits.items()):
        for part in ("charges", "reached", "rate"):
            arrays[f"limit.{payer}.{part}"] = getattr(limit, part)
    return arrays, {
        "habits": habits,
        "corrected": sorted(remedies.corrected),
        "limits": {
            str(payer): {"at": limit.at, "lacked": list(limit.lacked), "had": list(limit.had)}
            for payer, limit in remedies.limits.items()
        },
        "standing": {kind: vars(each) for kind, each in remedies.standing.items()},
        "since": remedies.since,
        "until": remedies.until,
    }


def remedies_in(arrays: dict[str, Any], notes: dict[str, Any]) -> RemedyModel:
    """The remedies of these arrays and notes."""

    def support(name: str) -> Support:
        keys = arrays[f"{name}.keys"]
        counts = {
            column: Counts(
                keys,
                *(arrays[f"{name}.{column}.{part}"].astype(np.float64) for part in ("total", "denied")),
            )
            for column in _COUNTS
        }
        habits = notes["habits"][name]
        in_force, denied, paid = (arrays[f"{name}.{column}"] for column in _COLUMNS[1:])
        return Support(
            keys,
            in_force,
            denied,
            paid,
            counts["lacked"],
            counts["had"],
            Habits(**{**habits, "rate": tuple(habits["rate"])}),
            Amounts(arrays[f"{name}.lowest"], arrays[f"{name}.below"]),
        )

    return RemedyModel(
        supports={name: support(name) for name in notes["habits"] if name != _BUNDLES},
        corrected={
            name: Counts(*(arrays[f"corrected.{name}.{part}"] for part in ("keys", "total", "denied")))
            for name in notes["corrected"]
        },
        bundles=support(_BUNDLES),
        limits={
            int(payer): ChargeLimit(
                arrays[f"limit.{payer}.charges"],
                arrays[f"limit.{payer}.reached"],
                arrays[f"limit.{payer}.rate"],
                limit["at"],
                (int(limit["lacked"][0]), int(limit["lacked"][1])),
                (int(limit["had"][0]), int(limit["had"][1])),
            )
            for payer, limit in notes["limits"].items()
        },
        standing={kind: Standing(**each) for kind, each in notes["standing"].items()},
        since=int(notes["since"]),
        until=int(notes["until"]),
    )


def faults_of_remedies(remedies: RemedyModel) -> Iterator[str]:
    """The parts that can't be used: unknown steps, sizes that differ, numbers that are no chances."""
    for name, support in {**remedies.supports, _BUNDLES: remedies.bundles}.items():
        if name != _BUNDLES and name not in STEP_OF:
            yield f"remedies.{name}"
            continue
        size = (len(support.keys),)
        tallies = (support.lacked, support.had)
        columns = [support.in_force, support.denied, support.paid]
        columns += [column for each in tallies for column in (each.total, each.denied)]
        is_sound = (
            support.keys.dtype.kind in "iu"
            and support.amounts.lowest.dtype.kind in "iu"
            and support.amounts.below.dtype.kind in "iu"
            and bool((np.diff(support.keys) > 0).all())
            and support.amounts.lowest.shape == size
            and all(each.shape == size and bool(np.isfinite(each).all()) for each in columns)
            and all(bool((each >= 0).all()) for each in columns)
            and bool((support.in_force <= 1).all())
            and bool((support.denied + support.paid > 0).all())
            and bool((np.diff(support.amounts.below) >= 0).all())
            and bool(((support.amounts.below >> 40) < max(size[0], 1)).all())
            and bool((support.amounts.below >= 0).all())
        )
        if not is_sound:
            yield f"remedies.{name}"
    for name, counts in remedies.corrected.items():
        if name not in STEP_OF or not counts.keys.shape == counts.total.shape == counts.denied.shape:
            yield f"remedies.corrected.{name}"
    for payer, limit in remedies.limits.items():
        numbers = (limit.charges, limit.reached, limit.rate)
        is_sound = (
            len({each.shape for each in numbers}) == 1
            and all(bool(np.isfinite(each).all()) for each in numbers)
            and bool(((limit.reached >= 0) & (limit.reached <= 1 + 1e-9)).all())
        )
        if not is_sound:
            yield f"remedies.limits.{payer}"
