-- Rejections before adjudication (277CA, 999) are denials without an answer.
create table remittance.rejection_files (
  tenant text not null default store.tenant() check (tenant <> ''),
  file_id bigint not null,
  kind text not null check (kind in ('277CA', '999')),
  digest bytea not null,
  received_at timestamptz not null,
  entered_by text not null default store.actor(),
  rejections integer not null,
  matched integer not null,
  primary key (tenant, file_id),
  unique (tenant, digest)
);
call store.guard('remittance.rejection_files');
grant select, insert on remittance.rejection_files to claimwright_app;

alter table remittance.denials
  alter column answer_id drop not null,
  add column rejection_file_id bigint,
  add column number bytea,             -- blind index of the claim number of a rejection
  add constraint denials_come_from_somewhere check ((answer_id is null) = (rejection_file_id is not null));

-- Denials with the claim and facility of their answer. A denial counts as long as its answer is in force; a
-- rejection, until its claim is answered by the payer or replaced by a later version.
create view remittance.denials_of_claims with (security_invoker = true) as
select d.tenant, d.denial_id, d.answer_id, coalesce(a.claim_key, d.claim_key) as claim_key,
  coalesce(a.facility, d.facility) as facility, d.position, d.category, d.root_cause, d.stage, d.preventable,
  d.recoverable, d.responsible, d.usual_step, d.core_scenario, d.group_code, d.carc, d.rarcs, d.rules,
  d.amount_cents, d.appealable, d.payer_id, d.claim_filing, d.denied_on, d.state, d.state_reason, d.found_at,
  a.turn, a.account_key,
  case when d.answer_id is not null then coalesce(a.state = 'posted', false)
    else not exists (
      select from remittance.answers b where b.claim_key = d.claim_key and b.state = 'posted'
    ) and not exists (
      select from production.claims c where c.claim_key = d.claim_key and c.status = 'superseded'
    ) end as in_force
from remittance.denials d left join remittance.answers a using (tenant, answer_id);
grant select on remittance.denials_of_claims to claimwright_app;

create view remittance.denials_in_force with (security_invoker = true) as
select * from remittance.denials_of_claims where in_force;
grant select on remittance.denials_in_force to claimwright_app;
