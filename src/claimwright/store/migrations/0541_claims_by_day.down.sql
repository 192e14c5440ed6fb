drop index production.claims_by_day;
