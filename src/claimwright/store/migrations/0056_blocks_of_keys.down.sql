drop function staging.take_claim_keys(integer);
