"""Experiments between two versions of a template: started, judged after every decision, stopped by their
rule.

An experiment decides which version a case gets, and nothing else: which version is used afterwards is a
person's step, `activate_file`.

ExperimentError   it can't be started or ended
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.engines.drafting import Standing, arm_of, judge_experiment
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError, NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import experiments as rows
from claimwright.store import governed_files

from .registry import list_versions_with_shipped, not_in_force, template_versions
from .shipped import TEMPLATE
from .texts import Gets

_EXPERIMENT = "experiment"


class ExperimentError(InputError):
    """The experiment can't be started or ended."""


@dataclass(frozen=True)
class Experiment:
    """An experiment, how many cases each arm has, and where it stands."""

    stored: rows.StoredExperiment
    a_cases: int
    b_cases: int
    standing: Standing


def start_experiment(
    caller: Caller, connection: Connection, shelf: Gets, experiment_id: str, template_id: str, version_a: int,
    version_b: int, *, error_percent: int = 5, most_pairs: int = 400,
) -> Experiment:  # fmt: skip
    """Let new cases of a template get version a or b, by their number.

    Raises:
        ExperimentError: the id is taken, another experiment runs on the template, a version is not approved
            or not in force today, or the caller is no person.
        GovernedFileError, TemplateError: the text of a version can't be read.
    """
    if not caller.is_person:
        raise ExperimentError("an experiment is started by a person, not by a service.")
    if version_a == version_b:
        raise ExperimentError("name two different versions.")
    if not 1 <= error_percent <= 20 or not 10 <= most_pairs <= 100_000:
        raise ExperimentError("the error is 1 to 20 percent, and pairs are 10 to 100,000.")
    governed_files.lock_file(connection, _EXPERIMENT, template_id)
    if rows.stored_experiments(connection, experiment_id=experiment_id):
        raise ExperimentError(f"there is an experiment {experiment_id} already.")
    if rows.stored_experiments(connection, template_id=template_id, state="running"):
        raise ExperimentError(f"an experiment on {template_id} is running: end it first.")
    states = list_versions_with_shipped(connection, TEMPLATE, template_id)
    for version in (version_a, version_b):
        if states.get(version) is None:
            raise ExperimentError(f"there is no template {template_id} version {version}.")
        if states[version] == "draft":
            raise ExperimentError(f"{template_id} version {version} is not approved.")
        if why := not_in_force(template_versions(connection, shelf, template_id, version)):
            raise ExperimentError(f"{template_id} version {version} {why}: no case would get it.")
    if "active" not in (states[version_a], states[version_b]):
        raise ExperimentError(
            f"neither version {version_a} nor {version_b} of {template_id} is the active one."
        )
    rows.insert_experiment(
        connection, experiment_id, template_id, version_a, version_b, error_percent, most_pairs, clock.now()
    )
    _record(caller, connection, experiment_id, "experiment_started")
    return one_experiment(connection, experiment_id)


def one_experiment(connection: Connection, experiment_id: str) -> Experiment:
    """An experiment as it stands.

    Raises:
        NotFoundError: there is none.
    """
    found = rows.stored_experiments(connection, experiment_id=experiment_id)
    if not found:
        raise NotFoundError(f"there is no experiment {experiment_id}.")
    return _standing(connection, found[0])


def list_experiments(connection: Connection) -> list[Experiment]:
    """Every experiment as it stands, the newest first."""
    return [_standing(connection, each) for each in rows.stored_experiments(connection)]


def settle_experiments(caller: Caller, connection: Connection) -> list[Experiment]:
    """Stop the experiments whose rule is met. Returns those that were stopped now."""
    stopped = []
    for each in rows.stored_experiments(connection, state="running"):
        standing = _standing(connection, each).standing
        if standing.result is None:
            continue
        rows.end_experiment(
            connection, each.experiment_id, "stopped", standing.result, caller.actor, clock.now()
        )
        _record(caller, connection, each.experiment_id, "experiment_stopped")
        stopped.append(one_experiment(connection, each.experiment_id))
    return stopped


def end_experiment(caller: Caller, connection: Connection, experiment_id: str) -> Experiment:
    """End an experiment before its rule does. Its cases keep their letters.

    Raises:
        NotFoundError: there is none.
        ExperimentError: it has ended already.
    """
    if one_experiment(connection, experiment_id).stored.state != "running":
        raise ExperimentError(f"experiment {experiment_id} has ended already.")
    rows.end_experiment(connection, experiment_id, "ended", "ended_by_person", caller.actor, clock.now())
    _record(caller, connection, experiment_id, "experiment_ended")
    return one_experiment(connection, experiment_id)


def assigned_version(
    connection: Connection, template_id: str, case_id: int
) -> tuple[rows.StoredExperiment, str, int] | None:
    """The running experiment on a template, with the arm and version that a case gets; None without one."""
    running = rows.stored_experiments(connection, template_id=template_id, state="running")
    if not running:
        return None
    arm = arm_of(running[0].experiment_id, case_id)
    return running[0], arm, running[0].version_a if arm == "a" else running[0].version_b


def _standing(connection: Connection, stored: rows.StoredExperiment) -> Experiment:
    counts = rows.cases_of_arms(connection, stored.experiment_id)
    standing = judge_experiment(
        rows.decided_arms(connection, stored.experiment_id), error_percent=stored.error_percent,
        most_pairs=stored.most_pairs,
    )  # fmt: skip
    return Experiment(stored, counts.get("a", 0), counts.get("b", 0), standing)


def _record(caller: Caller, connection: Connection, experiment_id: str, what: str) -> None:
    audit.append(
        caller, connection, action=f"governance.{what}", subject=f"experiment:{experiment_id}", detail={},
        correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
