"""Paper explanations of benefits, typed and posted."""

from __future__ import annotations

import json

import pytest
from tests.features.pipeline.bench_of_claims import CALLER, Shelf

from claimwright.features.remittance import (
    TEMPLATE,
    PaperError,
    PostedFile,
    RemittancePoster,
    read_paper,
    tell,
)

from .conftest import Clinic
from .known_answers import PAID_A100


def post(clinic: Clinic, text: str) -> PostedFile:
    paper = read_paper(text, "eob.yaml")
    poster = RemittancePoster(clinic.database, clinic.sealer, Shelf(), tell)
    return poster.post_frames(CALLER, paper.remittance, source="paper", digest=paper.digest)


def test_the_template_is_posted_like_an_835_and_only_once(clinic: Clinic) -> None:
    posted = post(clinic, TEMPLATE)
    assert posted.is_clean
    assert clinic.balance("A100") == PAID_A100
    assert clinic.rows("select source, entered_by from remittance.files") == [("paper", CALLER.actor)]
    assert post(clinic, TEMPLATE.replace("# of the check", "# another word")).earlier == posted.file_id
    # The same payment with another name of the patient is typed again: a duplicate.
    again = post(clinic, TEMPLATE.replace("JOHN", "JON"))
    assert again.payments["state"].to_list() == ["duplicate"]
    assert clinic.balance("A100") == PAID_A100


def test_json_is_read_too_with_exact_amounts_and_provider_adjustments(clinic: Clinic) -> None:
    typed = {
        "payer": "GOOD PAYER", "trace_number": "7", "paid_on": "2026-02-01", "amount": "95.10",
        "claims": [
            {
                "claim_id": "A200", "charge": "200.00", "paid": "100.10", "patient_last_name": "ROE",
                "patient_first_name": "MARY", "patient_id": "W000000002", "adjustments": ["CO-45 99.90"],
            },
        ],
        "provider_adjustments": ["WO 5.00"],
    }  # fmt: skip
    assert post(clinic, json.dumps(typed)).is_clean
    assert clinic.totals() == {
        "cash": 9510, "contractual": 9990, "revenue": -20000, "taken_back": 500,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("paid: 84.00", "paid: 84.01", "Claim 1: 150.00 charged less 66.00 adjusted is 84.00, not 84.01"),
        ("paid: 64.00", "paid: 64.50", "Claim 1, line 1: charge less adjustments is 64.00, not 64.50"),
        ("charge: 50.00", "charge: 51.00", "its lines charge 151.00, not 150.00"),
        ("amount: 84.00", "amount: 85.00", "Payment: claims less provider adjustments are 84.00, not 85.00"),
        ("CO-45 30.00", "CO45 30", "no adjustment such as CO-45 20.00"),
        ("amount: 84.00", "amount: 84.001", "eob.yaml:7:"),
        ("amount: 84.00", "amount: .nan", "eob.yaml:7:"),
        ("paid_on: 2026-02-01", "paid_on: soon", "eob.yaml:6:"),
        ("payee_npi", "payee", "eob.yaml:4:"),
    ],
)
def test_what_does_not_add_up_or_is_no_field_is_refused_with_its_place(old: str, new: str, says: str) -> None:
    with pytest.raises(PaperError) as refused:
        read_paper(TEMPLATE.replace(old, new, 1), "eob.yaml")
    assert says in str(refused.value)
    assert "A100" not in str(refused.value)


def test_nothing_is_refused_too() -> None:
    with pytest.raises(PaperError, match="is empty"):
        read_paper("", "eob.yaml")
    with pytest.raises(PaperError):
        read_paper("- 1\n", "eob.yaml")
