drop table remittance.underpayments;
drop table remittance.stated_facts;
