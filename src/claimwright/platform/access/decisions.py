"""Access decisions: whether a caller may do an action, and which kinds of claim fields the caller can see.

Policies are Cedar files: the built-in ones, and those in a folder of your own, which is reloaded on change. A
policy has an id, a version, an approver and an effective date as annotations; before that date it is not in
force. A decision depends on roles, purpose, labels and whether the facility is one of the caller's, not on
the row. It is made once for each such combination, so a list needs one decision per combination of labels.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller, Origin, Purpose
from claimwright.foundation import clock
from claimwright.foundation.errors import ConfigurationError, ProtectionError

from .actions import ACTIONS, FIELD_KINDS, ROLES

if TYPE_CHECKING:
    from cedarpy import PolicySet

# Groups of roles that policies can name.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "everybody": tuple(ROLES),
    "claims_people": (
        "administrator", "claims_processor", "coder", "manager", "clinician", "appeals_specialist",
    ),
    "identity_people": ("claims_processor", "coder", "manager", "clinician", "appeals_specialist"),
    "note_readers": ("claims_processor", "coder", "clinician", "appeals_specialist"),
}  # fmt: skip
_ANNOTATIONS = ("id", "version", "effective", "approver")
_REREAD_SECONDS = 2.0


class AccessPolicyError(ConfigurationError):
    """A policy file cannot be used. The message names the file and the policy."""


class AccessDeniedError(ProtectionError):
    """The caller may not do this. The message names the action and the roles that can."""


@dataclass(frozen=True)
class Policy:
    """One policy of a file."""

    id: str
    version: str
    effective_on: datetime.date
    approver: str
    file: str
    text: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """A decision, and the ids of the policies that determined it; no ids if no policy permits the action."""

    allowed: bool
    policies: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The reason for the decision, in words."""
        return f"policy {', '.join(self.policies)}" if self.policies else "no policy permits it"


@dataclass(frozen=True)
class Context:
    """What a decision depends on, in addition to roles and action."""

    purpose: Purpose = Purpose.PAYMENT
    labels: frozenset[str] = frozenset()
    facility_is_own: bool = True
    every_facility: bool = True
    """Whether the caller's account is of every facility of the tenant."""
    break_glass: bool = False
    origin: Origin = Origin.API
    assigned_to_me: bool = False
    """Whether work on the claim is assigned to the caller; false where a decision is not about one claim."""


class Access:
    """The policies in force, and the decisions that they make. Thread-safe."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read the built-in policies and those in the folder.

        Raises:
            AccessPolicyError: a file cannot be used.
        """
        self._folder = folder
        self._reading = Lock()
        self._read_at = 0.0
        self._seen: object = None
        self.policies: tuple[Policy, ...] = ()
        self._read()

    def decide(self, roles: Iterable[str], action: str, context: Context | None = None) -> Answer:
        """Whether roles allow an action, or viewing a kind of fields (`field.narrative`)."""
        if clock.seconds() - self._read_at > _REREAD_SECONDS:
            self._read()
        return self._decided(frozenset(roles), action, context or Context())

    def may(self, caller: Caller, action: str, context: Context | None = None) -> bool:
        """Whether a caller may do an action for the caller's purpose."""
        return self.decide(caller.roles, action, context or _context_of(caller)).allowed

    def demand(self, caller: Caller, action: str, context: Context | None = None) -> None:
        """Raise unless the caller may do the action.

        Raises:
            AccessDeniedError: the caller may not.
        """
        if not self.may(caller, action, context):
            if context is not None and self.may(caller, action, replace(context, every_facility=True)):
                raise AccessDeniedError(f"this is for accounts of every facility: {ACTIONS[action].does}.")
            able = [role for role in ROLES if self.decide([role], action, _context_of(caller)).allowed]
            raise AccessDeniedError(
                f"your roles do not allow this: {ACTIONS[action].does}. "
                + (f"It is for: {', '.join(able)}." if able else "No role may do it.")
            )

    @property
    def asks_assignment(self) -> bool:
        """Whether a policy depends on whose work a claim is; if none does, nobody need find out."""
        return self._asks_assignment

    def shown(
        self, caller: Caller, labels: Iterable[str], *, break_glass: bool = False, assigned: bool = False
    ) -> dict[str, Answer]:
        """For each kind of field: whether the caller can see it on a claim with these labels, and why."""
        context = replace(
            _context_of(caller), labels=frozenset(labels), break_glass=break_glass, assigned_to_me=assigned
        )
        return {kind: self.decide(caller.roles, f"field.{kind}", context) for kind in FIELD_KINDS}

    def why_withheld(self, caller: Caller, kind: str, labels: Iterable[str] = ()) -> str | None:
        """Why a kind of field is hidden of a claim with these labels; None if it is visible."""
        answer = self.shown(caller, labels)[kind]
        return None if answer.allowed else answer.reason

    def shown_and_why(
        self, caller: Caller, labels: Iterable[str], *, break_glass: bool = False, assigned: bool = False
    ) -> tuple[dict[str, bool], dict[str, str]]:
        """The same as two: whether the caller can see each kind of field, and the reason for each."""
        answers = self.shown(caller, labels, break_glass=break_glass, assigned=assigned)
        shown = {kind: answer.allowed for kind, answer in answers.items()}
        return shown, {kind: answer.reason for kind, answer in answers.items()}

    def _read(self) -> None:
        with self._reading:
            self._read_at = clock.seconds()
            files = _files(self._folder)
            seen = (clock.today(), tuple(sorted(files.items())))
            if seen == self._seen:
                return
            try:
                policies = tuple(policy for file, text in files.items() for policy in _policies(file, text))
                decider = _decider([each for each in policies if each.effective_on <= clock.today()])
            except AccessPolicyError:
                # During a reload the old policies stay in force, so a half-written file grants nothing.
                if self._seen is None:
                    raise
                return
            self._seen, self.policies = seen, policies
            self._asks_assignment = any("assigned_to_me" in json.dumps(each.text) for each in policies)
            self._decided = lru_cache(maxsize=10_000)(decider)


class _Decider:
    """Evaluates the policies with Cedar. The caller caches the results."""

    def __init__(self, policies: PolicySet, names: Mapping[str, str]) -> None:
        self._policies, self._names = policies, names

    def __call__(self, roles: frozenset[str], action: str, context: Context) -> Answer:
        import cedarpy

        parents = sorted(roles | {group for group, members in GROUPS.items() if roles & set(members)})
        entities = [
            {
                "uid": {"type": "Claimwright::User", "id": "asker"},
                "attrs": {},
                "parents": [{"type": "Claimwright::Role", "id": role} for role in parents],
            }
        ]
        request = {
            "principal": {"type": "Claimwright::User", "id": "asker"},
            "action": {"type": "Claimwright::Action", "id": action},
            "resource": {"type": "Claimwright::Store", "id": "tenant"},
            "context": {
                "purpose": context.purpose.value,
                "labels": sorted(context.labels),
                "facility_is_own": context.facility_is_own,
                "every_facility": context.every_facility,
                "break_glass": context.break_glass,
                "origin": context.origin.value,
                "assigned_to_me": context.assigned_to_me,
            },
        }
        result = cedarpy.is_authorized(request, self._policies, entities)
        if result.diagnostics.errors:
            # A policy that can't be evaluated must not grant anything.
            return Answer(allowed=False, policies=("error",))
        return Answer(
            bool(result.allowed), tuple(sorted(self._names[each] for each in result.diagnostics.reasons))
        )


def _context_of(caller: Caller) -> Context:
    return Context(purpose=caller.purpose, origin=caller.origin)


def _files(folder: Path | None) -> dict[str, str]:
    found = {
        each.name: each.read_text(encoding="utf-8")
        for each in resources.files(__package__).joinpath("policies").iterdir()
        if each.name.endswith(".cedar")
    }
    if folder is not None:
        try:
            for path in sorted(folder.glob("*.cedar")):
                found[str(path)] = path.read_text(encoding="utf-8")
        except OSError as problem:
            raise AccessPolicyError(f"{folder}: cannot be read: {problem.strerror}.") from problem
    return found


def _policies(file: str, text: str) -> list[Policy]:
    import cedarpy

    try:
        parsed = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as problem:
        raise AccessPolicyError(f"{file}: not valid Cedar: {str(problem).splitlines()[0]}") from None
    found = []
    for position, policy in enumerate(parsed["staticPolicies"].values(), start=1):
        said = policy.get("annotations", {})
        if missing := [name for name in _ANNOTATIONS if not said.get(name)]:
            raise AccessPolicyError(f'{file}, policy {position}: write @{missing[0]}("...") above it.')
        try:
            effective = datetime.date.fromisoformat(said["effective"])
        except ValueError:
            raise AccessPolicyError(
                f"{file}, policy {position}: @effective must be a date, such as 2026-11-28."
            ) from None
        found.append(Policy(said["id"], said["version"], effective, said["approver"], file, policy))
    return found


def _decider(policies: Iterable[Policy]) -> _Decider:
    import cedarpy

    by_id: dict[str, Policy] = {}
    for each in policies:
        if each.id in by_id:
            raise AccessPolicyError(f"{each.file}: policy {each.id} is also in {by_id[each.id].file}.")
        by_id[each.id] = each
    whole = {
        "staticPolicies": {each.id: each.text for each in by_id.values()},
        "templates": {},
        "templateLinks": [],
    }
    text = cedarpy.policies_from_json_str(json.dumps(whole))
    # Cedar numbers policies in the order of the text; the annotations identify them.
    numbered = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
    names = {number: policy["annotations"]["id"] for number, policy in numbered.items()}
    return _Decider(cedarpy.PolicySet.from_str(text), names)
