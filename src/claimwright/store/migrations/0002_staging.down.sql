drop table staging.claims, staging.findings, staging.records, staging.refusals, staging.claim_keys, staging.files;
drop sequence staging.file_ids, staging.claim_keys_ids;
