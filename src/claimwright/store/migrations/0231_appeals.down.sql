drop table appeals.payer_addresses;
drop table appeals.drafts;
drop table appeals.stages;
drop table appeals.cases;
