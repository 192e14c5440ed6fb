"""Codes of a remittance in our words, for a person to recognise them by.

Source: ASC X12N 005010X221A1: BPR04, CLP02, CAS01 and PLB03-1. Adjustment reasons and remark codes have no
texts here: their publisher's are licensed.
"""

from __future__ import annotations

CLAIM_STATUSES = {
    "1": "processed as primary",
    "2": "processed as secondary",
    "3": "processed as tertiary",
    "4": "denied",
    "19": "processed as primary, forwarded to the next payer",
    "20": "processed as secondary, forwarded to the next payer",
    "21": "processed as tertiary, forwarded to the next payer",
    "22": "reversal of an earlier payment",
    "23": "not this payer's claim, forwarded",
    "25": "estimate only, no payment",
}
PAYMENT_METHODS = {
    "ACH": "electronic transfer",
    "BOP": "at the bank's choice",
    "CHK": "check",
    "FWT": "wire transfer",
    "NON": "no payment",
}
GROUPS = {
    "CO": "contractual obligation",
    "CR": "correction or reversal",
    "OA": "other adjustment",
    "PI": "payer initiated reduction",
    "PR": "patient responsibility",
}
PROVIDER_ADJUSTMENTS = {
    "50": "late filing reduction",
    "51": "interest penalty",
    "72": "refund by the provider",
    "90": "early payment allowance",
    "AH": "origination fee",
    "AM": "applied to a borrower's account",
    "AP": "benefits paid early",
    "B2": "rebate",
    "B3": "recovery allowance",
    "BD": "bad debt",
    "BN": "bonus",
    "C5": "temporary allowance",
    "CR": "capitation interest",
    "CS": "adjustment",
    "CT": "capitation payment",
    "CV": "capital passed through",
    "CW": "nurse anesthetist passed through",
    "DM": "medical education passed through",
    "E3": "withheld",
    "FB": "balance carried forward",
    "FC": "fund allocation",
    "GO": "graduate medical education",
    "HM": "hemophilia clotting factor",
    "IP": "incentive premium",
    "IR": "tax withheld",
    "IS": "interim settlement",
    "J1": "not reimbursable",
    "L3": "penalty",
    "L6": "interest owed",
    "LE": "levy",
    "LS": "lump sum",
    "OA": "organ acquisition",
    "OB": "offset for an affiliate",
    "PI": "periodic interim payment",
    "PL": "final settlement",
    "RA": "retroactive adjustment",
    "RE": "return on equity",
    "SL": "student loan repayment",
    "TL": "third-party liability",
    "WO": "overpayment recovered",
    "WU": "recovery without a known reason",
}
