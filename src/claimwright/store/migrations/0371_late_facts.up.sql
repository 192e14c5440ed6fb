-- What became known more than 35 days after its day: so sums as they were known at an earlier time are those of today,
-- less what these facts and those of the days before that time add.
create index facts_late on analytics.facts (tenant, fact, valid_on, known_at)
  where (known_at at time zone 'UTC')::date - valid_on > 35;
