-- The version in force. A replacement (frequency 7) supersedes the version before it, and a void (8) counts nothing: so
-- that totals count each claim once. NUBC, type of bill, third digit; 005010X222A1, 2300 CLM05-3.
alter table staging.claims add column frequency text;
alter table pipeline.dead_letters add column frequency text;
alter table production.claims add column frequency text;
alter table production.claims
  add constraint claims_status_is_known check (status in ('active', 'superseded', 'void'));

-- By the version before: whether a claim has a later one.
create index claim_keys_by_original on staging.claim_keys (tenant, original_key) where original_key is not null;

drop index production.claims_in_review;
create index claims_in_review on production.claims (tenant, facility, claim_key)
  where status <> 'superseded' and route = 'review';
