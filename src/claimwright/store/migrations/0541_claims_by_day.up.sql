-- Claims by day of service, as store/listings.py lists them: a page is read from the index in either direction. Not by charge:
-- row-level security keeps comparisons of numeric out of an index, so that later pages would be looked for from its beginning.
create index claims_by_day on production.claims
  (tenant, (case when service_from_on is null then date '1970-01-01' else service_from_on end), claim_key);
