"""What a predicate may say. Whatever is not on the list is refused, and nothing crashes."""

from __future__ import annotations

from contextlib import suppress

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.engines.rules import PredicateError, compile_predicate
from claimwright.engines.rules.functions import COLUMN_FUNCTIONS, macros
from claimwright.engines.rules.scan import Stream, connect

ALLOWED = [
    "procedure is null and not (units > 3 or line_charge between 1 and 2)",
    "coalesce(procedure, 'x') = 'x' and nullif(units, 0) is not null",
    "procedure like '992%' or procedure ilike 'j%' or starts_with(procedure, 'A')",
    "ends_with(procedure, 'F')",
    "left(procedure, 1) in ('A', 'B') and substring(procedure, 2, 1) <> '0' and right(procedure, 1) = '1'",
    "case when units > 1 then line_charge / nullif(units, 0) > 5 else false end",
    "service_from_on >= date '2025-01-01' and service_to_on < service_from_on + interval 30 day",
    "as_of - service_from_on > 365 and date_diff('day', service_from_on, as_of) > 365",
    "year(service_from_on) = 2025 and month(service_from_on) in (1, 2) and extract(day from as_of) = 1",
    "list_contains(modifiers, '25') or list_has_any(modifiers, ['26', 'TC']) or len(modifiers) > 2",
    "list_has_all(modifiers, ['26', 'TC']) and procedure is distinct from '99213'",
    "regexp_matches(procedure, '^9') and length(trim(upper(procedure))) = 5",
    "regexp_full_match(procedure, '[0-9]+')",
    "abs(line_charge) > greatest(units, 1) * 2 and round(line_charge) >= least(units, 2) and units % 2 = 1",
    "try_cast(procedure as integer) > 3 and units // 2 = 1",
    "total_charge > 5 and patient_sex = 'F' and transaction_type = 'CH'",
    "in_code_list('place_of_service', effective_place_of_service, service_from_on)",
    '"units" > 3',
    "UNITS > 3 AND Procedure IS NULL",
]
REFUSED = [
    "",
    " ",
    ";",
    "units > 3;;",
    "units > 3 -- x\n; drop table y",
    "select units",
    "units in (select 1)",
    "exists (select 1)",
    "cast((select 1) as integer) = 1",
    "(select units > 3)",
    "count(*) > 1",
    "units > ?",
    "units > $1",
    "sum(units) over () > 1",
    "list_filter(modifiers, x -> x = 'a') is null",
    "getenv('HOME') = 'x'",
    "read_text('/etc/passwd') = 'x'",
    "current_setting('threads') = '1'",
    "pragma_version() is null",
    "now() > service_from_on",
    "random() > 0.5",
    "t.units > 3",
    "columns(*) > 3",
    "* > 3",
    "units = any(modifiers)",
    "units collate nocase > 3",
    "{'a': units} is null",
    "unnest(modifiers) = 'a'",
    "attach 'x'",
    "copy x to 'y'",
    "set threads = 1",
    "units > 3 limit 1",
    "getvariable('x') = 1",
    "cast(units as struct(a int)) is null",
    "npi_check_digit_ok(upper(billing_npi))",
    "in_code_list(procedure, procedure)",
    "in_code_list('x', procedure)",
    "units / line_charge > 1",
    "units % line_charge = 1",
    "units / 0 > 1",
    "date '2025-02-30' < as_of",
    "procedure > 5",
    "procedure in (1, 2)",
    "5 = procedure",
    "procedure between 1 and 2",
    "query('select 1') is null",
]


@pytest.mark.parametrize("text", ALLOWED)
def test_a_scalar_predicate_over_known_names_is_allowed(text: str) -> None:
    assert compile_predicate(text, "line").sql


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(PredicateError) as refused:
        compile_predicate(text, "line")
    assert refused.value.what
    assert refused.value.do


def test_a_comment_does_not_reach_the_database() -> None:
    assert "drop" not in compile_predicate("units > 3 /* drop table x */ -- drop", "line").sql.lower()


def test_a_predicate_nested_without_end_is_refused() -> None:
    with pytest.raises(PredicateError, match=r"nested too deeply|characters"):
        compile_predicate("(" * 3000 + "units > 1" + ")" * 3000, "line")
    with pytest.raises(PredicateError, match="characters"):
        compile_predicate("units > 1 or " * 1000 + "units > 1", "line")


def test_an_unknown_name_is_answered_with_names_like_it() -> None:
    with pytest.raises(PredicateError, match="did you mean procedure"):
        compile_predicate("procedur = 'x'", "line")
    with pytest.raises(PredicateError, match="level diagnosis"):
        compile_predicate("diagnosis = 'x'", "line")
    with pytest.raises(PredicateError, match="did you mean icd10_shape_ok"):
        compile_predicate("icd10_shape(diagnosis)", "diagnosis")


@given(st.text(max_size=60))
def test_any_text_is_a_predicate_or_refused(text: str) -> None:
    with suppress(PredicateError):
        compile_predicate(text, "line")


PIECES = (
    "units procedure ( ) select 1 'x' > and not , in null case when :: count * ; -- from interval date [ ] "
    "-> between is cast as"
).split()


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
def test_any_jumble_of_sql_is_a_predicate_or_refused(text: str) -> None:
    try:
        compiled = compile_predicate(text, "line")
    except PredicateError:
        return
    assert not {"select", "from", "count"} & set(compiled.sql.lower().replace("(", " ").split())


def test_every_macro_is_documented() -> None:
    assert [name for name, macro in macros().items() if len(macro.doc) < 40] == []
    assert not set(macros()) & set(COLUMN_FUNCTIONS)


def test_a_list_is_asked_for_each_of_few_texts_and_says_the_same() -> None:
    held = [None, [], ["A"], ["B"], ["A", "B"], ["A", "C"], ["C", "D"], ["A", "A"], ["D", "C", "B", "A"]]
    rows = Stream(pl.DataFrame({"modifiers": pl.Series(held, dtype=pl.List(pl.String))}))
    asked = {
        "list_has_any(modifiers, ['A', 'B'])": "OR",
        "not list_has_any(modifiers, ['C', 'B'])": "OR",
        "list_has_all(modifiers, ['A', 'B'])": "AND",
        "not list_has_all(modifiers, ['C', 'A'])": "AND",
    }
    with connect(threads=1) as connection:
        connection.register("rows", rows)
        for text, joined in asked.items():
            sql = compile_predicate(text, "line").sql
            assert joined in sql
            said = [connection.execute(f"SELECT {each} FROM rows").fetchall() for each in (sql, text)]  # noqa: S608
            assert said[0] == said[1]
