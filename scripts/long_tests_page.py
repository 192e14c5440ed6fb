"""Write docs/long_tests.md: the result of the tests that `make test` leaves out.

    python scripts/long_tests_page.py .long-tests.xml

The argument is what pytest's `--junitxml` writes. `make long-tests` calls this after the tests.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

PAGE = Path(__file__).parent.parent / "docs" / "long_tests.md"
INTRODUCTION = """# Long tests

What `make long-tests` found when it last ran: tests that take so long that `make test` leaves them out.
Seconds include what a test sets up. A long test that is not listed was added since then.

| test | result | seconds |
| --- | --- | ---: |
"""


def page(report: ElementTree.Element) -> str:
    """The page of a report."""
    rows = []
    for case in report.iter("testcase"):
        outcomes = {child.tag for child in case}
        result = (
            "failed" if outcomes & {"failure", "error"} else "skipped" if "skipped" in outcomes else "passed"
        )
        name = f"{case.get('classname', '').removeprefix('tests.')}: {case.get('name', '')}"
        rows.append(f"| {name.replace('|', '/')} | {result} | {float(case.get('time', 0)):,.0f} |\n")
    return INTRODUCTION + "".join(sorted(rows))


if __name__ == "__main__":
    PAGE.write_text(page(ElementTree.parse(sys.argv[1]).getroot()), encoding="utf-8")  # noqa: S314 - of our own run
