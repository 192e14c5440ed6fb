"""Predicates as they are run are true for the same rows as they are written, and cheap parts come first."""

from __future__ import annotations

import polars as pl
import pytest

from claimwright.engines.rules import compile_predicate
from claimwright.engines.rules.scan import Stream, connect

LISTS = [None, [], ["A"], ["G"], ["A", "B"], ["F", "A"], ["Z"]]
TEXTS = [None, "", "9", "99", "992", "99213", "J0", "J0585", "J1"]


@pytest.mark.parametrize(
    "text",
    [
        "list_has_any(modifiers, ['A', 'B', 'C', 'D', 'E', 'F'])",
        "not list_has_any(modifiers, ['A', 'B', 'C', 'D', 'E', 'F'])",
        "list_has_any(modifiers, ['A', 'F'])",
        "not (list_contains(modifiers, 'A') or list_contains(modifiers, 'F'))",
        "list_has_any(modifiers, ['A', 'B', 'C', 'D', 'E']) <> list_has_any(modifiers, ['F', 'G'])",
        "left(procedure, 2) = '99'",
        "not left(procedure, 2) in ('99', 'J0')",
        "left(procedure, 2) = '9'",
        "left(coalesce(procedure, 'J0'), 2) in ('99', 'J0')",
        "list_has_any(modifiers, ['A', 'F']) and left(procedure, 1) = 'J' and procedure in ('J0', 'J1')",
    ],
)
def test_what_is_run_is_true_for_the_same_rows(text: str) -> None:
    frame = pl.DataFrame({"modifiers": pl.Series(LISTS, dtype=pl.List(pl.String))}).join(
        pl.DataFrame({"procedure": pl.Series(TEXTS, dtype=pl.String)}), how="cross"
    )
    with connect(threads=1) as connection:
        connection.register("rows", Stream(frame))
        sql = compile_predicate(text, "line").sql
        run, written = (
            connection.execute(f"SELECT {each} FROM rows").fetchall()  # noqa: S608
            for each in (sql, text)
        )
    assert run == written


def test_the_cheapest_parts_are_asked_first_and_equal_ones_stay_in_their_order() -> None:
    text = "hcpcs_shape_ok(procedure) and list_contains(modifiers, 'A') and procedure = 'J1' and units > 3"
    assert compile_predicate(f"{text} and cpt > 4", "line").sql.split(" AND ") == [
        "units > 3",
        "cpt > 4",
        "procedure = 'J1'",
        "ARRAY_CONTAINS(modifiers, 'A')",
        "HCPCS_SHAPE_OK(procedure)",
    ]


def test_parts_joined_by_or_stay_where_they_are() -> None:
    assert compile_predicate("procedure = 'J1' or units > 3", "line").sql == "procedure = 'J1' OR units > 3"
