"""Many claims with one cause are corrected at once, each checked alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.features.pipeline.bench_of_claims import AS_OF, value
from tests.features.repairs.conftest import (
    BILLER,
    Clinic,
    asked,
    everything,
    no_identity,
    opening,
)

from claimwright.domain.caller import Caller
from claimwright.features.checking import Checker
from claimwright.features.intake import Intake
from claimwright.features.reference_data import SETTING, load
from claimwright.features.repairs import (
    BulkWanted,
    ClaimChangedError,
    Wanted,
    corrections_before,
    repair_many,
)
from claimwright.features.repairs.correcting import Correction, make_corrections
from claimwright.features.repairs.trials import Benches
from claimwright.foundation import clock
from claimwright.platform.metering import QuotaExceededError


def test_many_claims_with_one_cause_are_corrected_and_each_refusal_has_its_reason(
    clinic: Clinic, checker: Checker
) -> None:
    keys, desk = clinic.keys, clinic.desk()
    asked = BulkWanted(
        "ADR005", everything, "all of these are the same typing error",
        "00000000-0000-4000-8000-000000000002",
    )  # fmt: skip
    dry = repair_many(desk, BILLER, BulkWanted(**{**asked.__dict__, "dry_run": True}))
    assert {each.claim_key for each in dry.done} == {
        keys[name] for name in ("state", "state and street", "second state", "twice")
    }
    assert value(clinic.store, "select count(*) from production.corrections") == 0
    named = [keys["state"], keys["second state"], keys["typing error"], keys["street"], keys["fine"], 999_999]
    bulk = repair_many(desk, BILLER, BulkWanted(**{**asked.__dict__, "claim_keys": named}))
    assert [each.claim_key for each in bulk.done] == [keys["state"], keys["second state"]]
    assert {each.claim_key: each.why for each in bulk.refused} == {
        keys["typing error"]: "no_repair", keys["street"]: "no_repair", keys["fine"]: "not_in_review",
        999_999: "not_there",
    }  # fmt: skip
    assert not bulk.more
    # One file for both, each audited by itself, and both go through.
    assert value(clinic.store, "select count(*) from staging.files") == 2
    assert (
        value(clinic.store, "select count(*) from platform.audit_log where body like '%claim.corrected%'")
        == 2
    )
    clinic.run(checker)
    with clinic.database.transaction(BILLER) as connection:
        assert [each.verification for each in corrections_before(connection)] == ["verified", "verified"]


def test_bulk_refuses_claims_whose_field_is_withheld(clinic: Clinic) -> None:
    asked = BulkWanted(
        "ADR004", no_identity, "these have a dash in the code", "00000000-0000-4000-8000-000000000003"
    )
    bulk = repair_many(clinic.desk(), BILLER, asked)
    assert (bulk.done, [(each.claim_key, each.why) for each in bulk.refused]) == (
        [], [(clinic.keys["zip"], "withheld")],
    )  # fmt: skip


def test_a_claim_that_can_not_be_corrected_is_refused_in_bulk_and_the_others_are_not(
    clinic: Clinic,
) -> None:
    old, desk = clinic.keys["state"], clinic.desk()
    etag = desk.propose(BILLER, old, opening()).etag
    desk.correct(BILLER, old, Wanted(["ADR005"]), opening(), etag=etag)
    # As after an error of somebody else: the version before is in review again.
    with psycopg.connect(clinic.store.superuser) as owner:
        owner.execute("update production.claims set route = 'review' where claim_key = %s", [old])
    bulk = repair_many(desk, BILLER, asked("ADR005"))
    assert [(each.claim_key, each.why) for each in bulk.refused if each.why != "no_repair"] == [
        (old, "not_correctable")
    ]
    assert clinic.keys["second state"] in {each.claim_key for each in bulk.done}


@pytest.mark.parametrize(
    ("error", "why"), [(ClaimChangedError("later"), "changed"), (QuotaExceededError("claims", 1), "quota")]
)
def test_what_can_not_be_stored_is_refused_and_what_was_stored_before_is_told(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    first, *others = sorted(
        clinic.keys[name] for name in ("state", "state and street", "second state", "twice")
    )
    stored: list[int] = []

    def once(intake: Intake, caller: Caller, corrections: Sequence[Correction], **more: Any) -> Any:
        if stored:
            raise error
        stored.extend(each.standing.claim_key for each in corrections)
        return make_corrections(intake, caller, corrections, **more)

    monkeypatch.setattr("claimwright.features.repairs.bulk._TOGETHER", 1)
    monkeypatch.setattr("claimwright.features.repairs.bulk.make_corrections", once)
    bulk = repair_many(clinic.desk(), BILLER, asked("ADR005"))
    assert [each.claim_key for each in bulk.done] == stored == [first]
    assert [each.claim_key for each in bulk.refused if each.why == why] == others


def test_bulk_goes_on_after_the_claims_that_it_has_looked_at(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claimwright.features.repairs.bulk.MOST_AT_ONCE", 2)
    seen, after = [], 0
    while True:
        bulk = repair_many(clinic.desk(), BILLER, replace(asked("ADR005"), dry_run=True, after=after))
        seen += [each.claim_key for each in (*bulk.done, *bulk.refused)]
        assert bulk.more == (bulk.after is not None)
        if bulk.after is None:
            break
        after = bulk.after
    assert sorted(seen) == sorted(
        clinic.keys[name] for name in ("state", "state and street", "second state", "twice", "typing error")
    )


def test_the_rules_are_made_ready_anew_once_reference_data_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path))
    benches = Benches()
    first = benches.of(AS_OF)
    assert benches.of(AS_OF) is first
    codes = tmp_path / "carc.csv"
    codes.write_text("code,description\n1,Deductible\n")
    load("carc", [codes], tmp_path, now=clock.now(), partial=True)
    assert benches.of(AS_OF) is not first
