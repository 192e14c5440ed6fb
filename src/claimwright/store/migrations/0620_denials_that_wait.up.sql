-- A second payer's denial counts although its answer waits for the payer before, or does not start from what that one
-- left: the money waits for a person, the time to appeal does not.

-- What of an amount is at stake: a later payer that repeats the whole charge denies at most what was left to it, of the
-- line where the payer before answered by lines.
create function remittance.amount_at_stake(asked bigint, asked_position integer, stated bigint) returns bigint
  language sql stable security invoker set search_path = '' as $$
  select least(stated, coalesce(
    (select sum(j.amount_cents) from remittance.answer_lines m
      join remittance.answer_lines l on l.line = m.line
      join remittance.answers b on b.answer_id = l.answer_id
      join remittance.adjustments j on j.answer_id = l.answer_id and j.position = l.position
    where m.answer_id = a.answer_id and m.position = asked_position and j.group_code = 'PR'
      and b.account_key = a.account_key and b.state = 'posted' and not b.is_reversal
      and b.turn = case a.turn when 'T' then 'S' else 'P' end),
    (select sum(b.owed_cents) from remittance.answers b
    where b.account_key = a.account_key and b.state = 'posted' and not b.is_reversal
      and b.turn = case a.turn when 'T' then 'S' else 'P' end)
  ))::bigint
  from remittance.answers a where a.answer_id = asked
$$;
grant execute on function remittance.amount_at_stake(bigint, integer, bigint) to claimwright_app;

create or replace view remittance.denials_of_claims with (security_invoker = true) as
select d.tenant, d.denial_id, d.answer_id, a.claim_key, coalesce(a.facility, d.facility) as facility, d.position,
  d.category, d.root_cause, d.stage, d.preventable, d.recoverable, d.responsible, d.usual_step, d.core_scenario,
  d.group_code, d.carc, d.rarcs, d.rules,
  case when a.state = 'waiting' then remittance.amount_at_stake(d.answer_id, d.position, d.amount_cents)
    else d.amount_cents end as amount_cents,
  d.appealable, d.payer_id, d.claim_filing, d.denied_on,
  d.state, d.state_reason, d.found_at, a.turn, a.account_key, a.state = 'posted' and not (
    a.reverses_id is not null and d.amount_cents = -a.paid_cents and exists (
      select from remittance.answers b
      where b.tenant = a.tenant and b.account_key = a.account_key and b.turn = a.turn
        and b.answer_id > a.answer_id and b.state = 'posted' and b.reverses_id is null
    )
  ) or a.state = 'waiting' and a.reason in ('earlier_payer_first', 'earlier_payer_differs') as in_force
from remittance.denials d join remittance.answers a using (tenant, answer_id)
union all
select d.tenant, d.denial_id, d.answer_id, d.claim_key, d.facility, d.position, d.category, d.root_cause, d.stage,
  d.preventable, d.recoverable, d.responsible, d.usual_step, d.core_scenario, d.group_code, d.carc, d.rarcs, d.rules,
  d.amount_cents, d.appealable, d.payer_id, d.claim_filing, d.denied_on, d.state, d.state_reason, d.found_at, null,
  null,
  not exists (select from remittance.answers b where b.claim_key = d.claim_key and b.state = 'posted')
  and not exists (select from production.claims c where c.claim_key = d.claim_key and c.status = 'superseded')
from remittance.denials d where d.answer_id is null;
