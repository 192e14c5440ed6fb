drop table governance.files;
drop schema governance;
