alter table appeals.cases drop column drafter_reason;
alter table appeals.cases drop column drafter;
