drop table alerting.evaluations;
drop table alerting.deliveries;
drop table alerting.history;
drop table alerting.incidents;
drop table alerting.targets;
drop table alerting.definitions;
drop sequence alerting.ids;
drop schema alerting;
