"""Inpatient stays as the Medicare Code Editor judges them, beside the rules; writes docs/mce_comparison.md.

    python -m benchmarks.compare_mce                10,000 generated stays
    python -m benchmarks.compare_mce --stays 500    fewer; --seed for others, which leave the page alone

The editor is the one of the package `msdrg` (MIT), an implementation of CMS's MS-DRG and MCE software that
shares nothing with this project; it is in the environment of the other readers. The stays are written as an
837I, read back and checked as a user would. Exits 1 where the two differ and no invalid code explains it.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from claimwright.features.checking import Checker
from claimwright.features.intake import read_source, sources
from claimwright.features.reference_data import reference_snapshot
from claimwright.foundation import clock

from .run import peers_python, table_row

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "mce_comparison.md"
STAYS, SEED = 10_000, 11
FIRST, LAST = datetime.date(2024, 10, 1), datetime.date(2026, 9, 30)
AS_OF = datetime.date(2026, 10, 31)

# Each edit of the editor that is judged here, with the rules that find the same.
EDITS = {
    "INVALID_CODE": ("ICD001", "ICD002", "ICD003", "ICD020", "ICD023"),
    "E_CODE_AS_PDX": ("DXC008",),
    "DUPLICATE_OF_PDX": ("DXC007",),
    "AGE_CONFLICT": ("ICD008", "DEM002", "DEM005"),
    "MANIFESTATION_AS_PDX": ("ICD004",),
    "QUESTIONABLE_ADMISSION": ("MCE001",),
    "UNACCEPTABLE_PDX": ("ICD006",),
    "WRONG_PROCEDURE_PERFORMED": ("MCE002",),
    "NON_COVERED": ("ICD021", "MCE006", "MCE007"),
    "LIMITED_COVERAGE": ("MCE003",),
    "QUESTIONABLE_OBSTETRIC_ADMISSION": ("MCE005",),
    "UNSPECIFIED": ("ICD013",),
    "INVALID_DISCHARGE_STATUS": ("TOB005",),
}
# Differences of these edits are explained where the editor finds a code of the stay invalid.
BY_FIRST_LETTER = ("E_CODE_AS_PDX", "AGE_CONFLICT")
HEADINGS = (
    "edit",
    "rules",
    "found by both",
    "by the editor only",
    "by the rules only",
    "with an invalid code",
)
PAGE_TEXT = """\
# The rules beside the Medicare Code Editor

`make compare-mce` wrote this page on {day}. It generates {stays:,} synthetic inpatient stays of Medicare
(seed {seed}, discharged {first} to {last}), with more of the faults that the editor looks for than a hospital
has. It writes them as an 837I, reads them back and checks them with all rules. The same stays go to the
Medicare Code Editor of the package `msdrg` 1.2, whose logic shares nothing with ours. The tables of codes
come from the same publication by CMS, so this compares the logic and the dates, not the tables.

A difference is a stay on which one of the two has the edit and the other has not. Differences in the last
column have one reason: the stay has an invalid code. The editor judges such a code no further, while the
rules still see by its first letters that it is an external cause, or a code of pregnancy or birth."""

# What the editor is asked through; it runs in the environment that has the package.
EDITOR = """
import json, sys
from msdrg.mce import MceEditor
with MceEditor() as editor:
    for line in sys.stdin:
        found = editor.edit(json.loads(line))
        print(json.dumps([each["name"] for each in found["edits"]]))
"""


@dataclass
class Stay:
    """One generated stay."""

    discharged: datetime.date
    born: datetime.date
    sex: str
    status: str
    diagnoses: list[str]
    """The principal first."""
    procedures: list[str] = field(default_factory=list)

    @property
    def age(self) -> int:
        """Whole years on the day of admission, which is two days before the discharge."""
        admitted = self.admitted
        return (
            admitted.year
            - self.born.year
            - ((admitted.month, admitted.day) < (self.born.month, self.born.day))
        )

    @property
    def admitted(self) -> datetime.date:
        """Stays are of two nights."""
        return self.discharged - datetime.timedelta(days=2)

    def for_editor(self) -> dict[str, object]:
        """As the editor takes it."""
        return {
            "discharge_date": int(f"{self.discharged:%Y%m%d}"),
            "icd_version": 10,
            "age": self.age,
            "sex": {"M": 0, "F": 1}[self.sex],
            "discharge_status": int(self.status),
            "pdx": {"code": self.diagnoses[0], "poa": "Y"},
            "sdx": [{"code": code, "poa": "Y"} for code in self.diagnoses[1:]],
            "procedures": [{"code": code} for code in self.procedures],
        }

    def segments(self, number: int) -> Iterator[str]:
        """As a claim of an 837I."""
        first, last = f"{self.admitted:%Y%m%d}", f"{self.discharged:%Y%m%d}"
        yield from (
            f"HL*{number + 1}*1*22*0", "SBR*P*18*******MA",
            f"NM1*IL*1*TESTPINE*ADA****MI*{number % 9 + 1}EG4TE5MK73", "N3*1 SAMPLE AVENUE",
            "N4*ALBANY*NY*12207",
            f"DMG*D8*{self.born:%Y%m%d}*{self.sex}", "NM1*PR*2*SAMPLE MEDICARE CONTRACTOR*****PI*SYN01",
            f"CLM*STAY{number}*1000***11:A:1**A*Y*Y", f"DTP*434*RD8*{first}-{last}",
            f"DTP*435*DT*{first}1030",
            f"CL1*3*1*{self.status}", f"HI*ABK:{self.diagnoses[0]}:::::::Y", f"HI*ABJ:{self.diagnoses[0]}",
        )  # fmt: skip
        if self.diagnoses[1:]:
            yield "HI*" + "*".join(f"ABF:{code}:::::::Y" for code in self.diagnoses[1:])
        for place, code in enumerate(self.procedures):
            yield f"HI*{'BBQ' if place else 'BBR'}:{code}:D8:{first}"
        yield from ("NM1*71*1*TESTSLATE*DREW****XX*2993781105", "LX*1", "SV2*0120**1000*DA*2")


class World:
    """Codes to draw from: those of the shipped tables, with more of the rare kinds than hospitals see."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a reproducible draw
        reference = reference_snapshot(AS_OF)
        edits = reference.table("icd10cm_edits").collect()
        self.codes = reference.table("icd10cm").collect()["code"].to_list()
        self.kinds = [
            edits.filter(pl.col(name))["code"].to_list()
            for name in ("manifestation", "unacceptable_principal")
        ]
        pcs = reference.table("icd10pcs").collect()
        self.rare_procedures = [
            pcs.filter("noncovered")["code"].to_list(),
            pcs.filter("limited_coverage")["code"].to_list(),
            ["10D00Z0", "10D07Z3", "10E0XZZ", "0FYG0Z0", "0FYG0Z1", "0TY00Z0", "0TY10Z2"],
        ]
        self.procedures = pcs["code"].to_list()
        self.unspecified = edits.filter("unspecified")["code"].to_list()
        self.external = [code for code in self.codes if code[0] in "VWXY"]
        classes = reference.table("diagnosis_classes").collect()
        self.questionable = classes.filter(pl.col("class") == "questionable_admission")[
            "diagnosis_from"
        ].to_list()
        self.aged = edits.filter(pl.col("age_from").is_not_null())["code"].to_list()

    def principal(self) -> str:
        """A code, or one that must not come first, or none."""
        pick = self.random.random()
        if pick < 0.06:
            return self.random.choice(self.external)
        if pick < 0.18:
            return self.random.choice(self.random.choice(self.kinds))
        if pick < 0.21:
            return self.random.choice(self.questionable)
        return self.code()

    def code(self) -> str:
        """A code of the tables; now and then one that is cut short, drawn out, or not there at all."""
        code = self.random.choice(self.codes)
        pick = self.random.random()
        if pick < 0.03 and len(code) > 3:
            return code[:-1]
        if pick < 0.05:
            return (code + "9")[:7]
        if pick < 0.13:
            return self.random.choice(self.aged)
        if pick < 0.15:
            return self.random.choice(self.unspecified)
        if pick < 0.16:
            return self.random.choice(("Y6551", "Y6552", "Y6553", "Z370", "Z3801"))
        return code

    def procedure(self) -> str:
        """A procedure of the tables, now and then with one character changed."""
        code = self.random.choice(self.procedures)
        if self.random.random() < 0.06:
            return self.random.choice(self.random.choice(self.rare_procedures))
        if self.random.random() < 0.04:
            place = self.random.randrange(7)
            code = code[:place] + self.random.choice("0123456789BCDFGHJKLMNPQRSTVWXYZ") + code[place + 1 :]
        return code

    def stay(self) -> Stay:
        """One stay."""
        discharged = FIRST + datetime.timedelta(days=self.random.randrange((LAST - FIRST).days + 1))
        age = self.random.choice((self.random.randrange(1, 18), self.random.randrange(18, 100)))
        born = discharged - datetime.timedelta(days=int(365.25 * age) + self.random.randrange(3, 364))
        diagnoses = [self.principal()]
        # Conditions of coverage: what makes a rare procedure covered, or not.
        if self.random.random() < 0.1:
            diagnoses.append(self.random.choice(("Z302", "E1022", "E891", "E1122")))
        for _ in range(self.random.randrange(6)):
            code = diagnoses[0] if self.random.random() < 0.02 else self.code()
            if code not in diagnoses[1:]:
                diagnoses.append(code)
        procedures = [self.procedure() for _ in range(self.random.choice((0, 0, 1, 2)))]
        status = self.random.choice(("01", "01", "03", "06", "20", "20", "62", "99"))
        return Stay(discharged, born, self.random.choice("MF"), status, diagnoses, procedures)


def written(stays: list[Stay]) -> str:
    """All stays as one 837I."""
    segments = [
        "ST*837*0001*005010X223A2", "BHT*0019*00*STAYS*20261031*0600*CH",
        "NM1*41*2*SYNTHETIC SUBMITTER*****46*SYNSUB", "PER*IC*TEST DESK*TE*2175550100",
        "NM1*40*2*SAMPLE RECEIVER*****46*SYNRCV", "HL*1**20*1", "PRV*BI*PXC*282N00000X",
        "NM1*85*2*FICTIONAL NORTH HOSPITAL*****XX*2245860889", "N3*2918 EXAMPLE STREET",
        "N4*ALBANY*NY*122071234", "REF*EI*972016961",
    ]  # fmt: skip
    for number, stay in enumerate(stays, 1):
        segments += stay.segments(number)
    segments.append(f"SE*{len(segments) + 1}*0001")
    head = (
        "ISA*00*          *00*          *ZZ*SYNTHETICSENDER*ZZ*SAMPLERECEIVERS*261031*0600*^*00501*000000020"
        "*0*T*:",
        "GS*HC*SYNTHETICSENDER*SAMPLERECEIVERS*20261031*0600*1*X*005010X223A2",
    )
    return "~\n".join((*head, *segments, "GE*1*1", "IEA*1*000000020")) + "~\n"


def by_rules(stays: list[Stay]) -> list[set[str]]:
    """The edits that the rules find, by stay."""
    edit_of = {rule: edit for edit, rules in EDITS.items() for rule in rules}
    found: list[set[str]] = [set() for _ in stays]
    checker = Checker(as_of=AS_OF)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stays.837"
        path.write_text(written(stays), encoding="ascii")
        [source] = sources([path])
        for checked in checker.check_readings(read_source(source)):
            for claim, code in checked.findings.select("claim", "code").iter_rows():
                if code in edit_of:
                    found[claim - 1].add(edit_of[code])
    return found


def by_editor(stays: list[Stay], python: str) -> list[set[str]]:
    """The edits that the editor finds, by stay; `python` has the package."""
    asked = "\n".join(json.dumps(stay.for_editor()) for stay in stays)
    done = subprocess.run([python, "-c", EDITOR], input=asked, stdout=subprocess.PIPE, text=True, check=True)
    return [set(json.loads(line)) & set(EDITS) for line in done.stdout.splitlines()]


def main() -> int:
    """Compare, write the page, and say whether anything is unexplained."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stays", type=int, default=STAYS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--show", type=int, default=5, help="how many stays to show of each difference")
    options = parser.parse_args()
    python = peers_python()
    if python is None:
        raise SystemExit("The Medicare Code Editor to compare with could not be installed.")
    world = World(options.seed)
    stays = [world.stay() for _ in range(options.stays)]
    ours, theirs = by_rules(stays), by_editor(stays, python)
    rows, unexplained = differences(stays, ours, theirs, show=options.show)
    text = PAGE_TEXT.format(day=clock.today(), stays=options.stays, seed=options.seed, first=FIRST, last=LAST)
    lines = [table_row(*cells) for cells in (HEADINGS, ["---"] * len(HEADINGS), *rows)]
    text += "\n\n" + "\n".join(lines) + "\n"
    if options.stays == STAYS and options.seed == SEED:
        PAGE.write_text(text, encoding="utf-8")
    print(text)
    return 1 if unexplained else 0


def differences(
    stays: list[Stay], ours: list[set[str]], theirs: list[set[str]], *, show: int
) -> tuple[list[tuple[str, str, str, str, str, str]], int]:
    """A row of the table for each edit, and how many differences nothing explains; prints `show` of each."""
    counts: dict[str, Counter[str]] = {edit: Counter() for edit in EDITS}
    for stay, mine, other in zip(stays, ours, theirs, strict=True):
        for edit in mine | other:
            which = "both" if edit in mine and edit in other else "rules" if edit in mine else "editor"
            if which == "rules" and edit in BY_FIRST_LETTER and "INVALID_CODE" in other:
                which = "explained"
            counts[edit][which] += 1
            if which in ("rules", "editor") and counts[edit][which] <= show:
                print(f"{edit}: only the {which}: {stay}", file=sys.stderr)
    rows = [
        (
            edit,
            ", ".join(EDITS[edit]),
            *(f"{count[which]:,}" for which in ("both", "editor", "rules", "explained")),
        )
        for edit, count in counts.items()
    ]
    return rows, sum(count["editor"] + count["rules"] for count in counts.values())


if __name__ == "__main__":
    sys.exit(main())
