create or replace view remittance.denials_of_claims with (security_invoker = true) as
select d.tenant, d.denial_id, d.answer_id, a.claim_key, coalesce(a.facility, d.facility) as facility, d.position,
  d.category, d.root_cause, d.stage, d.preventable, d.recoverable, d.responsible, d.usual_step, d.core_scenario,
  d.group_code, d.carc, d.rarcs, d.rules, d.amount_cents, d.appealable, d.payer_id, d.claim_filing, d.denied_on,
  d.state, d.state_reason, d.found_at, a.turn, a.account_key, a.state = 'posted' and not (
    a.reverses_id is not null and d.amount_cents = -a.paid_cents and exists (
      select from remittance.answers b
      where b.tenant = a.tenant and b.account_key = a.account_key and b.turn = a.turn
        and b.answer_id > a.answer_id and b.state = 'posted' and b.reverses_id is null
    )
  ) as in_force
from remittance.denials d join remittance.answers a using (tenant, answer_id)
union all
select d.tenant, d.denial_id, d.answer_id, d.claim_key, d.facility, d.position, d.category, d.root_cause, d.stage,
  d.preventable, d.recoverable, d.responsible, d.usual_step, d.core_scenario, d.group_code, d.carc, d.rarcs, d.rules,
  d.amount_cents, d.appealable, d.payer_id, d.claim_filing, d.denied_on, d.state, d.state_reason, d.found_at, null,
  null,
  not exists (select from remittance.answers b where b.claim_key = d.claim_key and b.state = 'posted')
  and not exists (select from production.claims c where c.claim_key = d.claim_key and c.status = 'superseded')
from remittance.denials d where d.answer_id is null;

drop function remittance.amount_at_stake(bigint, integer, bigint);
