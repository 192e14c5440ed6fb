drop table appeals.correspondence;
