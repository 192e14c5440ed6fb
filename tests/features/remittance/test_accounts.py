"""The ledger and the causes of denials say the same: what is denied in one is a denial in the other."""

from __future__ import annotations

import polars as pl
import pytest

from claimwright.engines.denials import Given, cause_of, load_causes
from claimwright.engines.remittance import Account, account_of

# The causes that are no denials, and the account of their amounts. What says nothing stays open.
NO_DENIALS = {
    "contractual-reduction": Account.CONTRACTUAL,
    "multiple-procedure-reduction": Account.CONTRACTUAL,
    "patient-cost-share": Account.PATIENT,
    "paid-to-patient": Account.PATIENT,
    "qmb-cost-share": Account.PATIENT,
    "prior-payer-adjudication": Account.PRIOR_PAYER,
    "information-only": Account.DENIED,
}


def reasons() -> list[str]:
    matches = [match for cause in load_causes().causes for match in cause.match]
    return sorted({carc for match in matches for carc in match.carcs})


@pytest.mark.parametrize("group", ["CO", "OA", "PI"])
def test_every_reason_has_the_account_of_its_cause(group: str) -> None:
    carcs = reasons()
    assert len(carcs) > 300
    accounts = pl.DataFrame({"carc": carcs}).select(account_of(pl.lit(group), pl.col("carc"))).to_series()
    for carc, account in zip(carcs, accounts, strict=True):
        code = cause_of(Given(kind="adjustment", group=group, carc=carc))
        assert code is not None
        if carc == "24":
            wanted = Account.CAPITATED
        elif load_causes().by_code[code].denial:
            wanted = Account.DENIED
        else:
            wanted = NO_DENIALS[code]
        assert account == wanted, (carc, code)


def test_what_the_patient_owes_is_the_patients_whatever_the_reason() -> None:
    accounts = pl.DataFrame({"carc": reasons()}).select(account_of(pl.lit("PR"), pl.col("carc"))).to_series()
    assert set(accounts) == {Account.PATIENT}
