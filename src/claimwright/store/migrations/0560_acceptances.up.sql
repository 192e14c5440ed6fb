-- What a 277CA accepts is the proof that a claim arrived, and when. The report of each claim is sealed.
create table remittance.acceptances (
  tenant text not null default store.tenant() check (tenant <> ''),
  acceptance_id bigint not null,
  file_id bigint not null,
  claim_key bigint not null,
  facility text,
  accepted_on date not null,           -- of the status (STC02)
  by_payer boolean not null,           -- false: by a clearinghouse, which is no receipt by the payer
  sealed bytea not null,               -- the report in words
  primary key (tenant, acceptance_id)
);
call store.guard('remittance.acceptances');
create index acceptances_by_claim on remittance.acceptances (tenant, claim_key);
grant select, insert on remittance.acceptances to claimwright_app;
grant update (sealed) on remittance.acceptances to claimwright_app;
alter table remittance.rejection_files add column accepted integer not null default 0;
