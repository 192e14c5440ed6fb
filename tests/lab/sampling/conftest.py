"""Samples, written and checked."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from claimwright.features.checking import Checker
from claimwright.features.intake import read_source, sources
from claimwright_lab.sampling import SampleOptions, read_labels, write_sample


@dataclass(frozen=True)
class CheckedSample:
    """What was planted in a sample, and what was found in it."""

    labels: pl.DataFrame
    findings: pl.DataFrame
    claims: pl.DataFrame


def checked(path: Path, options: SampleOptions) -> CheckedSample:
    """A sample written to a file, read back and checked as of the day on which it was made."""
    written = write_sample(path, options)
    checker = Checker(as_of=options.as_of)
    findings, claims = [], []
    for each in checker.check_readings(read_source(sources([path])[0])):
        findings.append(each.findings)
        claims.append(each.batch.claims.select("claim", "claim_id", "form"))
    assert checker.undecided == {}
    labels = read_labels(written.labels_path)
    return CheckedSample(labels, pl.concat(findings), pl.concat(claims))


@pytest.fixture(scope="session")
def check_sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[SampleOptions], CheckedSample]:
    """Write and check a sample."""
    return lambda options: checked(tmp_path_factory.mktemp("sample") / "sample.837", options)


@pytest.fixture(scope="session")
def planted(check_sample: Callable[[SampleOptions], CheckedSample]) -> CheckedSample:
    """2,000 claims of all forms with defects; CLAIMWRIGHT_SAMPLE_CLAIMS makes it another number."""
    claims = int(os.environ.get("CLAIMWRIGHT_SAMPLE_CLAIMS", "2000"))
    return check_sample(SampleOptions(claims=claims, seed=7, forms={"P": 70, "I": 20, "D": 10}))
