-- The last answer on the account when an appeal was sent: what came before it answers an earlier level.
alter table appeals.cases add column answered_until bigint;
grant update (answered_until) on appeals.cases to claimwright_app;
