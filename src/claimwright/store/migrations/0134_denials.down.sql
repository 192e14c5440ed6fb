drop table remittance.denials;
