"""The compiled loops and the NumPy code read the same: every frame, every fault, every record."""

from __future__ import annotations

import gc
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from tests.compiled import needs_kernel, other_library

from claimwright.engines.x12.checks import elements
from claimwright.engines.x12.claims837.write import write_837
from claimwright.engines.x12.native import kernel as compiled
from claimwright.engines.x12.syntax import loops, tokenizer
from claimwright.engines.x12.syntax.grammar import grammar
from claimwright.engines.x12.syntax.specification import specification
from claimwright.features.intake import Reading, read_blocks
from claimwright_lab.sampling import SampleOptions, sample_batches

from .interchanges import claims, encoded
from .test_mutated import mutated


def read(data: bytes, *, natively: bool, block_bytes: int = 1 << 16) -> list[Reading]:
    with other_library(compiled) as patch:
        if not natively:
            patch.setattr(compiled, "LIBRARY", Path("nowhere"))
        assert (compiled.kernel() is not None) == natively
        return list(read_blocks([data], block_bytes=block_bytes, with_records=True))


def assert_read_alike(data: bytes, block_bytes: int = 1 << 16) -> None:
    natively = read(data, natively=True, block_bytes=block_bytes)
    plainly = read(data, natively=False, block_bytes=block_bytes)
    assert len(natively) == len(plainly)
    for one, other in zip(natively, plainly, strict=True):
        for level, frame in one.batch.frames().items():
            assert frame.equals(other.batch.frame(level)), level
        for name in ("findings", "faults", "envelope"):
            assert getattr(one, name).equals(getattr(other, name)), name
        assert one.records == other.records


@needs_kernel
@pytest.mark.parametrize("seed", [7, 11])
def test_synthetic_claims_with_defects_of_all_kinds_read_alike(seed: int) -> None:
    made = sample_batches(SampleOptions(claims=400, seed=seed))
    assert_read_alike(b"".join(write_837([batch for batch, _ in made])))


@needs_kernel
def test_samples_and_published_files_read_alike(repo_root: Path, shared_data: Path) -> None:
    files = [*(repo_root / "samples").rglob("*.837"), *(shared_data / "x12").rglob("*")]
    found = [path for path in files if path.is_file() and path.suffix != ".md"]
    assert len(found) > 50
    for path in found:
        content = path.read_bytes()
        # Some ten blocks each, so that bounds of blocks are met in every file.
        assert_read_alike(content, block_bytes=max(4096, len(content) // 10))


@needs_kernel
@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(mutated())
def test_damaged_files_read_alike(data: bytes) -> None:
    assert_read_alike(data, block_bytes=512)


@needs_kernel
@pytest.mark.parametrize("delimiters", [b"*:~", b"|>\n", b"\t;!", b"\x1d\x1f\x1c"])
def test_other_delimiters_read_alike(delimiters: bytes) -> None:
    data = encoded(claims("P")).replace(b"~\n", b"~")
    assert_read_alike(data.translate(bytes.maketrans(b"*:~", delimiters)))


@needs_kernel
def test_any_bytes_are_cut_alike() -> None:
    native = compiled.kernel()
    assert native is not None
    dice = random.Random(837)
    for _ in range(3000):
        alphabet = bytes(dice.sample(range(256), 6)) + b"* ~:\nA\t"
        element, component, terminator = dice.sample(sorted(set(alphabet)), 3)
        text = bytes(dice.choice(alphabet) for _ in range(dice.randrange(60)))
        data = np.zeros(len(text) + tokenizer.PADDING, dtype=np.uint8)
        data[: len(text)] = np.frombuffer(text, dtype=np.uint8)
        one = native.tokenize(data, len(text), terminator, element, component)
        other = tokenizer.cut.__wrapped__(
            data, len(text), tokenizer.Delimiters(element, component, 94, terminator)
        )
        for name in vars(one):
            assert np.array_equal(getattr(one, name), getattr(other, name)), (text, name)


@needs_kernel
def test_a_library_of_another_source_is_not_used(tmp_path: Path) -> None:
    changed = tmp_path / "kernel.c"
    changed.write_bytes(compiled.SOURCE.read_bytes() + b"\n")
    with other_library(compiled) as patch:
        patch.setattr(compiled, "SOURCE", changed)
        assert compiled.kernel() is None


def test_a_library_for_another_machine_is_not_used(tmp_path: Path) -> None:
    strange = tmp_path / "_kernel.so"
    strange.write_bytes(b"\x7fELF of something else")
    with other_library(compiled) as patch:
        patch.setattr(compiled, "LIBRARY", strange)
        assert compiled.kernel() is None


@needs_kernel
def test_what_the_kernel_has_addresses_of_is_not_freed(samples: Path) -> None:
    # Two threads that begin at once make the grammar twice, and only one of the two stays in the cache.
    content = (samples / "professional.837").read_bytes()
    elements._native_rules.cache_clear()
    loops._structures.cache_clear()
    expected = read(content, natively=True)
    grammar.cache_clear()
    specification.cache_clear()
    gc.collect()
    # What takes the place of whatever was freed.
    litter = [np.full(size, -1, dtype=np.int64) for size in range(1, 2_000) for _ in range(3)]
    found = read(content, natively=True)
    assert len(litter) == 5_997
    assert [len(each.batch) for each in found] == [len(each.batch) for each in expected]
    for before, after in zip(expected, found, strict=True):
        assert after.batch.lines.equals(before.batch.lines)
        assert after.findings.equals(before.findings)
