drop index remittance.next_claims_waiting;
drop index remittance.next_claims_by_account;
