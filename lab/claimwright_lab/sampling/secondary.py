"""Claims that another payer has decided already: what it paid and why not more, so that all balances.

The sum that has to hold, for each line and for the claim: charge = paid + adjustments (005010X222A1,
section 1.4.4). Professional and dental claims show it by line, institutional ones as a whole.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from claimwright.domain.dictionary import Level

from . import payers
from .draws import Draws, Whole
from .identifiers import padded
from .lines import Frames, money
from .parties import constant
from .plan import Plan, days

# In percent: what the first payer allows of a charge, and the patient's share of that.
_ALLOWED = (45, 80)
_COINSURANCE = 20
_DAYS_TO_PAY = (18, 40)
_OTHER_COVERAGE = 10**13


def add(plan: Plan, claims: Whole, frames: Frames) -> None:
    """Add the first payer and its decision to the frames of the secondary claims."""
    rows = np.flatnonzero(plan.secondary)
    if not len(rows):
        return
    which = claims[rows]
    own = plan.take(rows)
    lines = (
        frames[Level.LINE]
        .select(
            "claim",
            "line",
            "line_charge",
            "units",
            "^(procedure|revenue_code|modifier_.|procedure_qualifier)$",
        )
        .filter(pl.col("claim").is_in(pl.Series(which).implode()))
    )
    at = np.searchsorted(which, lines["claim"].to_numpy())
    allowed, share, paid = _decided(own, lines, at)
    paid_on = own.last_day + own.lead.between("days to pay", *_DAYS_TO_PAY)
    total = np.zeros((len(rows), 3), dtype=np.int64)
    np.add.at(total, at, np.stack([paid, allowed, share], axis=1))
    kind = np.where(own.age >= 65, payers.MEDICARE, payers.COMMERCIAL)
    payer = payers.payers(own.lead, kind, "first payer")
    # Payers of a kind stand together, so that the one before is another of the same kind, or of a like one.
    payer = np.where(payer == own.payer, payer - 1, payer)
    frames[Level.OTHER_PAYER] = _other_payer(own, which, payer, total, paid_on, frames)
    by_line = plan.form != "I"
    charge = _cents(lines["line_charge"])
    if by_line:
        payer_id = payers.ids(payer).gather(pl.Series(at))
        frames[Level.ADJUDICATION] = _adjudications(lines, payer_id, paid, paid_on[at], plan.form)
        keys: dict[str, pl.Series | pl.Expr] = {
            "claim": lines["claim"],
            "line": lines["line"],
            "adjudication": pl.lit(1, pl.Int32),
        }
        frames[Level.ADJUSTMENT] = _adjustments(keys, charge - allowed, share)
    else:
        charged = np.zeros(len(rows), dtype=np.int64)
        np.add.at(charged, at, charge)
        keys = {"claim": pl.Series(which), "other_payer": pl.lit(1, pl.Int32)}
        frames[Level.ADJUSTMENT] = _adjustments(keys, charged - total[:, 1], total[:, 2])


def _cents(amounts: pl.Series) -> Whole:
    return (amounts * 100).cast(pl.Int64).to_numpy()


def _decided(own: Plan, lines: pl.DataFrame, at: Whole) -> tuple[Whole, Whole, Whole]:
    """Cents allowed, left to the patient, and paid, of each line."""
    percent = own.lead.between("allowed percent", *_ALLOWED)[at]
    allowed = _cents(lines["line_charge"]) * percent // 100
    share = allowed * _COINSURANCE // 100
    return allowed, share, allowed - share


def _other_payer(
    own: Plan, which: Whole, payer: Whole, total: Whole, paid_on: Whole, frames: Frames
) -> pl.DataFrame:
    ones = np.ones(len(own), dtype=bool)
    kind = np.where(own.age >= 65, payers.MEDICARE, payers.COMMERCIAL)
    # Another owner of the draws, or the first payer would know the member by the second payer's number.
    member = payers.member_ids(Draws(own.lead.seed, own.lead.owners + _OTHER_COVERAGE), kind)
    person = frames[Level.CLAIM].filter(pl.Series(np.isin(frames[Level.CLAIM]["claim"].to_numpy(), which)))
    columns = {
        "claim": pl.Series(which),
        "other_payer": pl.repeat(1, len(own), dtype=pl.Int32, eager=True),
        "other_payer_responsibility": constant("P", ones),
        "other_subscriber_relationship": constant("18", ones),
        "other_claim_filing_code": payers.filing_codes(payer, own.form),
        "other_payer_paid": money(total[:, 0]),
        "other_payer_remaining_liability": money(total[:, 2]),
        "other_benefits_assigned": constant("Y", ones),
        "other_release_of_information": constant("Y", ones),
        "other_subscriber_entity_type": constant("1", ones),
        "other_subscriber_name": person["subscriber_name"],
        "other_subscriber_first_name": person["subscriber_first_name"],
        "other_subscriber_id_qualifier": constant("MI", ones),
        "other_subscriber_member_id": member,
        "other_payer_entity_type": constant("2", ones),
        "other_payer_name": payers.names(payer),
        "other_payer_id_qualifier": constant("PI", ones),
        "other_payer_id": payers.ids(payer),
        "other_claim_number": padded(own.draws.below("other claim number", 10**10), 10, "OCN"),
    }
    if own.form == "I":
        # Where the lines say when they were paid, the claim does not say it again (2330B DTP 573).
        columns["other_payer_paid_on"] = days(paid_on)
    return pl.DataFrame(columns)


def _adjudications(
    lines: pl.DataFrame, payer_id: pl.Series, paid: Whole, paid_on: Whole, form: str
) -> pl.DataFrame:
    modifiers = {f"paid_modifier_{n}": pl.col(f"modifier_{n}") for n in (1, 2, 3, 4)}
    return lines.select(
        "claim",
        "line",
        adjudication=pl.lit(1, pl.Int32),
        adjudication_payer_id=payer_id,
        line_paid=money(paid),
        paid_procedure_qualifier=pl.lit("AD" if form == "D" else "HC"),
        paid_procedure="procedure",
        **modifiers,
        paid_units="units",
        line_paid_on=days(paid_on),
    )


def _adjustments(keys: dict[str, pl.Series | pl.Expr], contractual: Whole, share: Whole) -> pl.DataFrame:
    """CO 45, the charge above what is allowed, and PR 2, coinsurance; those of nothing are left out."""
    frame = pl.DataFrame({"contractual": money(contractual), "share": money(share)}).select(
        **keys, contractual="contractual", share="share"
    )
    groups = (("CO", "45", "contractual"), ("PR", "2", "share"))
    key_names = list(keys)
    return (
        pl.concat(
            [
                frame.select(
                    *key_names,
                    adjustment_group=pl.lit(group),
                    adjustment_reason=pl.lit(reason),
                    adjustment_amount=amount,
                )
                for group, reason, amount in groups
            ]
        )
        .filter(pl.col("adjustment_amount") != 0)
        .sort(key_names, maintain_order=True)
        .with_columns(position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over(key_names))
    )
