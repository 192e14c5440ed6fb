"""The ASVS table has every requirement of levels 1 and 2 once, and names tests that exist."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

# Of ASVS 5.0.0: how many requirements of levels 1 and 2 each section has.
SECTIONS = """
    1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1
    4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2
    7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2
    10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5
    14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""


def test_the_asvs_table_is_whole_and_its_tests_are_there(repo_root: Path) -> None:
    page = (repo_root / "docs" / "security_asvs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([0-9., ]+) \|(.*)\| (.*) \|$", page, re.MULTILINE)
    numbers = [number for row in rows for number in row[0].split(", ")]
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    found = Counter(number.rpartition(".")[0] for number in numbers)
    wanted = (each.split(":") for each in SECTIONS.split())
    assert found == {section: int(count) for section, count in wanted}
    for number, _, proof in rows:
        tests = re.findall(r"`(tests/[\w/]+\.py)`(?:: `(test_\w+)`)?", proof)
        assert tests or proof.startswith(("Does not apply: ", "Open: ")), number
        for path, name in tests:
            text = (repo_root / path).read_text(encoding="utf-8")
            assert not name or f"def {name}(" in text, f"{number}: {path}: {name}"
