"""Samples: the same bytes for a seed, as they were asked for, and nothing wrong that was not planted."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright.features.intake import read_837
from claimwright_lab.sampling import SampleOptions, sample_batches, write_sample

from .conftest import CheckedSample

SOME = SampleOptions(claims=300, seed=11)


def whole(options: SampleOptions) -> ClaimBatch:
    return ClaimBatch.concat(batch for batch, _ in sample_batches(options))


def written(folder: Path, name: str, options: SampleOptions) -> tuple[bytes, bytes]:
    sample = write_sample(folder / name, options)
    return sample.path.read_bytes(), sample.labels_path.read_bytes()


def test_a_seed_makes_the_same_bytes_again(tmp_path: Path) -> None:
    assert written(tmp_path, "one.837", SOME) == written(tmp_path, "two.837", SOME)


def test_another_seed_makes_another_file(tmp_path: Path) -> None:
    other = SampleOptions(claims=300, seed=12)
    assert written(tmp_path, "one.837", SOME)[0] != written(tmp_path, "two.837", other)[0]


def test_a_gzipped_sample_is_the_same_file_packed(tmp_path: Path) -> None:
    plain, labels = written(tmp_path, "one.837", SOME)
    packed, packed_labels = written(tmp_path, "two.837.gz", SOME)
    assert gzip.decompress(packed) == plain
    assert packed_labels == labels
    assert packed == written(tmp_path, "three.837.gz", SOME)[0]


def test_what_is_written_reads_back_as_the_same_claims(tmp_path: Path) -> None:
    options = SampleOptions(claims=1_000, seed=3, defect_rate=0, forms={"P": 60, "I": 25, "D": 15})
    write_sample(tmp_path / "sample.837", options)
    back, made = read_837(tmp_path / "sample.837"), whole(options)
    for level in Level:
        keys = [name for name in ("first_segment", "last_segment") if name in made.frame(level).columns]
        assert back.frame(level).drop(keys).equals(made.frame(level).drop(keys)), level


def test_claims_come_in_the_forms_that_were_asked_for() -> None:
    forms = whole(SampleOptions(claims=4_000, seed=1, forms={"P": 50, "I": 30, "D": 20})).claims["form"]
    shares = dict(forms.value_counts(normalize=True).iter_rows())
    assert shares == pytest.approx({"P": 0.5, "I": 0.3, "D": 0.2}, abs=0.04)


def test_a_claim_has_one_to_six_lines_and_about_three() -> None:
    lines = whole(SampleOptions(claims=4_000, seed=1)).lines.group_by("claim").len()["len"]
    assert (lines.min(), lines.max()) == (1, 6)
    assert 2.4 < float(str(lines.mean())) < 3.4


def test_services_lie_before_the_day_of_the_file() -> None:
    made = date(2024, 6, 3)
    batch = whole(SampleOptions(claims=500, seed=1, as_of=made, defect_rate=0))
    assert batch.lines["service_to_on"].max() < made  # type: ignore[operator]
    assert batch.lines["service_from_on"].min() > date(2023, 11, 1)  # type: ignore[operator]
    assert set(batch.transactions["transaction_created_on"]) == {made}


def test_every_sample_is_marked_as_a_test() -> None:
    assert set(whole(SOME).transactions["usage_indicator"]) == {"T"}


def test_no_transaction_has_more_than_5000_claims() -> None:
    """005010X222A1, ST: a recommended limit that many receivers enforce."""
    batches = [batch for batch, _ in sample_batches(SampleOptions(claims=11_000, seed=1, forms={"P": 1}))]
    counts = pl.concat([batch.claims.group_by("transaction").len() for batch in batches])
    assert counts["len"].to_list() == [5_000, 5_000, 1_000]
    assert counts["transaction"].n_unique() == counts.height


def test_claim_numbers_do_not_repeat_over_blocks() -> None:
    options = SampleOptions(claims=21_000, seed=1, defect_rate=0, forms={"P": 1})
    assert pl.concat([batch.claims["claim_id"] for batch, _ in sample_batches(options)]).n_unique() == 21_000


def test_a_secondary_claim_says_what_the_first_payer_did() -> None:
    """Charge = paid + adjustments, by line on a professional claim (005010X222A1, 1.4.4)."""
    batch = whole(SampleOptions(claims=600, seed=2, defect_rate=0, forms={"P": 1}, secondary_percent=100))
    assert batch.line_adjudications.height > 200
    adjusted = batch.adjustments.group_by("claim", "line").agg(pl.col("adjustment_amount").sum())
    decided = batch.line_adjudications.join(batch.lines, on=["claim", "line"]).join(
        adjusted, on=["claim", "line"]
    )
    assert decided.height == batch.line_adjudications.height
    assert (decided["line_paid"] + decided["adjustment_amount"] == decided["line_charge"]).all()


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"claims": -1}, "claims"),
        ({"seed": -1}, "seed"),
        ({"forms": {"X": 1}}, "forms"),
        ({"forms": {"P": 0}}, "forms"),
        ({"defect_rate": 1.5}, "defect_rate"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_by_name(wrong: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        SampleOptions(**{"claims": 1, **wrong})  # type: ignore[arg-type]


def test_no_claims_are_a_sample_too(tmp_path: Path) -> None:
    content, labels = written(tmp_path, "none.837", SampleOptions(claims=0))
    assert content == b""
    assert labels.count(b"\n") == 1


def test_clean_claims_are_clean(check_sample: Callable[[SampleOptions], CheckedSample]) -> None:
    options = SampleOptions(claims=2_000, seed=5, defect_rate=0, forms={"P": 60, "I": 25, "D": 15})
    found = check_sample(options).findings
    assert found.select("claim", "line", "severity", "code", "field").rows() == []
