drop function staging.uncounted_to();
drop table staging.sent_before, staging.services;
