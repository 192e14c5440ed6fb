"""A scan that is planned for what is the same in every row finds what the plain scan finds."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright.engines.rules import RuleBook, RuleEngine, clean_claim, run_cases
from claimwright.engines.rules import constants as constants_module
from claimwright.engines.rules.constants import Plans, constants_of, with_constants

from .conftest import DAY, changed

BITS = [("is_a", "held", 0), ("is_b", "held", 1), ("is_c", "held", 2)]


def frame(**columns: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(columns)


def test_empty_columns_and_flags_without_exception_are_constants() -> None:
    rows = frame(
        empty=pl.Series([None, None], dtype=pl.String),
        filled=pl.Series(["x", None]),
        yes=pl.Series([True, True]),
        no=pl.Series([False, False]),
        either=pl.Series([True, False]),
        unknown=pl.Series([False, None]),
        money=pl.Series([None, None], dtype=pl.Decimal(18, 2)),
    )
    assert dict(constants_of(rows, [])) == {"empty": "NULL::VARCHAR", "yes": "TRUE", "no": "FALSE"}


def test_a_bit_is_a_constant_where_it_is_set_in_every_row_or_in_none() -> None:
    held = frame(held=pl.Series([0b001, 0b011]))
    assert dict(constants_of(held, BITS)) == {"is_a": "TRUE", "is_c": "FALSE"}
    assert dict(constants_of(frame(held=pl.Series([0b001, None])), BITS)) == {}
    nothing = frame(held=pl.Series([None, None], dtype=pl.Int64))
    assert dict(constants_of(nothing, BITS)) == {
        "held": "NULL::BIGINT", **dict.fromkeys(("is_a", "is_b", "is_c"), "NULL::BOOLEAN"),
    }  # fmt: skip


def test_constants_replace_names_and_neither_texts_nor_functions_nor_parts_of_names() -> None:
    sql = """ndc = 'ndc' AND ndc(1) AND "ndc" = ndc_unit OR x__ndc"""
    assert with_constants(sql, frozenset({("ndc", "NULL::VARCHAR")})) == (
        """NULL::VARCHAR = 'ndc' AND ndc(1) AND NULL::VARCHAR = ndc_unit OR x__ndc"""
    )


def test_a_plan_serves_every_block_for_which_its_constants_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants_module, "SHORTEST", 0)
    plans = Plans()
    both = frame(a=pl.Series([None], dtype=pl.String), b=pl.Series([None], dtype=pl.String))
    one = frame(a=pl.Series([None], dtype=pl.String), b=pl.Series(["x"]))
    assert plans.fitting(both, []) == {("a", "NULL::VARCHAR"), ("b", "NULL::VARCHAR")}
    assert plans.fitting(one, []) == {("a", "NULL::VARCHAR")}
    assert len(plans.fitting(both, [])) == 2
    assert plans.fitting(frame(a=pl.Series(["x"]), b=pl.Series(["x"])), []) == frozenset()


def test_short_blocks_are_scanned_as_they_are() -> None:
    assert Plans().fitting(frame(a=pl.Series([None], dtype=pl.String)), []) == frozenset()


Read = Callable[..., RuleBook]


def test_blocks_with_other_constants_follow_one_another(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block has another empty column; the plan of the first one must not be used for the others."""
    monkeypatch.setattr(constants_module, "SHORTEST", 0)
    cases = "\n  - {name: none, fires: true}\n  - {name: one, fires: false, lines: [{ndc: x}]}\n"
    engine = RuleEngine(
        read(changed(when="ndc is null and procedure_in('clia', procedure) is not true", cases=cases)),
        threads=1,
    )
    blocks = [{"procedure": "99213"}, {"procedure": "85025"}, {"ndc": "1"}, {"procedure": None}, {}]
    found = [engine.evaluate(line(**block), as_of=DAY).findings.height for block in blocks]
    assert found == [1, 0, 0, 1, 1]


def line(**values: str | None) -> ClaimBatch:
    """The clean claim with a line of these values."""
    frames = clean_claim("P").frames()
    given = {name: pl.lit(value, pl.String) for name, value in values.items()}
    return ClaimBatch.of({**frames, Level.LINE: frames[Level.LINE].with_columns(**given)})


def test_the_cases_of_all_rules_are_as_stated_with_constants(
    rulebook: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants_module, "SHORTEST", 0)
    assert [(each.rule.code, each.case.name) for each in run_cases(rulebook) if not each.passed] == []
