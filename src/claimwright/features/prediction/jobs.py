"""Prediction for an API client: submit a claim, get a tracking id, poll until it is done.

A job has three stages, decision, classification and explanation. Each is written as soon as it is done, with
how long it took, so that a job that was interrupted goes on where it stopped. The result is held against
`schema.json` before it is stored; on completion an event is told. The store is a port: a folder here, the
database when the API has its routes.
"""

from __future__ import annotations

import datetime
import enum
import hashlib
import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from claimwright.domain.batch import ClaimBatch
from claimwright.platform import clock

from .reasons import Argument, argue
from .registry import Registry, RegistryError

STAGES = ("decision", "classification", "explanation")
_MOST_REASONS = 8
_SHOWN: tuple[str, ...] = ("tracking_id", "status", "result", "reason")
# What `submit` makes: nothing else ever becomes the name of a file.
_TRACKING = re.compile(r"p-[0-9a-f]{32}")

Event = Callable[[str, dict[str, Any]], None]


class Status(enum.StrEnum):
    """What a client learns when it polls."""

    NOT_FOUND = "not_found"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


class JobStore(Protocol):
    """Where jobs are kept: documents by tracking id. Tenants are kept apart by whoever makes the store."""

    def read(self, tracking_id: str) -> dict[str, Any] | None:
        """The job, or none."""

    def write(self, tracking_id: str, job: dict[str, Any]) -> None:
        """Keep the job; after a crash it is the old one or the new one, never half."""


class FolderStore:
    """Jobs as files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, tracking_id: str) -> dict[str, Any] | None:
        """The job, or none."""
        path = self._path(tracking_id)
        if path is None or not path.is_file():
            return None
        job: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return job

    def write(self, tracking_id: str, job: dict[str, Any]) -> None:
        """Keep the job, whole."""
        path = self._path(tracking_id)
        assert path is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(job, indent=1, sort_keys=True), encoding="utf-8")
        part.replace(path)

    def _path(self, tracking_id: str) -> Path | None:
        return self.folder / f"{tracking_id}.json" if _TRACKING.fullmatch(tracking_id) else None


class PredictionJobs:
    """Jobs of one tenant: who keeps them, who predicts, who is told.

    `claims` gives the batch of one claim by the reference that was submitted, so that no job holds a claim.
    """

    def __init__(
        self, store: JobStore, registry: Registry, claims: Callable[[str], ClaimBatch | None], tell: Event
    ) -> None:
        self.store, self.registry, self.claims, self.tell = store, registry, claims, tell

    def submit(self, reference: str, *, key: str, as_of: datetime.date) -> str:
        """Take a claim by its reference; returns the tracking id. The same `key` is the same job."""
        tracking_id = "p-" + hashlib.sha256(f"{key}\x1f{reference}".encode()).hexdigest()[:32]
        if self.store.read(tracking_id) is None:
            job = {
                "tracking_id": tracking_id,
                "reference": reference,
                "as_of": as_of.isoformat(),
                "submitted_at": clock.now().isoformat(),
                "status": Status.IN_PROGRESS.value,
                "stages": {},
            }
            self.store.write(tracking_id, job)
        return tracking_id

    def poll(self, tracking_id: str) -> dict[str, Any]:
        """`status`, the stages done with their seconds, and the `result` or the `reason` of a failure."""
        job = self.store.read(tracking_id)
        if job is None:
            return {"tracking_id": tracking_id, "status": Status.NOT_FOUND.value}
        shown: dict[str, Any] = {name: job[name] for name in _SHOWN if name in job}
        return shown | {"stages": {name: stage["seconds"] for name, stage in job["stages"].items()}}

    def work(self, tracking_id: str) -> Status:
        """Do what is left of a job; done once more, it does nothing."""
        job = self.store.read(tracking_id)
        if job is None:
            return Status.NOT_FOUND
        if job["status"] != Status.IN_PROGRESS:
            return Status(job["status"])
        argument: Argument | None = None
        for stage in STAGES:
            if stage in job["stages"]:
                continue
            begun = clock.seconds()
            try:
                # What an earlier stage said stands: its model goes on, even if another is champion by now.
                name = job.get("model") or self.registry.champion_id()
                argument = argument or self._argument(name, job)
            except _Impossible as problem:
                return self._fail(job, str(problem))
            job["model"] = name
            output = _OUTPUTS[stage](argument)
            job["stages"][stage] = {"output": output, "seconds": round(clock.seconds() - begun, 6)}
            self.store.write(tracking_id, job)
        result = {"tracking_id": tracking_id, "model": job["model"]}
        result |= {stage: job["stages"][stage]["output"] for stage in STAGES}
        if not _is_valid(result):
            return self._fail(job, "the result does not fit its schema; nothing of it is kept")
        job |= {"status": Status.COMPLETED.value, "result": result}
        self.store.write(tracking_id, job)
        self.tell("prediction.completed", {"tracking_id": tracking_id, "model": job["model"]})
        return Status.COMPLETED

    def _argument(self, name: str | None, job: dict[str, Any]) -> Argument:
        if name is None:
            raise _Impossible("no model is champion; the rules decide alone")
        batch = self.claims(job["reference"])
        if batch is None or len(batch) != 1:
            raise _Impossible("the claim is not there any more")
        try:
            model = self.registry.load(name)
        except RegistryError as problem:
            raise _Impossible(str(problem)) from None
        [argument] = argue(model, batch, datetime.date.fromisoformat(job["as_of"]))
        return argument

    def _fail(self, job: dict[str, Any], reason: str) -> Status:
        job |= {"status": Status.FAILED.value, "reason": reason}
        self.store.write(job["tracking_id"], job)
        self.tell("prediction.failed", {"tracking_id": job["tracking_id"]})
        return Status.FAILED


class _Impossible(Exception):
    """A stage can't be done; the message says why, without a value of the claim."""


def _decision(argument: Argument) -> dict[str, Any]:
    return {
        "denial_probability": argument.probability,
        "confidence": argument.confidence,
        "decision": argument.decision,
    }


def _classification(argument: Argument) -> dict[str, Any]:
    return {"denial_category": argument.category}


def _explanation(argument: Argument) -> dict[str, Any]:
    return {
        "score": argument.score,
        "intercept": argument.intercept,
        "reasons": [
            {"term": reason.term, "words": reason.words, "log_odds": reason.log_odds}
            for reason in argument.reasons[:_MOST_REASONS]
        ],
        "others": sum(reason.log_odds for reason in argument.reasons[_MOST_REASONS:]),
        "remedies": [
            {"words": remedy.words, "denial_probability": remedy.probability} for remedy in argument.remedies
        ],
    }


_OUTPUTS: dict[str, Callable[[Argument], dict[str, Any]]] = {
    "decision": _decision,
    "classification": _classification,
    "explanation": _explanation,
}


def _is_valid(result: dict[str, Any]) -> bool:
    import jsonschema

    schema = json.loads(
        (files("claimwright.features.prediction") / "schema.json").read_text(encoding="utf-8")
    )
    return bool(jsonschema.Draft202012Validator(schema).is_valid(result))
