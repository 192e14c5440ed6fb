"""The 835 reader beside our 837 reader and other readers of the 835; writes docs/remittance_benchmark.md.

    python -m benchmarks.compare_835 --claims 20000 --million

Each measurement is a process of its own, as in run.py, and takes its turn in every round. The 837 has the
claims that are asked for, and the 835 as many as take the same bytes: both are cut into the same blocks.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.run import Figures, child, make, peers_python, rates, task

PAGE = Path(__file__).parents[1] / "docs" / "remittance_benchmark.md"
# The last two take minutes for some ten thousand claims.
PEERS = {"oxedi": 1, "openx12_835": 10, "edi_835_parser": 40}
_HEAD = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PROVIDER       "
    "*260301*0600*^*00501*000000001*0*T*:~"
    "GS*HP*PAYER*PROVIDER*20260301*0600*1*X*005010X221A1~ST*835*0001~"
)
_TOP = (
    "BPR*I*{paid}*C*ACH*CCP*01*999999992*DA*123456*1999999999**01*999988880*DA*987654*20260301~"
    "TRN*1*EFT0001*1999999999~DTM*405*20260228~N1*PR*GOOD PAYER*XV*12345~"
    "N3*1 MAIN STREET~N4*ANYTOWN*OH*45209~PER*BL*EDI DESK*TE*8005550100~N1*PE*CLINIC ONE*XX*1234567893~LX*1~"
)
# 250 charged, 130 paid: a copay, a contractual reduction, and a denied line.
_CLAIM = (
    "CLP*PCN{n:08d}*1*250*130*20*MB*ICN{n:010d}*11*1~NM1*QC*1*DOE{n}*JANE*Q***MI*M{n:09d}~"
    "NM1*82*1*HOUSE*GREG****XX*1234567893~MOA***MA01~REF*EA*MRN{n:07d}~DTM*232*20260115~DTM*233*20260115~"
    "DTM*050*20260201~AMT*AU*250~SVC*HC:99213:25*100*80**1~DTM*472*20260115~CAS*PR*1*20~REF*6R*1~AMT*B6*100~"
    "SVC*HC:J1100*100*50*0636*2~DTM*472*20260115~CAS*CO*45*50~REF*6R*2~AMT*B6*50~"
    "SVC*HC:97110:GP*50*0**1~DTM*472*20260115~CAS*CO*197*50~REF*6R*3~LQ*HE*N130~"
)


def write_remittance(path: Path, claims: int) -> Path:
    """A balanced 835 of one payment with as many claims of three lines."""
    with path.open("w", encoding="ascii") as file:
        top = _TOP.format(paid=130 * claims)
        file.write(_HEAD + top)
        for number in range(claims):
            file.write(_CLAIM.format(n=number))
        count = 2 + top.count("~") + claims * _CLAIM.count("~")
        file.write(f"SE*{count}*0001~GE*1*1~IEA*1*000000001~")
    return path


def measure(folder: Path, claims: int, rounds: int, python: str | None) -> Figures:
    """Medians of all readers, on files of the same run."""
    bill, few = make(folder, "bill", claims), make(folder, "few", 50)
    small = write_remittance(folder / "warm.835", 50)
    claims = round(bill.stat().st_size / _bytes_a_claim(folder))
    era = write_remittance(folder / "era.835", claims)
    runs: dict[str, list[Figures]] = {}
    for _ in range(rounds):
        runs.setdefault("835", []).append(task("read_remittance", era, str(small)))
        runs.setdefault("835, not checked", []).append(task("read_remittance_unchecked", era, str(small)))
        runs.setdefault("837", []).append(task("read", bill, str(few)))
        for name, divisor in PEERS.items() if python else ():
            part = era
            if divisor > 1:
                part = write_remittance(folder / f"{name}.835", claims // divisor)
            try:
                figures = child(str(python), "benchmarks/peers.py", name, str(part), str(small))
            except RuntimeError as problem:
                print(f"{name}: {problem}", file=sys.stderr)
                continue
            runs.setdefault(name, []).append(figures)
    # Claims are not alike in an 837 and an 835; segments are.
    segments = {"837": bill.read_bytes().count(b"~") / bill.stat().st_size}
    of_era = era.read_bytes().count(b"~") / era.stat().st_size
    return {
        name: rates(each)
        | {"cpu_mb_a_second": round(median(run["bytes"] / 1e6 / run["cpu_seconds"] for run in each), 1)}
        | {"segments_a_byte": segments.get(name, of_era)}
        for name, each in runs.items()
    }


def _bytes_a_claim(folder: Path) -> float:
    sizes = [write_remittance(folder / "size.835", count).stat().st_size for count in (1_000, 2_000)]
    return (sizes[1] - sizes[0]) / 1_000


def page(figures: Figures, memory: list[tuple[int, Figures]]) -> str:
    """The page."""
    own = figures["835"]
    lines = [
        "# Reading remittances, measured",
        "",
        "`make compare-835` writes this page: the method is in [benchmarks](../benchmarks/README.md).",
        "The 835 has three lines a claim, in 24 segments, and as many bytes as the 837. Ratios compare",
        "medians of the same run; more than 1 is faster than our 835 reader. MB a processor second counts",
        "the time of all threads: it depends less on what else the machine does.",
        "",
        "| reader | gives | MB a second | ratio | segments a second "
        "| MB a processor second | ratio | peak MB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    gives = {
        "835": "typed frames, checked by the guide and balanced",
        "835, not checked": "the same frames, without the guide's checks and the balances",
        "837": "typed frames of claims, checked by the guide",
        "oxedi": "typed tables",
        "openx12_835": "dictionaries",
        "edi_835_parser": "objects",
    }
    for name, each in figures.items():
        cells = (
            name,
            gives[name],
            each["mb_a_second"],
            f"{each['mb_a_second'] / own['mb_a_second']:.3f}",
            f"{each['mb_a_second'] * 1e6 * each['segments_a_byte']:,.0f}",
            each["cpu_mb_a_second"],
            f"{each['cpu_mb_a_second'] / own['cpu_mb_a_second']:.3f}",
            each["peak_mb"],
        )
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    lines += [
        "",
        "oxedi gives four tables: payments, claims, services, adjustments. It checks neither the guide nor",
        "the balances, and is compiled; ours gives sixteen frames, from compiled kernels and column-wise",
        "Python.",
    ]
    if memory:
        lines += ["", "## Memory", "", "| claims | seconds | peak MB |", "| --- | --- | --- |"]
        lines += [f"| {count:,} | {each['seconds']:.1f} | {each['peak_mb']} |" for count, each in memory]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--million", action="store_true", help="memory at 100,000 and 1,000,000 claims")
    parser.add_argument("--peers-python", help="interpreter with the other readers; by default from the lock")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures = measure(folder, given.claims, given.rounds, given.peers_python or peers_python())
        memory = []
        for count in (100_000, 1_000_000) if given.million else ():
            path = write_remittance(folder / "large.835", count)
            memory.append((count, task("read_remittance", path)))
    PAGE.write_text(page(figures, memory), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
