drop table platform.idempotency_keys;
drop schema identity cascade;
