drop table remittance.next_claims;
