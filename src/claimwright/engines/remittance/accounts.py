"""The accounts of the ledger, and the account to which an adjustment belongs.

What a claim charges is owed by its first payer. An answer distributes it: paid, written down by contract,
owed by the patient, or denied. A denied amount stays in its own account: only a person's approval writes it
off.

Source: X12 claim adjustment reason codes and group codes (005010X221A1, CAS01 and CAS02), PLB03-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import polars as pl


class Account(StrEnum):
    """An account; a debit is above zero. The first five belong to a claim and add up to what it charged."""

    PAYER = "payer"  # owed by a payer
    PATIENT = "patient"  # owed by the patient
    DENIED = "denied"  # refused by a payer, still to be worked on
    CONTRACTUAL = "contractual"  # given up by contract or law
    WRITTEN_OFF = "written_off"  # given up by a person's approval
    CAPITATED = "capitated"  # paid by a capitation
    PRIOR_PAYER = "prior_payer"  # said to be paid or adjusted by an earlier payer
    REVENUE = "revenue"  # what was charged
    CASH = "cash"
    UNAPPLIED = "unapplied"  # received, not yet applied to claims
    REFUNDED = "refunded"  # paid back
    TAKEN_BACK = "taken_back"  # recovered by the payer from this payment (PLB WO, 72, WU)
    FORWARDED = "forwarded"  # balance moved to another payment (PLB FB)
    INTEREST = "interest"  # PLB L6, 51
    CAPITATION = "capitation"  # PLB CT, CR, CV
    PROVIDER_OTHER = "provider_other"  # any other PLB reason


# Reasons that are a price or the law, not a refusal: agreed fee, prompt-pay discount, multiple procedures,
# charge in excess, withholding, surcharges, incentives, sequestration. These lists and the causes of denials
# agree: what has no account here is denied, and has a cause (tests/features/remittance/test_accounts.py).
CONTRACTUAL_REASONS: tuple[str, ...] = (
    "41", "42", "43", "44", "45", "59", "69", "70", "74", "75", "76", "87", "90", "91", "94", "99",
    "102", "103", "104", "105", "118", "121", "122", "130", "131", "132", "137", "139", "143",
    "144", "145", "161", "172", "205", "223", "225", "232", "235", "245", "253", "260", "262",
    "263", "264", "265", "266", "271", "274", "278", "281", "295", "A2", "A4", "A5", "A7", "P5",
    "P6", "P12", "P18", "P22", "P23", "P24", "P25", "P26", "P28", "P29", "W1", "W7", "Y2", "Y3",
)  # fmt: skip
CAPITATION_REASONS = ("24",)
PRIOR_PAYER_REASONS = ("23", "71", "93", "A3")
# Whatever the group: shares of costs, also those of which only the next payer may be billed (209, 303), and
# what the payer paid to the patient.
PATIENT_REASONS = (
    "1", "2", "3", "36", "37", "66", "85", "126", "127", "142", "209", "241", "247", "248", "275", "303",
    "100", "156", "187", "293", "294",
)  # fmt: skip
_PROVIDER: dict[str, Account] = {
    "L6": Account.INTEREST, "51": Account.INTEREST, "50": Account.PROVIDER_OTHER,
    "WO": Account.TAKEN_BACK, "72": Account.TAKEN_BACK, "WU": Account.TAKEN_BACK,
    "FB": Account.FORWARDED, "CT": Account.CAPITATION, "CR": Account.CAPITATION, "CV": Account.CAPITATION,
}  # fmt: skip


def account_of(group: pl.Expr, reason: pl.Expr) -> pl.Expr:
    """The account of an adjustment, by its group code and reason (CARC).

    Patient responsibility (PR) is owed by the patient, whatever the reason. An unknown reason is a denial:
    its amount stays open.
    """

    def one_of(reasons: Sequence[str]) -> pl.Expr:
        return reason.is_in(list(reasons))

    return (
        pl.when(group == "PR")
        .then(pl.lit(Account.PATIENT))
        .when(one_of(PATIENT_REASONS))
        .then(pl.lit(Account.PATIENT))
        .when(one_of(PRIOR_PAYER_REASONS))
        .then(pl.lit(Account.PRIOR_PAYER))
        .when(one_of(CAPITATION_REASONS))
        .then(pl.lit(Account.CAPITATED))
        .when(one_of(CONTRACTUAL_REASONS))
        .then(pl.lit(Account.CONTRACTUAL))
        .otherwise(pl.lit(Account.DENIED))
    )


def provider_account(reason: pl.Expr) -> pl.Expr:
    """The account of a provider-level adjustment (PLB)."""
    return reason.replace_strict(
        {name: account.value for name, account in _PROVIDER.items()},
        default=Account.PROVIDER_OTHER.value,
        return_dtype=pl.String,
    )


def denied_lines(adjusted: pl.DataFrame) -> pl.DataFrame:
    """One row for each line of a claim, with the reason for which it was denied; null where it was paid or
    priced.

    `adjusted` has a row for each adjustment of a line, or one without: `claim`, `line`, `charge_cents`,
    `paid_cents`, `answered_on`, `group_code`, `carc`, `rarc` (remarks of the line). A line is denied if it
    charges something, nothing is paid, and a reason is neither a price nor what the patient owes.
    """
    is_denial = account_of(pl.col("group_code"), pl.col("carc")) == Account.DENIED.value
    reason = pl.col("carc").filter(is_denial & pl.col("carc").is_not_null()).first()
    lines = adjusted.group_by("claim", "line", maintain_order=True).agg(
        pl.col("charge_cents", "paid_cents", "answered_on", "rarc").first(), reason=reason
    )
    is_denied = (pl.col("paid_cents") <= 0) & (pl.col("charge_cents") > 0)
    return lines.select(
        "claim", "line", pl.when(is_denied).then("reason").alias("carc"),
        pl.when(is_denied & pl.col("reason").is_not_null()).then("rarc").alias("rarc"), "charge_cents",
        "paid_cents", "answered_on",
    )  # fmt: skip
