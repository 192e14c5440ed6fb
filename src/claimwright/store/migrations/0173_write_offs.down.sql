drop trigger approved on remittance.postings;
drop function remittance.refuse_unapproved;
drop table remittance.write_offs;
drop function remittance.decide_write_off;
