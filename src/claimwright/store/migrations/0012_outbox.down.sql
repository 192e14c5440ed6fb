drop table platform.deliveries;
drop table platform.outbox;
