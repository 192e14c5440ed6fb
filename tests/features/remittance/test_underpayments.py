"""Underpayments, as they are found when a remittance is posted.

Medicare's price of 99214 in Maryland in 2026 is 142.62, of 85025 7.77 (`docs/pricing.md`); 99213 is limited
by the charge of 100.00.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.engines.pricing import Pricer
from claimwright.features.remittance import UnderpaymentSearch, dispute_packet
from claimwright.foundation import clock
from claimwright.platform import audit
from claimwright.store.underpayments import Underpayment, count_underpayments, list_underpayments

from .conftest import Clinic
from .written_835 import Clp, Payment, Svc

MARY: dict[str, Any] = {"last": "ROE", "first": "MARY", "member": "W000000002"}
CONTRACT = """
contracts:
  - {name: Good plan, payer_id: "12345", kind: percent_of_charge, terms: {percent: 90}}
"""


def found(clinic: Clinic, **only: Any) -> list[Underpayment]:
    with clinic.database.transaction(CALLER) as connection:
        return list_underpayments(connection, **only)


def kinds(clinic: Clinic) -> list[tuple[str, int]]:
    return [(each.kind, each.amount_cents) for each in found(clinic)]


def again(clinic: Clinic, search: UnderpaymentSearch | None = None) -> None:
    with clinic.database.transaction(CALLER) as connection:
        (search or UnderpaymentSearch()).search(CALLER, connection, clinic.sealer, clock.now())


def short(amount: str = "157.38", trace: str = "EFT1", **more: Any) -> Payment:
    """99214 for 200.00, of which so much is written down."""
    line = Svc("99214", "200", [f"CO-45:{amount}"])
    return Payment([Clp("A200", "1", [line], **MARY, **more)], trace=trace)


def test_what_falls_short_is_found_as_it_is_posted_with_its_basis(clinic: Clinic) -> None:
    clinic.post(short())
    # 142.62 less 42.62.
    (each,) = found(clinic)
    assert (each.kind, each.amount_cents, each.procedure) == ("underpaid", 10_000, "99214")
    assert (each.claim_key, each.line, each.payer_id) == (clinic.key_of("A200"), 1, "12345")
    assert each.confidence == "low"  # no contract of the payer is known
    assert "expected $142.62" in each.basis
    assert "short by $100.00, more than the tolerance of $1.42" in each.basis


def test_what_is_paid_as_expected_is_not_found(clinic: Clinic) -> None:
    clinic.post(short("57.38"))
    assert found(clinic) == []


def test_an_underpayment_is_in_force_as_long_as_its_answer_is(clinic: Clinic) -> None:
    clinic.post(short())
    assert kinds(clinic) == [("underpaid", 10_000)]
    back = Svc("99214", "-200", ["CO-45:-157.38"])
    right = Svc("99214", "200", ["CO-45:57.38"])
    clinic.post(Payment([Clp("A200", "22", [back], **MARY), Clp("A200", "1", [right], **MARY)], trace="EFT2"))
    assert found(clinic) == []


def test_bundling_counts_only_where_no_edit_of_ours_bundles(clinic: Clinic) -> None:
    lines = [Svc("99213", "100"), Svc("85025", "50", ["CO-97:50"])]
    clinic.post(Payment([Clp("A100", "1", lines)]))
    assert kinds(clinic) == [("bundled_without_edit", 777)]
    clinic.rows(
        "insert into production.findings (received_on, claim_key, line, code, severity) "
        "select received_on, claim_key, 2, 'NCC001', 'block' from production.claims returning 1"
    )
    again(clinic)
    assert found(clinic) == []


def test_a_downcoded_line_is_found_by_what_was_submitted(clinic: Clinic) -> None:
    line = Svc("99213", "200", ["CO-45:100"], original="99214")
    clinic.post(Payment([Clp("A200", "1", [line], **MARY)]))
    (each,) = found(clinic)
    assert (each.kind, each.amount_cents) == ("downcoded", 4_262)
    assert "submitted 99214, paid as 99213" in each.basis


def test_a_reversal_is_found_until_a_correction_takes_its_place(clinic: Clinic) -> None:
    clinic.post(short("57.38"))
    back = Svc("99214", "-200", ["CO-45:-57.38"])
    clinic.post(Payment([Clp("A200", "22", [back], **MARY)], trace="EFT2"))
    assert kinds(clinic) == [("reversal_without_correction", 14_262)]
    clinic.post(short("57.38", trace="EFT3", payer_number="ICN9"))
    assert kinds(clinic) == []


def test_money_kept_back_is_found_until_a_reversal_explains_it(clinic: Clinic) -> None:
    clinic.post(Payment([Clp("A600", "1", [Svc("99212", "60")], last="MOE", first="KIM", member="W6")],
                        plb=["WO:142.62"]))  # fmt: skip
    (each,) = found(clinic)
    assert (each.kind, each.amount_cents, each.claim_key) == ("recovery_without_reversal", 14_262, None)
    clinic.post(short("57.38", trace="EFT2"))
    clinic.post(Payment([Clp("A200", "22", [Svc("99214", "-200", ["CO-45:-57.38"])], **MARY)], trace="EFT3"))
    assert kinds(clinic) == [("reversal_without_correction", 14_262)]


def test_a_contract_prices_anew_and_what_is_found_again_keeps_its_number(clinic: Clinic) -> None:
    clinic.post(short())
    (before,) = found(clinic)
    again(clinic)
    assert found(clinic)[0].underpayment_id == before.underpayment_id
    pricer = Pricer.from_text(CONTRACT, "contracts.yaml")
    again(clinic, UnderpaymentSearch(lambda: pricer, prices_anew=True))
    # 90 percent of 200.00 is 180.00; 42.62 is allowed.
    (each,) = found(clinic)
    assert (each.underpayment_id, each.amount_cents) == (before.underpayment_id, 13_738)
    assert (each.confidence, each.contract) == ("medium", "Good plan")


def test_totals_are_by_payer_and_kind(clinic: Clinic) -> None:
    lines = [Svc("99213", "100", ["CO-45:50"]), Svc("85025", "50", ["CO-97:50"])]
    clinic.post(Payment([Clp("A100", "1", lines), *short().claims]))
    with clinic.database.transaction(CALLER) as connection:
        totals = count_underpayments(connection)
        assert count_underpayments(connection, payer="nobody") == []
        assert count_underpayments(connection, facilities=["OTHER"]) == []
    assert [(each.kind, each.findings, Decimal(each.amount_cents) / 100) for each in totals] == [
        ("underpaid", 1, Decimal(100)),
        ("modifier_reduction", 1, Decimal(50)),
        ("bundled_without_edit", 1, Decimal("7.77")),
    ]
    assert [each.claims for each in totals] == [1, 1, 1]


def test_a_dispute_has_a_line_for_each_finding_and_numbers_only_for_a_reason(clinic: Clinic) -> None:
    clinic.post(short())
    with clinic.database.transaction(CALLER) as connection:
        plain = dispute_packet(CALLER, connection, "good payer")
        named = dispute_packet(
            CALLER, connection, "12345", opener=clinic.sealer, reason="dispute of underpayments"
        )
        with pytest.raises(audit.AuditError):
            dispute_packet(CALLER, connection, "12345", opener=clinic.sealer, reason="")
    assert "payer_claim_number" not in plain.columns
    (row,) = plain.to_dicts()
    assert (row["claim_key"], row["procedure"]) == (clinic.key_of("A200"), "99214")
    assert (row["expected"], row["paid"], row["difference"]) == (
        Decimal("142.62"), Decimal("42.62"), Decimal("100.00"),
    )  # fmt: skip
    assert "; short by $100.00" in row["basis"]
    assert named.select("payer_claim_number", "claim_number").row(0) == ("ICN1", "A200")
    said = clinic.rows("select action, body from platform.audit_log order by 1")
    assert any(action == "underpayments.disputed" and "10000" in detail for action, detail in said)
    assert any(action == "phi.read" and "dispute of underpayments" in detail for action, detail in said)
