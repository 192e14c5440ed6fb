"""Files that are odd and legal, as mainframes, billers of families and other senders make them."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimwright.engines.x12.syntax.tokenizer import Delimiters
from claimwright.features.intake.reading import read_blocks
from claimwright_lab.sampling import SampleOptions, write_sample

from .comparing import assert_same_claims, read, read_with_faults, written
from .interchanges import claims, encoded, faults_of, recounted

each_form = pytest.mark.parametrize("form", ["P", "I", "D"])


def separated(segments: list[str], element: str, component: str, repetition: str, terminator: str) -> bytes:
    """The segments with other separators."""
    usual = str.maketrans("*:^", element + component + repetition)
    return "".join(text.translate(usual) + terminator for text in segments).encode()


# --- separators and lines -----------------------------------------------------------------------------


@each_form
@pytest.mark.parametrize(
    "marks", ["\x1d\x1f\x1e\x1c", "\x1c\x1d\x1e\x1f", "\x1f\x1e\x1d\n", "\t\x01\x02\x03", "|^~\x1e"]
)
def test_control_characters_that_separate_are_no_fault(form: str, marks: str) -> None:
    data = separated(claims(form), *marks)
    found, faults = read_with_faults(data)
    assert not faults
    assert faults_of(data).rows() == []
    assert_same_claims(read(encoded(claims(form))), found)


@pytest.mark.parametrize("marks", [b"\x1c~\x1d\x1f", b"\x1f\x1c\x1d\x1e", b"\x1d\x1f\x1e\x1c"])
def test_what_came_with_control_characters_goes_out_with_them(marks: bytes) -> None:
    batch = read(separated(claims(), *marks.decode()))
    again = written(batch, delimiters=Delimiters(*marks), line_breaks=False)
    assert (again[3], again[104], again[82], again[105]) == tuple(marks)
    assert_same_claims(batch, read(again))


def test_a_control_character_that_does_not_separate_is_a_fault() -> None:
    segments = [text.replace("JOHN", "JO\x1eHN") for text in claims()]
    assert faults_of(separated(segments, "*", "\x1f", "^", "\x1c"))["element"].to_list() == ["NM104"]


def test_a_repetition_separator_that_separates_components_too_is_a_fault() -> None:
    found = faults_of(encoded(claims()).replace(b"*^*00501", b"*:*00501"))
    assert found.select("code", "element").rows() == [("SYN006", "ISA11")]


def test_a_blank_behind_the_component_separator_is_one_fault_and_the_file_is_read() -> None:
    data = encoded(claims()).replace(b"*P*:~", b"*P*: ~", 1)
    assert faults_of(data).select("code", "element").rows() == [("SYN006", "ISA16")]
    assert_same_claims(read(encoded(claims())), read(data))


@pytest.mark.parametrize("width", [40, 72, 80, 105, 106, 107, 128, 255])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_a_file_cut_into_lines_of_one_width_is_read_without_them(width: int, ending: str, size: int) -> None:
    whole = encoded(claims(), "")
    lines = [whole[at : at + width] for at in range(0, len(whole), width)]
    wrapped = ending.encode().join(lines)
    found, faults = read_with_faults([wrapped[at : at + size] for at in range(0, len(wrapped), size)])
    assert not faults
    assert faults_of(wrapped).rows() == []
    assert_same_claims(read(whole), found)


def test_a_line_break_in_the_middle_of_a_value_is_a_fault() -> None:
    """One that is not at the end of every line of a width."""
    for data in (encoded(claims(), ""), encoded(claims())):
        found = faults_of(data.replace(b"GOOD PAYER", b"GOOD\nPAYER", 1))
        assert found.select("code", "element").rows() == [("SYN054", "NM103")]


# --- families -----------------------------------------------------------------------------------------


def family() -> list[str]:
    """A subscriber with a claim of their own, and a child of theirs with another."""
    made = claims()
    at = made.index("HL*3*1*22*1")
    own = made[made.index("CLM*PCN001*150.5***11:B:1*Y*A*Y*Y") : at]
    child = [
        "HL*3*2*23*0",
        "PAT*19",
        "NM1*QC*1*DOE*TIM",
        "N3*12 ELM ST",
        "N4*BALTIMORE*MD*21202",
        "DMG*D8*20150203*M",
    ]
    later = [text.replace("HL*4*3", "HL*5*4").replace("HL*3*1", "HL*4*1") for text in made[at:]]
    of_child = [text.replace("PCN001", "PCN003") for text in own]
    joined = recounted([*made[:at], *child, *of_child, *later])
    return [text.replace("HL*2*1*22*0", "HL*2*1*22*1") for text in joined]


@pytest.mark.parametrize("size", [100, 300, 700, 1500, 1 << 20])
def test_a_subscriber_and_a_dependent_may_both_be_patients(size: int) -> None:
    """The note on HL04 of loop 2000B: a father and his son, treated after one accident."""
    data = encoded(family())
    assert faults_of(data, block_bytes=size).rows() == []
    batch = read(data)
    assert batch.claims["claim_id"].to_list() == ["PCN001", "PCN003", "PCN002"]
    assert batch.claims["dependent_first_name"].to_list() == [None, "TIM", "TIM"]


@pytest.mark.parametrize("size", [100, 300, 700, 1500, 1 << 20])
def test_a_subscriber_who_is_called_the_patient_and_is_none_is_a_fault(size: int) -> None:
    segments = family()
    start = segments.index("CLM*PCN001*150.5***11:B:1*Y*A*Y*Y")
    end = segments.index("HL*3*2*23*0")
    found = faults_of(encoded(recounted([*segments[:start], *segments[end:]])), block_bytes=size)
    assert found.select("code", "segment").rows() == [("SYN073", start + 1)]


# --- qualifiers that are seldom used -----------------------------------------------------------------


@pytest.mark.parametrize("codes", ["TQ:123456", "ABK:K0262*TQ:9999", "TQ:9999*ABF:K0262"])
def test_a_dental_diagnosis_in_the_nomenclature_of_dentistry_is_legal(codes: str) -> None:
    """SNODENT has no field of its own: it goes out as it came in."""
    segments = [text.replace("HI*ABK:K0262", f"HI*{codes}") for text in claims("D")]
    assert faults_of(encoded(segments)).rows() == []
    again = written(read(encoded(segments))).decode()
    assert again.count(f"HI*{codes}~") == 2


def test_lines_are_counted_claim_by_claim_whatever_forms_come_first(tmp_path: Path) -> None:
    content = b""
    for form in ("D", "I", "P", "D"):
        path = tmp_path / f"{form}.837"
        write_sample(path, SampleOptions(claims=20, seed=3, forms={form: 1}, defect_rate=0))
        content += path.read_bytes()
    [reading] = read_blocks([content])
    assert len(reading.batch) == 80
    # Samples of one seed have one interchange number; nothing else is wrong with them.
    assert set(reading.findings["code"]) == {"SYN005"}
