drop table platform.data_keys;
drop schema platform;
