drop index appeals.cases_of_experiment;
alter table appeals.cases drop column stalled_at;
alter table appeals.cases drop column arm;
alter table appeals.cases drop column experiment_id;
drop table governance.experiments;
