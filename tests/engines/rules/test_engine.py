"""The engine: one answer however a batch is cut, no value in what it says, no fault that stops a scan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import SeenClaims
from claimwright.domain.dictionary import Level
from claimwright.domain.findings import SCHEMA
from claimwright.engines.rules import (
    PredicateWarning,
    RuleBook,
    RuleEngine,
    clean_claim,
    evaluate,
    explain_predicate,
    message_of,
)

from .conftest import DAY, RULE, changed

Read = Callable[..., RuleBook]


def claims(count: int, form: str = "P", **columns: list[object]) -> ClaimBatch:
    """Copies of the clean claim, numbered from 1, each a different claim; some columns replaced."""
    one = clean_claim(form)
    frames = {}
    for level, frame in one.frames().items():
        if level in {Level.TRANSACTION, Level.SEGMENT}:
            continue
        parts = [frame.with_columns(claim=pl.lit(number, pl.Int64)) for number in range(1, count + 1)]
        frames[level] = pl.concat(parts) if parts else frame.clear()
    ids = pl.Series([f"A{number}" for number in range(1, count + 1)])
    frames[Level.CLAIM] = frames[Level.CLAIM].with_columns(claim_id=ids, subscriber_member_id="M" + ids + "X")
    for name, values in columns.items():
        for level in (Level.CLAIM, Level.LINE):
            if name in frames[level].columns:
                dtype = frames[level].schema[name]
                frames[level] = frames[level].with_columns(pl.Series(name, values, dtype=dtype, strict=False))
    return ClaimBatch.of(frames)


def codes(findings: pl.DataFrame) -> list[tuple[int, str]]:
    return [(claim, code) for claim, code in findings.select("claim", "code").iter_rows()]


def test_findings_have_the_shape_of_all_findings(engine: RuleEngine) -> None:
    found = engine.evaluate(claims(2, billing_npi=["1234567890", "1234567893"]), as_of=DAY).findings
    assert dict(found.schema) == SCHEMA
    row = found.filter(pl.col("code") == "NPI001").row(0, named=True)
    assert row["claim"] == 1
    assert row["line"] is None
    assert (row["severity"], row["snip"], row["field"]) == ("block", 5, "billing_npi")
    assert (row["loop"], row["segment_id"], row["element"]) == ("2010AA", "NM1", "NM109")
    assert row["amount"] == Decimal("125.00"), "the whole charge is at stake"
    assert row["waiver"] is None


def test_a_finding_of_a_line_puts_the_line_at_stake(engine: RuleEngine) -> None:
    found = engine.evaluate(claims(1, units=[0]), as_of=DAY).findings
    row = found.row(0, named=True)
    assert (row["code"], row["line"], row["amount"]) == ("BAL005", 1, Decimal("125.00"))
    assert (row["loop"], row["segment_id"], row["element"]) == ("2400", "SV1", "SV104")


def test_a_finding_of_a_diagnosis_says_which(engine: RuleEngine) -> None:
    batch = claims(1)
    bad = ClaimBatch.of(
        {
            **batch.frames(),
            Level.DIAGNOSIS: batch.diagnoses.with_columns(diagnosis=pl.Series(["I10", "E78.5"])),
        }
    )
    row = engine.evaluate(bad, as_of=DAY).findings.row(0, named=True)
    assert (row["code"], row["line"], row["detail"]) == ("DXC002", None, "diagnosis 2")


def test_a_finding_says_where_its_claim_stands_in_the_file(engine: RuleEngine) -> None:
    batch = claims(1, billing_npi=["1"], first_segment=[37])
    assert engine.evaluate(batch, as_of=DAY).findings["segment"].to_list() == [37]


def test_the_batch_is_not_changed(engine: RuleEngine) -> None:
    batch = claims(3, units=[0, 1, 0])
    before = {level: frame.clone() for level, frame in batch.frames().items()}
    engine.evaluate(batch, as_of=DAY)
    assert all(frame.equals(before[level]) for level, frame in batch.frames().items())


def test_nothing_is_found_in_nothing(engine: RuleEngine) -> None:
    assert dict(engine.evaluate(ClaimBatch(), as_of=DAY).findings.schema) == SCHEMA


@settings(max_examples=25)
@given(
    cuts=st.lists(st.integers(0, 12), max_size=3),
    bad=st.lists(st.booleans(), min_size=12, max_size=12),
    twins=st.lists(st.integers(1, 12), max_size=4),
)
def test_blocks_find_what_the_whole_finds(
    engine: RuleEngine, cuts: list[int], bad: list[bool], twins: list[int]
) -> None:
    """However a file is cut into blocks: duplicates are found across them, nothing else changes."""
    ids = [f"A{min(twins) if number in twins else number}" for number in range(1, 13)]
    whole = claims(
        12,
        claim_id=ids,
        subscriber_member_id=ids,
        billing_npi=["1234567890" if wrong else "1234567893" for wrong in bad],
    )
    edges = [0, *sorted(cuts), 12]
    seen = SeenClaims()
    parts = [
        engine.evaluate(whole.select(list(range(low + 1, high + 1))), as_of=DAY, seen=seen).findings
        for low, high in pairwise(edges)
    ]
    assert pl.concat(parts).rows() == engine.evaluate(whole, as_of=DAY).findings.rows()


def test_one_thread_and_several_find_the_same(rulebook: RuleBook) -> None:
    count = 60_000  # long enough to be cut into streams
    one = clean_claim("P")
    frames = {
        level: one.frame(level)[[0] * count].with_columns(claim=pl.int_range(1, count + 1, dtype=pl.Int64))
        for level in (Level.CLAIM, Level.LINE)
    }
    ids = "A" + pl.int_range(count, eager=True).cast(pl.String)
    npi = pl.when(pl.col("claim") % 1000 == 0).then(pl.lit("1234567890")).otherwise("billing_npi")
    frames[Level.CLAIM] = frames[Level.CLAIM].with_columns(
        claim_id=ids, subscriber_member_id=ids, billing_npi=npi, from_claim=None
    ).drop("from_claim")  # fmt: skip
    batch = ClaimBatch.of(frames)
    several = RuleEngine(rulebook, threads=3).evaluate(batch, as_of=DAY).findings
    alone = RuleEngine(rulebook, threads=1).evaluate(batch, as_of=DAY).findings
    assert several.rows() == alone.rows()
    assert several.filter(pl.col("code") == "NPI001")["claim"].to_list() == list(range(1000, 60_001, 1000))


def test_a_rule_of_one_form_leaves_the_others_alone(read: Read) -> None:
    book = read(
        changed(level="claim", forms="[I]", field="total_charge", when="total_charge > 0", cases=I_CASES)
    )
    assert [str(problem) for problem in book.problems] == []
    mixed = ClaimBatch.concat([claims(1), second(clean_claim("I"), 2)])
    engine = RuleEngine(book, threads=1)
    assert codes(engine.evaluate(mixed, as_of=DAY).findings) == [(2, "TST001")]
    assert codes(engine.evaluate(claims(1), as_of=DAY).findings) == []


I_CASES = "\n  - {name: a charge, fires: true}\n  - {name: none, fires: false, lines: [{line_charge: 0}]}\n"


def second(batch: ClaimBatch, number: int) -> ClaimBatch:
    frames = batch.frames()
    return ClaimBatch.of(
        {
            level: frame if level is Level.TRANSACTION else frame.with_columns(claim=pl.lit(number, pl.Int64))
            for level, frame in frames.items()
        }
    )


def test_a_rule_for_some_payers_leaves_the_others_alone(read: Read) -> None:
    book = read(changed(payers="{claim_filing: [MC], ids: ['77']}", when="units > 0", cases=PAYER_CASES))
    assert [str(problem) for problem in book.problems] == []
    batch = claims(3, claim_filing_code=["MC", "MC", "CI"], payer_id=["77", "78", "77"])
    assert codes(RuleEngine(book, threads=1).evaluate(batch, as_of=DAY).findings) == [(1, "TST001")]


PAYER_CASES = """
  - {name: of the payer, fires: true, claim: {claim_filing_code: MC, payer_id: "77"}}
  - {name: another payer, fires: false}
"""


def test_a_rule_holds_from_its_first_to_its_last_day_of_service(read: Read) -> None:
    book = read(changed(effective="{from: 2025-01-01, to: 2025-12-31}", when="units > 0", cases=DATE_CASES))
    assert [str(problem) for problem in book.problems] == []
    days = [date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1), None]
    batch = claims(5, service_from_on=days)
    found = RuleEngine(book, threads=1).evaluate(batch, as_of=DAY).findings
    assert found["claim"].to_list() == [2, 3, 5], "a line without a date is judged as of today"


DATE_CASES = """
  - {name: within, fires: true, lines: [{service_from_on: 2025-06-01}]}
  - {name: before, fires: false, lines: [{service_from_on: 2024-06-01}]}
"""


def test_a_predicate_that_fails_on_a_value_does_not_stop_the_others(read: Read) -> None:
    """The product overflows for many units; the row on which it does is left undecided."""
    book = read(
        changed(when=OVERFLOWING, cases=FAULT_CASES),
        RULE.replace("TST001", "TST002").replace("test-units-many", "test-units-more"),
    )
    assert [str(problem) for problem in book.problems] == []
    engine = RuleEngine(book, threads=1)
    batch = claims(3, units=[1, 900_000_000_000, 0])
    evaluation = engine.evaluate(batch, as_of=DAY)
    assert [fault.rule for fault in evaluation.faults] == ["TST001"]
    assert "900" not in evaluation.faults[0].what, "what failed may be PHI"
    assert codes(evaluation.findings) == [(1, "TST001"), (2, "TST002")]
    again = engine.evaluate(batch, as_of=DAY)
    assert again.faults == ()
    assert again.findings.equals(evaluation.findings)


OVERFLOWING = "cast(units as decimal(38, 3)) * 10000000000000000000000000000000 > 50"
FAULT_CASES = "\n  - {name: one, fires: true}\n  - {name: none, fires: false, lines: [{units: 0}]}\n"


def test_a_predicate_that_failed_is_warned_of(read: Read) -> None:
    book = read(changed(when=OVERFLOWING, cases=FAULT_CASES))
    with pytest.warns(PredicateWarning, match="TST001"):
        found = evaluate(claims(1, units=[900_000_000_000]), book, as_of=DAY)
    assert found.height == 0


def test_a_cast_that_cannot_be_made_is_null(read: Read) -> None:
    book = read(changed(when="cast(procedure as integer) > 99212", cases=CAST_CASES))
    assert [str(problem) for problem in book.problems] == []
    found = RuleEngine(book, threads=1).evaluate(claims(2, procedure=["A0428", "99213"]), as_of=DAY)
    assert codes(found.findings) == [(2, "TST001")]
    assert found.faults == ()


CAST_CASES = (
    "\n  - {name: a number, fires: true}\n  - {name: no number, fires: false, lines: [{procedure: A0428}]}\n"
)


def test_pairs_are_lines_of_one_claim_that_agree(read: Read) -> None:
    book = read(
        changed(
            level="pair",
            pair_on="[service_from_on]",
            when="units > pair_units and pair_procedure = '80053'",
            cases=PAIR_CASES,
        )
    )
    assert [str(problem) for problem in book.problems] == []
    batch = ClaimBatch.of(
        {
            **claims(2).frames(),
            Level.LINE: pl.DataFrame(
                {
                    "claim": [1, 1, 1, 2],
                    "line": pl.Series([1, 2, 3, 1], dtype=pl.Int32),
                    "procedure": ["99213", "80053", "80053", "80053"],
                    "units": pl.Series([5, 1, 1, 1]).cast(pl.Decimal(15, 3)),
                    "line_charge": pl.Series([10, 20, 30, 40]).cast(pl.Decimal(18, 2)),
                    "service_from_on": [
                        date(2025, 3, 3),
                        date(2025, 3, 3),
                        date(2025, 3, 4),
                        date(2025, 3, 3),
                    ],
                }
            ),
        }
    )
    rows = RuleEngine(book, threads=1).evaluate(batch, as_of=DAY).findings.rows(named=True)
    found = [(row["claim"], row["line"], row["detail"], row["amount"]) for row in rows]
    assert found == [(1, 1, "with line 2", Decimal("10.00"))]


PAIR_CASES = """
  - {name: more, fires: true, lines: [{units: 2}, {procedure: "80053", units: 1}]}
  - {name: another day, fires: false, lines: [{units: 2}, {procedure: "80053", service_from_on: 2025-03-04}]}
"""


def test_a_predicate_explains_what_it_reads(rulebook: RuleBook) -> None:
    explained = explain_predicate(rulebook["POS002"])
    assert [name.name for name in explained.names] == ["effective_service_on", "line_place_of_service"]
    assert [name for name, _ in explained.functions] == ["in_code_list"]
    text = explain_predicate("not icd10_shape_ok(diagnosis)", "diagnosis")
    assert text.names[0].meaning == "diagnosis code without a dot"
    assert "ICD-10-CM Official Guidelines" in text.functions[0][1]


def test_a_message_names_fields_and_never_their_values(read: Read) -> None:
    book = read(changed(message="'More than ten of: {units}'"))
    assert message_of(book["TST001"]) == "More than ten of: how many units, minutes or days"
    assert message_of(read(RULE)["TST001"]) == "A line has many units"
