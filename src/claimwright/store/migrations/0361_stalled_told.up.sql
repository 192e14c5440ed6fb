-- Cases of appeals that stand are told to targets of alerts as well; `incidents` has their numbers.
alter table alerting.deliveries drop constraint deliveries_what_check;
alter table alerting.deliveries add constraint deliveries_what_check
  check (what in ('firing', 'reminded', 'escalated', 'resolved', 'test', 'stalled'));
