"""A process is killed in and after every stage of a case: it goes on, and there is exactly one letter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from tests.features.appeals.conftest import AS_OF, Office
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.features.appeals import STAGES, one_case, open_appeal, run_case

pytestmark = pytest.mark.long
# Runs a case and kills itself with SIGKILL, in the transaction of a stage or right after it.
KILLED = """
import os, signal, sys
from claimwright.assembly.appeals import appeal_means
from claimwright.domain.caller import Caller
from claimwright.features.appeals import run_case, stages
from claimwright.store.schema import open_database
from claimwright.platform.settings import load_settings
from dataclasses import replace
from pathlib import Path

when, stage, case_id, folder, address, url = sys.argv[1:]
settings = load_settings(
    folder=Path(folder), variables={"CLAIMWRIGHT_HOME": folder + "/home", "CLAIMWRIGHT_DATABASE_URL": url}
)
do = stages._FUNCTIONS[stage]

def killed(work):
    done = do(work)
    os.kill(os.getpid(), signal.SIGKILL)
    return done

if when == "in":
    stages._FUNCTIONS[stage] = killed
with open_database(address) as database:
    means = appeal_means(settings, database)
    if when == "after":
        def tell(name, seconds):
            if name == "appeal_" + stage:
                os.kill(os.getpid(), signal.SIGKILL)
        means = replace(means, tell_seconds=tell)
    run_case(Caller("default", "user:1"), means, int(case_id), overruled=True)
"""


def killed_at(office: Office, when: str, stage: str, case_id: int) -> int:
    """The exit status of the process."""
    doors = office.doors
    folder = str(doors.services.settings.home.parent)
    arguments = [when, stage, str(case_id), folder, doors.store.address, doors.store.url]
    return subprocess.run(
        [sys.executable, "-c", KILLED, *arguments], check=False, env=dict(os.environ)
    ).returncode


@pytest.mark.parametrize("when", ["in", "after"])
def test_killed_at_every_stage_a_case_comes_to_exactly_one_letter(office: Office, when: str) -> None:
    number = {"in": "A100", "after": "mixed-Case-Number-Beyond-20"}[when]
    denial = office.denied(number)
    office.document(number)
    with office.database.transaction(CALLER) as connection:
        case, _ = open_appeal(CALLER, connection, denial, as_of=AS_OF)
    for at, stage in enumerate(STAGES):
        assert killed_at(office, when, stage, case.case_id) == -signal.SIGKILL, stage
        with office.database.transaction(CALLER) as connection:
            done = connection.execute(
                "select count(*) from appeals.stages where case_id = %s", [case.case_id]
            ).fetchone()
            drafts = connection.execute(
                "select count(*) from appeals.drafts where case_id = %s", [case.case_id]
            ).fetchone()
        # What a transaction had not committed is gone; what it had is there.
        assert done == (at + (when == "after"),), stage
        assert drafts is not None and drafts[0] <= 1  # noqa: PT018
    finished = run_case(CALLER, office.means, case.case_id, overruled=True)
    assert (finished.state, finished.draft_number) == ("ready", 1)
    with office.database.transaction(CALLER) as connection:
        again, is_new = open_appeal(CALLER, connection, denial, as_of=AS_OF)
        drafts = connection.execute(
            "select count(*) from appeals.drafts where case_id = %s", [case.case_id]
        ).fetchone()
        told = connection.execute(
            "select count(*) from platform.outbox where type = 'appeal.drafted.v1' and subject = %s",
            [f"appeal:{case.case_id}"],
        ).fetchone()
        assert one_case(connection, case.case_id).marked == 0
    assert (again.case_id, is_new, drafts, told) == (case.case_id, False, (1,), (1,))
