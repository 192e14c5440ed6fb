"""The model registry, a folder: versions, their states, who changed them and why.

    models/
      log.jsonl            every change of state, appended, never rewritten
      m-0123456789ab/      a model: model.json, terms.npz, evidence.npz, remedies.npz

A new model is a `candidate`, can run as `shadow` in parallel with the champion, becomes `champion` when a
second person approves it, and is `retired` when another one replaces it. Its id is derived from its content,
and the log contains the complete digest: modified content does not load, even if its own checksum was
updated.

    RegistryError              the folder or a model in it can't be used
      ModelNotFoundError       there is no model with this ID
      ModelStateError          the model or the champion is not in the state that the change needs
        PromotionRefusedError  not compared, not better, or approved by the person who trained it
"""

from __future__ import annotations

import enum
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claimwright.domain.caller import Caller
from claimwright.engines.prediction import (
    LARGEST_FILE,
    ArtifactError,
    Model,
    content_digest,
    from_files,
    id_of_digest,
    to_files,
)
from claimwright.foundation import clock
from claimwright.foundation.errors import ModelError, NotFoundError

from .people import is_person, same_person

# A payer whose predicted share of denials is off by more than this, beyond chance, is predicted wrongly.
LARGEST_PAYER_GAP = 0.03
# Outside of this range, probabilities are so inaccurate that thresholds in dollars are wrong.
SLOPES = (0.8, 1.25)
_LOG = "log.jsonl"
_FILES = ("model.json", "terms.npz", "evidence.npz", "remedies.npz")


class RegistryError(ModelError):
    """The model folder can't be used. The message says why and what to do."""


class ModelNotFoundError(RegistryError, NotFoundError):
    """There is no model with this ID."""


class ModelStateError(RegistryError):
    """A model is not in the state that a change needs."""


class PromotionRefusedError(ModelStateError):
    """A model can't become champion yet."""


class Action(enum.StrEnum):
    """The action that a log line records."""

    TRAINED = "trained"
    SHADOWED = "shadowed"
    COMPARED = "compared"
    PROMOTED = "promoted"
    REPLACED = "replaced"
    ROLLED_BACK = "rolled_back"
    REINSTATED = "reinstated"


class State(enum.StrEnum):
    """Where a model stands."""

    CANDIDATE = "candidate"
    SHADOW = "shadow"
    CHAMPION = "champion"
    RETIRED = "retired"


@dataclass(frozen=True)
class Comparison:
    """A comparison of two models on the same held-out claims, by PR-AUC.

    Attributes:
        champion: the model compared with; None if there was no champion.
        least_margin: lower end of the 95 percent interval of the difference; None if it was not computed.
        calibration_slope: of the candidate; 1 is perfect.
        worst_payer: the payer whose predicted share of denials is off most, if any has enough claims.
        payer_gap: by how much its share is off beyond chance, from 0 to 1.
    """

    champion: str | None
    champion_pr_auc: float | None
    candidate_pr_auc: float
    claims: int
    least_margin: float | None = None
    calibration_slope: float | None = None
    worst_payer: str | None = None
    payer_gap: float | None = None

    @property
    def is_better(self) -> bool:
        """Whether the candidate is significantly better, or there is no champion."""
        if self.champion_pr_auc is None:
            return True
        ahead = self.candidate_pr_auc > self.champion_pr_auc
        return ahead and (self.least_margin is None or self.least_margin > 0)

    @property
    def is_calibrated(self) -> bool:
        """Whether its probabilities are calibrated well enough to be used."""
        slope = self.calibration_slope
        return slope is None or SLOPES[0] <= slope <= SLOPES[1]


@dataclass
class Entry:
    """A version in its present state, according to the log.

    Attributes:
        trained_by, trainers: the person who trained it first, and all who did: the same data gives the same
            model.
        digest: of its content; None if the log entry is older than digests.
    """

    id: str
    state: State
    by: str
    at: str
    trained_by: str
    trainers: list[str] = field(default_factory=list)
    digest: str | None = None
    comparison: Comparison | None = None
    history: list[dict[str, Any]] = field(default_factory=list)


class Registry:
    """The models in one folder. Only one process writes at a time: changes are rare and made by people.

    The caller makes each change. `by` and `approver` name the responsible person if different;
    the log records both.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(
        self, caller: Caller, model: Model, *, by: str | None = None, comparison: Comparison | None = None
    ) -> str:
        """Add a model as candidate. Returns its id. The same model is stored only once."""
        by = by or caller.actor
        files = to_files(model)
        digest = content_digest(files)
        name = id_of_digest(digest)
        known = self.entries().get(name)
        if known is not None:
            if not any(same_person(by, trainer) for trainer in known.trainers):
                self._note(caller, name, known.state, by, Action.TRAINED, "trained again", digest=digest)
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
        self._note(caller, name, State.CANDIDATE, by, Action.TRAINED, "trained", comparison, digest)
        return name

    def entries(self) -> dict[str, Entry]:
        """All versions by id, in the order in which they were added.

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
            entry.digest = entry.digest or event.get("digest")
            if not entry.trainers or event.get("action") == Action.TRAINED:
                entry.trainers.append(event["by"])
            if event.get("comparison"):
                entry.comparison = Comparison(**event["comparison"])
            entry.history.append(event)
        return found

    def load(self, name: str) -> Model:
        """A version's model.

        Raises:
            RegistryError: there is none with this id, its files are damaged, or they contain another model.
        """
        entry, folder = self._known(name), self.folder / name
        try:
            files = {file: _content(folder / file) for file in _FILES if (folder / file).is_file()}
            model = from_files(files)
        except ArtifactError as problem:
            raise RegistryError(f"model {name}: {problem}") from None
        except OSError as problem:
            raise RegistryError(f"model {name}: can't be read: {problem.strerror}.") from None
        digest = content_digest(files)
        if id_of_digest(digest) != name or entry.digest not in (None, digest):
            raise RegistryError(
                f"model {name}: its folder contains another model, {id_of_digest(digest)}. Its files were "
                "changed after it was registered. Restore the folder from a backup, or train it again."
            )
        return model

    def champion_id(self) -> str | None:
        """The current champion; None if no model was promoted."""
        champions = [entry.id for entry in self.entries().values() if entry.state is State.CHAMPION]
        return champions[-1] if champions else None

    def champion(self) -> tuple[str, Model] | None:
        """The current champion's model.

        Raises:
            RegistryError: its files are damaged.
        """
        name = self.champion_id()
        return None if name is None else (name, self.load(name))

    def shadow(self, caller: Caller, name: str, *, by: str | None = None) -> None:
        """Make a candidate a shadow: it scores in parallel, and its predictions are never used."""
        entry = self._known(name)
        if entry.state is not State.CANDIDATE:
            raise ModelStateError(f"{name} is {entry.state.value}; only a candidate can become a shadow.")
        self._note(
            caller,
            name,
            State.SHADOW,
            by or caller.actor,
            Action.SHADOWED,
            "scores in parallel with the champion",
        )

    def compare(self, caller: Caller, name: str, comparison: Comparison, *, by: str | None = None) -> None:
        """Record a comparison of a version with the present champion."""
        state = self._known(name).state
        self._note(caller, name, state, by or caller.actor, Action.COMPARED, "compared", comparison)

    def promote(
        self,
        caller: Caller,
        name: str,
        *,
        approver: str | None = None,
        also_known_as: Sequence[str] = (),
        reason: str = "promoted",
    ) -> str | None:
        """Make a version champion. Returns the one that it replaces.

        `also_known_as` are other names of the approver, such as the name of an account that has an ID.

        Raises:
            ModelNotFoundError: there is no such version.
            PromotionRefusedError: no person approves, or the approver trained it; it was not compared with
                the current champion, or was not better.
        """
        approver = caller.actor if approver is None else approver
        entry = self._known(name)
        champion = self.champion_id()
        if champion == name:
            raise PromotionRefusedError(f"{name} is already champion.")
        if not self.load(name).has_reasons:
            raise PromotionRefusedError(
                f"{name} gives no reasons for its predictions, so it can't be champion. It can be a shadow: "
                f"`claimwright model promote {name} --shadow`."
            )
        if not is_person(approver):
            raise PromotionRefusedError("there is no approver. Name the person with --approver.")
        names = (approver, *also_known_as)
        trainer = next(
            (each for each in entry.trainers if any(same_person(each, known) for known in names)), None
        )
        if trainer is not None:
            raise PromotionRefusedError(
                f"{approver.strip()} can't approve {name}: it was trained by {trainer}. "
                "A second person must approve."
            )
        compared = entry.comparison
        if champion is not None and (compared is None or compared.champion != champion):
            raise PromotionRefusedError(
                f"{name} was not compared with the champion {champion}. "
                f"Run `claimwright model evaluate {name}` on recent claims."
            )
        if compared is not None and not compared.is_better:
            raise PromotionRefusedError(
                f"{name} is not better: PR-AUC {compared.candidate_pr_auc:.4f}, "
                f"champion {compared.champion_pr_auc:.4f} on the same {compared.claims:,} "
                f"claims{_by(compared)}."
            )
        if compared is not None and not compared.is_calibrated:
            raise PromotionRefusedError(
                f"{name} is not calibrated: slope {compared.calibration_slope:.2f}, "
                f"{SLOPES[0]} to {SLOPES[1]} "
                "are accepted. Train it on more recent claims."
            )
        if compared is not None and compared.payer_gap is not None and compared.payer_gap > LARGEST_PAYER_GAP:
            raise PromotionRefusedError(
                f"{name} predicts payer {compared.worst_payer} wrongly: its share of denials is off by "
                f"{compared.payer_gap:.1%} beyond chance, {LARGEST_PAYER_GAP:.0%} are accepted. "
                "Train it on more recent claims."
            )
        if champion is not None:
            self._note(caller, champion, State.RETIRED, approver, Action.REPLACED, f"replaced by {name}")
        self._note(caller, name, State.CHAMPION, approver, Action.PROMOTED, reason)
        return champion

    def rollback(self, caller: Caller, *, by: str | None = None) -> tuple[str, str | None]:
        """Retire the champion and reinstate the one that it replaced. Returns both; the second can be None.

        A model that was rolled back is never reinstated: a second rollback goes one version further back.

        Raises:
            ModelStateError: there is no champion.
            RegistryError: the previous one can't be read.
        """
        by = by or caller.actor
        champion = self.champion_id()
        if champion is None:
            raise ModelStateError("there is no champion to roll back from.")
        before = self._succession()[:-1]
        back = before[-1] if before else None
        if back is not None:
            self.load(back)
        self._note(caller, champion, State.RETIRED, by, Action.ROLLED_BACK, "rolled back")
        if back is not None:
            self._note(
                caller, back, State.CHAMPION, by, Action.REINSTATED, f"reinstated in place of {champion}"
            )
        return champion, back

    def _succession(self) -> list[str]:
        """All champions so far, without those that were rolled back."""
        found: list[str] = []
        for event in self._events():
            action = event.get("action") or _action_of(event)
            if action == Action.PROMOTED:
                found.append(event["model"])
            elif action == Action.ROLLED_BACK and found:
                found.pop()
        return found

    def _known(self, name: str) -> Entry:
        entry = self.entries().get(name)
        if entry is None:
            raise ModelNotFoundError(f"there is no model {name}. See `claimwright model list`.")
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

    def _note(
        self,
        caller: Caller,
        name: str,
        state: State,
        by: str,
        action: Action,
        why: str,
        comparison: Comparison | None = None,
        digest: str | None = None,
    ) -> None:
        event = {
            "at": clock.now().isoformat(timespec="seconds"),
            "model": name,
            "state": state.value,
            "by": by.strip(),
            "actor": caller.actor,
            "action": action.value,
            "why": why,
            "comparison": None if comparison is None else vars(comparison),
        } | ({"digest": digest} if digest else {})
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(event) + "\n")
            log.flush()
            os.fsync(log.fileno())


def _content(path: Path) -> bytes:
    """The content of a model file. A file that is too large is not read completely."""
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def _by(compared: Comparison) -> str:
    """The confidence interval of a comparison, if it has one."""
    if compared.least_margin is None:
        return ""
    return f"; the 95 % interval of the difference begins at {compared.least_margin:+.4f}"


def _action_of(event: dict[str, Any]) -> Action | None:
    """The action of an old log line that does not name it."""
    if event["state"] == State.RETIRED and event.get("why") == "rolled back":
        return Action.ROLLED_BACK
    back = str(event.get("why")).startswith("back in the place of")
    return Action.PROMOTED if event["state"] == State.CHAMPION and not back else None
