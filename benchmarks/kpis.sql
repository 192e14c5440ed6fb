-- Claims of a year with their answers, as the store has them. `:claims` is replaced by their number.
select store.partition(t::regclass, (current_date - 30 * m)::date)
from generate_series(0, 13) m,
  unnest(array['production.claims', 'production.lines', 'production.claim_events']) t;

create schema bench;

create table bench.claims as
select i as claim_key, 'FAC00' || i % 3 as facility, 'P' || (10 + i % 7) as payer,
  (array['CI', 'MB', 'MC', 'HM', 'BL'])[1 + i % 5] as plan, (1000000000 + i % 200)::text as provider,
  '207Q' || lpad((i % 20)::text, 5, '0') || 'X' as specialty,
  (array['evaluation', 'laboratory', 'surgery', 'radiology', 'medicine'])[1 + i % 5] as procedure_group,
  (array['E00-E89', 'I00-I99', 'J00-J99', 'M00-M99', 'Z00-Z99', 'K00-K95'])[1 + i % 6] as diagnosis_group,
  current_date - 364 + (i * 7919 % 364)::integer as received_on,
  current_date - 364 + (i * 7919 % 364)::integer as submitted_on,
  current_date - 364 + (i * 7919 % 364)::integer - 3 - (i % 5)::integer as service_to_on,
  (10000 + i * 31 % 90000)::bigint as charge_cents, i % 10 <> 0 as is_clean,
  case when i % 11 <> 0 then current_date - 364 + (i * 7919 % 364)::integer + 7 + (i * 13 % 40)::integer end as answered_on,
  i % 9 = 4 as is_denied, 0::bigint as paid_cents
from generate_series(1::bigint, :claims) i;

update bench.claims set answered_on = null where answered_on > current_date;

update bench.claims set is_denied = false where answered_on is null;

update bench.claims set paid_cents = charge_cents * 6 / 10 where answered_on is not null and not is_denied;

vacuum full bench.claims;

analyze bench.claims;

insert into staging.files (file_id, facility, digest, bytes, received_at, received_on, correlation_id, claims, staged, refused, faults)
select f, 'FAC00' || f, decode(md5(f::text), 'hex'), 1, now(), current_date, gen_random_uuid(), 1, 1, 0, 0 from generate_series(0, 2) f;

insert into staging.claim_keys (facility, number, version, claim_key, file_id)
select facility, int8send(claim_key), 1, claim_key, claim_key % 3 from bench.claims;

insert into production.claims (received_on, claim_key, version, file_id, position, facility, form, payer_id, claim_filing,
  frequency, provider, specialty, diagnosis_group, procedure_group, service_from_on, service_to_on, total_charge, expected, lines,
  unpriced_lines, severity, findings, predicted_by, route, correlation_id, run_id, received_at, created_at)
select received_on, claim_key, 1, claim_key % 3, 1, facility, 'P', payer, plan, '1', provider, specialty, diagnosis_group,
  procedure_group, service_to_on, service_to_on, charge_cents / 100.0, charge_cents * 6 / 1000.0, 3, 0,
  case when is_clean then null else 'block' end, 0, 'rules', 'production', gen_random_uuid(), 1,
  received_on + interval '14 hours', received_on + interval '15 hours'
from bench.claims;

insert into production.lines (received_on, claim_key, line, procedure, charge, units, service_from_on)
select received_on, claim_key, line, '99213', charge_cents / 300.0, 1, service_to_on
from bench.claims, generate_series(1, 3) line;

insert into production.claim_events (happened_on, happened_at, claim_key, state, run_id, correlation_id)
select received_on, received_on + interval '15 hours', claim_key, 'production', 1, gen_random_uuid() from bench.claims;

insert into remittance.files (file_id, source, digest, bytes, received_at, entered_by, payments, claims, faults, correlation_id)
values (100, '835', decode(md5('100'), 'hex'), 1, now(), 'user:1', 1, 1, 0, gen_random_uuid());

insert into remittance.payments (payment_id, file_id, position, state, amount_cents, claims_cents, provider_cents, claims, identity, content)
values (100, 100, 1, 'posted', 0, 0, 0, 1, decode(md5('100'), 'hex'), decode(md5('100'), 'hex'));

insert into remittance.answers (answer_id, payment_id, position, state, is_reversal, claim_key, account_key, has_first_payer, facility,
  turn, charge_cents, paid_cents, patient_cents, owed_cents, prior_cents, paid_on, lines_covered, signature)
select claim_key + 100000000, 100, 1, 'posted', false, claim_key, claim_key, true, facility, 'P', charge_cents, paid_cents, 0, 0, 0,
  answered_on, '', decode(md5(claim_key::text), 'hex')
from bench.claims where answered_on is not null;

insert into remittance.answer_lines (answer_id, position, line, charge_cents, paid_cents)
select claim_key + 100000000, line, line, charge_cents / 3, paid_cents / 3
from bench.claims, generate_series(1, 3) line where answered_on is not null;

insert into remittance.denials (denial_id, answer_id, claim_key, facility, category, root_cause, stage, preventable, responsible,
  usual_step, group_code, carc, amount_cents, appealable, payer_id, denied_on, state, found_at)
select claim_key + 200000000, claim_key + 100000000, claim_key, facility,
  (array['authorization', 'coding', 'eligibility', 'missing_information'])[1 + claim_key % 4],
  (array['no-authorization', 'coding', 'not-covered', 'missing'])[1 + claim_key % 4], 'initial', true,
  (array['authorization', 'coding', 'registration', 'billing'])[1 + claim_key % 4], 'correct_and_resubmit', 'CO', '16', charge_cents, true, payer,
  answered_on, 'lost', answered_on + interval '14 hours'
from bench.claims where is_denied;

insert into remittance.postings (posting_id, kind, account_key, payment_id, answer_id, posted_by, posted_at)
select claim_key + 300000000, 'answer', claim_key, 100, claim_key + 100000000, 'user:1', answered_on + interval '14 hours'
from bench.claims where answered_on is not null;

insert into remittance.entries (posting_id, account, turn, line, amount_cents)
select claim_key + 300000000, e.account, case when e.account = 'payer' then 'P' end, 1, e.cents
from bench.claims, lateral (values ('payer', -charge_cents), ('denied', case when is_denied then charge_cents else 0 end),
  ('unapplied', paid_cents), ('contractual', case when is_denied then 0 else charge_cents - paid_cents end)) e(account, cents)
where answered_on is not null and e.cents <> 0;

analyze
