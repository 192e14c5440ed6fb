"""Files that others published: the good ones are clean or we say why not, the bad ones are caught."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from .interchanges import faults_of

# What a fragment lacks: it begins with ST.
_FRAGMENT = {"SYN001", "SYN002", "SYN010", "SYN011"}
# The institutional guides don't use CLM06, which the 4010 guide required; many examples kept it.
_KEPT_CLM06 = {"SYN051 CLM06"}
# ISA16 announces `:` and the file uses `>`: no composite can be read.
_OTHER_SEPARATOR = {
    "SYN044 HI", "SYN064 HI01", "SYN050 CLM05-2", "SYN050 CLM05-3", "SYN053 CLM05-1", "SYN064 CLM05",
    "SYN090 CLM",
}  # fmt: skip
_ONE_LINE = {"SYN050 SV101-2", "SYN053 SV101-1", "SYN064 SV101"}
_HOSPITAL_LINE = {"SYN050 SV202-2", "SYN053 SV202-1", "SYN064 SV202"}
# These files number their HLs anew in one transaction and their lines over two claims, announce patients
# that don't come, write HI composites with the element separator, and count segments wrongly.
_READER_TEST = {
    "SYN022 SE01", "SYN033 HL04", "SYN050 HI01-2", "SYN050 HI02-2", "SYN050 HI03-2", "SYN050 HI04-2",
    "SYN053 HI02-1", "SYN053 HI04-1", "SYN072 HL",
}  # fmt: skip
_RESTARTED_HL = {*_READER_TEST, "SYN031 HL01", "SYN032 HL02", "SYN077 LX01", "SYN090 CLM"}
# Institutional examples whose CLM shifted its elements by one: the facility code stands in CLM04.
_SHIFTED_CLM = {
    "SYN050 CLM05-2", "SYN050 CLM05-3", "SYN050 CLM08", "SYN050 CLM09", "SYN051 CLM04", "SYN051 CLM06",
    "SYN057 CLM07", "SYN090 CLM",
}  # fmt: skip
_FORMER_RELEASE = {"SYN016 GS08", "SYN025 ST03"}

_PREDETERMINATIONS = (
    "a-drug-administered-physician-office",
    "b-home-infusion-therapy-pharmacy-adjudicated-ndc-loop-2410",
    "c-home-infusion-therapy-pharmacy-adjudicated-hcpcs-loop-2400-or-ndc",
)

# File name -> what is found in it, though it is labelled good; each is a defect of the file.
REMARKS: dict[str, set[str]] = {
    # ST03 lacks the errata that GS08 names; a facility has a first and a middle name.
    "837D-all-fields.dat": {"SYN026 ST03", "SYN051 NM104", "SYN051 NM105"},
    # Elements of the professional guide in an institutional claim; no revenue code in SVD04; the
    # subscriber is the patient and a patient follows.
    "837I-all-fields.dat": {
        "SYN050 SVD04", "SYN051 HCP09", "SYN051 HCP10", "SYN051 MIA02", "SYN051 SBR05", "SYN051 SVD03-8",
        "SYN073 HL",
    },
    # GS01 is HP, the kind of a remittance.
    "837I-minimal.dat": {"SYN015 GS01", *_KEPT_CLM06},
    # The subscriber is the patient, without birth date and street.
    "837P-minimal.dat": {"SYN015 GS01", "SYN070 DMG", "SYN071 N3"},
    "commercial.dat": {"SYN015 GS01", "SYN022 SE01", "SYN026 ST03"},
    # The other payer's billing provider has a name; a drug stands behind the adjudication of its line.
    "837P-all-fields.dat": {
        "SYN047 LIN", "SYN051 NM103", "SYN051 NM104", "SYN051 NM105", "SYN051 NM108", "SYN051 NM109",
    },
    "837p-minimal.edi": {"SYN072 HL"},
    "anesthesia.dat": {"SYN026 ST03"},
    "prof-encounter.dat": {"SYN002 SE", "SYN010 ST", "SYN011 SE"},
    # Fragments, and what else is wrong with them.
    "837I-inst-claim.dat": {"SYN022 SE01", "SYN057 DTP02", *_KEPT_CLM06},
    "cob-payera-payerb.dat": {"SYN022 SE01", "SYN042 DTP", "SYN051 SBR08"},
    "cob-prov-payera.dat": {"SYN022 SE01", "SYN051 SBR08"},
    "commercial-replacement.dat": {"SYN076 REF"},
    "multi-tran.dat": {"SYN022 SE01"},
    "ppo-repriced.dat": {"SYN022 SE01"},
    "005010x222-example-3b-claim-billing-provider-payer-b.edi": {"SYN051 SBR08"},
    "005010x223-example-1a-institutional-claim.edi": {"SYN022 SE01", "SYN055 DTP03", *_SHIFTED_CLM},
    "005010x223-example-1b-two-claims-same-provider.edi": _SHIFTED_CLM,
    "005010x223-example-1c-ppo-repriced-claim.edi": _SHIFTED_CLM,
    "005010x223-example-1d-out-network-repriced-claim.edi": _SHIFTED_CLM,
    "005010x223-example-2a-automobile-accident.edi": _SHIFTED_CLM,
    # Versions of other guides: predetermination, post-adjudicated claims.
    "837I-X299-all-fields.dat": {"SYN022 SE01", "SYN025 ST03"},
    "837P-X298-all-fields.dat": {"SYN025 ST03"},
    **{f"005010x291-example-8{name}.edi": {"SYN025 ST03"} for name in _PREDETERMINATIONS},
    # A statement period of one day, given as D8; the guide has RD8 only.
    "demo.837i": {"SYN057 DTP02", *_KEPT_CLM06},
    "837i_seed7_25claims.837": {"SYN057 DTP02", *_KEPT_CLM06},
    "two-claims-single-provider.837i": _KEPT_CLM06,
    # CLM05-2 is empty; another payer's name is missing; AMT F2 is of the 4010 guide.
    "demo.ambulance.example5.837": {"SYN050 CLM05-2"},
    "demo.cob.example3.A.837": {"SYN046 NM1"},
    "demo.cob.example4.837": {"SYN057 AMT01"},
    "demo.cob.2ndary.example4.837": _OTHER_SEPARATOR | _ONE_LINE,
    "demo.example12.837": _OTHER_SEPARATOR | _ONE_LINE,
    "demo.example11.837": _OTHER_SEPARATOR | _ONE_LINE | {"SYN053 SV107-1"},
    "demo.example9.837": _OTHER_SEPARATOR | _ONE_LINE | {"SYN053 SV107-1"},
    "out-of-network-repriced-claim.837i": _OTHER_SEPARATOR | _HOSPITAL_LINE | _KEPT_CLM06,
    "ppo-repriced-claim.837i": _OTHER_SEPARATOR | _HOSPITAL_LINE | _KEPT_CLM06,
    # Reader tests that are good but for what their reader doesn't look at.
    "x12_complex.txt": {
        *_RESTARTED_HL, "SYN013 GE01", "SYN044 REF", "SYN057 NM108", "SYN057 OI04", "SYN062 FRM02",
    },
    "x12_many_claims.txt": _RESTARTED_HL,
    "x12_multiple_gs.txt": {*_RESTARTED_HL, "SYN004 IEA01", "SYN014 GS06"},
    "x12_multiple_isa.txt": _RESTARTED_HL,
    "x12_multiple_st.txt": {*_RESTARTED_HL, "SYN013 GE01", "SYN023 ST02"},
    "x12_multiple_transactions.txt": {*_RESTARTED_HL, "SYN005 ISA13"},
    "x12_no_errors.txt": {*_READER_TEST, "SYN031 HL01"},
    "x12_valid.txt": _RESTARTED_HL,
    "x12_valid_different_separators.txt": _RESTARTED_HL,
    "x12_writer_test.txt": {"SYN022 SE01", "SYN033 HL04", "SYN061 HI03", "SYN072 HL"},
    "x223-test.txt": {
        "SYN022 SE01", "SYN044 REF", "SYN051 CLM06", "SYN051 CLM10", "SYN051 NM103", "SYN051 NM108",
        "SYN051 NM109", "SYN057 CLM05-2", "SYN057 DTP01", "SYN057 DTP02", "SYN061 HI03", "SYN072 HL",
    },
    # Names with a typographic apostrophe.
    "homeowners.837": {"SYN065 NM103"},
    "workers-compensation.837": {"SYN065 NM103"},
    "dependent-commercial-insurance-02.837": {"SYN065 NM103"},
}  # fmt: skip

# File name -> a fault that it was made for, and the segment of the file that it is at.
SEEDED: dict[str, list[tuple[str, str, int]]] = {
    "837P-validation-issues.edi": [
        ("SYN053", "CLM05-1", 19),
        ("SYN057", "CLM06", 19),
        ("SYN055", "DTP03", 20),
        ("SYN055", "DTP03", 21),
        ("SYN041", "N3", 25),
        ("SYN041", "N4", 26),
        ("SYN057", "REF01", 27),
        ("SYN022", "SE01", 31),
    ],
    "837P-validation-issues.txt": [("SYN053", "CLM05-1", 19), ("SYN057", "CLM06", 19), ("SYN040", "", 20)],
    "x12_bad_first_line.txt": [("SYN006", "ISA02", 1)],
    "x12_bad_segment_identifier.txt": [("SYN040", "", 6), ("SYN040", "", 11), ("SYN040", "", 20)],
    "x12_bad_valid_code.txt": [("SYN057", "NM101", 9), ("SYN046", "NM1", 8)],
    "x12_loop_errors1_exceeds_max_1_parent.txt": [("SYN045", "NM1", 15)],
    "x12_loop_errors2_exceeds_max_repeats_multiple_parents.txt": [("SYN045", "NM1", 34)],
    "x12_loop_errors3_missing_loops.txt": [("SYN046", "NM1", 8)],
    "x12_missing_elements.txt": [("SYN050", "NM102", 7), ("SYN050", "CLM05", 31)],
    "x12_missing_required_loop_in_one_repeat.txt": [("SYN046", "NM1", 18)],
    "x12_missing_required_loops_mult_repeats.txt": [("SYN046", "LX", 31)],
    "x12_no_isa_line.txt": [("SYN001", "GS", 1)],
    "x12_segment_errors.txt": [("SYN043", "REF", 12), ("SYN044", "N3", 9)],
    "x12_segments_out_of_order.txt": [("SYN042", "N4", 12), ("SYN042", "N3", 17)],
    "ele.source.x12": [("SYN006", "ISA10", 1), ("SYN021", "SE02", 65)],
    "fail_no_IEA.source.x12": [("SYN002", "GE", 5)],
    "trailer_errors.source.x12": [
        ("SYN003", "IEA02", 122),
        ("SYN004", "IEA01", 122),
        ("SYN012", "GE02", 121),
    ],
}


def labelled(folder: Path, *labels: str) -> list[tuple[str, str, Path]]:
    """Transaction, version and path of the 837s with one of these labels."""
    with (folder / "x12" / "INDEX.tsv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["label"] in labels]
    return [
        (row["transaction"], row["guide"], folder / "x12" / row["file"])
        for row in rows
        if row["transaction"].startswith("837")
    ]


def said_of(path: Path) -> set[str]:
    found = faults_of(path.read_bytes()).select("code", "element", "segment_id").rows()
    return {f"{code} {element or segment or ''}".strip() for code, element, segment in found}


def test_a_good_file_has_no_fault_but_what_we_can_justify(shared_data: Path) -> None:
    found = {}
    for _, guide, path in labelled(shared_data, "good", "good-but-envelope-defect", "fragment"):
        expected = set(REMARKS.get(path.name, set()))
        if "0040" in guide or "_004010" in str(path):
            expected |= _FORMER_RELEASE
        # The envelope of a former release may be of that release or of this.
        said = said_of(path) - ({"SYN006 ISA12"} if expected >= _FORMER_RELEASE else set())
        fragment = {text.split()[0] for text in said} >= _FRAGMENT
        if fragment:
            said = {text for text in said if text.split()[0] not in _FRAGMENT}
        if said != expected:
            found[path.name] = sorted(said ^ expected)
    assert found == {}


def test_every_bad_file_has_a_fault(shared_data: Path) -> None:
    clean = [path.name for *_, path in labelled(shared_data, "bad") if not said_of(path)]
    assert clean == []


@pytest.mark.parametrize("name", list(SEEDED))
def test_a_seeded_fault_is_found_at_its_segment(shared_data: Path, name: str) -> None:
    [path] = [path for *_, path in labelled(shared_data, "bad") if path.name == name]
    rows = faults_of(path.read_bytes()).select("code", "element", "segment_id", "segment").rows()
    found = {(code, element or segment or "", number) for code, element, segment, number in rows}
    assert set(SEEDED[name]) - found == set()
