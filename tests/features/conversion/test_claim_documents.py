"""Claims as nested documents: what is sent comes in, exactly, or each wrong field is named."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import DICTIONARY, Level
from claimwright.features.conversion import (
    DocumentError,
    batch_of_documents,
    document_as_837,
    document_schema,
)
from claimwright.features.conversion.claim_documents import INSIDE
from claimwright.features.intake import read_blocks

DAY = datetime.date(2026, 1, 20)


def claim(**more: Any) -> dict[str, Any]:
    return {
        "form": "P", "claim_id": "A1", "total_charge": "120.10", "billing_npi": "1234567893",
        "billing_name": "CLINIC", "place_of_service": "11", "frequency_code": "1", "subscriber_name": "DOE",
        "subscriber_first_name": "JANE", "subscriber_member_id": "W1", "payer_id": "P1", "payer_name": "PLAN",
        "diagnoses": [{"diagnosis": "M5450"}, {"diagnosis": "Z7982"}],
        "lines": [
            {"procedure": "99213", "line_charge": "100", "units": "1.5", "service_from_on": "2026-01-05",
             "notes": [{"note_type": "ADD", "note": "SEEN"}]},
            {"procedure": "99214", "line_charge": 20, "units": 1, "service_from_on": "2026-01-05"},
        ],
        **more,
    }  # fmt: skip


def test_what_is_sent_comes_back_from_the_837_that_is_kept() -> None:
    dental = claim(
        form="D", claim_id="A2", lines=[{"procedure": "D0120", "line_charge": "120.1", "units": 1}]
    )
    content = document_as_837({"claims": [claim(), dental]}, DAY)
    found = ClaimBatch.concat(reading.batch for reading in read_blocks([content]))
    assert found.claims["claim_id"].to_list() == ["A1", "A2"]
    assert found.claims["total_charge"].to_list() == [Decimal("120.10")] * 2
    assert found.lines["line_charge"].to_list()[:2] == [Decimal(100), Decimal(20)]
    assert found.lines["units"].to_list()[0] == Decimal("1.5")
    assert found.lines["procedure_qualifier"].to_list() == ["HC", "HC", "AD"]
    assert found.diagnoses["diagnosis_qualifier"].to_list()[:2] == ["ABK", "ABF"]
    assert found.notes["note"].to_list() == ["SEEN"]
    assert found.claims["billing_id_qualifier"].to_list() == ["XX", "XX"]
    assert found.transactions["interchange_created_on"].to_list()[0] == DAY


def test_what_a_form_has_no_place_for_is_refused_and_not_dropped() -> None:
    """An 837D has no note of a line (005010X224A2, loop 2400)."""
    dental = claim(form="D", lines=[{"procedure": "D0120", "line_charge": "1", "notes": [{"note": "SEEN"}]}])
    with pytest.raises(DocumentError) as caught:
        document_as_837({"claims": [claim(), dental]}, DAY)
    assert [(each.claim, each.field) for each in caught.value.faults] == [(2, "notes.note")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"form": "X"}, "form"),
        ({"nothing_such": "1"}, "nothing_such"),
        ({"total_charge": 120.1}, "total_charge"),
        ({"total_charge": "120.123"}, "total_charge"),
        ({"total_charge": "1e30"}, "total_charge"),
        ({"total_charge": "NaN"}, "total_charge"),
        ({"claim_id": 7}, "claim_id"),
        ({"accident_on": "01/02/2026"}, "accident_on"),
        ({"lines": {}}, "lines"),
        ({"lines": ["x"]}, "lines[1]"),
        ({"lines": [{"units": True}]}, "lines[1].units"),
        ({"diagnoses": [{}, {"poa": 1}]}, "diagnoses[2].poa"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_and_its_value_is_not(
    change: dict[str, Any], field: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        batch_of_documents({"claims": [claim(), claim(**change)]}, DAY)
    assert [(each.claim, each.field) for each in caught.value.faults] == [(2, field)]
    assert not any(
        str(value) in str(caught.value)
        for value in change.values()
        if isinstance(value, str | float) and len(str(value)) > 1
    )


def test_every_field_of_the_dictionary_can_be_sent_and_is_in_the_schema() -> None:
    schema = document_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"claims": [claim()]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"claims": [claim(total_charge=1.5)]}, schema)
    reached = {Level.TRANSACTION, Level.CLAIM, *(each for levels in INSIDE.values() for each in levels)}
    # What has no field is kept verbatim, and only a file has it.
    assert {entry.level for entry in DICTIONARY} - reached <= {Level.SEGMENT}
