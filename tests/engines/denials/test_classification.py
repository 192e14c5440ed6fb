"""From remittances to denials: who has a row, with which cause, stage and amount."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from claimwright.domain.denial import SCHEMA
from claimwright.engines.denials import Given, cause_of, classify, classify_rejections, load_causes
from claimwright.engines.x12 import read_835


def remittance(*claims: str, payer: str = "PAYER") -> Any:
    body = "~".join(claims)
    head = (
        "ISA*00*          *00*          *ZZ*S              *ZZ*R              "
        "*260105*1200*^*00501*000000001*0*P*:~GS*HP*S*R*20260105*1200*1*X*005010X221A1~ST*835*0001~"
        "BPR*I*0*C*NON************20260105~TRN*1*T1*1999999999~DTM*405*20260105~"
        f"N1*PR*{payer}*XV*{payer}~N1*PE*PROVIDER*XX*1234567893~LX*1~"
    )
    return read_835(f"{head}{body}~SE*20*0001~GE*1*1~IEA*1*000000001~".encode())


def claim(number: str, status: str, charge: str, paid: str, *rest: str, filing: str = "12") -> str:
    return "~".join([f"CLP*{number}*{status}*{charge}*{paid}*0*{filing}*P{number}*11*1", *rest])


def facts(frame: pl.DataFrame) -> list[tuple]:
    return frame.select("claim", "line", "root_cause", "stage", "amount").rows()


def test_patient_responsibility_and_contractual_reductions_are_no_denials() -> None:
    paid = claim("A", "1", "100", "60", "SVC*HC:99213*100*60", "CAS*CO*45*20", "CAS*PR*1*5**2*10**3*5")
    assert classify(remittance(paid)).is_empty()


def test_a_denied_line_has_one_row_with_what_is_denied() -> None:
    denied = claim(
        "A", "1", "300", "80", "SVC*HC:99213*100*80", "CAS*CO*45*20",
        "SVC*HC:80050*200*0", "CAS*CO*50*150*1*45*50", "LQ*HE*N115",
    )  # fmt: skip
    found = classify(remittance(denied))
    assert facts(found) == [(1, 2, "coverage-policy", "partially_denied", Decimal("150.00"))]
    row = found.row(0, named=True)
    assert (row["group"], row["carc"], row["rarcs"], row["core_scenario"]) == ("CO", "50", ["N115"], 3)
    assert (row["category"], row["appealable"]) == ("medical_necessity", True)
    assert list(found.schema.items()) == list(SCHEMA.items())


def test_a_claim_denied_as_a_whole_has_a_row_without_a_line() -> None:
    found = classify(remittance(claim("A", "4", "100", "0", "CAS*CO*29*100")))
    assert facts(found) == [(1, None, "late-claim", "denied", Decimal("100.00"))]


def test_several_reasons_of_a_line_make_one_row_and_the_first_category_names_it() -> None:
    denied = claim(
        "A", "4", "100", "0", "SVC*HC:99213*100*0", "CAS*CO*16*60**29*40", "LQ*HE*N286", "LQ*HE*M53"
    )
    row = classify(remittance(denied)).row(0, named=True)
    assert (row["root_cause"], row["amount"]) == ("late-claim", Decimal("100.00"))
    assert row["further_causes"] == ["missing-referring-provider", "missing-units-or-charges"]


def test_a_remark_of_the_claim_holds_for_its_lines() -> None:
    denied = claim("A", "4", "100", "0", "MOA***MA130", "SVC*HC:99213*100*0", "CAS*CO*16*100")
    row = classify(remittance(denied)).row(0, named=True)
    assert (row["rarcs"], row["appealable"]) == (["MA130"], False)


def test_bundled_and_downcoded_lines_are_named_so() -> None:
    lines = (
        "SVC*HC:99215*200*90", "CAS*CO*150*60**45*50",
        "SVC*HC:36415*20*0", "CAS*CO*97*20", "LQ*HE*M15",
    )  # fmt: skip
    assert facts(classify(remittance(claim("A", "1", "220", "90", *lines)))) == [
        (1, 1, "level-of-service", "downcoded", Decimal("60.00")),
        (1, 2, "bundled-service", "bundled", Decimal("20.00")),
    ]


def test_a_level_of_service_that_is_not_paid_at_all_is_denied() -> None:
    denied = claim("A", "4", "200", "0", "SVC*HC:99215*200*0", "CAS*CO*150*200")
    assert facts(classify(remittance(denied))) == [(1, 1, "level-of-service", "denied", Decimal("200.00"))]


def test_a_procedure_that_the_payer_changed_is_downcoded() -> None:
    content = remittance(claim("A", "1", "200", "90", "SVC*HC:99213*200*90**1*HC:99215", "CAS*CO*45*110"))
    if "original_procedure" not in content.lines.columns:
        lines = content.lines.with_columns(original_procedure=pl.lit("99215"))
        content = type(content)(**{**vars(content), "lines": lines})
    assert facts(classify(content)) == [(1, 1, "procedure-changed-by-payer", "downcoded", Decimal("0.00"))]


def test_a_denied_claim_without_any_adjustment_is_seen() -> None:
    found = classify(remittance(claim("A", "4", "100", "0")))
    assert facts(found) == [(1, None, "denied-without-reason", "denied", Decimal("100.00"))]


def test_an_unknown_reason_is_a_state() -> None:
    row = classify(remittance(claim("A", "4", "100", "0", "CAS*ZZ*Q77*100"))).row(0, named=True)
    assert (row["category"], row["root_cause"], row["carc"]) == ("unknown", "unknown-reason", "Q77")


def test_a_reversal_without_a_correction_is_money_taken_back() -> None:
    taken = claim("A", "22", "-100", "-80", "MOA***N432", "CAS*CO*45*-20")
    assert facts(classify(remittance(taken))) == [(1, None, "recovery-audit", "recouped", Decimal("80.00"))]


def test_a_reversal_and_a_correction_that_pays_as_much_are_no_denial() -> None:
    taken = claim("A", "22", "-100", "-80", "CAS*CO*45*-20")
    assert classify(remittance(taken, claim("A", "1", "100", "80", "CAS*CO*45*20"))).is_empty()


def test_a_correction_that_denies_is_recouped_once() -> None:
    taken = claim("A", "22", "-100", "-80", "CAS*CO*45*-20")
    denied = claim("A", "4", "100", "0", "CAS*CO*50*100")
    assert facts(classify(remittance(taken, denied))) == [
        (2, None, "not-medically-necessary", "recouped", Decimal("100.00"))
    ]


def test_a_correction_that_pays_less_takes_back_the_difference() -> None:
    taken = claim("A", "22", "-100", "-80", "CAS*CO*45*-20")
    less = claim("A", "1", "100", "30", "CAS*CO*45*70")
    assert facts(classify(remittance(taken, less))) == [
        (1, None, "payment-taken-back", "recouped", Decimal("50.00"))
    ]


def test_a_predetermination_is_no_denial() -> None:
    assert classify(remittance(claim("A", "25", "100", "0", "CAS*CO*50*100"))).is_empty()


def test_what_was_known_shows_the_payers_error() -> None:
    content = remittance(
        claim("A", "4", "100", "0", "CAS*CO*29*100"), claim("B", "4", "100", "0", "CAS*CO*197*100"),
        claim("C", "4", "100", "0", "CAS*CO*29*100"),
    )  # fmt: skip
    known = pl.DataFrame(
        {"claim": [1, 2, 3], "sent_in_time": [True, None, None], "had_authorization": [None, True, None]}
    )
    found = classify(content, known)
    assert found["root_cause"].to_list() == [
        "late-claim-payer-error",
        "authorization-overlooked",
        "late-claim",
    ]
    assert found["responsible"].to_list() == ["payer_error", "payer_error", "billing"]


def test_rules_are_those_that_expect_this_combination() -> None:
    content = remittance(claim("A", "4", "100", "0", "SVC*HC:99213*100*0", "CAS*CO*16*100", "LQ*HE*N286"))
    rules = pl.DataFrame(
        {"code": ["X1", "X2", "X3", "X4"], "carc": [["16"], ["16"], ["4"], ["16"]],
         "rarc": [["N286"], ["M53"], [], []]},
        schema_overrides={"rarc": pl.List(pl.String)},
    )  # fmt: skip
    assert classify(content, rules=rules)["rules"].to_list() == [["X1", "X4"]]


def test_medicare_24_means_another_plan_and_elsewhere_capitation() -> None:
    medicare = claim("A", "4", "100", "0", "CAS*CO*24*100", filing="MB")
    other = claim("B", "4", "100", "0", "CAS*CO*24*100", filing="12")
    found = classify(remittance(medicare, other))
    assert found["root_cause"].to_list() == ["medicare-advantage-member", "capitated-service"]


def test_an_empty_remittance_has_no_denials() -> None:
    found = classify(read_835(b""))
    assert found.is_empty()
    assert found.columns == list(SCHEMA)


@pytest.mark.parametrize("count", [20_000])
def test_many_claims_are_classified_over_columns(count: int) -> None:
    one = remittance(
        claim(
            "A",
            "1",
            "300",
            "80",
            "SVC*HC:99213*100*80",
            "CAS*CO*45*20",
            "SVC*HC:80050*200*0",
            "CAS*CO*50*200",
        ),
    )
    many = {}
    for name, frame in vars(one).items():
        if "claim" in frame.columns:
            numbers = pl.DataFrame({"n": range(count)}, schema={"n": pl.Int64})
            frame = (
                numbers.join(frame, how="cross").with_columns(claim=pl.col("claim") + pl.col("n")).drop("n")
            )
        many[name] = frame
    found = classify(type(one)(**many))
    assert found.height == count
    assert found["amount"].sum() == Decimal(200 * count)


def test_a_rejection_before_adjudication_has_a_cause_and_no_appeal() -> None:
    """277CA: A7 and 562 of entity 82, an invalid NPI; A3 and 718, too late; A2 is accepted."""
    statuses = pl.DataFrame(
        [
            (1, None, "A7", "562", "82"), (1, None, "A6", "504", "QC"), (2, None, "A3", "718", None),
            (3, 1, "A8", "99999", None), (4, None, "A2", "20", None),
        ],
        schema=["claim", "line", "category", "status", "entity"], orient="row",
    ).with_columns(amount=pl.lit(Decimal("50.00")))  # fmt: skip
    found = classify_rejections(statuses)
    assert found.select("claim", "line", "root_cause", "further_causes").rows() == [
        (1, None, "npi", ["missing-patient-data"]), (2, None, "late-claim", []), (3, 1, "unknown-reason", []),
    ]  # fmt: skip
    assert found["stage"].unique().to_list() == ["rejected_front_end"]
    assert not found["appealable"].any()


def test_an_accepted_claim_is_no_rejection() -> None:
    statuses = pl.DataFrame(
        {
            "claim": [1],
            "line": [None],
            "category": ["A2"],
            "status": ["20"],
            "entity": [None],
            "amount": [None],
        }
    )
    assert classify_rejections(statuses).is_empty()


def test_an_unreadable_amount_is_seen_and_not_taken_for_zero() -> None:
    row = classify(remittance(claim("A", "4", "100", "0", "CAS*CO*50*1O0"))).row(0, named=True)
    assert (row["root_cause"], row["amount"]) == ("not-medically-necessary", None)


@pytest.mark.parametrize("seed", range(5))
def test_every_denied_cent_is_in_one_row(seed: int) -> None:
    """Any reasons on any lines: one row at most for each line, and the dollars are those of its denial
    reasons.
    """
    draw = np.random.default_rng(seed)
    reasons = ["45", "1", "2", "50", "97", "16", "29", "197", "Q77", "253", "4", "18", "23"]
    kept, claims = {}, []
    for number in range(1, 31):
        parts = []
        for line in range(1, int(draw.integers(2, 5))):
            chosen = draw.choice(reasons, int(draw.integers(0, 4)), replace=False)
            cents = [int(draw.integers(-500, 5000)) for _ in chosen]
            parts += ["SVC*HC:99213*100*10"]
            parts += [
                f"CAS*CO*{reason}*{value / 100:.2f}" for reason, value in zip(chosen, cents, strict=True)
            ]
            denied = [
                value
                for reason, value in zip(chosen, cents, strict=True)
                if value > 0 and load_causes()[str(cause_of(Given(carc=str(reason))))].denial
            ]
            if denied:
                kept[number, line] = Decimal(sum(denied)) / 100
        claims.append(claim(f"A{number}", "1", "400", "40", *parts))
    found = classify(remittance(*claims))
    assert {(row[0], row[1]): row[2] for row in found.select("claim", "line", "amount").rows()} == kept
    assert found.height == len(kept)
