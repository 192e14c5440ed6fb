drop table appeals.findings;
drop table appeals.documents;
drop sequence appeals.ids;
drop schema appeals;
