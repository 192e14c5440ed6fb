"""Throw damaged claim files at the reader, guided by which code each one reaches (atheris, libFuzzer).

    python -m tests.fuzz --seconds 60

Every input is read, its structure checked, answered with a 999, and what could be read is written again, as
a file and as rows for the store. Whatever the input, nothing may raise, hang or grow without bound: what is
wrong with a file is a finding.
An input that breaks this is kept as `crash-*` or `timeout-*`, and `python -m tests.fuzz FILE` runs it again.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import resource
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

SECONDS_AN_INPUT = 20  # of processor time; a file of this size takes hundredths of a second
SECONDS_OF_THE_CLOCK = (
    600  # what hangs without working; a loaded machine can keep an input waiting for minutes
)
MEGABYTES = 2_000
LONGEST = 20_000  # bytes
AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
# PostgreSQL's types: int8, text, date, numeric, int4.
SENT_AS: dict[object, int] = {pl.Int64: 20, pl.String: 25, pl.Date: 1082, pl.Decimal: 1700, pl.Int32: 23}


def exercise(data: bytes) -> None:
    """Read, check, answer and write one file; raises only where Claimwright is at fault."""
    from claimwright.engines.x12 import BY_CODE, UnwritableError, acknowledge, write_837
    from claimwright.features.intake.reading import read_blocks
    from claimwright.platform.database.rows import binary_rows

    # Whole, in halves and in thirds: what stands at a cut is read as well as what does not.
    readings = list(read_blocks([data], block_bytes=64 + len(data) // (1 + len(data) % 3)))
    for reading in readings:
        assert set(reading.findings["code"]) <= set(BY_CODE), "a finding without an entry in the catalogue"
        for frame in reading.batch.frames().values():
            binary_rows(frame, [SENT_AS.get(dtype.base_type(), 0) for dtype in frame.dtypes])
    if not readings:
        return
    acknowledge(
        pl.concat([reading.envelope for reading in readings]),
        pl.concat([reading.faults for reading in readings]),
        as_of=AS_OF,
    )
    try:
        list(write_837(reading.batch for reading in readings))
    except UnwritableError:
        return  # a claim without a billing provider cannot be written, which is said


def exercise_in_time(data: bytes) -> None:
    """`exercise`, which may not take long either; on a busy machine only processor time says how long."""
    before = time.process_time()
    exercise(data)
    took = time.process_time() - before
    assert took < SECONDS_AN_INPUT, f"{took:.0f} s of processor time for {len(data)} bytes"


def mutated(data: bytes, largest: int, seed: int) -> bytes:
    """The file with a few segments or elements moved, repeated, dropped or damaged."""
    import atheris

    dice = random.Random(seed)
    if dice.random() < 0.3:
        return bytes(atheris.Mutate(data, largest))
    terminator = data[105:106] or b"~"
    separator = data[3:4] or b"*"
    segments = data.split(terminator)
    for _ in range(dice.randint(1, 4)):
        at, to = dice.randrange(len(segments)), dice.randrange(len(segments))
        elements = segments[at].split(separator)
        element = dice.randrange(len(elements))
        match dice.randrange(6):
            case 0:
                segments.insert(to, segments[at])
            case 1:
                segments[at], segments[to] = segments[to], segments[at]
            case 2 if len(segments) > 1:
                del segments[at]
            case 3:
                elements[element] = bytes(atheris.Mutate(elements[element], len(elements[element]) + 32))
                segments[at] = separator.join(elements)
            case 4:
                elements[element] = b""
                segments[at] = separator.join(elements)
            case _:
                segments[at] = separator.join(elements[: element + 1])
    return terminator.join(segments)[:largest]


def seeds() -> dict[str, bytes]:
    """Small files without a fault to begin from, one a form and one with several transactions."""
    from tests.engines.x12.interchanges import claims, encoded

    files = {f"{form}.837": encoded(claims(form)) for form in "PID"}
    return files | {"two.837": files["P.837"] + files["I.837"]}


def fuzz(seconds: int, corpus: Path) -> None:
    """Fuzz for so long; libFuzzer ends the process, with a status other than 0 where something broke."""
    import atheris

    with atheris.instrument_imports(include=["claimwright.engines.x12", "claimwright.features.intake"]):
        import claimwright.engines.x12.acknowledgements.acknowledgement
        import claimwright.engines.x12.claims837.write
        import claimwright.features.intake  # noqa: F401
    corpus.mkdir(parents=True, exist_ok=True)
    for name, data in seeds().items():
        (corpus / name).write_bytes(data)
    # libFuzzer looks at the largest size that this process ever had, and Linux counts what began it as well.
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    options = [
        f"-max_total_time={seconds}", f"-timeout={SECONDS_OF_THE_CLOCK}",
        f"-rss_limit_mb={before + MEGABYTES}", f"-max_len={LONGEST}", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], exercise_in_time, custom_mutator=mutated)
    atheris.Fuzz()


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 where nothing broke."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("files", nargs="*", type=Path, help="run these inputs once instead of fuzzing")
    parser.add_argument("--seconds", type=int, default=60, help="for how long")
    parser.add_argument("--corpus", type=Path, default=Path("fuzz-corpus"), help="where inputs are kept")
    chosen = parser.parse_args(arguments)
    for path in chosen.files:
        exercise(path.read_bytes())
    if chosen.files:
        return 0
    if importlib.util.find_spec("atheris") is None:
        sys.stdout.write(
            "atheris has no wheel for this platform and Python; the property tests fuzz as well.\n"
        )
        return 0
    fuzz(chosen.seconds, chosen.corpus)
    return 0


if __name__ == "__main__":
    sys.exit(main())
