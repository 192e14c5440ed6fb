"""Prediction for an API client: submit a claim, get a tracking id, poll until it is done.

A job has three stages: decision, classification and explanation. Each is validated against its part of
`schema.json` and written when it is done, with its duration, so that an interrupted job continues with the
next stage. The end of a job is an event. The store is an interface: a folder here, PostgreSQL in
`store_jobs`.
"""

from __future__ import annotations

import datetime
import enum
import hashlib
import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.prediction import Model, Past, ReviewPolicy
from claimwright.features.prediction.scoring import Explanation, Registry, RegistryError, explain
from claimwright.foundation import clock
from claimwright.foundation.errors import ModelError

STAGES = ("decision", "classification", "explanation")
_MOST_REASONS = 8
# The format of the ids that `submit` creates: nothing else may become a file name.
_TRACKING = re.compile(r"p-[0-9a-f]{32}")

Event = Callable[[str, dict[str, Any]], None]
# Returns the claim history that a named model may use on a date, for the claims of a batch; None if there is
# none.
Remembers = Callable[[str, Model, datetime.date, ClaimBatch], Past | None]


class Status(enum.StrEnum):
    """The state that a client sees when it polls."""

    NOT_FOUND = "not_found"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


class JobStore(Protocol):
    """Where jobs are stored, by tracking id. A store holds the jobs of one tenant.

    Every call is durable once it returns; after a crash, the stored state is consistent.
    """

    def read(self, tracking_id: str) -> dict[str, Any] | None:
        """The job, or None: `tracking_id`, `reference`, `as_of`, `status`, `stages` (each with `output` and
        `seconds`), and, if already known, `model` and `reason`.
        """

    def add(self, tracking_id: str, reference: str, as_of: datetime.date) -> None:
        """Create a job in progress; a repetition changes nothing."""

    def begin(self, tracking_id: str, model: str | None) -> str | None:
        """The model of the job: the one that started it, or otherwise this one, which is then stored."""

    def keep(self, tracking_id: str, stage: str, output: dict[str, Any], seconds: float) -> None:
        """Store the output of a stage; if there already is one, it stays."""

    def end(self, tracking_id: str, status: Status, reason: str | None = None) -> None:
        """Mark the job as completed or failed; its event is published once."""


class FolderStore:
    """Jobs as files in a folder; `publish` gets an event for each job that ended."""

    def __init__(self, folder: Path, publish: Event = lambda _name, _event: None) -> None:
        self.folder, self.publish = folder, publish

    def read(self, tracking_id: str) -> dict[str, Any] | None:
        """The job, or None."""
        path = self._path(tracking_id)
        if path is None or not path.is_file():
            return None
        job: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return job

    def add(self, tracking_id: str, reference: str, as_of: datetime.date) -> None:
        """Create a job in progress; a repetition changes nothing."""
        if self.read(tracking_id) is None:
            job = {
                "tracking_id": tracking_id,
                "reference": reference,
                "as_of": as_of.isoformat(),
                "submitted_at": clock.now().isoformat(),
                "status": Status.IN_PROGRESS.value,
                "stages": {},
            }
            self._write(tracking_id, job)

    def begin(self, tracking_id: str, model: str | None) -> str | None:
        """The model of the job: the one that started it, or otherwise this one, which is then stored."""
        job = self._known(tracking_id)
        if job.get("model") is None:
            self._write(tracking_id, job | {"model": model})
            return model
        return str(job["model"])

    def keep(self, tracking_id: str, stage: str, output: dict[str, Any], seconds: float) -> None:
        """Store the output of a stage; if there already is one, it stays."""
        job = self._known(tracking_id)
        job["stages"].setdefault(stage, {"output": output, "seconds": seconds})
        self._write(tracking_id, job)

    def end(self, tracking_id: str, status: Status, reason: str | None = None) -> None:
        """Mark the job as completed or failed; its event is published once."""
        job = self._known(tracking_id)
        if job["status"] == Status.IN_PROGRESS:
            self._write(tracking_id, job | {"status": status.value, "reason": reason})
            self.publish(
                f"prediction.{status.value}", {"tracking_id": tracking_id, "model": job.get("model")}
            )

    def _known(self, tracking_id: str) -> dict[str, Any]:
        job = self.read(tracking_id)
        assert job is not None
        return job

    def _write(self, tracking_id: str, job: dict[str, Any]) -> None:
        path = self._path(tracking_id)
        assert path is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(job, indent=1, sort_keys=True), encoding="utf-8")
        part.replace(path)

    def _path(self, tracking_id: str) -> Path | None:
        return self.folder / f"{tracking_id}.json" if _TRACKING.fullmatch(tracking_id) else None


def tracking_id_of(reference: str, key: str) -> str:
    """The tracking id for a claim and an idempotency key of the client: the same inputs give the same job."""
    return "p-" + hashlib.sha256(f"{key}\x1f{reference}".encode()).hexdigest()[:32]


class PredictionJobs:
    """Jobs of one tenant: their store and the model that predicts.

    `claims` returns the batch of one claim for a submitted reference, so that no job contains a claim; `past`
    returns the history that a model may use on the date of sending.
    """

    def __init__(
        self,
        store: JobStore,
        registry: Registry,
        claims: Callable[[str], ClaimBatch | None],
        policy: ReviewPolicy | None = None,
        past: Remembers = lambda _name, _model, _day, _batch: None,
    ) -> None:
        self.store, self.registry, self.claims, self.past = store, registry, claims, past
        self.policy = policy or ReviewPolicy()

    def submit(self, reference: str, *, key: str, as_of: datetime.date) -> str:
        """Submit a claim by reference. Returns the tracking id. The same `key` gives the same job."""
        tracking_id = tracking_id_of(reference, key)
        self.store.add(tracking_id, reference, as_of)
        return tracking_id

    def poll(self, tracking_id: str) -> dict[str, Any]:
        """`status`, the completed stages with their seconds, and the `result` or the failure's `reason`."""
        job = self.store.read(tracking_id)
        if job is None:
            return {"tracking_id": tracking_id, "status": Status.NOT_FOUND.value}
        shown: dict[str, Any] = {"tracking_id": tracking_id, "status": job["status"]}
        if job["status"] == Status.FAILED:
            shown["reason"] = job["reason"]
        if job["status"] == Status.COMPLETED:
            shown["result"] = _result(job)
        return shown | {"stages": {name: stage["seconds"] for name, stage in job["stages"].items()}}

    def work(self, tracking_id: str) -> Status:
        """Run the remaining stages of a job; does nothing if it has ended."""
        job = self.store.read(tracking_id)
        if job is None:
            return Status.NOT_FOUND
        if job["status"] != Status.IN_PROGRESS:
            return Status(job["status"])
        try:
            # Completed stages are kept, so the job continues with its model even if another is now champion.
            job["model"] = self.store.begin(tracking_id, self.registry.champion_id())
            self._stages(tracking_id, job)
        except _ImpossibleError as problem:
            self.store.end(tracking_id, Status.FAILED, str(problem))
            return Status.FAILED
        self.store.end(tracking_id, Status.COMPLETED)
        return Status.COMPLETED

    def _stages(self, tracking_id: str, job: dict[str, Any]) -> None:
        explanation: Explanation | None = None
        for stage in STAGES:
            if stage in job["stages"]:
                continue
            begun = clock.seconds()
            explanation = explanation or self._explained(job)
            output = _OUTPUTS[stage](explanation)
            if not _is_valid(stage, output):
                raise _ImpossibleError(f"the {stage} does not fit its schema and was not stored")
            self.store.keep(tracking_id, stage, output, round(clock.seconds() - begun, 6))

    def _explained(self, job: dict[str, Any]) -> Explanation:
        if job["model"] is None:
            raise _ImpossibleError("there is no champion model; only the rules decide")
        batch = self.claims(job["reference"])
        if batch is None or len(batch) != 1:
            raise _ImpossibleError("the claim no longer exists")
        try:
            model = self.registry.load(job["model"]).under(self.policy)
        except RegistryError as problem:
            raise _ImpossibleError(str(problem)) from None
        day = datetime.date.fromisoformat(job["as_of"])
        known = self.past(job["model"], model, day, batch)
        [explanation] = explain(model.with_past(known) if known is not None else model, batch, day)
        return explanation


def _result(job: dict[str, Any]) -> dict[str, Any]:
    """The result of a completed job, in the format of `schema.json`."""
    stages = {stage: job["stages"][stage]["output"] for stage in STAGES}
    return {"tracking_id": job["tracking_id"], "model": job["model"], **stages}


class _ImpossibleError(ModelError):
    """A stage can't be completed. The message gives the reason, without a value of the claim."""


def _decision(explanation: Explanation) -> dict[str, Any]:
    return {
        "denial_probability": explanation.probability,
        "probability_low": explanation.low,
        "probability_high": explanation.high,
        "confidence": explanation.confidence,
        "decision": explanation.decision,
        "days": list(explanation.days),
    }


def _classification(explanation: Explanation) -> dict[str, Any]:
    return {"denial_category": explanation.category}


def _explanation(explanation: Explanation) -> dict[str, Any]:
    told = explanation.leading(_MOST_REASONS)
    return {
        "score": explanation.score,
        "intercept": explanation.intercept,
        "advice": explanation.advice,
        "headline": explanation.headline,
        "reasons": [
            {
                "subject": reason.subject,
                "words": reason.words,
                "log_odds": reason.log_odds,
                "denial_probability_without": explanation.without(reason),
                "role": reason.role.value,
                "next_step": reason.next_step,
                "is_fixable": reason.is_fixable,
            }
            for reason in told
        ],
        "others": explanation.score - explanation.intercept - sum(reason.log_odds for reason in told),
        "remedies": [
            {
                "step": remedy.step,
                "words": remedy.words,
                "denial_probability": remedy.probability,
                "gain_low": remedy.gain[0],
                "gain_high": remedy.gain[1],
                "evidence": remedy.evidence,
            }
            for remedy in explanation.remedies
        ],
        "notes": list(explanation.notes),
    }


_OUTPUTS: dict[str, Callable[[Explanation], dict[str, Any]]] = {
    "decision": _decision,
    "classification": _classification,
    "explanation": _explanation,
}


def _is_valid(stage: str, output: dict[str, Any]) -> bool:
    """Whether an output is valid for its stage in `schema.json`."""
    return bool(_validator(stage).is_valid(output))


@cache
def _validator(stage: str) -> Any:
    import jsonschema

    path = files("claimwright.features.prediction") / "schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema["properties"][stage])
