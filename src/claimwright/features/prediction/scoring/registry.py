"""Models in a folder: versions, the state of each, who changed it and why.

    models/
      log.jsonl            every change of state, appended, never rewritten
      m-0123456789ab/      a model: model.json, terms.npz, evidence.npz

States: a model comes as `candidate`, may run as `shadow` beside the champion, becomes `champion` when
somebody approves, and is `retired` when another takes its place. Errors:

    RegistryError
      PromotionRefusedError     no comparison, not better, or nobody answers for it
"""

from __future__ import annotations

import enum
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claimwright.engines.prediction import ArtifactError, Model, from_files, model_id, to_files
from claimwright.foundation import clock
from claimwright.foundation.errors import ModelError

_LOG = "log.jsonl"
_FILES = ("model.json", "terms.npz", "evidence.npz")


class RegistryError(ModelError):
    """The folder of models can't be used; the message says why and what to do."""


class PromotionRefusedError(RegistryError):
    """A model may not become champion yet."""


class State(enum.StrEnum):
    """Where a model stands."""

    CANDIDATE = "candidate"
    SHADOW = "shadow"
    CHAMPION = "champion"
    RETIRED = "retired"


@dataclass(frozen=True)
class Comparison:
    """Two models on the same held-out claims, by area under precision over recall.

    `champion` is the model compared with, none where there was no champion.
    """

    champion: str | None
    champion_pr_auc: float | None
    candidate_pr_auc: float
    claims: int

    @property
    def is_better(self) -> bool:
        """Whether the candidate is ahead, or alone."""
        return self.champion_pr_auc is None or self.candidate_pr_auc > self.champion_pr_auc


@dataclass
class Entry:
    """A version as the log leaves it."""

    id: str
    state: State
    by: str
    at: str
    trained_by: str
    comparison: Comparison | None = None
    history: list[dict[str, Any]] = field(default_factory=list)


class Registry:
    """The models of one folder. One process writes at a time: changes are rare, and people make them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, model: Model, *, by: str, comparison: Comparison | None = None) -> str:
        """Keep a model as candidate; returns its id. The same model twice is kept once."""
        files = to_files(model)
        name = model_id(files)
        if name in self.entries():
            return name
        target, part = self.folder / name, self.folder / f".{name}.part"
        part.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (part / file).write_bytes(content)
        if target.exists():
            for file in _FILES:
                (part / file).replace(target / file)
            part.rmdir()
        else:
            part.replace(target)
        self._note(name, State.CANDIDATE, by, "trained", comparison)
        return name

    def entries(self) -> dict[str, Entry]:
        """All versions by id, in the order in which they came.

        Raises:
            RegistryError: the log is damaged.
        """
        found: dict[str, Entry] = {}
        for event in self._events():
            entry = found.get(event["model"])
            state = State(event["state"])
            if entry is None:
                entry = found[event["model"]] = Entry(
                    event["model"], state, event["by"], event["at"], event["by"]
                )
            entry.state, entry.by, entry.at = state, event["by"], event["at"]
            if event.get("comparison"):
                entry.comparison = Comparison(**event["comparison"])
            entry.history.append(event)
        return found

    def load(self, name: str) -> Model:
        """A version's model.

        Raises:
            RegistryError: there is none of this id, or its files are damaged.
        """
        if name not in self.entries():
            raise RegistryError(f"{name}: no such model in {self.folder}. See `claimwright model list`.")
        folder = self.folder / name
        try:
            return from_files(
                {file: (folder / file).read_bytes() for file in _FILES if (folder / file).is_file()}
            )
        except ArtifactError as problem:
            raise RegistryError(f"model {name}: {problem}") from None
        except OSError as problem:
            raise RegistryError(f"model {name}: can't be read: {problem.strerror}.") from None

    def champion_id(self) -> str | None:
        """The version that predicts now; none where none was promoted."""
        champions = [entry.id for entry in self.entries().values() if entry.state is State.CHAMPION]
        return champions[-1] if champions else None

    def champion(self) -> tuple[str, Model] | None:
        """The version that predicts now, read.

        Raises:
            RegistryError: its files are damaged.
        """
        name = self.champion_id()
        return None if name is None else (name, self.load(name))

    def shadow(self, name: str, *, by: str) -> None:
        """Let a candidate score beside the champion, without any say."""
        entry = self._known(name)
        if entry.state is not State.CANDIDATE:
            raise RegistryError(f"{name} is {entry.state.value}; only a candidate becomes shadow.")
        self._note(name, State.SHADOW, by, "scores beside the champion")

    def compare(self, name: str, comparison: Comparison, *, by: str) -> None:
        """Note how a version did beside the champion of now."""
        self._note(name, self._known(name).state, by, "compared", comparison)

    def promote(self, name: str, *, approver: str, reason: str = "promoted") -> str | None:
        """Make a version champion; returns the one that it replaces.

        Raises:
            PromotionRefusedError: nobody approves, or its own trainer does; it was not compared with the
                present champion, or was not better.
        """
        entry = self._known(name)
        champion = self.champion_id()
        if champion == name:
            raise PromotionRefusedError(f"{name} is champion already.")
        self.load(name)
        if not approver.strip():
            raise PromotionRefusedError("nobody approves. Name somebody with --approver.")
        if approver.strip() == entry.trained_by:
            raise PromotionRefusedError(f"{approver} trained {name}; somebody else has to approve.")
        compared = entry.comparison
        if champion is not None and (compared is None or compared.champion != champion):
            raise PromotionRefusedError(
                f"{name} was not compared with the champion {champion}. "
                f"Run `claimwright model evaluate {name}` on recent claims."
            )
        if compared is not None and not compared.is_better:
            raise PromotionRefusedError(
                f"{name} is not better: PR-AUC {compared.candidate_pr_auc:.4f}, "
                f"champion {compared.champion_pr_auc:.4f} on the same {compared.claims:,} claims."
            )
        if champion is not None:
            self._note(champion, State.RETIRED, approver, f"replaced by {name}")
        self._note(name, State.CHAMPION, approver, reason)
        return champion

    def rollback(self, *, by: str) -> tuple[str, str | None]:
        """Retire the champion and bring back the one before; returns both, the second none if there is none.

        Raises:
            RegistryError: there is no champion, or the one before can't be read.
        """
        champion = self.champion_id()
        if champion is None:
            raise RegistryError("there is no champion to roll back from.")
        before = [
            event["model"]
            for event in self._events()
            if event["state"] == State.CHAMPION and event["model"] != champion
        ]
        back = before[-1] if before else None
        if back is not None:
            self.load(back)
        self._note(champion, State.RETIRED, by, "rolled back")
        if back is not None:
            self._note(back, State.CHAMPION, by, f"back in the place of {champion}")
        return champion, back

    def _known(self, name: str) -> Entry:
        entry = self.entries().get(name)
        if entry is None:
            raise RegistryError(f"{name}: no such model in {self.folder}. See `claimwright model list`.")
        return entry

    def _events(self) -> Iterator[dict[str, Any]]:
        path = self.folder / _LOG
        if not path.is_file():
            return
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                event = json.loads(line)
                State(event["state"])
            except (ValueError, KeyError, TypeError):
                raise RegistryError(f"{path}, line {number} is damaged. Restore it from a backup.") from None
            yield event

    def _note(self, name: str, state: State, by: str, why: str, comparison: Comparison | None = None) -> None:
        event = {
            "at": clock.now().isoformat(timespec="seconds"),
            "model": name,
            "state": state.value,
            "by": by.strip(),
            "why": why,
            "comparison": None if comparison is None else vars(comparison),
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(event) + "\n")
            log.flush()
            os.fsync(log.fileno())
