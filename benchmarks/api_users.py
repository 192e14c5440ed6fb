"""People who submit claims through the API, for locust; `api_load` starts it.

Each signs in as a service and sends files of ten claims, of a facility of its own, at the pace that it is
told. What was taken is written down, so that it can be compared with what the store has.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant_throughput, events, task

CONTENT = Path(os.environ["LOAD_SAMPLE"]).read_bytes()
SECRET = os.environ["LOAD_SECRET"]
RUN = os.environ["LOAD_RUN"]
CLAIMS = CONTENT.count(b"CLM*")
_NUMBERS = itertools.count(1)
_taken = {"files": 0, "claims": 0}


class Submitter(FastHttpUser):
    """One person, or program, that submits."""

    wait_time = constant_throughput(float(os.environ["LOAD_FILES_PER_SECOND"]))

    def on_start(self) -> None:
        """Get an access token."""
        self.number = next(_NUMBERS)
        self.sent = 0
        form = {"grant_type": "client_credentials", "client_secret": SECRET}
        answer = self.client.post("/api/v1/oauth/token", data=form, name="token")
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    @task
    def submit(self) -> None:
        """Send a file that nobody has sent before."""
        self.sent += 1
        prefix = f"CLM*{RUN}{self.number:03}{self.sent:04}".encode()
        with self.client.post(
            f"/api/v1/files?facility=FAC{self.number:03}", data=CONTENT.replace(b"CLM*", prefix),
            headers=self.headers, name="files", catch_response=True,
        ) as answer:  # fmt: skip
            if answer.status_code != 201:
                answer.failure(f"status {answer.status_code}")
            elif answer.json()["staged"] != CLAIMS:
                answer.failure("not every claim was staged")
            else:
                _taken["files"] += 1
                _taken["claims"] += CLAIMS
                answer.success()


@events.quitting.add_listener
def _written(**_: Any) -> None:
    Path(os.environ["LOAD_TAKEN"]).write_text(f"{_taken['files']} {_taken['claims']}\n", encoding="utf-8")
