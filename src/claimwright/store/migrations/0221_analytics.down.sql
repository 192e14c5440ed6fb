drop schema analytics cascade;  -- with its trigger functions, and so the triggers
drop table remittance.denial_states;
