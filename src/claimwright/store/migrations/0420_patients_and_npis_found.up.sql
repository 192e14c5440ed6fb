-- The claims of a patient and of a provider, without opening any claim.
alter table staging.claim_keys
  add column patient bytea,  -- blind index of the patient's folded name; empty: none; null: not looked at yet
  add column billing_npi text,
  add column provider_npi text;  -- who rendered the services, or attended
grant update (patient, billing_npi, provider_npi) on staging.claim_keys to claimwright_app;
create index claim_keys_by_patient on staging.claim_keys (tenant, patient, claim_key) where length(patient) > 0;
create index claim_keys_by_billing_npi on staging.claim_keys (tenant, billing_npi, claim_key)
  where billing_npi is not null;
create index claim_keys_by_provider_npi on staging.claim_keys (tenant, provider_npi, claim_key)
  where provider_npi is not null;
-- Claims that came before: their members may not have been looked at either.
create index claim_keys_without_patient on staging.claim_keys (tenant, claim_key) where patient is null;
drop index staging.claim_keys_without_member;
