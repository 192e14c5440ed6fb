"""The Makefile explains itself, and the pages name only targets that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

TARGETS = {
    "help", "setup", "demo", "test", "lint", "types", "floors", "unit", "docs", "bench", "fuzz", "wheel-test",
    "client", "api-fuzz", "load", "load-reads", "web-speed",
    "lock", "clean", "precommit", "format", "mutation", "bench-million", "bench-rules",
    "precision", "model-benchmark", "interval-benchmark", "kills", "sanitize", "mutants", "slow",
    "kpi-benchmark",
    "slowest", "steady", "remedy-benchmark",
    "coverage", "compare-mce", "upkeep-kills", "long-tests", "compare-835",
    "full-circle", "web", "web-test", "web-types", "browser", "demo-stop", "ocr", "sample-letters",
    "search-evaluation",
    "prometheus", "dashboards",
}  # fmt: skip


def targets(root: Path) -> set[str]:
    text = (root / "Makefile").read_text(encoding="utf-8")
    return {name for line in re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE) for name in line.split()}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not on this machine")
def test_make_alone_lists_every_target_with_a_line_of_explanation(repo_root: Path) -> None:
    shown = subprocess.run(["make"], cwd=repo_root, capture_output=True, text=True, check=True).stdout
    explained = dict(re.findall(r"^  make (\S+) +(\S.+)$", shown, re.MULTILINE))
    assert set(explained) == targets(repo_root) == TARGETS


def test_every_target_that_a_page_names_exists(repo_root: Path, tracked: list[Path]) -> None:
    known = targets(repo_root)
    for path in tracked:
        if path.suffix in {".md", ".yaml", ".yml"} or path.parts[0] == ".ci":
            text = (repo_root / path).read_text(encoding="utf-8")
            for name in re.findall(r"(?:`|^\s*(?:exec |entry: )?)make ([a-z0-9-]+)", text, re.MULTILINE):
                assert name in known, f"{path} names `make {name}`"


def test_ci_runs_what_a_developer_runs(repo_root: Path) -> None:
    script = repo_root / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert script.stat().st_mode & 0o111, "it must be executable"
    assert "set -euo pipefail" in text
    assert re.search(r"^exec make test$", text, re.MULTILINE)
