"""The samples of the project: fresh, small, labelled, described."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from claimwright_lab.sampling import DEFECTS, ENVELOPE_DEFECTS
from claimwright_lab.sampling.shipped import SHIPPED, make


def test_the_samples_are_what_the_sampler_makes(samples: Path, tmp_path: Path) -> None:
    make(tmp_path)
    stale = [
        path.name for path in tmp_path.iterdir() if (samples / path.name).read_bytes() != path.read_bytes()
    ]
    assert stale == [], "run `python -m claimwright_lab.sampling.shipped samples`"


def test_nothing_else_lies_among_them(samples: Path, tmp_path: Path) -> None:
    make(tmp_path)
    wanted = {path.name for path in tmp_path.iterdir()} | {"README.md"}
    assert {path.name for path in samples.iterdir() if path.suffix in {".837", ".csv", ".md"}} >= wanted
    assert {path.name for path in samples.glob("*.837")} == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_sample_shows_several_defects(samples: Path, name: str) -> None:
    labels = pl.read_csv(samples / name.replace(".837", ".labels.csv"), infer_schema=False)
    assert labels["defect"].n_unique() >= 4


def test_the_readme_describes_every_sample(samples: Path) -> None:
    text = (samples / "README.md").read_text(encoding="utf-8")
    assert [name for name in SHIPPED if f"`{name}`" not in text] == []
    assert "synthetic" in text


def test_the_page_lists_every_kind_of_defect_with_its_finding(repo_root: Path) -> None:
    text = (repo_root / "docs" / "samples.md").read_text(encoding="utf-8")
    rows = [f"| `{defect.kind}` | {defect.finding} |" for defect in (*DEFECTS, *ENVELOPE_DEFECTS)]
    assert [row for row in rows if row not in text] == []
