"""The web app as it is served: one document for every page, its files for a year, nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.apps.api.conftest import Doors

from claimwright.apps.api import web_app, web_files
from claimwright.apps.api.web_app import PAGES


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app that is built: the tests of what it does are in tests/apps/web."""
    folder = tmp_path / "app"
    (folder / "assets").mkdir(parents=True)
    text = '<meta name="csp-nonce" content="__NONCE__"><script src="/app/assets/a.js"></script>'
    (folder / "index.html").write_text(text, encoding="utf-8")
    (folder / "assets" / "a.js").write_bytes(b"plain")
    (folder / "assets" / "a.js.gz").write_bytes(b"packed")
    (folder / "assets" / "a.js.br").write_bytes(b"smaller")
    (tmp_path / "secret.txt").write_text("not of the app")
    monkeypatch.setattr(web_files, "BUILT", folder)
    return folder


def test_every_page_is_the_same_document_with_a_nonce_of_its_own(doors: Doors, built: Path) -> None:
    assert built.is_dir()
    nonces = set()
    for page in PAGES:
        answer = doors.client.get(f"/{page}/17")
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        found = re.search(r"style-src 'self' 'nonce-([\w-]{20,})'", policy)
        assert found, policy
        assert f'content="{found[1]}"' in answer.text
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
        assert answer.headers["cache-control"] == "no-store"
        nonces.add(found[1])
    assert len(nonces) == len(PAGES)


def test_a_page_names_its_own_scripts_so_that_they_are_fetched_at_once(doors: Doors, built: Path) -> None:
    (built / "index.html").write_text("<head></head>", encoding="utf-8")
    scripts = {"/claims": ["assets/all.js"], "/claims/$claimKey": ["assets/one.js", "assets/two.js"]}
    (built / "pages.json").write_text(json.dumps(scripts), encoding="utf-8")

    def named(path: str) -> list[str]:
        return re.findall(r'rel="modulepreload" crossorigin href="([^"]+)"', doors.client.get(path).text)

    assert named("/claims") == ["/app/assets/all.js"]
    assert named("/claims/17") == ["/app/assets/one.js", "/app/assets/two.js"]
    assert named("/claims/17/x") == named("/queue") == []
    # It is for the server.
    assert doors.client.get("/app/pages.json").status_code == 404


def test_a_notice_stands_in_every_page_and_is_only_text(built: Path) -> None:
    assert built.is_dir()
    app = FastAPI()
    web_app.add_web_app(app, notice='Training "system" <b>')
    (built / "index.html").write_text('<meta name="notice" content="__NOTICE__">', encoding="utf-8")
    shown = TestClient(app).get("/queue").text
    assert shown == '<meta name="notice" content="Training &quot;system&quot; &lt;b&gt;">'


def test_the_address_of_the_server_leads_to_the_overview(doors: Doors) -> None:
    answer = doors.client.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/overview")


def test_files_are_kept_for_a_year_and_sent_packed(doors: Doors, built: Path) -> None:
    assert built.is_dir()
    plain = doors.client.get("/app/assets/a.js", headers={"Accept-Encoding": "identity"})
    assert plain.content == b"plain"
    assert "immutable" in plain.headers["cache-control"]
    with doors.client.stream("GET", "/app/assets/a.js", headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert b"".join(packed.iter_raw()) == b"packed"
    with doors.client.stream("GET", "/app/assets/a.js", headers={"Accept-Encoding": "gzip, br"}) as smaller:
        assert smaller.headers["content-encoding"] == "br"
        assert b"".join(smaller.iter_raw()) == b"smaller"
    # Dozens of them are loaded by a page: they carry what browsers ask of scripts and styles only.
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" not in plain.headers
    assert "content-security-policy" in doors.client.get("/app/assets/none.js").headers
    assert plain.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize(
    "path",
    [
        "/app/none.js",
        "/app/index.html",
        "/app/../secret.txt",
        "/app/%2e%2e/secret.txt",
        "/app/assets",
        "/nothing",
        "/app/%00",
        "/app/assets/a.js%00",
        f"/app/{'a' * 300}",
    ],
)
def test_nothing_else_is_served(doors: Doors, built: Path, path: str) -> None:
    assert built.is_dir()
    answer = doors.client.get(path)
    assert answer.status_code == 404
    assert "not of the app" not in answer.text


def test_an_address_that_no_page_has_is_our_page_for_a_browser_and_an_error_for_a_program(
    doors: Doors, built: Path
) -> None:
    assert built.is_dir()
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    shown = doors.client.get("/nothing/17", headers=browser)
    assert (shown.status_code, shown.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "/app/assets/a.js" in shown.text
    assert "script-src 'self';" in shown.headers["content-security-policy"]
    told = [
        doors.client.get("/nothing/17"),
        doors.client.get("/api/v1/nothing", headers=browser),
        doors.client.post("/nothing", headers=browser),
    ]
    assert [(each.status_code, each.json()["error"]["code"]) for each in told] == [(404, "not_found")] * 3


def test_an_app_that_is_not_built_says_how_to_build_it(
    doors: Doors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_files, "BUILT", tmp_path / "none")
    answer = doors.client.get("/overview")
    assert answer.status_code == 503
    assert "make web" in answer.text
