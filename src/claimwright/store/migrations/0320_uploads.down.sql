drop table staging.uploads;
