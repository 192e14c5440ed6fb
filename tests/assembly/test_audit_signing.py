"""What lasts signs the end of the log every hour, by itself."""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg
from tests.calling import act_for, caller_of
from tests.database_server import Store

from claimwright.assembly.audit_signing import signing_hourly
from claimwright.platform.audit import append, checkpoints
from claimwright.platform.objects import open_objects
from claimwright.platform.settings import load_settings


def test_the_log_is_signed_every_hour_until_the_work_ends(store: Store, tmp_path: Path) -> None:
    settings = load_settings(folder=tmp_path, variables={"CLAIMWRIGHT_HOME": str(tmp_path / "home")})
    hours, waited = threading.Semaphore(0), list[float]()
    signed = threading.Semaphore(0)

    def wait(ended: threading.Event, seconds: float) -> bool:
        if waited:
            signed.release()
        waited.append(seconds)
        while not hours.acquire(timeout=0.02):
            if ended.is_set():
                return True
        return False

    def add() -> None:
        with psycopg.connect(store.address) as connection:
            act_for(connection, caller_of())
            append(caller_of(), connection, action="a.b", subject="c:1", detail={}, correlation_id="")

    said: list[str] = []
    with (
        store.open() as database,
        signing_hourly(lambda: [caller_of()], settings, database, said.append, wait=wait),
    ):
        for _ in range(2):
            add()
            hours.release()
            assert signed.acquire(timeout=60)
        hours.release()
        assert signed.acquire(timeout=60)
        threading.Timer(0, hours.release).start()
    assert set(waited) == {3600}
    assert [each.sequence for each in checkpoints(open_objects(settings), tenant="north")] == [1, 2]
    assert said == []
