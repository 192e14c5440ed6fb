-- Claims to the next payer: one row a first payer's answer that leaves something to the patient.
create table remittance.next_claims (
  tenant text not null default store.tenant() check (tenant <> ''),
  answer_id bigint not null,
  claim_key bigint not null,
  account_key bigint not null,
  facility text,
  -- waiting: for release to the second payer; released; forwarded: the first payer sent it on (CLP02 19);
  -- patient: no second payer is known
  state text not null check (state in ('waiting', 'released', 'forwarded', 'patient')),
  payer_id text,                       -- of the second payer
  payer_name text,
  amount_cents bigint not null,        -- what the first payer leaves to the patient
  found_at timestamptz not null,
  released_at timestamptz,
  released_by text,
  primary key (tenant, answer_id)
);
call store.guard('remittance.next_claims');
create index next_claims_by_claim on remittance.next_claims (tenant, claim_key);
grant select, insert on remittance.next_claims to claimwright_app;
grant update (state, released_at, released_by) on remittance.next_claims to claimwright_app;
