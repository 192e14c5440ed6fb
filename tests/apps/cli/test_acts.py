"""Every command is known as one that changes nothing, or as an act that the audit log tells of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from claimwright.apps.cli.main import app

# What each act is called in the audit log; see docs/security.md.
ACTS = {
    "alerts ack": "figure_alert.{state}",
    "alerts remove": "alert_definition.removed",
    "alerts remove-target": "alert_target.removed",
    "alerts resolve": "figure_alert.{state}",
    "alerts retry": "alert_delivery.retried",
    "alerts set": "alert_definition.set",
    "alerts set-target": "alert_target.set",
    "alerts evaluate": "alert.evaluated",
    "appeal": "appeals.{what}",
    "appeals address": "appeals.address_stated",
    "appeals answer": "appeals.{what}",
    "appeals apply": "appeals.{what}",
    "appeals approve": "appeals.{what}",
    "appeals confirm": "appeals.{what}",
    "appeals letter": "phi.read",
    "appeals outcome": "appeals.{what}",
    "appeals print": "phi.read",
    "appeals search": "phi.read",
    "appeals send": "appeals.{what}",
    "appeals show": "phi.read",
    "appeals stalled": "appeals.{what}",
    "appeals withdraw": "appeals.{what}",
    "audit accept-beginning": "audit.beginning_accepted",
    "audit export": "audit.exported",
    "audit review": "alert.reviewed",
    "claims find": "claims.searched",
    "claims show": "phi.read",
    "db backup": "store.backed_up",
    "db mask": "copy.masked",
    "db migrate": "schema.migrated",
    "db restore": "store.restored",
    "db retain": "retention.applied",
    "dead-letters discard": "dead_letters.{what}",
    "dead-letters retry": "dead_letters.{what}",
    "deliver": "claims.delivered",
    "denials alert": "denials.alerted",
    "denials end-contract": "denials.contract_clock_ended",
    "denials reject": "rejections.posted",
    "denials set": "denial.decided",
    "denials set-contracts": "denials.contract_clocks_set",
    "deposits add": "deposits.added",
    "deposits assign": "deposit.assigned",
    "documents accept": "documents.{what}",
    "documents add": "documents.added",
    "documents describe": "documents.{what}",
    "documents show": "phi.read",
    "documents strike": "documents.{what}",
    "documents unblock": "documents.{what}",
    "feedback correction": "prediction.corrected",
    "feedback remittances": "outcomes.recorded",
    "files return": "file.returned",
    "intake": "claims.staged",
    "kpi cost": "analytics.cost_entered",
    "kpi export": "analytics.exported",
    "reports add": "analytics.report_scheduled",
    "reports deliver": "analytics.report_delivered",
    "reports end": "analytics.report_ended",
    "reports send": "analytics.report_asked",
    "ledger approve": "ledger.{kind}",
    "ledger patient-payment": "ledger.{kind}",
    "ledger refund": "ledger.{kind}",
    "ledger refuse": "ledger.write_off_{what}",
    "ledger undo": "ledger.undone",
    "ledger write-off": "ledger.write_off_{what}",
    "model appeal-outcome": "model.trained",
    "model promote": "model.promoted",
    "model rollback": "model.rolled_back",
    "model train": "model.trained",
    "phi rewrap": "keys.rewrapped",
    "phi rotate": "keys.rotated",
    "prompts activate": "governance.{what}",
    "prompts add": "governance.{what}",
    "prompts approve": "governance.{what}",
    "prompts rollback": "governance.{what}",
    "queue assign": "work.{act}",
    "queue do": "work.{act}",
    "queue note": "work.{act}",
    "queue show": "phi.read",
    "queue skills": "work.skills_set",
    "queue snooze": "work.{act}",
    "reference load": "reference.loaded",
    "reference update": "reference.loaded",
    "remit": "remittance.posted",
    "remittances assign": "remittance.{decision}",
    "remittances dismiss": "remittance.{decision}",
    "remittances enter": "remittance.posted",
    "remittances release": "remittance.{decision}",
    "remittances retry": "remittance.retried",
    "remittances show": "phi.read",
    "repairs apply": "claim.corrected",
    "repairs show": "phi.read",
    "repairs suggest": "phi.read",
    "review release": "review.{what}",
    "review return": "review.{what}",
    "run": "claims.processed",
    "runs give-up": "chunk.given_up",
    "secondary release": "next_claims.released",
    "secondary show": "phi.read",
    "drafting sent": "phi.read",
    "drafting try": "drafting.tried",
    "templates activate": "governance.{what}",
    "templates add": "governance.{what}",
    "templates approve": "governance.{what}",
    "templates experiment": "governance.{what}",
    "templates experiment-end": "governance.{what}",
    "templates experiments": "governance.{what}",
    "payer-policies activate": "governance.{what}",
    "payer-policies add": "governance.{what}",
    "payer-policies approve": "governance.{what}",
    "payer-policies rollback": "governance.{what}",
    "templates rollback": "governance.{what}",
    "tenant create": "tenant.created",
    "token issue": "token.issued",
    "token revoke": "token.revoked",
    "underpayments": "underpayments.disputed",
    "usage quota": "quota.set",
    "user add": "account.created",
    "user change": "account.changed",
    "user link": "link.made",
    "user reset-factor": "account.factor_removed",
    "waivers add": "waiver.added",
    "waivers end": "waiver.ended",
}
# What changes something and is no act on anybody's data, and why it is not in the log.
NO_ACTS = {
    "alerts test": "a delivery is a row of its own",
    "audit unusual": "an alert is a row of its own, and an event",
    "appeals work": "each stage of a case is told as the case's own act",
    "audit checkpoint": "the signature is the record",
    "bench pipeline": "it works on a store of its own, which it removes",
    "demo start": "it loads a store of its own by acts that are each recorded",
    "demo stop": "as db stop",
    "db start": "a server that runs is in the system's own log",
    "db stop": "as above; there is no log to write to afterwards",
    "events relay": "an event's deliveries are rows of its own",
    "kpi refresh": "sums are made anew from what they are sums of",
    "model evaluate": "a comparison is in the models' own log, and decides nothing",
    "predictions submit": "a job keeps who submitted it",
    "serve": "what is done through it is told by what does it",
    "predictions work": "a job keeps what became of it",
}


def commands() -> Iterator[str]:
    def below(group: object, words: tuple[str, ...]) -> Iterator[str]:
        inside = getattr(group, "commands", None)
        if inside is None or not inside:
            yield " ".join(words)
            return
        if words and getattr(group, "invoke_without_command", False):
            yield " ".join(words)
        for name, each in inside.items():
            yield from below(each, (*words, name))

    yield from below(get_command(app), ())


# These read files or the store, and write what they are told to where they are told to.
READ_ONLY = """
    ack, alerts definitions, alerts deliveries, alerts list, alerts show, alerts targets,
    appeals, appeals addresses, appeals record, appeals track, audit alerts,
    audit search, audit verify, check, claims list, contracts test, convert,
    db status, db verify, dead-letters, denials, denials clocks, denials contracts, denials odds,
    denials propose, denials show, denials work,
    deposits list, documents list,
    doctor, drafting evaluate, drafting providers, drafting spent,
    events list, explain, feedback status, files list, files show, findings count, findings list,
    health, payer-policies list, payer-policies show, payer-policies test, kpi claims, kpi define, kpi list,
    kpi value, ledger balance, ledger claim, ledger write-offs, model drift, model list, model report, model
    show, payments list, phi status, policy ask, policy list, policy test, predict, predictions status,
    prompts list, prompts show, prompts test, queue export, queue list, queue people, queue summary,
    reference list, reference verify,
    remittances candidates, remittances list, remittances waiting,
    repairs acceptance, repairs history, reports deliveries, reports list,
    review list, rules coverage, rules diff, rules list, rules new,
    rules profile, rules replay, rules search, rules show, rules test, rules value, runs, runs show,
    secondary list, secondary patients, settings,
    templates list, templates show, templates test, tenant list, token list, user list, sample, usage show,
    waivers list, world
"""


def test_every_command_is_thought_about() -> None:
    read_only = {" ".join(each.split()) for each in READ_ONLY.split(",")}
    assert not read_only & ACTS.keys()
    assert set(commands()) == read_only | ACTS.keys() | NO_ACTS.keys()


@pytest.mark.parametrize("action", sorted(set(ACTS.values())))
def test_every_act_is_written_somewhere(action: str, repo_root: Path) -> None:
    sources = (repo_root / "src" / "claimwright").rglob("*.py")
    assert any(f'"{action}"' in path.read_text(encoding="utf-8") for path in sources), action
