alter table platform.breakers set schema pipeline;
