"""The recipes of the page of the API, run by a shell with curl against a server on this machine."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
import uvicorn
from tests.apps.api.conftest import ROOT, Doors

from claimwright.platform.access import ROLES, SCOPES
from claimwright.platform.identity import issue_token


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
def test_every_recipe_of_the_page_works(doors: Doors, repo_root: Path) -> None:
    with doors.services.database.transaction(ROOT) as connection:
        _, bearer = issue_token(
            ROOT, connection, label="recipes", scopes=["all"], known_scopes=SCOPES, days=1,
            client_name="recipes", roles=["service"], known_roles=ROLES,
        )  # fmt: skip
    page = (repo_root / "docs" / "api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 7
    with socket.create_server(("127.0.0.1", 0)) as bound:
        config = uvicorn.Config(doors.client.app, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        script = "\n".join(["set -euo pipefail", *(f"{block}\necho" for block in blocks)])
        address = f"http://127.0.0.1:{bound.getsockname()[1]}/api/v1"
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, text=True, cwd=repo_root,
            env={"API": address, "SECRET": str(bearer), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        )  # fmt: skip
        server.should_exit = True
        thread.join(30)
    assert (done.returncode, done.stderr) == (0, "")
    for said in ('"staged":40', '"next":', '"tracking_id":', '"by_status":', ": live"):
        assert said in done.stdout
