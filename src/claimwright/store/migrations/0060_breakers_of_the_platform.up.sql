-- Circuit breakers guard whatever may be away, not claims alone: they belong to the platform.
alter table pipeline.breakers set schema platform;
