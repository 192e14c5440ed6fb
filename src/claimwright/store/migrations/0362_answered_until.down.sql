alter table appeals.cases drop column answered_until;
