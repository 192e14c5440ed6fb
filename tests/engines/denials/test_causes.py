"""The causes of denials: every file reads, its cases pass, and every reason code has exactly one best
cause.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from claimwright.domain.denial import Category, NextStep
from claimwright.engines.denials import (
    KNOWN,
    Causes,
    Given,
    cause_of,
    load_causes,
    never_denied,
    read_cause,
    resolve,
)
from claimwright.engines.denials.resolving import agrees
from claimwright.engines.rules import load_rulebook
from claimwright.foundation.located_yaml import YamlError

# Reason codes of CAQH CORE's four business scenarios as far as we know them (the table may not be kept here),
# and the commonest ones beside them.
COMMON = """
4 5 6 7 8 9 10 11 12 13 14 16 18 19 20 21 22 24 26 27 29 31 32 33 34 35 38 39 40 49 50 51 53 54 55 56 58
60 61 78 89 95 96 97 107 108 109 110 112 116 117 119 128 129 133 134 135 136 138 140 146 147 148 149 150
151 152 153 154 155 157 158 163 164 165 166 167 169 170 171 172 173 174 175 176 177 178 179 180 181 182
183 184 185 186 188 189 190 193 194 197 198 199 200 201 202 203 204 206 207 208 210 211 213 216 219 222
226 227 228 231 233 234 236 238 239 240 242 243 249 250 251 252 254 256 257 258 261 267 268 269 270 272
273 276 279 280 282 283 284 287 288 296 297 299 301 302 304 306 A1 A6 A8 B1 B4 B7 B8 B9 B10 B11 B12 B13
B14 B15 B16 B20 B22 B23
""".split()
# Denied without saying why: no category is more real than that.
NO_MORE_SAID = {"A1"}


@pytest.fixture(scope="module")
def causes() -> Causes:
    return load_causes()


def codes(shared_data: Path, kind: str) -> list[str]:
    table = shared_data / "reference" / "codes" / "adj_codes.csv"
    if not table.is_file():
        pytest.skip(f"NOT CHECKED: {table.name} is not beside the checkout")
    with table.open(newline="", encoding="utf-8") as file:
        return [row["adj_code"] for row in csv.DictReader(file) if row["adj_type"] == kind]


def test_there_are_at_least_forty_causes_of_denials(causes: Causes) -> None:
    assert sum(cause.denial for cause in causes.causes) >= 40


def test_every_case_of_every_cause_is_right(causes: Causes) -> None:
    wrong = [
        (cause.code, case.name)
        for cause in causes.causes
        for case in cause.cases
        if (cause_of(case.given, causes) == cause.code) != case.matches
    ]
    assert wrong == []


def test_every_text_is_a_sentence(causes: Causes) -> None:
    assert [
        (cause.code, key)
        for cause in causes.causes
        for key in ("what", "why", "fix")
        if len(getattr(cause, key)) < 12 or not getattr(cause, key).endswith(".")
    ] == []


def test_every_rule_that_a_cause_names_expects_a_code_of_it(causes: Causes) -> None:
    rules = {rule.code: rule for rule in load_rulebook()}
    for cause in causes.causes:
        carcs = {carc for match in cause.match for carc in match.carcs}
        for code in cause.rules:
            assert carcs & set(rules[code].carc), (cause.code, code)


@pytest.mark.parametrize("carc", COMMON)
def test_a_common_reason_has_a_real_category(causes: Causes, carc: str) -> None:
    code = cause_of(Given(carc=carc), causes)
    assert code is not None
    cause = causes[code]
    wanted = {Category.UNSPECIFIED} if carc in NO_MORE_SAID else set()
    assert not cause.denial or cause.category not in {Category.UNKNOWN, Category.UNSPECIFIED} - wanted


def test_every_reason_code_of_the_list_has_a_cause(causes: Causes, shared_data: Path) -> None:
    listed = codes(shared_data, "CARC")
    assert len(listed) > 400
    assert [carc for carc in listed if cause_of(Given(carc=carc), causes) == "unknown-reason"] == []


def test_every_code_that_a_cause_names_is_in_the_lists(causes: Causes, shared_data: Path) -> None:
    listed = {*codes(shared_data, "CARC"), *codes(shared_data, "RARC")}
    strange = [
        (cause.code, code)
        for cause in causes.causes
        for match in cause.match
        for code in (*match.carcs, *match.rarcs)
        if code not in listed
    ]
    assert strange == []


def test_no_combination_of_the_lists_has_two_best_causes(causes: Causes, shared_data: Path) -> None:
    """Between equally specific causes the category would decide. No single remark needs that: the files say
    it.
    """
    remarks = [None, *codes(shared_data, "RARC")]
    ties = []
    for carc in codes(shared_data, "CARC"):
        candidates = causes.by_carc.get(("adjustment", carc), [])
        named = {code for _, _, match in candidates for code in match.rarcs}
        for rarc in remarks:
            if rarc is not None and rarc not in named:
                continue
            key = {"group": "CO", "carc": carc, "rarc": rarc, "claim_status": "4", "claim_filing": "12"}
            key |= {"frequency": "1", "paid": False, **dict.fromkeys(KNOWN)}
            fits = [(score, position) for score, position, match in candidates if agrees(match, key)]
            best = max(fits)[0]
            if len({position for score, position in fits if score == best}) > 1:
                ties.append((carc, rarc))
    assert ties == []


def test_observed_combinations_of_reasons_are_all_classified(causes: Causes, shared_data: Path) -> None:
    """Source: CMS, combinations of reason codes seen on claims; entries that are no codes are left out."""
    table = shared_data / "reference" / "codes" / "cms_carc_combinations_idr.csv"
    if not table.is_file():
        pytest.skip(f"NOT CHECKED: {table.name} is not beside the checkout")
    listed = set(codes(shared_data, "CARC"))
    with table.open(newline="", encoding="utf-8", errors="replace") as file:
        seen = {
            value.strip() for row in csv.DictReader(file) for key, value in row.items() if "ANSI_RSN" in key
        }
    real = seen & listed
    assert len(real) > 100
    assert [code for code in real if cause_of(Given(carc=code), causes) == "unknown-reason"] == []


def test_what_was_known_outranks_a_remark_and_a_remark_outranks_the_reason(causes: Causes) -> None:
    assert cause_of(Given(carc="16"), causes) == "missing-information"
    assert cause_of(Given(carc="16", rarcs=("N286",)), causes) == "missing-referring-provider"
    assert cause_of(Given(carc="252", rarcs=("N706",)), causes) == "records-requested"
    sent = Given(carc="252", rarcs=("N706",), known={"records_sent": True})
    assert cause_of(sent, causes) == "records-were-sent"


def test_of_two_remarks_the_category_that_comes_first_decides(causes: Causes) -> None:
    order = list(Category)
    assert order.index(Category.PROVIDER) < order.index(Category.MISSING_INFORMATION)
    assert cause_of(Given(carc="16", rarcs=("M53", "MA120")), causes) == "clia"


def test_an_unknown_reason_is_a_cause_of_its_own(causes: Causes) -> None:
    assert cause_of(Given(carc="ZZ9"), causes) == "unknown-reason"
    assert cause_of(Given(carc=None), causes) == "unknown-reason"
    key = {"kind": "adjustment", "group": None, "carc": None, "rarc": None, "claim_status": None}
    key |= {"claim_filing": None, "frequency": None, "paid": None, **dict.fromkeys(KNOWN)}
    assert resolve(key, causes) >= 0


def test_a_cause_that_is_recoverable_has_a_step_that_can_recover(causes: Causes) -> None:
    last = {NextStep.WRITE_OFF_FOR_APPROVAL, NextStep.BILL_PATIENT}
    assert [c.code for c in causes.causes if c.denial and c.recoverable and c.next_step in last] == []


def test_a_file_with_a_fault_is_refused_by_line() -> None:
    with pytest.raises(YamlError, match=r"x\.yaml"):
        read_cause("code: x\nname: y\n", "x.yaml")
    with pytest.raises(YamlError, match="empty"):
        read_cause("", "x.yaml")


def test_the_commonest_adjustments_are_settled_by_group_and_reason_alone(causes: Causes) -> None:
    """Contractual reductions and patient shares are most of a remittance: no remark changes what they are."""
    for group, carc in (("CO", "45"), ("PR", "1"), ("PR", "2"), ("PR", "3"), ("CO", "253"), ("OA", "23")):
        assert never_denied(group, carc, causes), carc
