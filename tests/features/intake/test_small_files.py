"""Claims of files that were read together are prepared exactly as each file's alone."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.derived import SeenClaims
from claimwright.engines.x12 import ClaimBlock, Delimiters, Reading, join_claim_blocks, joinable
from claimwright.features.intake import cut_blocks
from claimwright.features.intake.prepared_claims import PreparedClaims, prepare_claims, prepare_files
from claimwright_lab.sampling import SampleOptions, write_sample

TODAY = datetime.date(2025, 9, 15)
TENANT = "north"


class Sealing:
    """Indexes and seals as the store does, but twice the same: nothing is random."""

    def blind(self, kind: str, tenant: str, values: Sequence[str | None]) -> list[bytes | None]:
        return [
            None if value is None else hashlib.sha256(f"{kind}/{tenant}/{value}".encode()).digest()[:16]
            for value in values
        ]

    def seal(self, records: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        return [context + b"=" + record for record, context in zip(records, contexts, strict=True)]


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> list[bytes]:
    """Good files, files with defects inside, and one claim that is repeated in its file and in others."""
    path = tmp_path_factory.mktemp("waiting") / "made.837"
    made = []
    for seed in range(5):
        write_sample(path, SampleOptions(claims=3, seed=seed, defect_rate=0.9))
        made.append(path.read_bytes())
    # Both interchanges of the second are the same: each claim is there twice.
    twice = made[0] + b"\n" + made[0]
    no_claims = made[1][: made[1].index(b"HL*")] + b"SE*3*0001~GE*1*1~IEA*1*000000002~"
    no_number = made[2].replace(b"CLM*", b"CLM**", 1)
    no_payer = made[3].replace(b"NM1*PR*", b"NM1*XX*")
    marks = made[4].replace(b"CLM*", b"CLM*\x1d", 1) + b"\x1a"
    again = [made[0], twice, no_claims, no_number, no_payer, marks, made[0]]
    written = [path.read_bytes() for path in sorted(samples.glob("*.837"))]
    return [*again, *(content for content in written if joinable(content))]


def readings(block: ClaimBlock) -> Reading:
    return block.reading(with_records=True, verbatim=False, with_envelope=False)


def alone(content: bytes, keys: range) -> PreparedClaims:
    [block] = cut_blocks([content])
    return prepare_claims(
        readings(block), keys, Sealing(), tenant=TENANT, seen=SeenClaims(), as_of=TODAY
    )  # fmt: skip


def test_what_is_stored_of_a_claim_does_not_depend_on_the_files_that_it_was_read_with(
    waiting: list[bytes],
) -> None:
    kinds: dict[Delimiters, list[bytes]] = {}
    for content in waiting:
        delimiters = joinable(content)
        assert delimiters is not None
        kinds.setdefault(delimiters, []).append(content)
    assert max(len(contents) for contents in kinds.values()) >= 9
    for contents in kinds.values():
        [block] = join_claim_blocks(contents, [str(number) for number in range(len(contents))])
        keys = range(100, 100 + block.claims)
        together = prepare_files(readings(block), keys, Sealing(), tenant=TENANT, as_of=TODAY)
        assert len(together) == len(contents)
        first = keys.start
        for content, part in zip(contents, together, strict=True):
            expected = alone(content, range(first, first + len(part.sealed)))
            first += len(part.sealed)
            assert part.claims.equals(expected.claims)
            assert part.claims.schema == expected.claims.schema
            assert part.findings.equals(expected.findings)
            assert part.sealed.keys.tolist() == expected.sealed.keys.tolist()
            assert part.sealed.received_on.tolist() == expected.sealed.received_on.tolist()
            for name in ("sealed", "heading_bytes", "provider_bytes"):
                assert list(getattr(part.sealed, name)) == list(getattr(expected.sealed, name)), name
        assert first == keys.stop


def test_repeats_are_counted_in_each_file_alone(waiting: list[bytes]) -> None:
    once, twice = waiting[0], waiting[1]
    [block] = join_claim_blocks([once, twice, once], ["0", "1", "2"])
    parts = prepare_files(readings(block), range(block.claims), Sealing(), tenant=TENANT, as_of=TODAY)
    counted = [part.claims["number_occurrence"].to_list() for part in parts]
    assert counted == [[1, 1, 1], [1, 1, 1, 2, 2, 2], [1, 1, 1]]
    assert [part.claims["position"].to_list() for part in parts] == [[1, 2, 3], [1, 2, 3, 4, 5, 6], [1, 2, 3]]


def test_findings_belong_to_their_own_file(waiting: list[bytes]) -> None:
    good, bad = waiting[0], waiting[2]
    [block] = join_claim_blocks([bad, good, bad], ["0", "1", "2"])
    first, _, last = prepare_files(
        readings(block), range(block.claims), Sealing(), tenant=TENANT, as_of=TODAY
    )  # fmt: skip
    assert first.claims.height == last.claims.height == 0
    assert first.findings.height > 0
    assert first.findings["claim_key"].null_count() == first.findings.height
    assert first.findings.equals(last.findings)
    assert first.findings.filter(pl.col("segment") > bad.count(b"~")).is_empty()
