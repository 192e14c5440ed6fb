-- A held payment that came whole in a later file is a duplicate of that one.
grant update (first_id) on remittance.payments to claimwright_app;
