"""Precision and recall of all rules over synthetic claims with planted defects; writes docs/precision.md.

    python scripts/precision.py                     100,000 claims
    python scripts/precision.py --claims 5000       fewer; --seed for others
    python scripts/precision.py --check             writes nothing

The sample is written as an 837, read back and checked as of the day on which it was made, as a user would do
it. Exits 1 where a planted defect is missed, where a claim planted clean has a finding of severity block,
where it has another finding that `EXPECTED` does not explain, or where the claims together give a signal.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from claimwright.features.checking import Checker
from claimwright.features.intake import read_source, sources
from claimwright.foundation import clock
from claimwright_lab.sampling import DEFAULT_AS_OF, SampleOptions, read_labels, write_sample
from markdown_tables import table
from reference_pages import code

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "precision.md"
CLAIMS, SEED = 100_000, 7
# More institutional and dental claims than a clearinghouse sees, so that their rules are tried as often.
FORMS = {"P": 70, "I": 20, "D": 10}

# Findings below block that claims planted clean may have, each with why it is right to have it.
EXPECTED: dict[str, str] = {}

INTRODUCTION = """\
# Precision and recall

Is every planted defect found, and does no rule cry wolf? `make precision` writes this page: it samples
claims, writes them as an 837, reads them back and checks them with every rule that runs by default.

| | |
| --- | --- |
| written on | {day} |
| claims | {claims:,} (professional, institutional, dental: {forms}), {lines:,} lines |
| seed | {seed}, as of {as_of} |
| rules | {rules:,}, besides the structural faults |
| planted defects | {planted:,} of {kinds:,} kinds |
| found | {found:,} ({recall}) |
| claims planted clean | {clean:,} |
| block findings on them | {blocks:,} |
| signals over all claims together | {signals:,} |

Planted defects say how well the rules find what somebody thought of, on claims that somebody thought clean:
the catalogue plants what {planted_rules:,} rules and structural faults find. What the other rules find is
held against their own cases, and all of it against the [published
files](../tests/engines/rules/test_published_samples.py)."""

KINDS = """\
## By kind

Found means that the claim, and the line where the defect is of a line, has the finding that the kind
announces."""

OTHERS = """\
## Other findings on claims planted clean

Findings of severity warn and note ask a person to look. These came on claims in which nothing was planted."""

WRONG = """\
## What is wrong

Block findings on claims planted clean:"""


@dataclass(frozen=True)
class Measured:
    """One run: what was planted, what was found, and what of it is wrong."""

    options: SampleOptions
    rules: int
    lines: int
    labels: pl.DataFrame
    missed: pl.DataFrame
    clean: int
    on_clean: pl.DataFrame
    """`severity`, `code`, `findings` and `claims` of findings on claims planted clean."""
    signals: int
    """Notes about providers over all claims; none is planted."""

    @property
    def blocks(self) -> pl.DataFrame:
        """The block findings among them, by code."""
        return self.on_clean.filter(pl.col("severity") == "block")

    @property
    def others(self) -> pl.DataFrame:
        """The others, by code."""
        return self.on_clean.filter(pl.col("severity") != "block")

    @property
    def unexplained(self) -> list[str]:
        """Codes below block on clean claims that nobody has explained."""
        return sorted(set(self.others["code"]) - set(EXPECTED))


def measured(options: SampleOptions, folder: Path) -> Measured:
    """Sample, write, read back and check; progress goes to standard error."""
    written = write_sample(folder / "sample.837", options)
    labels = read_labels(written.labels_path)
    checker = Checker(as_of=options.as_of)
    found, of_envelope, on_clean = [], [], []
    claims = lines = 0
    defective = labels.select(pl.col("claim").drop_nulls()).unique()
    for each in checker.check_readings(read_source(sources([written.path])[0])):
        claims += each.batch.claims.height
        lines += each.batch.lines.height
        kept = each.findings.select("claim", "line", "severity", finding="code").with_columns(
            pl.col("severity").cast(pl.String)
        )
        found.append(kept.join(defective, on="claim", how="semi").unique())
        of_envelope.append(kept.filter(pl.col("claim").is_null()))
        on_clean.append(kept.filter(pl.col("claim").is_not_null()).join(defective, on="claim", how="anti"))
        print(f"\r{claims:,} of {options.claims:,} claims", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if checker.undecided:
        sys.exit(f"rules that could not be decided: {checker.undecided}")
    clean = pl.concat(on_clean).group_by("severity", code="finding")
    return Measured(
        options,
        len(checker.rulebook),
        lines,
        labels,
        missed(labels, pl.concat(found), pl.concat(of_envelope)),
        claims - defective.height,
        clean.agg(findings=pl.len(), claims=pl.col("claim").n_unique()).sort("severity", "code"),
        checker.conclude().findings.height,
    )


def missed(labels: pl.DataFrame, found: pl.DataFrame, of_envelope: pl.DataFrame) -> pl.DataFrame:
    """Labels without the finding that they announce, on the line that they name.

    A defect of an envelope is one of its transaction: there have to be as many findings as labels.
    """
    keys = found.select("claim", "line", "finding").unique()
    of_claims = labels.filter(pl.col("claim").is_not_null())
    by_claim = of_claims.filter(pl.col("line").is_null())
    by_line = of_claims.filter(pl.col("line").is_not_null())
    counts = dict(of_envelope.group_by("finding").len().iter_rows())
    envelopes = labels.filter(pl.col("claim").is_null()).filter(
        pl.int_range(pl.len()).over("finding")
        >= pl.col("finding").replace_strict(counts, default=0, return_dtype=pl.Int64)
    )
    return pl.concat(
        [
            by_claim.join(keys, on=["claim", "finding"], how="anti"),
            by_line.join(keys, on=["claim", "line", "finding"], how="anti"),
            envelopes,
        ]
    )


def page(run: Measured) -> str:
    """The page as Markdown."""
    labels, options = run.labels, run.options
    head = INTRODUCTION.format(
        day=clock.today(),
        claims=options.claims,
        forms=" : ".join(str(share) for share in options.forms.values()),
        lines=run.lines,
        seed=options.seed,
        as_of=options.as_of,
        rules=run.rules,
        planted=labels.height,
        kinds=labels["defect"].n_unique(),
        found=labels.height - run.missed.height,
        recall=share(labels.height - run.missed.height, labels.height),
        clean=run.clean,
        blocks=int(run.blocks["findings"].sum()),
        signals=run.signals,
        planted_rules=labels["finding"].n_unique(),
    )
    parts = [head]
    if run.blocks.height:
        rows = ([row["code"], f"{row['findings']:,}"] for row in run.blocks.iter_rows(named=True))
        parts += [WRONG, table(["rule", "findings"], rows)]
    parts += [KINDS, table(["kind", "finding", "planted", "found"], kinds(run))]
    if run.others.height:
        rows = (
            [
                row["severity"],
                row["code"],
                f"{row['claims']:,}",
                share(row["claims"], run.clean),
                EXPECTED.get(row["code"], "not explained"),
            ]
            for row in run.others.iter_rows(named=True)
        )
        parts += [OTHERS, table(["severity", "rule", "claims", "of the clean", "why"], rows)]
    return "\n\n".join(parts) + "\n"


def kinds(run: Measured) -> list[list[str]]:
    """Rows of the table by kind."""
    lost = dict(run.missed.group_by("defect").len().iter_rows())
    planted = run.labels.group_by("defect", "finding").len("planted").sort("defect")
    return [
        [code(defect), finding, f"{count:,}", f"{count - lost.get(defect, 0):,}"]
        for defect, finding, count in planted.iter_rows()
    ]


def share(part: int, whole: int) -> str:
    """A percentage that is 100 only where nothing is missing."""
    return f"{int(10_000 * part / whole) / 100:.2f}%" if whole else "-"


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--claims", type=int, default=CLAIMS, help="how many claims")
    parser.add_argument("--seed", type=int, default=SEED, help="which claims")
    parser.add_argument("--defects", type=float, default=None, help="share of the claims with a defect")
    parser.add_argument("--check", action="store_true", help="write nothing")
    given = parser.parse_args()
    rate = {} if given.defects is None else {"defect_rate": given.defects}
    options = SampleOptions(claims=given.claims, seed=given.seed, forms=FORMS, as_of=DEFAULT_AS_OF, **rate)
    with tempfile.TemporaryDirectory() as folder:
        run = measured(options, Path(folder))
    planted = run.labels.height
    print(f"{planted - run.missed.height:,} of {planted:,} planted defects are found.")
    for row in run.missed.head(20).iter_rows(named=True):
        print(f"missed: {row['defect']}, {row['finding']}, claim {row['claim']}, line {row['line']}")
    print(f"{int(run.blocks['findings'].sum()):,} block findings on {run.clean:,} claims planted clean.")
    for row in run.on_clean.iter_rows(named=True):
        print(f"{row['severity']} {row['code']} on {row['claims']:,} claims planted clean")
    for each in run.unexplained:
        print(f"{each}: nobody has explained it on clean claims")
    print(f"{run.signals:,} signals over all claims together.")
    if not given.check:
        PAGE.write_text(page(run), encoding="utf-8")
        print(f"{PAGE.relative_to(ROOT)}: written")
    return 1 if run.missed.height or run.blocks.height or run.unexplained or run.signals else 0


if __name__ == "__main__":
    sys.exit(main())
