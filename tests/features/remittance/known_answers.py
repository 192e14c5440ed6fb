"""Answers to claims of the clinic, and their reversals."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from .written_835 import Clp, Svc

# 150.00 charged, 84.00 paid, 50.00 given up by contract, 16.00 coinsurance.
A100 = Clp("A100", lines=[Svc("99213", "100", ["CO-45:20", "PR-2:16"]), Svc("85025", "50", ["CO-45:30"])])
PAID_A100 = {"revenue": -15000, "unapplied": 8400, "contractual": 5000, "patient": 1600}
MARY = {"last": "ROE", "first": "MARY", "member": "W000000002"}
ANN = {"last": "POE", "first": "ANN", "member": "W000000003"}


def negated(claim: Clp) -> Clp:
    """The reversal of an answer: status 22, every amount with the other sign."""

    def turned(said: Sequence[str]) -> list[str]:
        return [code + ":" + (amount[1:] if amount.startswith("-") else f"-{amount}")
                for code, amount in (each.split(":") for each in said)]  # fmt: skip

    lines = [
        dataclasses.replace(line, charge=f"-{line.charge}", adjustments=turned(line.adjustments))
        for line in claim.lines
    ]
    charge = None if claim.charge is None else f"-{claim.charge}"
    paid = None if claim.paid is None else f"-{claim.paid}"
    return dataclasses.replace(
        claim, status="22", lines=lines, adjustments=turned(claim.adjustments), charge=charge, paid=paid
    )


DENIED = Clp("A200", "4", [Svc("99214", "200", ["CO-16:200"])], payer_number="1", **MARY)
PAID = Clp("A200", "1", [Svc("99214", "200", ["CO-45:50"])], payer_number="2", **MARY)
