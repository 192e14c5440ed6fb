revoke update (request_hash) on platform.idempotency_keys from claimwright_app;
-- Keys are kept for a day; those of requests that are not done can't be compared without a hash.
delete from platform.idempotency_keys where request_hash is null;
alter table platform.idempotency_keys alter column request_hash set not null;
