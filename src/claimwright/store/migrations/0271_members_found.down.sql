drop index staging.claim_keys_without_member;
drop index staging.claim_keys_by_member;
alter table staging.claim_keys drop column member;
