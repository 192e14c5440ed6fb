-- Items are gathered in steps, so that nobody waits for all of a large store: which kinds and keys are compared already,
-- and which open items have the order of today.
alter table work.gathered
  add column pass_kind text check (pass_kind in
    ('claim_review', 'dead_letter', 'denial', 'rejection', 'unmatched_answer')),  -- null: nothing is left to compare
  add column pass_after bigint not null default 0,        -- the last key of this kind that is compared
  add column pass_again boolean not null default false,   -- something changed meanwhile: once more after this pass
  add column ranked_to bigint;                            -- the last item with the order of today; null: all have it
grant update (pass_kind, pass_after, pass_again, ranked_to) on work.gathered to claimwright_app;

-- Sources of a kind in order of their keys, however many others there are.
create index claims_in_review_by_key on production.claims (tenant, claim_key)
  where route = 'review' and status <> 'superseded';
create index denials_open on remittance.denials (tenant, denial_id) where state = 'open';
create index answers_waiting_by_key on remittance.answers (tenant, answer_id) where state = 'waiting';
create index dead_letters_by_key on pipeline.dead_letters (tenant, claim_key) where state = 'dead';

-- As before, with the kind of each branch a constant: a statement about one kind looks at its table only.
create or replace view work.sources with (security_invoker = true) as
select tenant, 'claim_review' as kind, claim_key as subject_id
from production.claims where status <> 'superseded' and route = 'review'
union all
select tenant, 'dead_letter', claim_key from pipeline.dead_letters where state = 'dead'
union all
select tenant, 'rejection', denial_id from remittance.denials_in_force where state = 'open' and answer_id is null
union all
select tenant, 'denial', denial_id from remittance.denials_in_force where state = 'open' and answer_id is not null
union all
select tenant, 'unmatched_answer', answer_id
from remittance.answers
where state = 'waiting' and (reason is null or reason not in ('earlier_payer_first', 'in_order'));
