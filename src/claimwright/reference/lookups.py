"""Every lookup that a rule may call, by name: what it takes, what it answers, how it is computed.

A lookup is a pure function of a snapshot and of whole columns. An argument in quotes is a text literal, one
with a question mark may be left out. A day that is left out, or null in a row, is that of the snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import polars as pl

from claimwright.foundation.columns import column_of, nulls, present

from . import class_lookups as classes
from . import diagnosis_lookups as diagnoses
from . import payer_lookups as payers
from . import procedure_lookups as procedures
from .coding import Coded, distinct, remembered
from .datasets import dataset, datasets
from .editions import days_of, editions
from .indexes import NOWHERE, DatedIndex
from .snapshot import Snapshot
from .tables import read_table
from .versions import Version

Columns = Sequence[pl.Series]
Literals = Sequence[str]
Compute = Callable[[Snapshot, Literals, Columns], pl.Series]


@dataclass(frozen=True, slots=True)
class Bits:
    """How a lookup answers for all its literals at once: `compute` gets some of `names` as literals and gives
    a whole number for each row, in which bit n is the answer for the n-th of them; null for no answer.
    """

    names: Callable[[], Sequence[str]]
    compute: Compute
    most: int


@dataclass(frozen=True, slots=True)
class Lookup:
    """One lookup. `check` says what is wrong with its literals, or nothing.

    A row whose first value is null has no answer, unless the lookup `answers_nulls`.
    """

    name: str
    parameters: tuple[str, ...]
    doc: str
    compute: Compute = field(repr=False)
    dtype: pl.DataType = field(default_factory=pl.Boolean)
    check: Callable[[Literals], str] = field(default=lambda _: "", repr=False)
    answers_nulls: bool = False
    bits: Bits | None = field(default=None, repr=False)


def code_lists() -> tuple[str, ...]:
    """The names of the short code lists."""
    return tuple(name for name, entry in datasets().items() if set(entry.columns) == {"code", "label"})


def in_code_list(known: Snapshot, name: str, codes: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether each code is in a short code list, and holds on its day where there is one; null for a null
    code.

    A code without a day is judged by the list alone.

    Raises:
        KeyError: there is no such list.
    """
    version = known.version(dataset(name).name)
    if version is None:
        return nulls(len(codes), pl.Boolean())
    numbers, index = _listed(version)
    asked = remembered(codes, version, lambda column: _numbered(column, numbers))
    if days is None:
        listed = index.knows(asked)
    else:
        listed = index.find(asked, days_of(known, days, len(codes))) != NOWHERE
        if days.null_count():
            listed |= ~present(days) & index.knows(asked)
    return column_of(listed, present(codes))


def reference_covers(known: Snapshot, name: str, days: pl.Series) -> pl.Series:
    """Whether a dataset is loaded for each day: one of its versions is in force then and has not ended.

    What an edit that has ended says of a later day is likely, and not sure.

    Raises:
        KeyError: there is no such dataset.
    """
    covered = np.zeros(len(days), dtype=np.bool_)
    for edition in editions(known, dataset(name).name, known.days(days)):
        covered |= edition.chosen & ~edition.ended
    return column_of(covered, present(days))


@lru_cache(maxsize=64)
def _listed(version: Version) -> tuple[dict[str, int], DatedIndex]:
    """The codes of a list with a number for each, from 1, and the index of its rows by these numbers."""
    table = read_table(version)
    codes = table["code"].to_list()
    numbers = {code: number for number, code in enumerate(sorted(set(codes)), start=1)}
    keys = np.array([numbers[code] for code in codes], dtype=np.uint64)
    return numbers, DatedIndex.of(keys, table["valid_from"], table["valid_to"])


def _numbered(codes: pl.Series, numbers: Mapping[str, int]) -> Coded:
    ordinals, values = distinct(codes)
    return Coded(ordinals, np.array([numbers.get(value, 0) for value in values.to_list()], dtype=np.uint64))


def _one_of(allowed: Callable[[], Sequence[str]], what: str) -> Callable[[Literals], str]:
    def check(literals: Literals) -> str:
        names = allowed()
        return (
            ""
            if literals[0] in names
            else f"there is no {what} {literals[0]!r}; there are {', '.join(names)}"
        )

    return check


def _plain(function: Callable[..., pl.Series]) -> Compute:
    return lambda known, _, columns: function(known, *columns)


def _named(function: Callable[..., pl.Series]) -> Compute:
    return lambda known, literals, columns: function(known, literals[0], *columns)


def _classes(
    one: Callable[..., pl.Series], all_at_once: Callable[..., pl.Series], what: str, value: str
) -> Lookup:
    """Whether a value, or one of a list, belongs to a class of a kind."""
    of_procedures = what == "procedure class"
    names = classes.procedure_classes if of_procedures else classes.diagnosis_classes
    check = _one_of(names, "class of procedures" if of_procedures else "class of diagnoses")
    lookup = _lookup(one, f'"{what}"', value, "day?", check=check)
    bits = Bits(
        names, lambda known, literals, columns: all_at_once(known, tuple(literals), *columns),
        classes.MOST_CLASSES,
    )  # fmt: skip
    return replace(lookup, bits=bits)


def _doc(function: Callable[..., pl.Series]) -> str:
    """The first paragraphs of a function's docstring, in one line."""
    text = (function.__doc__ or "").split("Raises:")[0]
    return " ".join(text.split())


def _lookup(
    function: Callable[..., pl.Series],
    *parameters: str,
    dtype: pl.DataType | None = None,
    check: Callable[[Literals], str] | None = None,
    answers_nulls: bool = False,
) -> Lookup:
    named = bool(parameters) and parameters[0].startswith('"')
    compute = _named(function) if named else _plain(function)
    return Lookup(
        function.__name__, parameters, _doc(function), compute, dtype or pl.Boolean(),
        check or (lambda _: ""), answers_nulls,
    )  # fmt: skip


_TEXT, _NUMBER, _DIGIT = pl.String(), pl.Int32(), pl.UInt8()
_SETTING = _one_of(lambda: procedures.SETTINGS, "setting")
_PAIR_SETTING = _one_of(lambda: procedures.PAIR_SETTINGS, "setting")

LOOKUPS: Mapping[str, Lookup] = {
    lookup.name: lookup
    for lookup in (
        _lookup(in_code_list, '"list"', "value", "day?", check=_one_of(code_lists, "code list")),
        _lookup(reference_covers, '"dataset"', "day", check=_one_of(lambda: tuple(datasets()), "dataset")),
        _lookup(diagnoses.icd10_exists, "diagnosis", "day?"),
        _lookup(diagnoses.icd10_billable, "diagnosis", "day?"),
        _lookup(diagnoses.icd10_known, "diagnosis"),
        _lookup(diagnoses.icd10_sex, "diagnosis", "day?", dtype=_TEXT),
        _lookup(diagnoses.icd10_age_ok, "diagnosis", "age", "day?"),
        _lookup(diagnoses.icd10_is_manifestation, "diagnosis", "day?"),
        _lookup(diagnoses.icd10_unacceptable_principal, "diagnosis", "day?"),
        _lookup(diagnoses.icd10_is_external_cause, "diagnosis", "day?"),
        _lookup(diagnoses.icd10_is_unspecified, "diagnosis", "day?"),
        _lookup(diagnoses.poa_exempt, "diagnosis", "day?"),
        _lookup(diagnoses.icd10_excludes1, "diagnosis", "other", "day?"),
        _lookup(diagnoses.icd10_excludes1_among, "diagnoses", "day?"),
        _lookup(diagnoses.icd10_pcs_exists, "procedure", "day?"),
        _lookup(diagnoses.icd10_pcs_noncovered, "procedure", "day?"),
        _lookup(diagnoses.icd10_pcs_sex, "procedure", "day?", dtype=_TEXT),
        _lookup(diagnoses.icd10_pcs_limited_coverage, "procedure", "day?"),
        _lookup(classes.icd10_side, "diagnosis", dtype=_TEXT),
        _lookup(classes.icd10_sides_among, "diagnoses", dtype=_TEXT),
        _classes(classes.diagnosis_in, classes.classes_of_diagnosis, "diagnosis class", "diagnosis"),
        _classes(classes.any_diagnosis_in, classes.classes_of_diagnoses, "diagnosis class", "diagnoses"),
        _classes(classes.procedure_in, classes.classes_of_procedure, "procedure class", "procedure"),
        _classes(classes.any_procedure_in, classes.classes_of_procedures, "procedure class", "procedures"),
        _lookup(classes.procedure_age_ok, "procedure", "age"),
        _lookup(classes.opps_status, "procedure", "day?", dtype=_TEXT),
        _lookup(classes.revenue_code_conflicts, "revenue_code", "procedure"),
        _lookup(diagnoses.drg_exists, "drg", "day?"),
        _lookup(diagnoses.drg_weight, "drg", "day?", dtype=pl.Decimal(8, 4)),
        _lookup(procedures.hcpcs_active, "procedure", "day?"),
        _lookup(procedures.hcpcs_known, "procedure"),
        _lookup(procedures.fee_schedule_status, "procedure", "day?", dtype=_TEXT),
        _lookup(procedures.nonfacility_na, "procedure", "day?"),
        _lookup(procedures.global_days, "procedure", "day?", dtype=_TEXT),
        _lookup(
            procedures.payment_indicator, '"indicator"', "procedure", "day?", dtype=_DIGIT,
            check=_one_of(lambda: procedures.INDICATORS, "indicator"),
        ),
        _lookup(procedures.mue_units, '"setting"', "procedure", "day?", dtype=_NUMBER, check=_SETTING),
        _lookup(procedures.mue_adjudication, '"setting"', "procedure", "day?", dtype=_DIGIT, check=_SETTING),
        _lookup(
            procedures.ncci_indicator, '"setting"', "first", "second", "day?", dtype=_DIGIT,
            check=_PAIR_SETTING,
        ),
        _lookup(procedures.is_add_on, "procedure", "day?"),
        _lookup(procedures.has_primary, "procedure", "beside", "day?"),
        _lookup(procedures.modifier_is_of, '"family"', "modifier"),
        _lookup(procedures.modifier_fits, "modifier", "procedure"),
        _lookup(procedures.revenue_needs_procedure, "revenue_code", "day?"),
        _lookup(
            payers.payer_limit, '"limit"', "claim_filing", "payer_id", "day?", dtype=_NUMBER,
            check=_one_of(lambda: payers.LIMITS, "limit"), answers_nulls=True,
        ),
        _lookup(payers.provider_excluded, "npi", "day?"),
        _lookup(payers.provider_credentialed, "npi", "payer_id", "day?"),
        _lookup(payers.authorization_needed, "procedure", "payer_id", "place_of_service", "day?"),
        _lookup(payers.referral_needed, "procedure", "payer_id", "place_of_service", "day?"),
        _lookup(payers.member_id_fits, "member_id", "claim_filing", "payer_id", "day?"),
        _lookup(payers.necessity_supported, "procedure", "payer_id", "diagnoses", "day?"),
        _lookup(
            payers.frequency_limit, '"units or days"', "procedure", "payer_id", "day?", dtype=_NUMBER,
            check=_one_of(lambda: ("units", "days"), "such limit"),
        ),
        _lookup(payers.zip_state, "zip", "day?", dtype=_TEXT),
        _lookup(payers.zip_locality, "zip", "day?", dtype=_TEXT),
        _lookup(payers.facility_known, "npi"),
    )
}  # fmt: skip
