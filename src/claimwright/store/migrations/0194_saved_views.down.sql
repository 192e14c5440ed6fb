alter table identity.accounts drop column toured_at;
drop table identity.saved_views;
