"""Proposed rules: predicates mined from denials, measured on claims that they were not mined from.

A proposal is a text and numbers. It is not active anywhere: a person reads it, replays it, and writes a rule
from it. Conditions are single ones and pairs, because a person must be able to argue with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.dictionary import DICTIONARY, Phi

Flags = npt.NDArray[np.bool_]

# Of each column the commonest values, and of all single conditions those that are kept for pairs.
_MOST_VALUES, _MOST_SINGLES = 30, 80
_QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.99)
# 95 percent, one side for each end.
_Z = 1.96
# How much more precise a pair must be than either of its conditions, to be worth its length.
_BETTER = 0.05


@dataclass(frozen=True)
class Measured:
    """How a predicate does on some claims.

    Attributes:
        claims: how many there are.
        flagged: how many it flags.
        denied: how many of those were denied.
        precision: denied of flagged; 0 if none is flagged.
        precision_at_least: lower end of its 95 percent interval (Wilson).
        recall: flagged of all denied.
        dollars: denied dollars on flagged claims.
        dollars_recall: of all denied dollars.
    """

    claims: int
    flagged: int
    denied: int
    precision: float
    precision_at_least: float
    recall: float
    dollars: Decimal
    dollars_recall: float


@dataclass(frozen=True)
class Proposal:
    """A predicate that a person may make a rule of. Its state is always `proposed`.

    Attributes:
        when: the predicate, in the language of rules: SQL over the dictionary's names.
        columns: the names that it reads.
        mined: how it does on the claims from which it was mined.
        held_out: how it does on later claims; these numbers are the ones to decide by.
        base_rate: share of denied claims among those held out, without any predicate.
        state: `proposed`. Whoever activates a rule does so elsewhere, after approval.
    """

    when: str
    columns: tuple[str, ...]
    mined: Measured
    held_out: Measured
    base_rate: float
    state: str = "proposed"


@dataclass(frozen=True)
class _Condition:
    column: str
    text: str
    flags: Flags


def propose_rules(
    claims: pl.DataFrame,
    columns: Sequence[str],
    *,
    order: str = "decided_on",
    denied: str = "denied",
    dollars: str = "denied_dollars",
    held_out: float = 0.3,
    least_flagged: int = 30,
    least_precision: float = 0.5,
    most: int = 20,
) -> list[Proposal]:
    """Predicates by which denials can be foreseen, those that save most dollars first.

    Args:
        claims: one row for each decided claim (or line), with `columns`; `denied`, true or false; `dollars`,
        the
            denied amount; and `order`, by which the last rows are held out.
        columns: what a predicate may read: codes, flags, counts. Texts and numbers; a null is a value too.
        order: a date or number; claims with the same value stay together.
        denied: name of the outcome. To mine for one cause, only its denials are true.
        dollars: name of the denied amount, a decimal column.
        held_out: share of the rows that are held out.
        least_flagged: how many mined claims a predicate must flag.
        least_precision: the lower end of the precision on mined claims, and the precision on those held out.
        most: how many proposals to return.

    Raises:
        ValueError: a column is not there, or identifies a patient by the dictionary.
    """
    _refuse(claims, columns)
    rows = claims.drop_nulls([denied, order]).sort(order, maintain_order=True)
    if rows.is_empty():
        return []
    # Claims of one day are not divided between the parts.
    boundary = rows[order][min(int(rows.height * (1 - held_out)), rows.height - 1)]
    is_mined = (rows[order] < boundary).to_numpy()
    outcome = rows[denied].to_numpy()
    cents = (rows[dollars].fill_null(Decimal(0)) * 100).cast(pl.Int64).to_numpy()
    if not is_mined.any() or is_mined.all():
        return []
    singles = _singles(rows, columns, is_mined, outcome, least_flagged)
    base = float(outcome[~is_mined].mean())
    found = []
    for parts in _candidates(singles, is_mined, outcome, least_flagged, least_precision):
        flags = np.logical_and.reduce([part.flags for part in parts])
        mined, later = (_measured(flags, outcome, cents, part) for part in (is_mined, ~is_mined))
        if later.flagged and later.precision >= least_precision and later.precision > base:
            text = " and ".join(part.text for part in parts)
            found.append((flags, Proposal(text, tuple(part.column for part in parts), mined, later, base)))
    found.sort(key=lambda each: (-each[1].held_out.dollars, len(each[1].columns), each[1].when))
    return _distinct(found, most)


def _refuse(claims: pl.DataFrame, columns: Sequence[str]) -> None:
    missing = sorted(set(columns) - set(claims.columns))
    if missing:
        raise ValueError(f"there is no column {', '.join(missing)}")
    known = {entry.name: entry.phi for entry in DICTIONARY}
    private = sorted(name for name in columns if known.get(name, Phi.NONE) is not Phi.NONE)
    if private:
        raise ValueError(f"{', '.join(private)} may identify a patient; leave it out")


def _singles(
    rows: pl.DataFrame, columns: Sequence[str], is_mined: Flags, outcome: Flags, least: int
) -> list[_Condition]:
    """Conditions of one column that flag enough mined claims, the most telling ones first."""
    scored = []
    for condition in (each for name in columns for each in _conditions(rows[name], is_mined, least)):
        flagged = condition.flags & is_mined
        count, hits = int(flagged.sum()), int((flagged & outcome).sum())
        if count >= least and hits and count < int(is_mined.sum()):
            scored.append((_wilson(hits, count) * hits, condition))
    scored.sort(key=lambda each: (-each[0], each[1].text))
    return [condition for _, condition in scored[:_MOST_SINGLES]]


def _conditions(values: pl.Series, is_mined: Flags, least: int) -> Iterator[_Condition]:
    name, mined = values.name, values.filter(pl.Series(is_mined))
    if values.null_count():
        yield _Condition(name, f"{name} is null", values.is_null().to_numpy())
    if values.dtype == pl.Boolean:
        yield _Condition(name, name, values.fill_null(value=False).to_numpy())
        yield _Condition(name, f"not {name}", values.not_().fill_null(value=False).to_numpy())
        return
    common = mined.drop_nulls().value_counts(sort=True).filter(pl.col("count") >= least)[name]
    for value in common.head(_MOST_VALUES):
        yield _Condition(
            name, f"{name} = {_literal(value)}", (values == value).fill_null(value=False).to_numpy()
        )
    if values.dtype.is_numeric() and mined.n_unique() > len(_QUANTILES):
        found = [mined.quantile(q, "nearest") for q in _QUANTILES]
        bounds = sorted({bound for bound in found if bound is not None})
        for bound in bounds:
            exact = pl.Series([bound]).cast(values.dtype)[0]
            flags = (values >= exact).fill_null(value=False).to_numpy()
            yield _Condition(name, f"{name} >= {_literal(exact)}", flags)


def _literal(value: Any) -> str:
    """A value as SQL: quotes inside a text are doubled."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def _candidates(
    singles: list[_Condition], is_mined: Flags, outcome: Flags, least: int, least_precision: float
) -> Iterator[tuple[_Condition, ...]]:
    """Single conditions that are precise enough, and pairs that are clearly more precise than their parts."""
    if not singles:
        return
    flags = np.stack([condition.flags[is_mined] for condition in singles]).astype(np.float32)
    hits = flags[:, outcome[is_mined]]
    counts, denied = np.rint(flags @ flags.T).astype(int), np.rint(hits @ hits.T).astype(int)
    alone = [denied[n, n] / counts[n, n] for n in range(len(singles))]
    for number, condition in enumerate(singles):
        if _wilson(denied[number, number], counts[number, number]) >= least_precision:
            yield (condition,)
    for first, second in combinations(range(len(singles)), 2):
        count, hit = counts[first, second], denied[first, second]
        if count < least or singles[first].column == singles[second].column:
            continue
        lower = _wilson(hit, count)
        if lower >= least_precision and lower > max(alone[first], alone[second]) + _BETTER:
            yield (singles[first], singles[second])


def _wilson(hits: int, count: int) -> float:
    """The lower end of Wilson's 95 percent interval of a share.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22
    (1927).
    """
    if not count:
        return 0.0
    share, z = hits / count, _Z
    middle = share + z * z / (2 * count)
    spread = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, float((middle - spread) / (1 + z * z / count)))


def _measured(flags: Flags, outcome: Flags, cents: npt.NDArray[np.int64], part: Flags) -> Measured:
    flagged, denied = flags & part, outcome & part
    count, hits, all_denied = int(flagged.sum()), int((flagged & denied).sum()), int(denied.sum())
    saved, lost = int(cents[flagged & denied].sum()), int(cents[denied].sum())
    return Measured(
        claims=int(part.sum()),
        flagged=count,
        denied=hits,
        precision=hits / count if count else 0.0,
        precision_at_least=_wilson(hits, count),
        recall=hits / all_denied if all_denied else 0.0,
        dollars=Decimal(saved) / 100,
        dollars_recall=saved / lost if lost else 0.0,
    )


def _distinct(found: list[tuple[Flags, Proposal]], most: int) -> list[Proposal]:
    """The first proposals, without those that flag the very same claims as an earlier one."""
    kept: list[Proposal] = []
    seen: set[bytes] = set()
    for flags, proposal in found:
        key = np.packbits(flags).tobytes()
        if key not in seen and len(kept) < most:
            seen.add(key)
            kept.append(proposal)
    return kept
