-- How often the services of a claim were sent before: counted by intake, once, so that it does not depend on who
-- works on the claim, in which chunk, or when.

-- How many claims were staged of one patient, provider, last day and services.
create table staging.services (
  tenant text not null default store.tenant() check (tenant <> ''),
  services bytea not null,             -- blind index of these four
  times integer not null,
  seen_on date not null,               -- when the last of them came
  primary key (tenant, services)
);
call store.guard('staging.services');
grant select, insert, update on staging.services to claimwright_app;

-- Claims whose services had come before, and how often; of others there is no row.
create table staging.sent_before (
  tenant text not null default store.tenant() check (tenant <> ''),
  claim_key bigint not null,
  file_id bigint not null,
  times integer not null,
  primary key (tenant, claim_key)
);
call store.guard('staging.sent_before');
create index sent_before_by_file on staging.sent_before (tenant, file_id);
grant select, insert on staging.sent_before to claimwright_app;

-- The last claim key that was given before anything was counted.
do $$ begin
  execute format(
    'create function staging.uncounted_to() returns bigint language sql immutable return %s::bigint',
    (select case when is_called then last_value else 0 end from staging.claim_keys_ids)
  );
end $$;
revoke all on function staging.uncounted_to() from public;
grant execute on function staging.uncounted_to() to claimwright_app;
