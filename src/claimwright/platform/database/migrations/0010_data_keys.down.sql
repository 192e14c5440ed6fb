drop table platform.data_keys;
