"""TA1 and 999: what a receiver would answer, and that a peer can read it."""

from __future__ import annotations

import io
import logging
import re
from datetime import UTC, datetime

import polars as pl
import pytest

from claimwright.engines.x12.acknowledgements.acknowledgement import (
    ENVELOPE_SCHEMA,
    Acknowledgement,
    acknowledge,
)
from claimwright.engines.x12.checks.envelope_rows import envelope_frame
from claimwright.engines.x12.checks.faults import BY_CODE
from claimwright.engines.x12.checks.structure import Progress, check_structure
from claimwright.engines.x12.claims837.checks import CLAIM_CHECKS
from claimwright.engines.x12.claims837.transaction import CLAIMS_837, claims_grammar
from claimwright.engines.x12.syntax.loops import structure_of
from claimwright.engines.x12.syntax.stream import blocks

from .interchanges import claims, encoded
from .planted import Planted, edited, read_cases

AS_OF = datetime(2026, 12, 3, 9, 5, tzinfo=UTC)
CASES = read_cases()
each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def answered(segments: list[str], **options: object) -> list[Acknowledgement]:
    progress = Progress()
    faults, envelopes = [], []
    for block in blocks([encoded(segments)], CLAIMS_837, block_bytes=1000):
        structure = structure_of(block.segments, claims_grammar())
        found, progress = check_structure(block.segments, structure, CLAIM_CHECKS, progress, last=block.last)
        faults.append(found)
        envelopes.append(envelope_frame(block.segments))
    return acknowledge(pl.concat(envelopes), pl.concat(faults), as_of=AS_OF, **options)  # type: ignore[arg-type]


def parts(text: str | None) -> list[list[str]]:
    assert text is not None
    return [segment.split("*") for segment in text.rstrip("~").split("~")]


def named(text: str | None, name: str) -> list[list[str]]:
    return [segment for segment in parts(text) if segment[0] == name]


def test_a_clean_interchange_is_accepted() -> None:
    [answer] = answered(claims())
    assert answer.accepted
    assert answer.control_number == "000000017"
    assert named(answer.ta1, "TA1") == [["TA1", "000000017", "261122", "0101", "A", "000"]]
    assert named(answer.implementation, "AK1") == [["AK1", "HC", "17", "005010X222A1"]]
    assert named(answer.implementation, "AK2") == [["AK2", "837", "0001", "005010X222A1"]]
    assert named(answer.implementation, "IK5") == [["IK5", "A"]]
    assert named(answer.implementation, "AK9") == [["AK9", "A", "1", "1", "1"]]


def test_sender_and_receiver_change_places() -> None:
    [answer] = answered(claims())
    isa = parts(answer.implementation)[0]
    assert (isa[6].strip(), isa[8].strip()) == ("RECEIVER", "SENDER")
    assert named(answer.implementation, "GS")[0][2:4] == ["RECEIVER", "SENDER"]


def test_the_answer_is_dated_and_numbered_as_asked() -> None:
    [answer] = answered(claims(), control_number=41)
    assert (parts(answer.ta1)[0][9:11], parts(answer.ta1)[0][13]) == (["261203", "0905"], "000000041")
    assert parts(answer.implementation)[0][13] == "000000042"
    assert answered(claims(), control_number=41) == [answer]


def test_an_interchange_header_has_its_fixed_length() -> None:
    """106 characters, the terminator included (X12.5)."""
    [answer] = answered(claims())
    assert answer.ta1.index("~") == 105


def test_a_fault_is_told_with_segment_loop_element_and_code() -> None:
    segments = edited(claims(), "swap CLM* => CLM*PCN001*150.5***111:B:1*V*A*Y*Y")
    [answer] = answered(segments)
    position = str(segments.index("CLM*PCN001*150.5***111:B:1*V*A*Y*Y") - 1)
    text = parts(answer.implementation)
    at = text.index(["IK3", "CLM", position, "2300", "8"])
    # Data elements 1331 (too long: 5) and 1073 (not a code: 7); component 1 of element 5, and element 6.
    assert text[at + 1 : at + 3] == [["IK4", "5:1", "1331", "5"], ["IK4", "6", "1073", "7"]]
    assert ["IK5", "R", "5", "I5"] in text
    assert ["AK9", "R", "1", "1", "0"] in text
    assert not answer.accepted


def test_a_missing_segment_is_told_by_its_own_name() -> None:
    [answer] = answered(edited(claims(), "swap N4* =>"))
    assert [segment[1::3] for segment in named(answer.implementation, "IK3")] == [["N4", "3"]]


def test_what_is_only_remarked_on_is_accepted_with_errors() -> None:
    [answer] = answered(edited(claims(), "swap N4* => N4*BALTIMORE*MD*21201**CO"))
    assert answer.accepted
    assert named(answer.implementation, "IK4") == [["IK4", "5", "", "I10"]]
    assert named(answer.implementation, "IK5")[0][1] == "E"
    assert named(answer.implementation, "AK9") == [["AK9", "E", "1", "1", "1"]]


def test_a_note_is_not_sent() -> None:
    [answer] = answered(edited(claims(), "swap N3* => N3*1 MAIN ST*"))
    assert answer.accepted
    assert named(answer.implementation, "IK3") == []


def test_one_bad_transaction_of_two_leaves_the_group_accepted_in_part() -> None:
    segments = edited(claims(), "transactions 2")
    second = [at for at, text in enumerate(segments) if text.startswith("ST*")][1]
    segments[second] = "ST*837*0002*005010X222A1"
    ending = [at for at, text in enumerate(segments) if text.startswith("SE*")][1]
    segments[ending] = segments[ending].replace("0001", "0002")
    segments = edited(segments, "swap CLM*PCN002 2nd => CLM*PCN002*150.5***11:B:1*V*A*Y*Y")
    [answer] = answered(segments)
    assert [segment[1] for segment in named(answer.implementation, "IK5")] == ["A", "R"]
    assert named(answer.implementation, "AK9") == [["AK9", "P", "2", "2", "1"]]


def test_a_group_with_a_wrong_count_is_rejected() -> None:
    [answer] = answered(edited(claims(), "swap GE* => GE*2*17"))
    assert named(answer.implementation, "AK9") == [["AK9", "R", "2", "1", "0", "5"]]


def test_a_transaction_with_a_wrong_count_is_rejected() -> None:
    [answer] = answered(edited(claims(), "keep SE* => SE*99*0001"))
    assert named(answer.implementation, "IK5") == [["IK5", "R", "4"]]


def test_a_rejected_interchange_has_no_999() -> None:
    [answer] = answered(edited(claims(), "swap IEA* => IEA*1*000000018"))
    assert named(answer.ta1, "TA1")[0][4:] == ["R", "001"]
    assert answer.implementation is None
    assert not answer.accepted


def test_a_bad_element_of_the_header_has_its_own_code() -> None:
    """The usage indicator is ISA15, and 020 calls it invalid."""
    segments = claims()
    segments[0] = segments[0].replace("*P*:", "*X*:")
    assert named(answered(segments)[0].ta1, "TA1")[0][4:] == ["R", "020"]


def test_each_interchange_has_an_answer_of_its_own() -> None:
    first, second = answered(edited(claims(), "interchanges 2"))
    assert first.accepted
    assert named(second.ta1, "TA1")[0][4:] == ["R", "025"]


def test_a_claim_is_named_by_the_identifier_of_its_submitter() -> None:
    segments = edited(claims(), "swap SV1*HC:J1100 2nd => SV1*HC:J1100*x*UN*2.5***1")
    ids = pl.DataFrame({"claim": [1, 2], "claim_id": ["PCN001", "PCN*002"]})
    [answer] = answered(segments, claims=ids)
    assert named(answer.implementation, "CTX") == [["CTX", "CLM01:PCN 002"]]


def test_what_called_for_a_missing_segment_is_told() -> None:
    segments = edited(claims(), "swap CLM* => CLM*PCN001*150.5***11:B:7*Y*A*Y*Y")
    [answer] = answered(segments)
    position = str(segments.index("CLM*PCN001*150.5***11:B:7*Y*A*Y*Y") - 1)
    assert named(answer.implementation, "IK3") == [["IK3", "REF", position, "2300", "I6"]]
    assert named(answer.implementation, "CTX") == [
        ["CTX", "SITUATIONAL TRIGGER", "CLM", position, "2300", "5:3"]
    ]


def test_an_interchange_without_a_group_and_a_group_without_a_transaction_are_answered() -> None:
    segments = claims()
    [bare] = answered([segments[0], "IEA*0*000000017"])
    assert (bare.accepted, bare.implementation) == (True, None)
    [empty] = answered([*segments[:2], "GE*0*17", segments[-1]])
    assert named(empty.implementation, "AK9") == [["AK9", "A", "0", "0", "0"]]


def test_interchanges_that_are_sent_back_are_numbered_without_gaps() -> None:
    segments = claims()
    other = [text.replace("000000017", "000000018") for text in segments]
    answers = answered([segments[0], "IEA*0*000000017", *other])
    sent = [text for each in answers for text in (each.ta1, each.implementation) if text]
    assert [parts(text)[0][13] for text in sent] == ["000000001", "000000002", "000000003"]


def test_nothing_is_answered_to_nothing() -> None:
    assert acknowledge(pl.DataFrame(schema=ENVELOPE_SCHEMA), pl.DataFrame(), as_of=AS_OF) == []


@each_case
def test_no_value_of_a_claim_is_sent_back(case: Planted) -> None:
    segments = case.segments()
    heading = {part for text in segments if text[:2] in ("IS", "GS", "ST") for part in text.split("*")}
    own = {part for text in segments for part in re.split(r"[*:^]", text)[1:] if len(part) > 4} - heading
    said = "".join(answer.ta1 + (answer.implementation or "") for answer in answered(segments))
    values = set(re.split(r"[*:~]", said))
    assert sorted(own & values) == []


@each_case
def test_the_numbers_of_an_answer_agree(case: Planted) -> None:
    for answer in answered(case.segments()):
        for text in filter(None, (answer.ta1, answer.implementation)):
            segments = parts(text)
            names = [segment[0] for segment in segments]
            assert segments[-1] == ["IEA", str(names.count("GS")), segments[0][13]]
            for at, name in enumerate(names):
                if name == "SE":
                    start = max(place for place in range(at) if names[place] == "ST")
                    assert segments[at][1:] == [str(at - start + 1), segments[start][2]]


def test_pyx12_reads_every_answer() -> None:
    """All of them, one interchange behind the other."""
    answers = [
        answer.implementation or ""
        for number, case in enumerate(CASES)
        for answer in answered(case.segments(), control_number=10 * number + 1)
    ]
    assert accepted_by_pyx12("".join(answers))


# A peer as oracle.

# Where pyx12 and we differ, and why.
_NOT_AS_PYX12 = {
    "more components than the standard has": "pyx12 fails",
    "no header of the group": "pyx12 fails",
    "nothing but blanks": "pyx12 lets blanks pass for a value",
    "a parent that is none": "pyx12 does not look where HL02 points",
    "a group's control number with zeros": "pyx12 compares the text of the numbers",
    "another transaction": "pyx12 reads the 835 by its own map",
    "an amount of 18 digits, sign and point": "pyx12 counts the sign and the point",
    "amount of a hundred million dollars and more": "pyx12 does not count digits before the point",
    "employer as a subscriber without a member ID": "pyx12 demands a member ID of an employer as well",
}
# What pyx12 does not look at: versions of later errata, usage of the interchange, situations, HL04, stray
# separators, segments outside of transactions, decimals of amounts and quantities.
_UNSEEN_BY_PYX12 = {
    "SYN005", "SYN006", "SYN007", "SYN015", "SYN016", "SYN025", "SYN026", "SYN033", "SYN060", "SYN061",
    "SYN067", "SYN070", "SYN071", "SYN072", "SYN073", "SYN074", "SYN075", "SYN076",
}  # fmt: skip


@pytest.mark.parametrize("form", ["P", "I"])
def test_pyx12_finds_nothing_in_what_we_plant_into(form: str) -> None:
    assert accepted_by_pyx12(encoded(claims(form)).decode())


@pytest.mark.slow
@each_case
def test_what_pyx12_rejects_we_reject_and_the_other_way_round(case: Planted) -> None:
    if case.form == "D":
        pytest.skip("pyx12 has no map of the dental guide of release 005010")
    if case.name in _NOT_AS_PYX12:
        pytest.skip(_NOT_AS_PYX12[case.name])
    segments = case.segments()
    ours = {code for code, *_ in case.expected}
    if ours & _UNSEEN_BY_PYX12 or any(BY_CODE[code].severity != "block" for code in ours):
        pytest.skip("pyx12 does not look at this")
    assert accepted_by_pyx12(encoded(segments).decode()) is not bool(ours)


def accepted_by_pyx12(text: str) -> bool:
    """Whether pyx12 finds an interchange without fault."""
    import pyx12.params
    import pyx12.x12n_document

    logging.getLogger("pyx12").setLevel(logging.CRITICAL + 1)
    return bool(
        pyx12.x12n_document.x12n_document(
            param=pyx12.params.params(), src_file=io.StringIO(text), fd_997=io.StringIO(), fd_html=None
        )
    )
