"""Names that are derived for diagnoses, procedures, other payers and what other payers decided."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.dictionary import Level
from claimwright.foundation.columns import answered, gathered, present

from . import tallies
from .facts import Facts, Rows, positions
from .names import AMOUNT, CODE, COUNT, FLAG, Derivations

add = Derivations(Level.DIAGNOSIS)

# 005010X222A1 and X223A2, 2300 HI: the qualifiers with a leading A are ICD-10-CM, those without ICD-9-CM.
_ROLES = {"K": "principal", "F": "other", "J": "admitting", "R": "reason_for_visit", "N": "external_cause"}
add(
    "diagnosis_role",
    CODE,
    "principal, other, admitting, reason_for_visit or external_cause",
    ("diagnosis_qualifier",),
    partial(answered, lambda qualifier: _ROLES.get(qualifier[-1:])),
)
_CODE_SETS = {
    **dict.fromkeys(("ABK", "ABF", "ABJ", "APR", "ABN"), "ICD10"),
    **dict.fromkeys(("BK", "BF", "BJ", "PR", "BN"), "ICD9"),
}
add(
    "diagnosis_code_set",
    CODE,
    "ICD10 or ICD9, as the qualifier says",
    ("diagnosis_qualifier",),
    partial(answered, _CODE_SETS.get),
)


def _repeated_diagnosis(facts: Facts) -> Mapping[str, pl.Series]:
    role = facts.column(Level.DIAGNOSIS, "diagnosis_role")
    listed = role.set((role == "principal") | (role == "other"), "listed")
    columns = [facts.column(Level.DIAGNOSIS, "claim"), facts.column(Level.DIAGNOSIS, "diagnosis"), listed]
    ordinal, _ = tallies.ordinal_among_equals(pl.DataFrame(columns).hash_rows().to_numpy())
    return {"diagnosis_repeat": pl.Series(ordinal)}


add.together(
    _repeated_diagnosis,
    {
        "diagnosis_repeat": (
            COUNT,
            (
                "its occurrence number of this diagnosis in a role of the claim, from 1; "
                "principal and others are one role"
            ),
        )
    },
)
DIAGNOSIS = tuple(add.names)

_SURGICAL_CODE_SETS = {
    "BBR": "ICD10",
    "BBQ": "ICD10",
    "BR": "ICD9",
    "BQ": "ICD9",
    "BP": "HCPCS",
    "BO": "HCPCS",
    "CAH": "ABC",
}
add = Derivations(Level.PROCEDURE)
add(
    "surgical_code_set",
    CODE,
    "ICD10, ICD9 or HCPCS, as the qualifier says",
    ("surgical_procedure_qualifier",),
    partial(answered, _SURGICAL_CODE_SETS.get),
)
PROCEDURE = tuple(add.names)


def _repeated_code(facts: Facts) -> Mapping[str, pl.Series]:
    names = ("claim", "institutional_code_list", "institutional_code", "institutional_code_from_on")
    columns = [facts.column(Level.INSTITUTIONAL_CODE, name) for name in names]
    ordinal, _ = tallies.ordinal_among_equals(pl.DataFrame(columns).hash_rows().to_numpy())
    return {"institutional_code_repeat": pl.Series(ordinal)}


add = Derivations(Level.INSTITUTIONAL_CODE)
add.together(
    _repeated_code,
    {
        "institutional_code_repeat": (
            COUNT,
            "the place of the code, from 1, among those of its list with the same code and first day",
        )
    },
)
INSTITUTIONAL_CODE = tuple(add.names)

# --- balancing, payer by payer (005010X222A1, section 1.4.4) -------------------------------------------


def _payer_of_adjudication(facts: Facts) -> Rows:
    """For each line adjudication the row of the other payer whose id it carries (SVD01 = 2330B NM109)."""
    pairs = [
        (
            facts.column(Level.ADJUDICATION, "claim"),
            facts.column(Level.ADJUDICATION, "adjudication_payer_id"),
        ),
        (facts.column(Level.OTHER_PAYER, "claim"), facts.column(Level.OTHER_PAYER, "other_payer_id")),
    ]
    hashes = [pl.DataFrame({"claim": claim, "id": payer}).hash_rows() for claim, payer in pairs]
    # `positions` takes keys that are not negative: one bit of the hash is given up for that.
    adjudicated, payers = ((keys.to_numpy() >> np.uint64(1)).astype(np.int64) for keys in hashes)
    # The first payer of an id, where a claim names it twice.
    first = np.unique(payers, return_index=True)[1] if len(payers) else np.empty(0, dtype=np.int64)
    found = positions(adjudicated, payers[first])
    return np.where(found >= 0, first[np.maximum(found, 0)] if len(first) else -1, -1)


def _adjudication_of_adjustment(facts: Facts) -> Rows:
    def key(level: Level) -> npt.NDArray[np.int64]:
        line, number = facts.rows(level, Level.LINE), facts.integers(level, "adjudication")
        return np.where((line < 0) | (number < 0), -1, (line << 20) | number)

    return positions(key(Level.ADJUSTMENT), key(Level.ADJUDICATION))


def _line_payer(facts: Facts) -> Mapping[str, pl.Series]:
    height = facts.height(Level.ADJUDICATION)
    paid = facts.column(Level.ADJUDICATION, "line_paid")
    adjusted = tallies.total(
        facts.column(Level.ADJUSTMENT, "adjustment_amount"), _adjudication_of_adjustment(facts), height
    )
    line = facts.rows(Level.ADJUDICATION, Level.LINE)
    keys = pl.DataFrame(
        {"line": line, "id": facts.column(Level.ADJUDICATION, "adjudication_payer_id")}
    ).hash_rows()
    met, group = np.unique(keys.to_numpy(), return_inverse=True)
    ordinal, _ = tallies.ordinal_among_equals(keys.to_numpy())
    return {
        "line_payer_rank": pl.Series(ordinal),
        "adjudication_adjustment_total": adjusted,
        "line_payer_paid_total": gathered(tallies.total(paid, group, len(met)), group),
        "line_payer_adjustment_total": gathered(tallies.total(adjusted, group, len(met)), group),
        "adjudication_payer_known": pl.Series(_payer_of_adjudication(facts) >= 0),
    }


add = Derivations(Level.ADJUDICATION)
add.together(
    _line_payer,
    {
        "line_payer_rank": (COUNT, "its 1-based position among adjudications of the line by this payer"),
        "adjudication_adjustment_total": (AMOUNT, "adjustments in this adjudication"),
        "line_payer_paid_total": (
            AMOUNT,
            "what this payer paid on the line, over all its adjudications of it",
        ),
        "line_payer_adjustment_total": (
            AMOUNT,
            "what this payer adjusted on the line, over all its adjudications of it",
        ),
        "adjudication_payer_known": (
            FLAG,
            "the claim names an other payer with the identifier of the adjudication",
        ),
    },
)
ADJUDICATION = tuple(add.names)


def _payer_totals(facts: Facts) -> Mapping[str, pl.Series]:
    height = facts.height(Level.OTHER_PAYER)
    payer = _payer_of_adjudication(facts)
    amount = facts.column(Level.ADJUSTMENT, "adjustment_amount")
    of_line = present(facts.column(Level.ADJUSTMENT, "line"))
    claim_level = np.where(of_line, -1, facts.rows(Level.ADJUSTMENT, Level.OTHER_PAYER))
    dated = present(facts.column(Level.ADJUDICATION, "line_paid_on"))
    owing = present(facts.column(Level.ADJUDICATION, "line_remaining_liability"))
    ids = pl.DataFrame(
        [facts.column(Level.OTHER_PAYER, "claim"), facts.column(Level.OTHER_PAYER, "other_payer_id")]
    ).hash_rows()
    return {
        "payer_claim_adjustment_total": tallies.total(amount, claim_level, height),
        "payer_claim_adjustment_count": tallies.count(claim_level, height),
        "payer_line_paid_total": tallies.total(facts.column(Level.ADJUDICATION, "line_paid"), payer, height),
        "payer_line_adjustment_total": tallies.total(
            facts.column(Level.ADJUDICATION, "adjudication_adjustment_total"), payer, height
        ),
        "payer_adjudication_count": tallies.count(payer, height),
        "payer_liability_adjudication_count": tallies.count(np.where(owing, payer, -1), height),
        "payer_dated_adjudication_count": tallies.count(np.where(dated, payer, -1), height),
        "other_payer_id_count": pl.Series(tallies.ordinal_among_equals(ids.to_numpy())[1]),
    }


def _responsibilities(facts: Facts) -> Mapping[str, pl.Series]:
    columns = [facts.column(Level.OTHER_PAYER, name) for name in ("claim", "other_payer_responsibility")]
    ordinal, _ = tallies.ordinal_among_equals(pl.DataFrame(columns).hash_rows().to_numpy())
    return {"other_payer_responsibility_rank": pl.Series(ordinal)}


add = Derivations(Level.OTHER_PAYER)
add.together(
    _payer_totals,
    {
        "payer_claim_adjustment_total": (
            AMOUNT,
            "adjustments that this other payer made to the claim as a whole",
        ),
        "payer_claim_adjustment_count": (
            COUNT,
            "how many adjustments this other payer made to the claim as a whole",
        ),
        "payer_line_paid_total": (AMOUNT, "what this other payer paid, summed over its line adjudications"),
        "payer_line_adjustment_total": (
            AMOUNT,
            "what this other payer adjusted, summed over its line adjudications",
        ),
        "payer_adjudication_count": (
            COUNT,
            "how many line adjudications carry this other payer's identifier",
        ),
        "payer_liability_adjudication_count": (
            COUNT,
            "how many of those say what the patient still owes",
        ),
        "payer_dated_adjudication_count": (COUNT, "how many of those carry a date"),
        "other_payer_id_count": (
            COUNT,
            "how many other payers of the claim have the same identifier, this included",
        ),
    },
)
add.together(
    _responsibilities,
    {
        "other_payer_responsibility_rank": (
            COUNT,
            "its 1-based position among other payers with this place in the order of payment",
        )
    },
)
OTHER_PAYER = tuple(add.names)

NAMES = (*DIAGNOSIS, *PROCEDURE, *INSTITUTIONAL_CODE, *ADJUDICATION, *OTHER_PAYER)
