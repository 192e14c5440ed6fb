-- Rejections before adjudication (277CA, 999) are denials without an answer.
create table remittance.rejection_files (
  tenant text not null default store.tenant() check (tenant <> ''),
  file_id bigint not null,
  kind text not null check (kind in ('277CA', '999')),
  digest bytea not null,
  received_at timestamptz not null,
  entered_by text not null default store.actor(),
  rejections integer not null,
  matched integer not null,
  primary key (tenant, file_id),
  unique (tenant, digest)
);
call store.guard('remittance.rejection_files');
grant select, insert on remittance.rejection_files to claimwright_app;

alter table remittance.denials
  alter column answer_id drop not null,
  add column rejection_file_id bigint,
  add column number bytea,             -- blind index of the claim number of a rejection
  add constraint denials_come_from_somewhere check ((answer_id is null) = (rejection_file_id is not null));

-- A rejection counts until its claim is answered by the payer or replaced by a later version.
create function remittance.rejection_in_force(rejected_key bigint) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select not exists (
    select from remittance.answers where claim_key = rejected_key and state = 'posted'
  ) and not exists (
    select from production.claims where claim_key = rejected_key and status = 'superseded'
  )
$$;
grant execute on function remittance.rejection_in_force(bigint) to claimwright_app;
