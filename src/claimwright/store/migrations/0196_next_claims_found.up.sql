-- What waits for a second payer, and whether an account has something that does, without reading all of them.
create index next_claims_by_account on remittance.next_claims (tenant, account_key);
create index next_claims_waiting on remittance.next_claims (tenant, answer_id) where state = 'waiting';
