-- The hash of a request with an Idempotency-Key includes its body, so it is known only when the request is done.
alter table platform.idempotency_keys alter column request_hash drop not null;
grant update (request_hash) on platform.idempotency_keys to claimwright_app;
