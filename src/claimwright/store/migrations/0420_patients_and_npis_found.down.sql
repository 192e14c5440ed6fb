create index claim_keys_without_member on staging.claim_keys (tenant, claim_key) where member is null;
drop index staging.claim_keys_without_patient;
drop index staging.claim_keys_by_provider_npi;
drop index staging.claim_keys_by_billing_npi;
drop index staging.claim_keys_by_patient;
alter table staging.claim_keys drop column provider_npi, drop column billing_npi, drop column patient;
