"""What a check does not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_CHECK = """
import sys
from claimwright.features.checking import Checker
from claimwright.features.intake import cut_source, sources
assert sum(len(each.batch) for each in Checker().check_blocks(cut_source(sources([sys.argv[1]])[0])))
print(*sorted({"pandas", "pyarrow.compute", "scipy", "sklearn"} & set(sys.modules)))
"""


def test_a_check_imports_nothing_that_its_libraries_would_load_by_the_way() -> None:
    # Arrow imports all of pandas for some conversions, where it is installed: a second and 50 MB for nothing.
    # Its own functions on columns take a fifth of the time of the check of one claim to import.
    sample = Path(__file__).parents[3] / "samples" / "professional.837"
    done = subprocess.run(
        [sys.executable, "-c", _CHECK, str(sample)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
