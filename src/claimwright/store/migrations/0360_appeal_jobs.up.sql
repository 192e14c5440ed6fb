-- What was wanted of a case, so that whoever goes on with it does the same; and what a failed stage says.
alter table appeals.cases add column is_overruled boolean not null default false;
alter table appeals.cases add column wanted_drafter text check (wanted_drafter in ('rules', 'model'));
alter table appeals.cases add column problem text; -- of the failed stage; no patient data
grant update (is_overruled, wanted_drafter, problem) on appeals.cases to claimwright_app;
