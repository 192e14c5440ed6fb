"""Guides larger than any of today's: what arrays and keys have room for, and what is refused beyond it."""

from __future__ import annotations

import ctypes
import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from tests.compiled import needs_kernel

from claimwright.engines.x12.guides.guide import GuideError, envelope_guide, parse_guide
from claimwright.engines.x12.native import kernel as native
from claimwright.engines.x12.native.widths import IN_KERNEL, MAX_STAGES, WidthError
from claimwright.engines.x12.syntax.grammar import Grammar, grammar_of
from claimwright.engines.x12.syntax.loops import Structure, structure_of
from claimwright.engines.x12.syntax.tokenizer import DEFAULT_DELIMITERS, tokenize
from claimwright.engines.x12.syntax.transaction_set import TransactionSet

SIBLINGS, DEEP = 290, 12
SET = TransactionSet(identifier="999", functional_group="ZZ", guides=(), unit="REF")


def letters(number: int) -> str:
    """Three letters for a number below 17,576."""
    return "".join(chr(65 + number // 26**place % 26) for place in (2, 1, 0))


def grammar_with(loops: list[str]) -> Grammar:
    head = "guide WIDE transaction=999 versions=V writes=V\nloop HEADER parent=- usage=R max=1\n"
    head += "  0050 ST R 1 : 143 R | 329 R | 1705 R\n  9990 SE R 1 : 96 R | 329 R\n"
    guide = parse_guide(head + "".join(loops), "wide.guide")
    return grammar_of(SET, (envelope_guide("ZZ"), guide))


def loop(name: str, parent: str, qualifier: str) -> str:
    return (
        f"loop {name} parent={parent} usage=S max=1\n"
        f"  1000 REF[{qualifier}] S 1 : 128 R ={qualifier} | 127 R 1-50\n"
        "  1010 N3 S 1 : 166 R | 166 S\n"
    )


def wide() -> Grammar:
    """302 loops: 290 beside each other, 12 inside each other."""
    beside = [loop(f"A{n}", "HEADER", letters(n)) for n in range(SIBLINGS)]
    inside = [loop(f"B{n}", f"B{n - 1}" if n else "HEADER", letters(1000 + n)) for n in range(DEEP)]
    return grammar_with([*beside, *inside])


def text() -> bytes:
    segments = ["GS*ZZ*A*B*20260101*1200*1*X*V", "ST*999*0001*V"]
    for n in range(SIBLINGS):
        segments += [f"REF*{letters(n)}*X", "N3*1 MAIN ST"]
    for n in range(DEEP):
        segments += [f"REF*{letters(1000 + n)}*X", "N3*1 MAIN ST"]
    return "~".join([*segments, "SE*1*0001", ""]).encode()


READERS = [
    pytest.param(structure_of, marks=needs_kernel, id="compiled"),
    pytest.param(structure_of.__wrapped__, id="numpy"),
]


@pytest.mark.parametrize("read", READERS)
def test_every_one_of_300_loops_is_found(read: Callable[..., Structure]) -> None:
    rules = wide()
    assert len(rules.guides[1].loops) == 1 + SIBLINGS + DEEP
    structure = read(tokenize(text(), DEFAULT_DELIMITERS), rules)
    names = [rules.loops[number].name for number in structure.loop[2:-1]]
    expected = [f"A{n}" for n in range(SIBLINGS)] + [f"B{n}" for n in range(DEEP)]
    assert names == [name for name in expected for _ in range(2)]
    assert (structure.node[2:-1] >= 0).all()
    # Each loop of the nest keeps all that are around it open.
    assert structure.stage_opener[DEEP][-2] >= 0
    assert structure.stage_opener[1][-2] >= 0


def test_the_compiled_loops_report_the_widths_that_python_assumes() -> None:
    found = native.kernel()
    if found is None:
        pytest.skip("not compiled here; tests/house/test_compiled.py says where that is a fault")
    widths = np.zeros(len(IN_KERNEL), dtype=np.int64)
    found._call.cw_widths(ctypes.c_void_p(widths.ctypes.data))
    assert tuple(widths) == IN_KERNEL


def test_a_library_of_other_widths_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    library = native.load_library(native.SOURCE, native.LIBRARY)
    if library is None:
        pytest.skip("not compiled here; tests/house/test_compiled.py says where that is a fault")
    monkeypatch.setattr(native, "IN_KERNEL", (8, *IN_KERNEL[1:]))
    with pytest.raises(AssertionError, match=r"kernel\.c assumes"):
        native.Kernel(library)


def test_loops_nested_too_deep_are_refused() -> None:
    nested = [loop(f"B{n}", f"B{n - 1}" if n else "HEADER", letters(n)) for n in range(MAX_STAGES + 1)]
    with pytest.raises(WidthError, match="17 stages of nested loops, at most 16"):
        grammar_with(nested)


def test_more_loops_than_a_key_has_room_for_are_refused() -> None:
    rules = wide()
    guide = dataclasses.replace(rules.guides[1], loops=rules.guides[1].loops * 220)
    with pytest.raises(WidthError, match="loops, at most 65,535"):
        grammar_of(SET, (rules.guides[0], guide))


def test_a_qualifier_longer_than_a_key_has_room_for_is_refused() -> None:
    with pytest.raises(GuideError, match="qualifier ABCD of REF is too long"):
        grammar_with([loop("A", "HEADER", "ABCD")])


@pytest.mark.parametrize("read", READERS)
def test_a_long_qualifier_in_a_file_matches_no_segment(read: Callable[..., Structure]) -> None:
    rules = grammar_with([loop("A", "HEADER", "AAA")])
    data = b"GS*ZZ*A*B*20260101*1200*1*X*V~ST*999*0001*V~REF*AAA*X~REF*AAAB*X~SE*1*0001~"
    structure = read(tokenize(data, DEFAULT_DELIMITERS), rules)
    assert structure.node[2] >= 0
    assert structure.node[3] == -1
