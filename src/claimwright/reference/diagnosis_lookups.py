"""What is known of diagnoses and of the procedures and groups of inpatient stays.

Codes are without a dot. An answer about a null code is null, and so is one that the data cannot give: before
the first day of a dataset, or after its last for a code that it does not have, since a new year brings codes.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.foundation.columns import column_of, listed, nulls, present, truths

from .coding import coded, distinct
from .editions import Mask, answer, days_of, editions, found_in, knows
from .indexes import DatedIndex
from .packing import Keys, pack_codes
from .snapshot import Snapshot
from .tables import read_table
from .versions import Version

_LONGEST = 7


def icd10_exists(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each is a code of ICD-10-CM on its day, or a heading above such codes."""
    found = found_in(known, "icd10cm", "code", codes, days)
    asked = present(codes)
    return answer(found.present & asked, ~found.present & found.judged & ~found.ended & asked)


def icd10_billable(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each is a code of ICD-10-CM on its day with nothing below it: one that may be sent.

    A heading is not, whatever the year; of a code that is in no list the answer is that of `icd10_exists`.
    """
    found = found_in(known, "icd10cm", "code", codes, days)
    billable = truths(found.values("billable", pl.Boolean()))
    asked = present(codes)
    return answer(billable, (found.present | (found.judged & ~found.ended)) & ~billable & asked)


def icd10_known(known: Snapshot, codes: pl.Series) -> pl.Series:
    """Whether each is a code of ICD-10-CM of any year, or a heading."""
    return column_of(knows(known, "icd10cm", "code", coded(codes)), present(codes))


def _edit(
    known: Snapshot, codes: pl.Series, days: pl.Series | None, column: str, dtype: pl.DataType
) -> pl.Series:
    found = found_in(known, "icd10cm_edits", "code", codes, days)
    return found.values(column, dtype)


def icd10_sex(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """F or M where the Medicare Code Editor confines the code to one sex; null for either.

    On a day, by the edits of that day: Medicare's editor has none from October 2024 on. Without a day, by
    those of any year.
    """
    if days is not None:
        return _edit(known, codes, days, "sex", pl.String())
    asked = coded(codes)
    sexes = nulls(len(codes), pl.String())
    for version in known.versions("icd10cm_edits"):
        female, male = _by_sex(version)
        sexes = sexes.set(pl.Series(female.knows(asked)), "F").set(pl.Series(male.knows(asked)), "M")
    return sexes


@lru_cache(maxsize=8)
def _by_sex(version: Version) -> tuple[DatedIndex, DatedIndex]:
    table = read_table(version)
    female, male = (DatedIndex.of(pack_codes(table.filter(pl.col("sex") == sex)["code"])) for sex in "FM")
    return female, male


def icd10_age_ok(
    known: Snapshot, codes: pl.Series, ages: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """Whether each age in years is one at which the Medicare Code Editor accepts the code; null without such
    an edit.
    """
    found = found_in(known, "icd10cm_edits", "code", codes, days)
    youngest, oldest = found.values("age_from", pl.Int32()), found.values("age_to", pl.Int32())
    return (ages.cast(pl.Int32) >= youngest) & (ages.cast(pl.Int32) <= oldest)


def _flag(known: Snapshot, codes: pl.Series, days: pl.Series | None, column: str) -> pl.Series:
    flag = truths(_edit(known, codes, days, column, pl.Boolean()))
    return answer(flag, ~flag & present(codes))


def icd10_is_manifestation(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each is a manifestation, which comes after the code of its cause."""
    return _flag(known, codes, days, "manifestation")


def icd10_unacceptable_principal(
    known: Snapshot, codes: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """Whether the Medicare Code Editor refuses each as a principal diagnosis."""
    return _flag(known, codes, days, "unacceptable_principal")


def icd10_is_external_cause(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each says how an injury came about, and is therefore never the principal diagnosis."""
    return _flag(known, codes, days, "external_cause")


def poa_exempt(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each needs no present-on-admission indicator; null where the list of its day is not loaded."""
    found = found_in(known, "poa_exempt", "code", codes, days)
    asked = present(codes)
    return answer(found.present & asked, ~found.present & found.judged & ~found.ended & asked)


def icd10_is_unspecified(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each leaves out a side that could be told (the editor's unspecified code edit, from April
    2022).
    """
    return _flag(known, codes, days, "unspecified")


# --- codes that exclude each other -------------------------------------------------------------------------


# Of so many codes at most their beginnings are kept; ICD-10-CM has 98,000, headings included.
_MOST_KEPT = 100_000


class _Exclusions:
    """The beginnings of codes that exclude each other, both ways, by number."""

    def __init__(self, table: pl.DataFrame) -> None:
        host, excluded = pack_codes(table["code"]), pack_codes(table["excluded"])
        self.beginnings: Keys = np.unique(np.concatenate([host, excluded]))
        first, second = np.searchsorted(self.beginnings, host), np.searchsorted(self.beginnings, excluded)
        self.count = len(self.beginnings)
        self.pairs = np.unique(np.concatenate([first * self.count + second, second * self.count + first]))
        # By code the place of its numbers: one attribute, since blocks are judged in several threads.
        self._kept: tuple[dict[str | None, int], npt.NDArray[np.int64]] = (
            {},
            np.empty((0, _LONGEST - 2), dtype=np.int64),
        )

    def numbers(self, codes: pl.Series) -> npt.NDArray[np.int64]:
        """For each code, the numbers of the beginnings that it has, of three to seven characters; -1 for
        none. Every block has the same few hundred codes: what was found for one is kept.
        """
        asked = codes.to_list()
        places, known = self._kept
        new = [code for code in dict.fromkeys(asked) if code not in places]
        if new:
            known = np.concatenate([known, self._found(pl.Series(new, dtype=pl.String))])
            places = places | {code: len(places) + number for number, code in enumerate(new)}
            if len(places) <= _MOST_KEPT:
                self._kept = places, known
        return known[[places[code] for code in asked]]

    def _found(self, codes: pl.Series) -> npt.NDArray[np.int64]:
        columns = []
        for length in range(3, _LONGEST + 1):
            beginning = pack_codes(
                pl.select(pl.when(codes.str.len_bytes() >= length).then(codes.str.head(length))).to_series()
            )
            at = np.minimum(np.searchsorted(self.beginnings, beginning), self.count - 1)
            columns.append(np.where(self.beginnings[at] == beginning, at, -1))
        return np.stack(columns, axis=1)

    def exclude(self, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> Mask:
        """Whether the codes with these beginnings exclude each other."""
        found = np.zeros(len(first), dtype=np.bool_)
        for one in range(first.shape[1]):
            for other in range(second.shape[1]):
                both = np.flatnonzero((first[:, one] >= 0) & (second[:, other] >= 0) & ~found)
                wanted = first[both, one] * self.count + second[both, other]
                at = np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)
                found[both] = self.pairs[at] == wanted
        return found


@lru_cache(maxsize=8)
def _exclusions(version: Version) -> _Exclusions:
    return _Exclusions(read_table(version))


def icd10_excludes1(
    known: Snapshot, codes: pl.Series, others: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """Whether an excludes1 note keeps the two codes of each row from being used together; null before the
    first list.
    """
    at = days_of(known, days, len(codes))
    true, judged = np.zeros(len(codes), dtype=np.bool_), np.zeros(len(codes), dtype=np.bool_)
    for edition in editions(known, "icd10cm_excludes1", at):
        notes = _exclusions(edition.version)
        chosen = pl.Series(edition.chosen)
        true[edition.chosen] = notes.exclude(
            notes.numbers(codes.filter(chosen)), notes.numbers(others.filter(chosen))
        )
        judged |= edition.chosen
    asked = present(codes) & present(others)
    return answer(true & asked, ~true & judged & asked)


def icd10_excludes1_among(known: Snapshot, lists: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether an excludes1 note keeps two of the codes in each list from being used together; null before the
    first.
    """
    at = days_of(known, days, len(lists))
    true, judged = np.zeros(len(lists), dtype=np.bool_), np.zeros(len(lists), dtype=np.bool_)
    for edition in editions(known, "icd10cm_excludes1", at):
        true |= _any_pair(_exclusions(edition.version), lists, edition.chosen)
        judged |= edition.chosen
    asked = present(lists)
    return answer(true & asked, ~true & judged & asked)


def _any_pair(notes: _Exclusions, lists: pl.Series, chosen: Mask) -> Mask:
    """Each two codes that meet anywhere are judged once, however many claims have them."""
    values, starts, lengths = listed(lists)
    ordinals, codes = distinct(values)
    width = len(codes)
    rows, pairs = [], []
    for length in np.unique(lengths[lengths > 1]):
        here = np.flatnonzero((lengths == length) & chosen)
        grid = ordinals[starts[here, None] + np.arange(length)]
        first, second = np.triu_indices(length, 1)
        rows.append(np.repeat(here, len(first)))
        pairs.append((grid[:, first] * width + grid[:, second]).ravel())
    found = np.zeros(len(lists), dtype=np.bool_)
    if rows:
        of_row, pair = np.concatenate(rows), np.concatenate(pairs)
        found[of_row[_clashing(notes, codes, pair)]] = True
    return found


# Above so many two codes a bitmap of them is larger than what it saves.
_LARGEST_BITMAP = 50_000_000


def _clashing(notes: _Exclusions, codes: pl.Series, pairs: npt.NDArray[np.int64]) -> Mask:
    """Which pairs, each a place of the first code times their number and the place of the second, exclude
    each other.
    """
    width, beginnings = len(codes), notes.numbers(codes)
    if width * width > _LARGEST_BITMAP:
        met, back = np.unique(pairs, return_inverse=True)
        return notes.exclude(beginnings[met // width], beginnings[met % width])[back]
    clash = np.zeros(width * width, dtype=np.bool_)
    clash[pairs] = True
    met = np.flatnonzero(clash)
    clash[met] = notes.exclude(beginnings[met // width], beginnings[met % width])
    return clash[pairs]


# --- inpatient procedures and groups -----------------------------------------------------------------------


def icd10_pcs_exists(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each is a code of ICD-10-PCS on its day."""
    found = found_in(known, "icd10pcs", "code", codes, days)
    asked = present(codes)
    return answer(found.present, ~found.present & found.judged & ~found.ended & asked)


def icd10_pcs_noncovered(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether Medicare covers the procedure under no condition (the editor's noncovered procedure edit)."""
    found = found_in(known, "icd10pcs", "code", codes, days)
    return found.values("noncovered", pl.Boolean())


def icd10_pcs_limited_coverage(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether Medicare covers the procedure only under conditions (the editor's limited coverage edit)."""
    found = found_in(known, "icd10pcs", "code", codes, days)
    return found.values("limited_coverage", pl.Boolean())


def icd10_pcs_sex(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """F or M where the Medicare Code Editor confines the procedure to one sex on its day; null for either."""
    found = found_in(known, "icd10pcs", "code", codes, days)
    return found.values("sex", pl.String())


def drg_exists(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each is an MS-DRG on its day; three digits."""
    found = found_in(known, "ms_drg", "drg", codes, days)
    asked = present(codes)
    return answer(found.present, ~found.present & found.judged & ~found.ended & asked)


def drg_weight(known: Snapshot, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """The relative weight of each MS-DRG on its day; null where its year's table is not loaded."""
    found = found_in(known, "ms_drg", "drg", codes, days)
    return found.values("weight", pl.Decimal(8, 4))
