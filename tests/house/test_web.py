"""The web app: its types follow the API, its lock names no registry, nothing escapes the compiler."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from claimwright.apps.api.web_app import PAGES
from web_types import TYPES, digest_of_description

NO_ANY = re.compile(r"(:\s*any\b|\bas any\b|<any>|any\[\]|@ts-ignore|@ts-expect-error|@ts-nocheck)")
STORAGE = re.compile(r"\b(localStorage|sessionStorage|indexedDB|document\.cookie)\b")


@pytest.fixture(scope="module")
def sources(repo_root: Path) -> dict[str, str]:
    folder = repo_root / "web" / "src"
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.ts*")
        if path.name != "schema.d.ts"
    }


def test_the_types_are_those_of_the_api() -> None:
    first = TYPES.read_text(encoding="utf-8").partition("\n")[0]
    assert digest_of_description() in first, "the routes have changed: make web-types"


def test_nothing_escapes_the_compiler(sources: dict[str, str]) -> None:
    assert {name for name, text in sources.items() if NO_ANY.search(text)} == set()


def test_nothing_is_kept_in_the_storage_of_the_browser(sources: dict[str, str]) -> None:
    assert {name for name, text in sources.items() if STORAGE.search(text)} == set()


def test_no_source_is_longer_than_a_screenful_of_rooms(sources: dict[str, str]) -> None:
    assert {
        name: len(text.splitlines()) for name, text in sources.items() if len(text.splitlines()) > 400
    } == {}


def test_the_server_knows_the_pages_of_the_router(sources: dict[str, str]) -> None:
    routed = set(re.findall(r'path: "/([a-z]+)', sources["router.tsx"]))
    assert routed == set(PAGES)


@pytest.mark.parametrize("folder", ["web", "web/types"])
def test_the_locks_of_packages_name_no_registry(repo_root: Path, folder: str) -> None:
    lock = json.loads((repo_root / folder / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert {name for name, entry in packages.items() if "resolved" in entry} == set()
    assert {name for name, entry in packages.items() if not entry.get("integrity")} == set()
