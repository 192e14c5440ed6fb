"""The list of all actions of the API and the web app. Each route names one action; policies grant actions.

The part of an action's name before the dot is a token scope. A token with scope `claims` can do everything
with claims that its owner can; a token with `read` can do everything that only reads; `all` covers every
action.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One action; `reads` is true if it changes nothing."""

    name: str
    does: str
    reads: bool = True

    @property
    def scopes(self) -> frozenset[str]:
        """The token scopes that allow the action; any one of them is enough."""
        return frozenset({self.name.partition(".")[0], "all"} | ({"read"} if self.reads else set()))


ACTIONS = {
    each.name: each
    for each in (
        Action("claims.list", "list and find claims, without opening any"),
        Action("claims.read", "open a claim, with what its labels and the fields' kinds allow"),
        Action("claims.identity", "see who the patient of an opened claim is"),
        Action("claims.break_glass", "open what is withheld, for a reason that is reviewed"),
        Action("files.list", "list files and what became of them"),
        Action("files.upload", "bring claims in", reads=False),
        Action("files.return", "undo the intake of a file", reads=False),
        Action("checks.run", "check claims without storing them"),
        Action("findings.list", "list and count findings of stored claims"),
        Action("remittances.list", "list remittances, payments, answers, deposits; no patients"),
        Action("remittances.read", "open an answer, with what its labels and the fields' kinds allow"),
        Action("remittances.post", "post remittances, paper ones with them; add deposits", reads=False),
        Action("remittances.decide", "assign, dismiss, retry answers; release payments", reads=False),
        Action("ledger.read", "see balances and postings"),
        Action("ledger.post", "post payments of patients and refunds, propose write-offs, undo postings",
               reads=False),
        Action("ledger.write_off", "approve write-offs of others", reads=False),
        Action("denials.list", "list denials, what they are worth and their clocks"),
        Action("underpayments.list", "list and count what payers paid too little"),
        Action("denials.decide", "set the state of denials", reads=False),
        Action("appeals.list", "list appeals, their states and what became of them; no patients"),
        Action("appeals.read", "open an appeal, its letter and documents, as the claim's labels allow"),
        Action("appeals.work", "draft, edit, confirm letters; add documents, accept what is read from them",
               reads=False),
        Action("appeals.approve", "approve letters that others drafted", reads=False),
        Action("appeals.send", "hand approved letters off, state outcomes", reads=False),
        Action("templates.read", "read templates and other governed files, and their record"),
        Action("templates.change", "add versions of governed files, activate and roll back", reads=False),
        Action("templates.approve", "approve versions of governed files that others added", reads=False),
        Action("review.list", "list claims that wait for a person"),
        Action("review.decide", "release or return claims in review", reads=False),
        Action("queue.list", "see the queue of work items, with notes as far as notes may be seen"),
        Action("queue.work", "take, decide, snooze and annotate work items", reads=False),
        Action("queue.assign", "give work items to others, and say who works on what", reads=False),
        Action("queue.approve", "approve or reject what others propose for work items", reads=False),
        Action("repairs.read", "see and try repairs of a claim that may be opened; corrections, acceptance"),
        Action("repairs.apply", "correct claims, one or many with one cause", reads=False),
        Action("analytics.read", "read figures, their trends and definitions"),
        Action("analytics.staff", "read figures of what each person did"),
        Action("analytics.export",
               "export the semantic tables, without patients unless a reason is stated; schedule reports",
               reads=False),
        Action("analytics.cost", "enter what collecting costs", reads=False),
        Action("analytics.respond", "acknowledge and resolve alerts on figures", reads=False),
        Action("analytics.watch", "define alerts on figures and where they are sent; evaluate, test",
               reads=False),
        Action("runs.list", "list runs of the pipeline"),
        Action("dead_letters.list", "list claims that could not be processed"),
        Action("dead_letters.decide", "retry or discard dead letters", reads=False),
        Action("predictions.read", "read predictions"),
        Action("predictions.request", "ask for a prediction", reads=False),
        Action("predictions.correct", "correct what is predicted for a claim", reads=False),
        Action("rules.read", "list and read rules, test an expression"),
        Action("rules.try", "run the cases of a rule, and a rule over claims that are sent"),
        Action("rules.replay", "replay a rule over stored claims, which gives counts"),
        Action("waivers.read", "list waivers of findings"),
        Action("waivers.change", "add and end waivers of findings", reads=False),
        Action("reference.read", "list reference data and its editions"),
        Action("reference.load", "load an edition of reference data", reads=False),
        Action("models.read", "list models and read their cards"),
        Action("models.promote", "promote a model, make it a shadow, roll back", reads=False),
        Action("events.read", "hear live events"),
        Action("audit.read", "search, verify and export the audit log"),
        Action("alerts.read", "see alerts of unusual access"),
        Action("alerts.review", "close alerts of unusual access, with what was found", reads=False),
        Action("settings.read", "read the settings in force"),
        Action("usage.read", "see what the tenant used, and its quotas"),
        Action("usage.limit", "set quotas of tenants", reads=False),
        Action("tenants.read", "list tenants"),
        Action("tenants.change", "create tenants", reads=False),
        Action("accounts.read", "list accounts, sessions and tokens of others"),
        Action("accounts.change", "make and change accounts, end sessions, revoke tokens", reads=False),
        Action("tokens.issue", "issue credentials of services", reads=False),
        Action("access.read", "ask who may do what, and why"),
        Action("own.read", "see one's own account, sessions and tokens"),
        Action("own.change", "change one's own password, factor, tokens and sessions", reads=False),
    )
}  # fmt: skip
SCOPES = frozenset(scope for action in ACTIONS.values() for scope in action.scopes)

# The kinds of claim fields that a role can be allowed to see; see `Phi` in the dictionary.
FIELD_KINDS = {
    "billing": "neither who the patient is nor what was done: charges, payers, providers",
    "clinical": "diagnoses, procedures and what else says what was done",
    "identity": "names, addresses, days, numbers and contacts of a patient",
    "narrative": "notes and other free text",
}
ROLES = {
    "administrator": "accounts, tokens, settings, models, reference data; claims as billing needs them",
    "claims_processor": "brings claims in, corrects and releases them",
    "coder": "reviews codes against notes",
    "manager": "watches the queue, decides on review and dead letters",
    "clinician": "answers clinical questions, for treatment",
    "appeals_specialist": "appeals denials",
    "auditor": "reads the audit log, and claims masked",
    "viewer": "lists and counts, opens no claim",
    "service": "what credentials of a service are for: in and out, nobody's identity",
}
LABELS = {
    "psychiatric": "mental health: ICD-10-CM F20 to F99, F01 to F09",
    "substance_use": "substance use, 42 CFR Part 2: ICD-10-CM F10 to F19 and more",
    "hiv": "HIV: ICD-10-CM B20, Z21 and more",
    "reproductive": "reproductive health: ICD-10-CM O00 to O9A, Z30 to Z39 and more",
    "minor": "the patient is under 18 on the first day of service",
}
