alter table appeals.cases drop column problem;
alter table appeals.cases drop column wanted_drafter;
alter table appeals.cases drop column is_overruled;
