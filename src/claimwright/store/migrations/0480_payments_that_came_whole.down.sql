revoke update (first_id) on remittance.payments from claimwright_app;
