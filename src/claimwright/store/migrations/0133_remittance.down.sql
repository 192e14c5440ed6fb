drop view store.stored_files;
drop schema remittance cascade;
drop index staging.claim_keys_by_folded;
alter table staging.claim_keys drop column folded;
