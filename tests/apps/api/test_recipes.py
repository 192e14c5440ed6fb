"""The recipes of the page of the API, run by a shell with curl against a server on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.apps.api.conftest import ROOT, Doors
from tests.apps.api.served import served

from claimwright.platform.access import ROLES, SCOPES
from claimwright.platform.identity import issue_token


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
def test_every_recipe_of_the_page_works(doors: Doors, repo_root: Path) -> None:
    with doors.services.database.transaction(ROOT) as connection:
        _, bearer = issue_token(
            ROOT, connection, label="recipes", scopes=["all"], known_scopes=SCOPES, days=1,
            client_name="recipes", roles=["service"], known_roles=ROLES,
        )  # fmt: skip
    manager = doors.token("manager")["Authorization"].removeprefix("Bearer ")
    appeals = doors.token("appeals_specialist")["Authorization"].removeprefix("Bearer ")
    page = (repo_root / "docs" / "api_recipes.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 19
    script = "\n".join(["set -euo pipefail", *(f"{block}\necho" for block in blocks)])
    with served(doors) as address:
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, text=True, cwd=repo_root,
            env={
                "API": f"{address}/api/v1", "SECRET": str(bearer), "MANAGER": manager,
                "APPEALS": appeals, "PATH": "/usr/local/bin:/usr/bin:/bin",
            },
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-1_000:]
    for said in (
        '"withheld":[',
        '"W-2026-014"',
        "tenant,month,identity",
        '"code":"not_permitted"',
        '"staged":40',
        '"next":',
        '"tracking_id":',
        '"by_status":',
        ": live",
        '"rows":[',
        '"file_id":"authorization',
        "Pain for six weeks",
    ):
        assert said in done.stdout
