delete from alerting.deliveries where what = 'stalled';
alter table alerting.deliveries drop constraint deliveries_what_check;
alter table alerting.deliveries add constraint deliveries_what_check
  check (what in ('firing', 'reminded', 'escalated', 'resolved', 'test'));
