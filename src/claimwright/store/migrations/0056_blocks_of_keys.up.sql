-- Claim keys in one block, for a whole reading at once: a row for each key costs more than the keys are worth. It runs
-- as the owner, since the application may only count a sequence on; callers wait for each other while it counts.
create function staging.take_claim_keys(count integer) returns bigint
language plpgsql security definer set search_path = pg_catalog as $$
declare
  last bigint;
begin
  perform pg_advisory_xact_lock(7837006);
  last := nextval('staging.claim_keys_ids') + count - 1;
  if count > 1 then
    perform setval('staging.claim_keys_ids', last);
  end if;
  return last - count + 1;
end $$;
revoke all on function staging.take_claim_keys(integer) from public;
grant execute on function staging.take_claim_keys(integer) to claimwright_app;
