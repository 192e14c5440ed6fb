"""Write docs/coverage.md: what share of each folder's lines and branches the tests reach.

    python scripts/coverage_page.py .coverage.json

The argument is what `coverage json` writes. `make coverage` calls this after the tests.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path, PurePosixPath

PAGE = Path(__file__).parent.parent / "docs" / "coverage.md"
INTRODUCTION = """# Test coverage

What `make coverage` measured: lines and branches that a test reaches, by folder. Code that only runs in a
process that a test starts, such as a worker or a benchmark, is not counted as reached. `make coverage` fails
below 85 %.

| folder | lines and branches | reached |
| --- | ---: | ---: |
"""


def folder_of(name: str) -> str:
    """The folder that stands for a file: `engines/x12` of `src/claimwright/engines/x12/syntax/stream.py`."""
    path = PurePosixPath(name)
    package = next(i for i, part in enumerate(path.parts) if part in ("claimwright", "claimwright_lab"))
    inside = path.parts[package:-1]
    return "/".join(inside[1:3]) if inside[0] == "claimwright" and len(inside) > 1 else inside[0]


def page(measured: dict[str, dict[str, dict[str, int]]]) -> str:
    """The page; `measured` maps files to their `summary`, as coverage writes it."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, file in measured.items():
        summary = file["summary"]
        for key in (folder_of(name), "all"):
            counts[key][0] += summary["num_statements"] + summary.get("num_branches", 0)
            counts[key][1] += summary["covered_lines"] + summary.get("covered_branches", 0)
    whole = counts.pop("all")
    lines = [*sorted(counts.items()), ("**all**", whole)]
    rows = ((name, total, 100 * reached / total) for name, (total, reached) in lines if total)
    return INTRODUCTION + "".join(f"| {name} | {total:,} | {share:.0f} % |\n" for name, total, share in rows)


if __name__ == "__main__":
    files = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["files"]
    PAGE.write_text(page(files), encoding="utf-8")
