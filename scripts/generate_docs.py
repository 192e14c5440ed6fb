"""Write the reference pages of docs/reference/ from the source, or prove them fresh.

    python scripts/generate_docs.py            writes what has changed
    python scripts/generate_docs.py --check    writes nothing; exits 1 and lists the pages that are stale

A page is one function in `reference_pages`, which returns the text of one or more files. A page that no
function makes any more is stale too, and is removed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reference_pages import PAGES, Files
from rules_page import rules_search_page

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
MARK = "<!-- Written by `make docs` from {source}; edit that instead. -->\n\n"


def wanted() -> Files:
    """Every reference page that there should be, by its path under docs/reference/."""
    files: Files = {}
    for source, page in [*PAGES.items(), ("src/claimwright/rulebook/", rules_search_page)]:
        for name, text in page().items():
            if name.endswith(".html"):
                files[name] = text  # says itself where it comes from
                continue
            title, _, body = text.partition("\n")
            files[name] = f"{title}\n\n{MARK.format(source=source)}{body.strip()}\n"
    return files


def stale(files: Files) -> list[str]:
    """The names of pages that are missing, differ, or should not be there."""
    pages = (path for path in REFERENCE.rglob("*") if path.suffix in {".md", ".html"})
    present = {path.relative_to(REFERENCE).as_posix(): path for path in pages}
    changed = [
        name
        for name, text in files.items()
        if name not in present or present[name].read_text(encoding="utf-8") != text
    ]
    return sorted([*changed, *(present.keys() - files.keys())])


def write(files: Files, names: list[str]) -> None:
    """Bring the named pages up to date."""
    for name in names:
        path = REFERENCE / name
        if name in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name], encoding="utf-8")
        else:
            path.unlink()


def main() -> int:
    """Return the exit status: 1 where `--check` found stale pages, else 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page is stale")
    checking = parser.parse_args().check
    files = wanted()
    names = stale(files)
    for name in names:
        print(f"docs/reference/{name}: {'stale, run `make docs`' if checking else 'written'}")
    if not checking:
        write(files, names)
    return 1 if checking and names else 0


if __name__ == "__main__":
    sys.exit(main())
