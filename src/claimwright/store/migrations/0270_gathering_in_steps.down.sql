create or replace view work.sources with (security_invoker = true) as
select tenant, 'claim_review' as kind, claim_key as subject_id
from production.claims where status <> 'superseded' and route = 'review'
union all
select tenant, 'dead_letter', claim_key from pipeline.dead_letters where state = 'dead'
union all
select tenant, case when answer_id is null then 'rejection' else 'denial' end, denial_id
from remittance.denials_in_force where state = 'open'
union all
select tenant, 'unmatched_answer', answer_id
from remittance.answers
where state = 'waiting' and (reason is null or reason not in ('earlier_payer_first', 'in_order'));
drop index pipeline.dead_letters_by_key;
drop index remittance.answers_waiting_by_key;
drop index remittance.denials_open;
drop index production.claims_in_review_by_key;
alter table work.gathered
  drop column pass_kind, drop column pass_after, drop column pass_again, drop column ranked_to;
