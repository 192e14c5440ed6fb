"""Print how often a search in synthetic charts finds what was asked, by words and by meaning.

Run as `make search-evaluation`; docs/appeals.md has the figures.
"""

from __future__ import annotations

import time

from claimwright.features.documents import embedding_model
from claimwright_lab.appeal_evaluation import measure_known_names, measure_lay_words


def main() -> None:
    """Measure both ways."""
    model = embedding_model()
    for label, using in (("by words", None), ("by words and meaning", model)):
        if using is None and label != "by words":
            print("The extra `meaning` is not installed.")
            return
        for what, measure in (("lay words", measure_lay_words), ("known names", measure_known_names)):
            began = time.process_time()
            figures = measure(using)
            seconds = time.process_time() - began
            found = f"{figures.found} of {figures.searches} ({figures.found / figures.searches:.1%})"
            print(f"{label}, {what}: {found}, {seconds:.1f} s of CPU")


if __name__ == "__main__":
    main()
