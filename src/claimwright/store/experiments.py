"""Experiments between versions of a template, and the outcomes of their cases."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from psycopg.rows import class_row

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class StoredExperiment:
    """An experiment. `error_percent`: how often it may stop for a difference that is not there."""

    experiment_id: str
    template_id: str
    version_a: int
    version_b: int
    error_percent: int
    most_pairs: int
    state: str
    result: str | None
    started_by: str
    started_at: datetime.datetime
    ended_by: str | None
    ended_at: datetime.datetime | None


_COLUMNS = ", ".join(StoredExperiment.__dataclass_fields__)


def insert_experiment(
    connection: Connection, experiment_id: str, template_id: str, version_a: int, version_b: int,
    error_percent: int, most_pairs: int, now: datetime.datetime,
) -> None:  # fmt: skip
    """Start an experiment."""
    connection.execute(
        "insert into governance.experiments (experiment_id, template_id, version_a, version_b, error_percent,"
        " most_pairs, state, started_at) values (%s, %s, %s, %s, %s, %s, 'running', %s)",
        [experiment_id, template_id, version_a, version_b, error_percent, most_pairs, now],
    )


def stored_experiments(
    connection: Connection, *, experiment_id: str | None = None, template_id: str | None = None,
    state: str | None = None,
) -> list[StoredExperiment]:  # fmt: skip
    """Experiments, the newest first."""
    cursor = connection.cursor(row_factory=class_row(StoredExperiment))
    return cursor.execute(
        f"select {_COLUMNS} from governance.experiments"  # noqa: S608 - names of a class
        " where (%(id)s::text is null or experiment_id = %(id)s)"
        " and (%(template)s::text is null or template_id = %(template)s)"
        " and (%(state)s::text is null or state = %(state)s) order by started_at desc,"
        " experiment_id".encode(),
        {"id": experiment_id, "template": template_id, "state": state},
    ).fetchall()


def end_experiment(
    connection: Connection, experiment_id: str, state: str, result: str, by: str, now: datetime.datetime
) -> None:
    """End an experiment: `stopped` by its rule, or `ended` by a person."""
    connection.execute(
        "update governance.experiments set state = %s, result = %s, ended_by = %s, ended_at = %s"
        " where experiment_id = %s",
        [state, result, by, now, experiment_id],
    )


def decided_arms(connection: Connection, experiment_id: str) -> list[tuple[str, bool]]:
    """Arm, and whether the denial was overturned, of the decided cases in order of their decisions."""
    rows = connection.execute(
        "select arm, state in ('won', 'partly_won') from appeals.cases where experiment_id = %s"
        " and state in ('won', 'partly_won', 'lost') and arm is not null"
        " order by decided_on nulls last, case_id",
        [experiment_id],
    ).fetchall()
    return [(arm, won) for arm, won in rows]


def cases_of_arms(connection: Connection, experiment_id: str) -> dict[str, int]:
    """How many cases each arm has, decided or not."""
    rows = connection.execute(
        "select arm, count(*) from appeals.cases where experiment_id = %s and arm is not null group by arm",
        [experiment_id],
    ).fetchall()
    return {arm: int(count) for arm, count in rows}
