-- Who wrote the letter of a case, and why: rules, a model, or a person; no patient data.
alter table appeals.cases add column drafter text;
alter table appeals.cases add column drafter_reason text;
grant update (drafter, drafter_reason) on appeals.cases to claimwright_app;
