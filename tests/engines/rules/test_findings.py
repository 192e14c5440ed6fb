"""The one frame of findings."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from claimwright.domain.findings import SCHEMA, SNIP_TYPES, Severity, complete, concat, empty, worst_first


def found(**columns: list[object]) -> pl.DataFrame:
    return complete(pl.DataFrame(columns))


def test_findings_of_different_engines_are_one_frame() -> None:
    structural = pl.DataFrame({"code": ["SYN044"], "severity": ["block"], "segment": [12], "tag": ["NM1"]})
    ruled = pl.DataFrame({"code": ["NPI001"], "severity": ["warn"], "claim": [3], "amount": [Decimal(5)]})
    both = concat([structural, ruled, empty()])
    assert dict(both.schema) == SCHEMA
    assert both["code"].to_list() == ["SYN044", "NPI001"]
    assert both["claim"].to_list() == [None, 3]
    assert concat([]).rows() == []


def test_the_worst_comes_first_then_the_dearest() -> None:
    frame = found(
        code=["A", "B", "C", "D", "E"],
        severity=["note", "block", "warn", "block", "block"],
        claim=[1, 2, 3, 4, None],
        amount=[Decimal(9), Decimal(1), Decimal(5), Decimal(2), None],
    )
    assert worst_first(frame)["code"].to_list() == ["D", "B", "E", "C", "A"]
    assert frame["severity"].max() == "block"


def test_severities_and_snip_types_are_named() -> None:
    assert [severity.value for severity in Severity] == ["block", "warn", "note"]
    assert sorted(SNIP_TYPES) == [1, 2, 3, 4, 5, 6, 7]
