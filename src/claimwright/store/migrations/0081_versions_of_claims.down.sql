drop index production.claims_in_review;
create index claims_in_review on production.claims (tenant, facility, claim_key)
  where status = 'active' and route = 'review';
drop index staging.claim_keys_by_original;
alter table production.claims drop constraint claims_status_is_known;
alter table production.claims drop column frequency;
alter table pipeline.dead_letters drop column frequency;
alter table staging.claims drop column frequency;
