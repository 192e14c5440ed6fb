-- Write-offs that one person proposes and another one approves in a session of their own. One is posted when it is
-- approved; who decided, and when, comes from the session.
create table remittance.write_offs (
  tenant text not null default store.tenant() check (tenant <> ''),
  write_off_id bigint generated always as identity,
  claim_key bigint not null,
  account_key bigint not null,
  amount_cents bigint not null check (amount_cents > 0),
  source text not null check (source in ('denied', 'payer', 'patient')),
  reason text not null,
  proposed_by text not null default store.actor(),
  proposed_at timestamptz not null default clock_timestamp(),
  state text not null default 'waiting' check (state in ('waiting', 'approved', 'refused')),
  decided_by text,
  decided_at timestamptz,
  posting_id bigint,
  primary key (tenant, write_off_id),
  unique (tenant, posting_id),
  check ((state = 'waiting') = (decided_by is null)),
  check ((state = 'approved') = (posting_id is not null)),
  constraint approved_by_somebody_else check (
    state <> 'approved' or (decided_by <> proposed_by and decided_by ~ '^(os|user):'))
);
call store.guard('remittance.write_offs');
create index write_offs_that_wait on remittance.write_offs (tenant, write_off_id) where state = 'waiting';
grant select on remittance.write_offs to claimwright_app;
grant insert (claim_key, account_key, amount_cents, source, reason) on remittance.write_offs to claimwright_app;
grant update (state, posting_id) on remittance.write_offs to claimwright_app;

create function remittance.decide_write_off() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if old.state <> 'waiting' then
    raise exception 'the write-off is decided' using errcode = '42501';
  end if;
  new.decided_by := store.actor();
  new.decided_at := clock_timestamp();
  return new;
end $$;
create trigger decided before update on remittance.write_offs
  for each row execute function remittance.decide_write_off();

-- No posting writes off without an approved proposal, checked when the transaction ends.
create function remittance.refuse_unapproved() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (
    select from remittance.write_offs w
    where w.tenant = new.tenant and w.posting_id = new.posting_id and w.state = 'approved'
      and w.decided_by = new.approved_by and w.proposed_by = new.posted_by
  ) then
    raise exception 'a write-off needs the approval of another person' using errcode = '23514';
  end if;
  return null;
end $$;
create constraint trigger approved after insert on remittance.postings deferrable initially deferred
  for each row when (new.kind = 'write_off') execute function remittance.refuse_unapproved();
